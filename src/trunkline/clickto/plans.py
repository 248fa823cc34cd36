"""What a click is going to dial: the block, the visitor's number, the numbers in turn; or why it will not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trunkline.clickto.account import Account
from trunkline.clickto.blocks import Block, Kind
from trunkline.clickto.dialing import address
from trunkline.clickto.hours import parse_hours
from trunkline.clickto.limits import Limits, limits_of
from trunkline.clickto.numbers import callable_number, same_number
from trunkline.clickto.referrals import referral_of
from trunkline.clickto.visits import page_of
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.settings import Settings
from trunkline.telephony.calls import Origination

LONGEST = {"page": 1_000, "ref": 190, "referrer": 4_000}
NAMES = {
    Kind.CALL: "Click to Call",
    Kind.FINDME: "Click to FindMe",
    Kind.FINDME_LIST: "Click to FindMe List",
    Kind.VIRTUAL_RECEPTIONIST: "Click to Virtual Receptionist",
    Kind.VOICEMAIL: "Click to Voicemail",
    Kind.IVR: "Click to IVR",
    Kind.AGENT: "Click to Agent",
}
"""What the report shows as Name."""


class CannotCall(Exception):
    """This click places no call: a code, and a sentence. `is_ours`: the block lacks something."""

    def __init__(self, code: str, message: str, *, is_ours: bool = False) -> None:
        super().__init__(message)
        self.code, self.is_ours = code, is_ours


@dataclass(frozen=True)
class CallRules:
    """What the settings say of calls."""

    countries: tuple[str, ...]
    limits: Limits
    ring_seconds: float


def rules_of(settings: Settings) -> CallRules:
    countries = [one.strip().upper() for one in settings.text("clickto_countries").split(",")]
    return CallRules(tuple(countries), limits_of(settings), settings.number("clickto_ring_seconds"))


@dataclass(frozen=True)
class Asked:
    """What a click asks for. `once`: a mark of a request that may come again and is to call once.

    `counted_as`: the visitor's address as calls are counted by it, of IPv6 its network; empty: not counted.
    """

    number: str
    page: str = ""
    ref: str = ""
    referrer: str = ""
    address: str = ""
    once: str | None = None
    numbers: tuple[str, ...] = ()
    """Of the block's own numbers the ones to try; none: all."""
    counted_as: str = ""


@dataclass(frozen=True)
class Plan:
    """A call that may be placed. `visitor` is E.164, `numbers` are tried in turn."""

    block: Block
    visitor: str
    numbers: tuple[str, ...]
    asked: Asked
    keywords: str
    domain: str
    ring_seconds: float

    def origination(self, number: str) -> Origination:
        """The business is called; once it has answered, Asterisk itself dials the visitor and joins both."""
        pattern = self.block.business_channel or self.block.channel
        visitor = address(self.block.channel, self.visitor)
        return Origination(
            address(pattern, number),
            application="Dial",
            data=f"{visitor},{round(self.ring_seconds)}",
            caller_id=f"<{self.block.caller_id}>" if self.block.caller_id else "",
            ring_seconds=self.ring_seconds,
        )


def plan(block: Block, asked: Asked, rules: CallRules, account: Account, clock: Clock) -> Plan:
    """Raises CannotCall, and SettingsError with a Problem for each field that will not do."""
    _check_block(block)
    asked = replace(asked, page=page_of(asked.page))
    countries = tuple(block.countries.split(",")) if block.countries else rules.countries
    visitor = _checked(asked, countries)
    numbers = asked.numbers or block.numbers
    if any(same_number(visitor, number) for number in numbers):
        raise SettingsError(
            problems=[Problem("number", "number: it is the one that would be called for it.")]
        )
    if not parse_hours(block.hours).is_open(clock.now().astimezone(account.zone)):
        raise CannotCall("closed", "Calls are not taken at this time.")
    keywords, domain = referral_of(asked.referrer)
    return Plan(block, visitor, numbers, asked, keywords, domain, rules.ring_seconds)


def _check_block(block: Block) -> None:
    missing = [
        *([] if block.numbers else [_number_wanted(block.kind)]),
        *([] if block.server else ["a server, whose manager dials"]),
        *([] if block.channel else ["a channel, such as PJSIP/{number}@trunk"]),
    ]
    if missing:
        message = f"Block {block.id} cannot place calls: it lacks {_listed(missing)}."
        raise CannotCall("not_callable", message, is_ours=True)


def _listed(missing: Sequence[str]) -> str:
    """Joined with commas, since there are commas within."""
    return ", and ".join(part for part in (", ".join(missing[:-1]), missing[-1]) if part)


def _number_wanted(kind: Kind) -> str:
    if kind in (Kind.CALL, Kind.FINDME, Kind.FINDME_LIST):
        return "numbers to call"
    return f"a number that reaches its {str(kind).replace('_', ' ')}"


def _checked(asked: Asked, countries: Sequence[str]) -> str:
    problems = [
        Problem(name, f"{name}: it has {len(text)} characters, at most {most} fit.")
        for name, most in LONGEST.items()
        if len(text := getattr(asked, name)) > most
    ]
    visitor = ""
    try:
        visitor = callable_number(asked.number, countries)
    except ValueError as error:
        problems.insert(0, Problem("number", f"number: {error}."))
    if problems:
        raise SettingsError(problems=problems)
    return visitor
