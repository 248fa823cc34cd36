"""What a check found."""

from collections.abc import Callable
from dataclasses import dataclass

from trunkline.errors import TrunklineError

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, how it stands (ok, warning, error), and what to do about it."""

    name: str
    state: str
    text: str
    todo: str = ""


def guarded(name: str, look: Callable[[], Finding]) -> Finding:
    """A check that cannot be made is itself a finding."""
    try:
        return look()
    except TrunklineError as error:
        return Finding(name, ERROR, str(error), error.todo)
