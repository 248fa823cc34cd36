"""Everything the pretend CallRail knows: two accounts, their directories, calls, forms and conversations."""

from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.sims.callrail.books import LIVE_REFS, Book, Kind
from trunkline.sims.callrail.calls import DEFAULT_FIELDS, MORE_FIELDS, Call, ref_of_number
from trunkline.sims.callrail.directory import Row, directory
from trunkline.sims.callrail.inquiries import (
    CONVERSATION_FIELDS,
    FORM_FIELDS,
    MORE_CONVERSATION_FIELDS,
    MORE_FORM_FIELDS,
    Conversation,
    Form,
    ref_of_conversation,
)
from trunkline.sims.callrail.options import OWNER_ZONE, CallrailSimOptions
from trunkline.sims.chance import Dice, ref_of
from trunkline.sims.timeline import milliseconds, office_hours

_HOUR_MS = 3_600_000
_OWNER = ZoneInfo(OWNER_ZONE)


class World:
    """The data behind the answers; every change raises `version`, by which answers are kept.

    `lists` holds the directory rows per list key and may be edited in place; call `touch()` afterwards.
    """

    def __init__(self, options: CallrailSimOptions, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self.until = options.until or clock.now().replace(second=0, microsecond=0)
        self.version = 0
        self._made = directory(options.seed)
        self.lists: dict[str, list[Row]] = dict(self._made.lists)
        self.given: set[str] = set()
        self.numbers = dict(self._made.numbers)
        self._arrived = 0
        self.books = {kind.key: self._book(kind, label) for kind, label in self._kinds()}
        if options.fixture:
            self._read(options.fixture)

    @property
    def calls(self) -> Book:
        return self.books["calls"]

    @property
    def data_account(self) -> str:
        """The account that holds the data: the first one."""
        return str(self.lists["accounts"][0]["id"])

    def touch(self) -> None:
        """Forget kept answers after an edit in place."""
        self.version += 1

    def add_calls(self, count: int, at: datetime | None = None) -> list[str]:
        """New calls that start at one instant (default: now); their ids."""
        self.touch()
        return self.calls.add(count, milliseconds(at or self._clock.now()))

    def change_call(self, call_id: str, **changes: object) -> bool:
        """Let fields of a call read differently from now on; False when there is no such call."""
        self.touch()
        return self.calls.change(call_id, changes)

    def arrive(self) -> None:
        """Let the calls of the time that has passed appear, when `live_per_hour` asks for any."""
        if not self._options.live_per_hour:
            return
        gap = _HOUR_MS / self._options.live_per_hour
        now, first = milliseconds(self._clock.now()), milliseconds(self.until)
        while (start := self._live_start(first, gap)) <= now:
            self.calls.timeline.insert(LIVE_REFS + self._arrived, start)
            self._arrived += 1
            self.touch()

    def _live_start(self, first: int, gap: float) -> int:
        drawn = Dice(self._options.seed, "live", self._arrived).below(1000) / 1000
        return first + 1 + int((self._arrived + drawn) * gap)

    def call_ids(self) -> list[str]:
        """The ids of all calls, newest first."""
        positions = range(len(self.calls.timeline) - 1, -1, -1)
        return [str(self.calls.row(p, _OWNER, ("id",)).get("id")) for p in positions]

    def call(self, call_id: str) -> Row | None:
        """One call with all its fields."""
        ref = self.calls.find(call_id)
        return None if ref is None else self.calls.row_of(ref, _OWNER, [*DEFAULT_FIELDS, *MORE_FIELDS])

    def counts(self) -> dict[str, int]:
        """Rows per list key."""
        listed = {key: len(rows) for key, rows in self.lists.items()}
        return listed | {key: len(book.timeline) for key, book in self.books.items()}

    def _kinds(self) -> list[tuple[Kind, str]]:
        seed = self._options.seed
        calls = Kind("calls", "start_time", DEFAULT_FIELDS, MORE_FIELDS, self._call_ref)
        forms = Kind(
            "form_submissions", "submitted_at", FORM_FIELDS, MORE_FORM_FIELDS, partial(ref_of, "FOR", seed)
        )
        texts = Kind(
            "conversations",
            "last_message_at",
            CONVERSATION_FIELDS,
            MORE_CONVERSATION_FIELDS,
            partial(ref_of_conversation, seed),
        )
        return [(calls, "calls"), (forms, "forms"), (texts, "texts")]

    def _call_ref(self, call_id: str) -> int | None:
        return ref_of_number(call_id) if call_id.isdecimal() else ref_of("CAL", self._options.seed, call_id)

    def _book(self, kind: Kind, label: str) -> Book:
        options = self._options
        made = {"calls": Call, "forms": Form, "texts": Conversation}[label]
        count = options.calls // {"calls": 1, "forms": 10, "texts": 20}[label]
        starts = office_hours(count, f"{options.seed}:{label}", self.until, options.days, _OWNER)
        return Book(kind, partial(made, self._made, options.seed), starts)

    def _read(self, path: Path) -> None:
        """Replace generated rows by those of a fixture file; raises SettingsError when it is none."""
        for key, rows in _fixture(path).items():
            self.given.add(key)
            if key in self.books:
                self.books[key].give(rows)
            else:
                self.lists[key] = rows
            if key == "accounts":
                self.numbers |= {str(r["numeric_id"]): str(r["id"]) for r in rows if r.get("numeric_id")}


FIXTURE_KEYS = (
    *("accounts", "companies", "calls", "users", "trackers", "tags", "caller_ids", "notifications"),
    *("summary_emails", "form_submissions", "conversations"),
)


def _fixture(path: Path) -> dict[str, list[Row]]:
    """Rows per list key; SettingsError names what is wrong with the file."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"The fixture {path} cannot be read: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"The fixture {path} is no JSON: {error}.") from None
    if not isinstance(content, dict):
        raise SettingsError(
            f"The fixture {path} must be a JSON object whose keys are list keys such as calls."
        )
    for key, rows in content.items():
        if key not in FIXTURE_KEYS:
            raise SettingsError(
                f"The fixture {path} has the unknown key {key}; use {', '.join(FIXTURE_KEYS)}."
            )
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SettingsError(f"In the fixture {path} the value of {key} must be a list of objects.")
    if content.get("accounts") == [] or not all(r.get("id") for r in content.get("accounts", [])):
        raise SettingsError(
            f"In the fixture {path} accounts must hold at least one account, each with an id."
        )
    return content
