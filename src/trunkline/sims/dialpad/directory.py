"""The generated directories of the company: offices, groups, users, rooms, teams and numbers."""

from datetime import UTC, datetime, timedelta

from trunkline.sims.answer import Row
from trunkline.sims.chance import Dice, hex_of
from trunkline.sims.dialpad.groups import call_center, department, office, room, team
from trunkline.sims.dialpad.ids import id_of
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES, PLACES, phone

LISTS = ("offices", "callcenters", "departments", "rooms", "coaching_teams", "users", "numbers")
GROUP_TYPES = {"callcenters": "callcenter", "departments": "department", "coaching_teams": "coachingteam"}
_LINES_SHOWN_AS_FICTION = 50
_GONE_EVERY = 13


def own_number(n: int) -> str:
    """The company's n-th line; external people have others."""
    area, line = PLACES[n % len(PLACES)].area, n // len(PLACES)
    return phone(area, line) if line < _LINES_SHOWN_AS_FICTION else f"+1{area}556{line:04d}"


def directory(options: DialpadSimOptions) -> dict[str, list[Row]]:
    """Rows per list, ids as whole numbers; everything follows from the seed and the sizes."""
    seed, company_id = options.seed, id_of(options.seed, "company", 0)
    offices = [office(seed, n, own_number(n)) for n in range(options.offices)]
    first = options.offices
    made: dict[str, list[Row]] = {"offices": offices}
    for key, count, make in (
        ("callcenters", options.callcenters, call_center),
        ("departments", options.departments, department),
        ("rooms", options.rooms, room),
        ("coaching_teams", options.coaching_teams, team),
    ):
        made[key] = [
            make(seed, n, offices[n % len(offices)], own_number(first + n), company_id)
            for n in range(count if offices else 0)
        ]
        first += count
    made["users"] = [_user(seed, n, offices, own_number(first + n), company_id) for n in range(options.users)]
    _enrol(made)
    made["numbers"] = numbers(made, company_id)
    return made


def company(seed: int, office_count: int) -> Row:
    return {
        "account_type": "enterprise",
        "admin_email": "admin@company.example",
        "country": "us",
        "domain": "company.example",
        "id": id_of(seed, "company", 0),
        "name": "Example Company",
        "office_count": office_count,
        "state": "active",
    }


CALL_LABELS = ("Follow up", "Sales lead", "Complaint", "Appointment", "Wrong number")


def _user(seed: int, n: int, offices: list[Row], number: str, company_id: int) -> Row:
    dice = Dice(seed, "user", n)
    home = offices[n % len(offices)] if offices else None
    first, last = FIRST_NAMES[n * 7 % len(FIRST_NAMES)], LAST_NAMES[(n * 5 + n // 29) % len(LAST_NAMES)]
    added = datetime(2021, 3, 1, 9, tzinfo=UTC) + timedelta(minutes=dice.below(1_500_000))
    state = ("deleted", "suspended")[n // _GONE_EVERY % 2] if n % _GONE_EVERY == _GONE_EVERY - 1 else "active"
    row: Row = {
        "admin_office_ids": [home["id"]] if home and n < len(offices) else [],
        "company_id": company_id,
        "country": home["country"] if home else "us",
        "date_active": _stamp(added + timedelta(days=1)),
        "date_added": _stamp(added),
        "display_name": f"{first} {last}",
        "do_not_disturb": dice.percent(5),
        "duty_status_started": _stamp(added + timedelta(days=2)),
        "emails": [f"{first}.{last}.{n}@company.example".lower()],
        "first_name": first,
        "group_details": [],
        "id": id_of(seed, "user", n),
        "image_url": f"https://dialpad.example.com/avatar/user/{hex_of(seed, 'image', n)}.png",
        "international_dialing_enabled": dice.percent(30),
        "is_admin": n == 0 or dice.percent(5),
        "is_available": dice.percent(70),
        "is_on_duty": dice.percent(50),
        "is_online": dice.percent(60),
        "is_super_admin": n == 0,
        "language": "en",
        "last_name": last,
        "license": dice.one_of(("talk", "talk", "agents", "admins")),
        "muted": False,
        "on_duty_status": dice.one_of(("available", "busy", "wrapup", "unavailable")),
        "phone_numbers": [number] if state == "active" else [],
        "state": state,
    }
    return row | _home(home) | _sometimes(dice, n, added)


def _home(home: Row | None) -> Row:
    return {"office_id": home["id"], "timezone": home["timezone"]} if home else {"timezone": "UTC"}


def _sometimes(dice: Dice, n: int, added: datetime) -> Row:
    """Fields that stand only where somebody filled them in."""
    # Extensions repeat across offices, as they do in real companies.
    more: Row = {"extension": str(20_000 + n // 2)} if dice.percent(70) else {}
    if dice.percent(40):
        more["job_title"] = dice.one_of(("Account Manager", "Support Agent", "Dispatcher", "Ünterhalt Lead"))
    if dice.percent(80):
        more["date_first_login"] = _stamp(added + timedelta(days=1, hours=2))
    if dice.percent(20):
        more |= {"status_message": "Back at two", "location": "Second floor"}
    if dice.percent(15):
        more |= {"on_duty_started": _stamp(added + timedelta(days=3)), "duty_status_reason": "Lunch"}
    if dice.percent(25):
        more["forwarding_numbers"] = [own_number(2000 + n)]
    return more


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S")


def _enrol(made: dict[str, list[Row]]) -> None:
    """Write into each user's group_details the groups of the user's office that the user works for."""
    for key, group_type in GROUP_TYPES.items():
        for n, group in enumerate(made[key]):
            members = _members(n, group, made["users"])
            for place, user in enumerate(members):
                role = "admin" if place == 0 else "supervisor" if place == 1 else "operator"
                details = {"do_not_disturb": False, "group_id": group["id"], "group_type": group_type}
                user["group_details"].append(details | {"role": role})


def _members(n: int, group: Row, users: list[Row]) -> list[Row]:
    """Two in three of the office's active users, another two for the next group."""
    there = [user for user in users if user.get("office_id") == group["office_id"]]
    active = [user for user in there if user["state"] == "active"]
    chosen = [user for place, user in enumerate(active) if (place + n) % 3]
    return chosen or active or there


def numbers(made: dict[str, list[Row]], company_id: int) -> list[Row]:
    """One row for each line of the company, and a few that nobody has."""
    owners = (
        ("offices", "office", "office"),
        ("callcenters", "call_center", "callcenter"),
        ("departments", "department", "department"),
        ("rooms", "room", "room"),
        ("users", "user", "user"),
    )
    rows = [
        _number(line, status, company_id)
        | {"target_id": row["id"], "target_type": target_type}
        | {"office_id": row["id"] if key == "offices" else row.get("office_id", row["id"])}
        for key, status, target_type in owners
        for row in made.get(key, [])
        for line in row.get("phone_numbers", [])
    ]
    return rows + [_number(own_number(2300 + n), "available", company_id) for n in range(3)]


def _number(line: str, status: str, company_id: int) -> Row:
    return {
        "area_code": line[2:5],
        "company_id": company_id,
        "number": line,
        "status": status,
        "type": "local",
    }
