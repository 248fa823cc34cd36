"""What may stand in an action: the one place where names and values are checked before anything is sent.

The protocol is lines, and an empty line ends an action: a value that brings its own lines would be a
second action. Asterisk cuts what is too long without a word, so that is refused too.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from panoramisk.actions import Action

from trunkline.errors import Problem, SettingsError

Value = str | Sequence[str]
LONGEST_LINE = 1_000
"""Bytes; Asterisk reads lines of up to 1,024."""
LONGEST = {
    **dict.fromkeys(("channel", "callerid"), 255),
    **dict.fromkeys(("exten", "context", "account"), 79),
    "application": 31,
    **dict.fromkeys(("channelid", "otherchannelid"), 149),
}
"""Bytes of the values that Asterisk keeps in fields of fixed size."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*\Z")
_VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*(\([A-Za-z0-9_-]*\))?\Z")
_SPECIAL = re.compile(r'[\\",]')
_REFUSED = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of controls, halves of characters, and separators of lines and paragraphs."""


def is_clean(text: str) -> bool:
    """Whether a text is one line, without any control character."""
    return _refused_character(text) is None


def action(name: str, headers: Mapping[str, Value]) -> Action:
    """An action with these headers. Raises SettingsError, naming the header, for what must not be sent."""
    given = {"Action": name, **headers}
    problems = [problem for one, value in given.items() for problem in _problems(one, value)]
    if problems:
        raise SettingsError(problems=problems, todo="Nothing was sent.")
    return Action({name: value if isinstance(value, str) else list(value) for name, value in given.items()})


def variables(given: Mapping[str, str]) -> list[str]:
    """Channel variables as values of the header Variable. Raises SettingsError for a name that is none.

    Asterisk splits such a value at commas and takes quotes and backslashes away; they are protected.
    """
    strange = [name for name in given if not _VARIABLE.match(name)]
    if strange:
        raise SettingsError(
            problems=[Problem("variables", f"{name[:40]!r} is no name of a variable.") for name in strange],
            todo="Use letters, digits and underscores.",
        )
    return [f"{name}={_SPECIAL.sub(_protected, value)}" for name, value in given.items()]


def _protected(found: "re.Match[str]") -> str:
    return "\\" + found[0]


def _problems(name: str, value: Value) -> Iterator[Problem]:
    if not _NAME.match(name):
        yield Problem("header", f"{name[:40]!r} is no name of a header.")
        return
    for one in [value] if isinstance(value, str) else value:
        wrong = _wrong(name, one)
        if wrong:
            yield Problem(name, wrong)


def _wrong(name: str, value: str) -> str:
    """What is wrong with a value, without showing it: it may be a secret."""
    refused = _refused_character(value)
    if refused is not None:
        return f"{name} holds U+{ord(refused):04X}; control characters must not be sent."
    size, most = len(value.encode()), LONGEST.get(name.lower(), LONGEST_LINE - len(name))
    return f"{name} has {size} bytes; Asterisk takes {most}." if size > most else ""


def _refused_character(text: str) -> str | None:
    if text.isascii() and text.isprintable():
        return None
    return next((c for c in text if unicodedata.category(c) in _REFUSED), None)
