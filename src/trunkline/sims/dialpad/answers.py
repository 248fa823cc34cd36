"""Answers to single requests, in the service's shapes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable

import orjson

from trunkline.sims.answer import Answer, Row
from trunkline.sims.dialpad.endpoints import Ask
from trunkline.sims.dialpad.fixture import wire
from trunkline.sims.dialpad.legs import proto_of
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.selection import CALL_TARGET_TYPES, legs_of
from trunkline.sims.dialpad.stats import StatsDesk
from trunkline.sims.dialpad.world import World
from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import milliseconds

REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    405: "methodNotAllowed",
    429: "rateLimitExceeded",
    500: "backendError",
    503: "backendError",
}
_ONE = {
    "office": "offices",
    "callcenter": "callcenters",
    "department": "departments",
    "room": "rooms",
    "coaching_team": "coaching_teams",
}
_EVER = 1 << 61
_MOST_USERS = 100
_STATES = ("active", "all", "cancelled", "deleted", "pending", "suspended")

Keep = Callable[[Row], bool]


def refusal(status: int, text: str, headers: dict[str, str] | None = None) -> Answer:
    """The service's error envelope."""
    error = {"domain": "global", "message": text, "reason": REASONS.get(status, "error")}
    return Answer(
        status, orjson.dumps({"error": {"code": status, "errors": [error], "message": text}}), headers or {}
    )


