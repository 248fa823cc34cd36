"""Latin-1 as DialogTech writes it: what it calls iso-8859-1 may hold the letters of windows-1252.

Their places are invisible control characters in iso-8859-1 itself, which no field has a use for.
"""

import codecs

LATIN_1 = "iso8859-1"
_LATIN = (LATIN_1, "cp1252", "ascii")


def _windows_letters() -> dict[int, str]:
    letters = ((code, bytes([code]).decode("cp1252", "ignore")) for code in range(0x80, 0xA0))
    return {code: letter for code, letter in letters if letter}


_WINDOWS = _windows_letters()


def is_latin(label: str) -> bool:
    return codec_named(label) in _LATIN


def codec_named(label: str) -> str:
    """Python's name of an encoding; Latin-1 for one that nobody knows, since that reads all bytes."""
    try:
        return codecs.lookup(label).name
    except (LookupError, ValueError):
        return LATIN_1


def repaired(text: str) -> str:
    """A text read as Latin-1 with the letters of windows-1252 in place of control characters."""
    return text if text.isascii() else text.translate(_WINDOWS)
