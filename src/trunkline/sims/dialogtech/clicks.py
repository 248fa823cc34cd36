"""Invented clicks: what each of them holds follows from the seed and its number."""

from typing import NamedTuple

from trunkline.sims.chance import Dice
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES, PLACES


class Block(NamedTuple):
    """A click-to building block: its id, its kind and its description."""

    id: str
    kind: str
    description: str


BLOCKS = (
    Block("10001", "Click to Call", "On Call Number"),
    Block("10002", "Click to FindMe", "Sales team"),
    Block("10003", "Click to FindMe List", "Service & repair"),
    Block("10004", "Click to Virtual Receptionist", "Main menu"),
    Block("10005", "Click to Voicemail", "After hours"),
    Block("10006", "Click to IVR", "Survey, spring"),
    Block("10007", "Click to Agent", 'The "blue" button'),
)
TWIN_PERCENT = 3

_SITE = "https://www.shop.example"
_PAGES = ("/", "/contact?from=top&to=bottom", "/prices", "/caf\u00e9", "/faq#hours")
_REFS = ("", "", "spring-2026", "newsletter", "Z\u00fcrich")
_KEYWORDS = ("", "", "plumber near me", '"emergency" plumber', "caf\u00e9 opening hours")
_DOMAINS = ("", "search.example", "maps.example", "www.shop.example")
_NAMES = ("", "", "Zo\u00eb Nu\u00f1ez", "\u0141ukasz Nowak", "O\u2019Brien, Pat")
_RESULTS = ("ANSWER", "ANSWER", "ANSWER", "ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL")


def is_twin(seed: int, ref: int) -> bool:
    """Whether a click is equal to the one before it in every field, as a double click is."""
    return ref > 1 and Dice(seed, "twin", ref).percent(TWIN_PERCENT) and not is_twin(seed, ref - 1)


def block_of(seed: int, ref: int) -> Block:
    return Dice(seed, "block", _original(seed, ref)).one_of(BLOCKS)


def fields_of(seed: int, ref: int) -> dict[str, str]:
    """The fields of a click but for its time."""
    ref = _original(seed, ref)
    dice, block = Dice(seed, "click", ref), block_of(seed, ref)
    first, second = dice.one_of(_RESULTS), dice.one_of(_RESULTS)
    second = second if first == "ANSWER" else ""
    talked = first == second == "ANSWER"
    return {
        "Caller_ID": _number(dice),
        "Name": dice.one_of((block.kind, f"{dice.one_of(FIRST_NAMES)} {dice.one_of(LAST_NAMES)}", *_NAMES)),
        "Page": _SITE + dice.one_of(_PAGES) if dice.percent(80) else "",
        "Ref": dice.one_of(_REFS),
        "Click_Description": block.description,
        "Number_Connected": _number(dice),
        "Call_Duration": str(dice.between(1, 25) if talked else 0),
        "Referral_Keywords": dice.one_of(_KEYWORDS),
        "Referral_Domain": dice.one_of(_DOMAINS),
        "IP_Address": f"192.0.2.{dice.below(256)}",
        "Call_1_Result": first,
        "Call_2_Result": second,
    }


def _original(seed: int, ref: int) -> int:
    return ref - 1 if is_twin(seed, ref) else ref


def _number(dice: Dice) -> str:
    return f"{dice.one_of(PLACES).area}55501{dice.below(100):02}"
