"""What a pretend Asterisk manager is asked to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import orjson

from trunkline.errors import SettingsError

RESULTS = ("ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL")


@dataclass(frozen=True)
class Rule:
    """What a call to a number comes to.

    `number` is looked for as a whole, `*` and `?` stand for any characters. It rings `ring_seconds`, and
    once answered is up for `talk_seconds`; None: until somebody hangs up. `refusal`: the text with which
    the action itself is refused. `cause` is that of the hang-up (Q.850); None: the one that fits.
    """

    number: str = "*"
    result: str = "ANSWER"
    ring_seconds: float | None = 0
    talk_seconds: float | None = 0
    cause: int | None = None
    refusal: str = ""

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise SettingsError(
                f"A call cannot come to {self.result!r}.", todo=f"Use one of {', '.join(RESULTS)}."
            )

    def fits(self, number: str) -> bool:
        return fnmatchcase(number, self.number)


@dataclass(frozen=True)
class AmiSimOptions:
    """The login it takes, and what calls come to; the first rule that fits a number holds.

    `version` is that of the protocol in the greeting. `md5_login` False refuses challenges.
    """

    user: str = "trunkline"
    secret: str = "testsecret"
    version: str = "9.0.0"
    rules: tuple[Rule, ...] = ()
    otherwise: Rule = Rule()
    md5_login: bool = True

    def rule_of(self, number: str) -> Rule:
        return next((rule for rule in self.rules if rule.fits(number)), self.otherwise)


def rule_from(sent: Mapping[str, Any]) -> Rule:
    """A rule from JSON. Raises SettingsError for fields that no rule has."""
    strange = set(sent) - set(Rule.__dataclass_fields__)
    if strange:
        raise SettingsError(f"A rule has no {', '.join(sorted(strange))}.")
    try:
        seconds = {n: _seconds(sent[n]) for n in ("ring_seconds", "talk_seconds") if n in sent}
        return Rule(**{**sent, **seconds})
    except (TypeError, ValueError) as error:
        raise SettingsError(f"A rule cannot be understood: {error}.") from None


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def rules_of(path: Path) -> tuple[Rule, ...]:
    """The rules of a JSON file, a list. Raises SettingsError for any other file."""
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"The fixture {path} cannot be read: {error.strerror or error}.") from None
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"The fixture {path} is no JSON: {error}.") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise SettingsError(f"The fixture {path} is no list of rules, like [{{'number': '350'}}].")
    return tuple(rule_from(one) for one in found)


def rule_in_words(text: str, like: Rule) -> Rule:
    """A rule written as NUMBER=RESULT, the rest as another one has it. Raises SettingsError."""
    number, equals, result = text.partition("=")
    if not number or not equals:
        raise SettingsError(f"{text!r} is no rule.", todo="Write NUMBER=RESULT, as in 7275551212=BUSY.")
    return Rule(number, result.upper(), like.ring_seconds, like.talk_seconds)


def shown(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules as JSON."""
    return [{name: getattr(rule, name) for name in Rule.__dataclass_fields__} for rule in rules]
