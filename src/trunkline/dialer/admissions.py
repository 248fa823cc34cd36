"""Who was let in to which function, kept for the rest of the second: programs ask many times in one.

Only where it is certain that nobody has changed what it depends on: see `kept_rows`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.dialer.compiling import Row

if TYPE_CHECKING:
    from trunkline.dialer.command import Call

MOST_KEPT = 1_000
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Admission:
    """What a call needs to know of a user who may go on."""

    settings: Row
    user: Row
    sight: Any


class Admissions:
    """Those of one second."""

    def __init__(self) -> None:
        self._second = ""
        self._kept: dict[Key, Admission] = {}

    def get(self, key: Key, second: str) -> Admission | None:
        if second != self._second or len(self._kept) > MOST_KEPT:
            self._kept.clear()
            self._second = second
        return self._kept.get(key)

    def keep(self, key: Key, admission: Admission) -> None:
        self._kept[key] = admission

    def forget(self) -> None:
        self._kept.clear()


def key_of(call: "Call", *, is_proven: bool) -> Key:
    """All that the request itself has to do with being let in."""
    arg = call.params.get
    source = arg("source", "")
    return call.function, arg("user", ""), arg("pass", ""), source, call.address, is_proven


def may_be_kept(call: "Call") -> bool:
    """Whether the next one would be let in by the same rows, and would have nothing to note either."""
    return (
        not call.work.endings
        and not call.work.has_written
        and call.settings.get("allow_ip_lists") != "1"
        and call.user.get("api_list_restrict") != "1"
    )
