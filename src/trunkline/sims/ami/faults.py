"""Failures on demand: which actions and events of a pretend manager go wrong, and how."""

from dataclasses import dataclass

from trunkline.errors import SettingsError

FAULT_KINDS = ("error", "silent", "slow", "garbage", "drop_before", "drop_after", "drop_at_event", "not_ami")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, from the n-th matching action on (1 is the next), `times` times.

    `action` names the action it hits, `event` the event of the kind drop_at_event; empty: any. `times`
    None means for ever. `text` is that of an error or the garbage, `seconds` belong to slow.

    error: the action is refused. silent: no answer. slow: a late one. garbage: odd lines before it.
    drop_before: the connection ends in place of the answer, drop_after: right after it. drop_at_event: it
    ends in place of an event. not_ami: the next connection is greeted by something else.
    """

    kind: str
    action: str = ""
    event: str = ""
    from_action: int = 1
    times: int | None = 1
    text: str = ""
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise SettingsError(f"The fault {self.kind} is unknown; use one of {', '.join(FAULT_KINDS)}.")

    @property
    def of_events(self) -> bool:
        return self.kind == "drop_at_event"


class Faults:
    """The faults that are waiting; empty means all is well."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append((fault, [0]))

    def clear(self) -> None:
        self._waiting.clear()

    def hitting_action(self, name: str) -> list[Fault]:
        """The faults that hit this action, which counts for all that match it."""
        of_actions = [(f, n) for f, n in self._waiting if f.kind not in ("drop_at_event", "not_ami")]
        return [f for f, n in of_actions if f.action.lower() in ("", name.lower()) and _hits(f, n)]

    def drops_at(self, event: str) -> bool:
        """Whether the connection ends in place of this event."""
        drops = [(f, n) for f, n in self._waiting if f.of_events and f.event.lower() in ("", event.lower())]
        hits = [_hits(f, n) for f, n in drops]  # each of them counts
        return any(hits)

    def greeting(self) -> str | None:
        """What greets the next connection in place of the manager."""
        odd = [f for f, n in self._waiting if f.kind == "not_ami" and _hits(f, n)]
        return (odd[0].text or "SSH-2.0-OpenSSH_9.2") if odd else None


def _hits(fault: Fault, matched: list[int]) -> bool:
    matched[0] += 1
    nth = matched[0] - fault.from_action
    return nth >= 0 and (fault.times is None or nth < fault.times)
