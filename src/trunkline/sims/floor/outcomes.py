"""What becomes of a call: drawn once for each, from nothing but the seed and the call's number."""

from dataclasses import dataclass

from trunkline.sims.chance import Dice

RING_OUT_SECONDS = 26
ANSWERED_PERCENT = 27
CALLBACK = "CALLBK"
"""The status of somebody who wants to be called back."""
FINAL = frozenset(("SALE", "DNC", "DC"))
"""Leads with these statuses are not called any more."""


@dataclass(frozen=True)
class Talk:
    """A conversation: how it ends, how long it takes, who hangs up, and what the agent does then."""

    status: str
    seconds: int
    by_caller: bool
    dead_seconds: int
    dispo_seconds: int
    park: tuple[int, int] | None
    """When the caller is parked, counted from the beginning, and for how long."""


@dataclass(frozen=True)
class Ring:
    """A dialled number: how long it rings, and what comes of it when nobody answers."""

    seconds: int
    status: str
    """Empty: somebody answers."""


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: whether known, what the menu takes, how long they wait."""

    is_known: bool
    menu_seconds: int
    patience_seconds: int
    is_support: bool


Mix = tuple[tuple[int, str, int, int], ...]
"""Out of a hundred: so many end with this status, and take from so many to so many seconds."""

_OUTBOUND: Mix = (
    (44, "NI", 12, 80),
    (14, CALLBACK, 35, 190),
    (13, "SALE", 210, 840),
    (11, "NP", 15, 70),
    (8, "A", 6, 25),
    (6, "INFO", 60, 260),
    (4, "DNC", 8, 45),
)
_SALES_LINE: Mix = (
    (30, "SALE", 180, 780),
    (34, "INFO", 50, 320),
    (18, "NI", 40, 200),
    (12, CALLBACK, 60, 240),
    (6, "WRONG", 12, 60),
)
_SUPPORT: Mix = (
    (52, "SOLVED", 90, 620),
    (24, "TICKET", 150, 900),
    (14, "INFO", 40, 200),
    (6, "WRONG", 12, 60),
    (4, "COMPL", 180, 1_100),
)
_UNANSWERED: Mix = (
    (57, "NA", RING_OUT_SECONDS, RING_OUT_SECONDS),
    (23, "AA", 9, 22),
    (14, "B", 2, 5),
    (6, "DC", 2, 4),
)


def _drawn(mix: Mix, dice: Dice) -> tuple[str, int]:
    left = dice.below(100)
    for share, status, least, most in mix:
        left -= share
        if left < 0:
            return status, dice.between(least, most)
    raise AssertionError("the shares of a mix are a hundred")


def outbound_talk(dice: Dice) -> Talk:
    return _talk(_OUTBOUND, dice)


def inbound_talk(dice: Dice, is_support: bool) -> Talk:
    return _talk(_SUPPORT if is_support else _SALES_LINE, dice)


def _talk(mix: Mix, dice: Dice) -> Talk:
    status, seconds = _drawn(mix, dice)
    by_caller = dice.percent(55)
    is_noticed_late = by_caller and dice.percent(40)
    parks = seconds > 100 and dice.percent(18)
    return Talk(
        status,
        seconds,
        by_caller,
        dice.between(3, 28) if is_noticed_late else 0,
        dice.between(6, 45),
        (dice.between(20, seconds // 2), dice.between(15, 45)) if parks else None,
    )


def ring(dice: Dice) -> Ring:
    if dice.percent(ANSWERED_PERCENT):
        return Ring(dice.between(5, 22), "")
    status, seconds = _drawn(_UNANSWERED, dice)
    return Ring(seconds, status)


def caller(dice: Dice) -> Caller:
    return Caller(dice.percent(60), dice.between(6, 20), dice.between(30, 420), dice.percent(55))