class Answers:
    """Answers requests about one world; stats requests are begun here and finished by the server."""

    def __init__(self, world: World, options: DialpadSimOptions, desk: StatsDesk) -> None:
        self._world, self._options, self._desk = world, options, desk
        self._too_many_asked = 0

    def answer(self, ask: Ask) -> Answer:
        """The answer to one request; raises Refused."""
        name = ask.endpoint.name
        if ask.endpoint.is_company and ask.access != "company":
            raise Refused(403, "This request requires a company admin API key.")
        if self._options.strict:
            self._check_names(ask)
        if name in _ONE:
            return _encoded(self._visible(_ONE[name], ask, self._one(_ONE[name], ask)))
        match name:
            case "user":
                return _encoded(self._user(ask))
            case "operators":
                return _encoded(self._operators(ask))
            case "members":
                return _encoded(self._members(ask))
            case "status":
                return _encoded(self._status(ask))
            case "company":
                return _encoded(self._world.company)
            case "labels":
                return _encoded({"labels": self._world.labels[: ask.whole("limit") or None]})
            case "calls":
                return self._calls(ask)
            case "call":
                return self._call(ask)
            case "begin_stats":
                return self._begin_stats(ask)
        return self._list(ask)

    def _check_names(self, ask: Ask) -> None:
        unknown = sorted(set(ask.params) - set(ask.endpoint.parameters) - {"apikey"})
        if unknown:
            raise Refused(
                400, f"Unknown parameter {unknown[0]}: it is not documented for {ask.endpoint.path}"
            )

    # -- directories ----------------------------------------------------------------------------------

    def _list(self, ask: Ask) -> Answer:
        key = ask.endpoint.name
        if "office_id" in ask.ids:
            self._find("offices", ask.whole("office_id"))
        size = self._options.page_rows
        if key == "users":
            size = min(size, self._users_limit(ask))
        found = [row for row in self._world.lists[key] if all(keep(row) for keep in self._tests(key, ask))]
        first = _from_cursor(ask, key)
        page = found[first : first + size]
        following = _cursor(key, first + size) if first + size < len(found) else None
        return _encoded(self._page(page, following))

    def _page(self, rows: list[Row], cursor: str | None) -> Row:
        if cursor is None and self._options.empty_cursor:
            cursor = ""
        return {"items": rows} if cursor is None else {"cursor": cursor, "items": rows}

    def _users_limit(self, ask: Ask) -> int:
        """More than a hundred is refused every fifth time, so that nobody gets used to it."""
        limit = ask.whole("limit") or _MOST_USERS
        if limit > _MOST_USERS:
            self._too_many_asked += 1
            if self._too_many_asked % 5 == 0:
                raise Refused(400, f"limit must be {_MOST_USERS} or less; omit it and follow the cursor.")
        return max(1, min(limit, _MOST_USERS))

    def _tests(self, key: str, ask: Ask) -> Iterable[Keep]:
        office_id, search = ask.whole("office_id"), ask.params.get("name_search", "").lower()
        if office_id is not None:
            yield lambda row: str(row.get("office_id")) == str(office_id)
        if search:
            yield lambda row: search in str(row.get("name", "")).lower()
        if key == "offices" and ask.truth("active_only"):
            yield lambda row: row.get("state", "active") == "active"
        if key == "numbers" and "status" in ask.params:
            yield lambda row: row.get("status") == ask.params["status"]
        if key == "users":
            yield from self._user_tests(ask)
        if ask.access == "user":
            yield lambda row: self._is_visible(key, row)

    def _user_tests(self, ask: Ask) -> Iterable[Keep]:
        state, is_admin = ask.params.get("state", "active"), ask.truth("company_admin")
        email, number = ask.params.get("email", "").lower(), ask.params.get("number")
        if state not in _STATES:
            raise Refused(400, f"Invalid value for state: {state}. Use one of {', '.join(_STATES)}.")
        if state != "all":
            yield lambda row: row.get("state", "active") == state
        if is_admin is not None:
            yield lambda row: bool(row.get("is_super_admin")) == is_admin
        if email:
            yield lambda row: email in [e.lower() for e in row.get("emails", [])]
        if number:
            yield lambda row: number in row.get("phone_numbers", [])

    def _find(self, key: str, row_id: int | None) -> Row:
        for row in self._world.lists[key]:
            if int(row["id"]) == row_id:
                return row
        raise Refused(404, f"{key.removesuffix('s').capitalize()} with id {row_id} not found.")

    def _one(self, key: str, ask: Ask) -> Row:
        return self._find(key, ask.whole("id"))

    def _visible(self, key: str, ask: Ask, row: Row) -> Row:
        if ask.access == "user" and not self._is_visible(key, row):
            raise Refused(403, "This API key sees only the data of its own user.")
        return row

    @property
    def self_user(self) -> Row:
        """Whose the user-level key is: the first active user who is no administrator."""
        users = self._world.lists["users"]
        active = [row for row in users if row.get("state", "active") == "active"]
        plain = [row for row in active if not row.get("is_admin")]
        for row in [*plain, *active, *users]:
            return row
        raise Refused(404, "The company has no users.")

    def _is_visible(self, key: str, row: Row) -> bool:
        """To a user-level key: the own user, the own office and the own groups."""
        me = self.self_user
        groups = {str(details.get("group_id")) for details in me.get("group_details", [])}
        return str(row.get("id")) in {str(me["id"]), str(me.get("office_id")), *groups}

    def _user(self, ask: Ask) -> Row:
        if ask.ids["id"] == "me":
            if ask.access != "user":
                raise Refused(404, "User with id me not found.")
            return self.self_user
        return self._visible("users", ask, self._one("users", ask))

    def _operators(self, ask: Ask) -> Row:
        key = ask.endpoint.path.split("/")[0]
        group = self._visible(key, ask, self._one(key, ask))
        given = self._world.operators.get(str(group["id"]))
        if given is not None:
            return {name: [self._row_of(name, item) for item in items] for name, items in given.items()}
        members = self._world.cast.members.get(int(group["id"]), set())
        users = [row for row in self._world.lists["users"] if int(row["id"]) in members]
        office_id = group.get("office_id")
        mine = [row for row in self._world.lists["rooms"] if row.get("office_id") == office_id]
        # Rooms answer for an office's first call center only.
        first = next(
            (r for r in self._world.lists[key] if r.get("office_id") == group.get("office_id")), None
        )
        rooms = [row for row in mine if row.get("is_on_duty")] if group is first else []
        return {"users": users} | ({"rooms": rooms} if rooms else {})

    def _row_of(self, name: str, item: object) -> Row:
        return item if isinstance(item, dict) else self._find(name, int(str(item)))

    def _members(self, ask: Ask) -> Row:
        team = self._one("coaching_teams", ask)
        members = self._world.cast.members.get(int(team["id"]), set())
        users = [row for row in self._world.lists["users"] if int(row["id"]) in members]
        known = ("display_name", "duty_status_reason", "duty_status_started", "group_details")
        hidden = (*known, "international_dialing_enabled", "on_duty_started", "on_duty_status")
        rows = [{name: value for name, value in row.items() if name not in hidden} for row in users]
        return self._page(
            [row | {"role": "coach" if n == 0 else "trainee"} for n, row in enumerate(rows)], None
        )

    def _status(self, ask: Ask) -> Row:
        group = self._visible("callcenters", ask, self._one("callcenters", ask))
        members = self._world.cast.members.get(int(group["id"]), set())
        on_duty = [u for u in self._world.lists["users"] if int(u["id"]) in members and u.get("is_on_duty")]
        return {
            "availability": {"status": str(group.get("availability_status", "open"))},
            "capacity": len(on_duty),
            "longest_call_wait_time": 0,
            "on_duty_operators": len(on_duty),
            "pending": 0,
        }

    # -- calls and stats ------------------------------------------------------------------------------

    def _calls(self, ask: Ask) -> Answer:
        target_type, target_id = ask.params.get("target_type", ""), ask.whole("target_id")
        if target_type and target_type not in CALL_TARGET_TYPES:
            raise Refused(
                400,
                f"Invalid value for target_type: {target_type}. Use one of {', '.join(CALL_TARGET_TYPES)}.",
            )
        if (target_id is None) != (not target_type):
            raise Refused(400, "target_id and target_type must be specified together.")
        after, before = ask.whole("started_after"), ask.whole("started_before")
        low, high = -_EVER if after is None else after + 1, _EVER if before is None else before - 1
        past = _place_of(ask)
        now, chosen = milliseconds(ask.now), legs_of(self._world.cast, target_type, target_id, None)
        rows: list[Row] = []
        last: tuple[int, int] | None = None
        found = self._world.concluded(low, high if past is None else min(high, past[0]), now, before=past)
        for ref, leg in found:
            if not chosen(leg):
                continue
            if len(rows) == self._options.page_rows:
                return Answer(200, orjson.dumps(self._page(rows, _cursor("calls", *last) if last else None)))
            rows.append(proto_of(leg, now))
            last = (leg.start, ref)
        return Answer(200, orjson.dumps(self._page(rows, None)))

    def _call(self, ask: Ask) -> Answer:
        now = milliseconds(ask.now)
        leg = self._world.call(ask.whole("id") or 0)
        if leg is None or leg.start > now:
            raise Refused(404, f"Call with id {ask.ids['id']} not found.")
        return Answer(200, orjson.dumps(proto_of(leg, now)))

    def _begin_stats(self, ask: Ask) -> Answer:
        if ask.access != "company":
            mine = str(self.self_user["id"])
            if (ask.body.get("target_type"), str(ask.body.get("target_id"))) != ("user", mine):
                raise Refused(403, "This API key sees only the data of its own user.")
        request, is_known = self._desk.begin(ask.body, ask.key, ask.now)
        return Answer(200, orjson.dumps({"already_started": is_known, "request_id": request.id}))


def _encoded(content: Row) -> Answer:
    return Answer(200, orjson.dumps(wire(content)))


def _cursor(*parts: object) -> str:
    return urlsafe_b64encode(":".join(map(str, parts)).encode()).decode().rstrip("=")


def _parts_of(ask: Ask, key: str) -> list[int] | None:
    text = ask.params.get("cursor")
    if text is None:
        return None
    try:
        name, *numbers = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(":")
        found = [int(number) for number in numbers]
    except ValueError:
        name, found = "", []
    if name != key or not found:
        raise Refused(400, "Invalid cursor")
    return found


def _from_cursor(ask: Ask, key: str) -> int:
    parts = _parts_of(ask, key)
    return parts[0] if parts else 0


def _place_of(ask: Ask) -> tuple[int, int] | None:
    """The call after which the next page begins: its start and number."""
    parts = _parts_of(ask, "calls")
    return (parts[0], parts[-1]) if parts else None
