"""Errors, grouped by what the caller does next.

TrunklineError
├── SettingsError      a person must change something: a key, an option, a date
│   └── KeyRefused     the provider does not accept the credentials
├── RetryLater         the same request will do later: 429, 5xx, time-out, lock
│   └── TakenOver      somebody else does the work by now
├── ProviderError      the other side refuses and waiting will not help
├── DataError          an answer or a row that cannot be understood
├── Cancelled          somebody asked for the work to stop
└── NotAllowed         the person or key lacks the right

Every error is one plain sentence (`str(error)`) and, where it helps, a second that says what to do
next (`error.todo`). History, command line, pages and API show the same two. Neither may hold a secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class TrunklineError(Exception):
    """Something went wrong."""

    def __init__(self, message: str = "", *, todo: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.todo = todo
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    @property
    def kind(self) -> str:
        """The class's name in the words of the wire: `settings_error`, `retry_later`, …"""
        name = type(self).__name__
        return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: its name, and a sentence that names what came and what would be right."""

    field: str
    message: str


class SettingsError(TrunklineError):
    """Something in the settings must be changed."""

    def __init__(self, message: str = "", *, todo: str = "", problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message or _together([p.message for p in self.problems]), todo=todo)


def _together(messages: Sequence[str]) -> str:
    """One text of all; between two of them stands a semicolon, unless the first is a whole sentence."""
    ends = [" " if text.endswith((".", "!", "?")) else "; " for text in messages[:-1]]
    return "".join(text + end for text, end in zip(messages, [*ends, ""], strict=False))


class KeyRefused(SettingsError):
    """The provider refuses the credentials."""


class RetryLater(TrunklineError):
    """The other side cannot answer just now."""

    def __init__(self, message: str = "", *, todo: str = "", after_seconds: float | None = None) -> None:
        self.after_seconds = after_seconds
        super().__init__(message, todo=todo or "Try again later; what was loaded so far is kept.")


class TakenOver(RetryLater):
    """Another run has taken the work over."""


class ProviderError(TrunklineError):
    """The other side refuses the request."""

    def __init__(self, message: str = "", *, todo: str = "", status: int | None = None) -> None:
        self.status = status
        super().__init__(message, todo=todo)


class DataError(TrunklineError):
    """An answer cannot be understood."""

    SAMPLE_CHARACTERS = 200

    def __init__(self, message: str = "", *, todo: str = "", where: str = "", sample: str = "") -> None:
        self.where = where
        self.sample = sample[: self.SAMPLE_CHARACTERS]
        super().__init__(message, todo=todo)


class Cancelled(TrunklineError):
    """The run was cancelled; what was loaded so far is kept."""


class NotAllowed(TrunklineError):
    """You do not have the right to do this."""


def some_of(names: Sequence[str], most: int = 20) -> str:
    """Names for a sentence, in their order by the alphabet; of many, the first and how many there are."""
    listed = sorted(names)
    rest = f", … ({len(listed)} in all)" if len(listed) > most else ""
    return ", ".join(listed[:most]) + rest
