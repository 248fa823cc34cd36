"""Values of the report as they are kept: one line, and only characters that XML 1.0 can hold.

CSV readers split at line breaks, and XML has no form for most control characters. Both formats say the same
because such characters never come in: a line break becomes a blank, any other U+FFFD.
"""

import re

REPLACEMENT = "\ufffd"
_ODD = re.compile("[\x00-\x08\x0a-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile("\r\n|\r|\n")


def one_line(text: str) -> str:
    """The text as it is kept."""
    return _ODD.sub(REPLACEMENT, _BREAK.sub(" ", text)) if _ODD.search(text) else text


def shown(text: str, most: int = 40) -> str:
    """What came, for a message: one line, quoted, not long."""
    line = one_line(text)
    return f"'{line[:most]}…'" if len(line) > most else f"'{line}'"
