"""Who can take part in a call: the people, rooms and groups of the directories, as calls name them."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trunkline.sims.answer import Row

# What calls call a target, and what exports call it; parameters of requests use the key.
CALL_TYPES = {
    "user": ("user", "UserProfile"),
    "callcenter": ("call_center", "CallCenter"),
    "department": ("department", "Department"),
    "office": ("office", "Office"),
    "room": ("room", "Room"),
}
LIST_TYPES = {
    "users": "user",
    "callcenters": "callcenter",
    "departments": "department",
    "offices": "office",
    "rooms": "room",
}
KIND_OF_TYPE = dict(CALL_TYPES.values())


class Target(NamedTuple):
    """One end of a call inside the company."""

    id: int
    type: str
    kind: str
    name: str
    email: str
    phone: str
    office_id: int

    def shown(self) -> Row:
        """As calls show it."""
        return {
            "email": self.email,
            "id": str(self.id),
            "name": self.name,
            "phone": self.phone,
            "type": self.type,
        }


@dataclass
class Group:
    """A call center or department and the people who answer for it."""

    target: Target
    operators: list[Target]


@dataclass
class Home:
    """An office with all that takes calls there."""

    target: Target
    zone: ZoneInfo
    users: list[Target] = field(default_factory=list)
    callcenters: list[Group] = field(default_factory=list)
    departments: list[Group] = field(default_factory=list)
    rooms: list[Target] = field(default_factory=list)

    @property
    def colleagues(self) -> list[Target]:
        """Those whom a user can call inside the office."""
        return self.users[1:]


class Cast:
    """All homes, every target by its id, and who belongs to which group."""

    def __init__(self, lists: dict[str, list[Row]], company_id: int) -> None:
        self.company_id = company_id
        self.members: dict[int, set[int]] = defaultdict(set)
        self.targets: dict[int, Target] = {}
        self._by_list = {
            key: [self._target(kind, row) for row in lists[key]] for key, kind in LIST_TYPES.items()
        }
        for row in lists["users"]:
            for details in row.get("group_details") or ():
                self.members[int(details["group_id"])].add(int(row["id"]))
        zones = {int(row["id"]): ZoneInfo(str(row.get("timezone", "UTC"))) for row in lists["offices"]}
        self.homes = self._homes(zones)

    def _target(self, kind: str, row: Row) -> Target:
        type_, csv_kind = CALL_TYPES[kind]
        names = [str(row[name]) for name in ("first_name", "last_name") if row.get(name)]
        lines, emails = row.get("phone_numbers") or [""], row.get("emails") or [""]
        name = str(row.get("name") or row.get("display_name") or " ".join(names))
        office_id = int(row["id"] if kind == "office" else row.get("office_id") or 0)
        target = Target(int(row["id"]), type_, csv_kind, name, emails[0], lines[0], office_id)
        self.targets[target.id] = target
        return target

    def _homes(self, zones: dict[int, ZoneInfo]) -> list[Home]:
        homes = {t.id: Home(t, zones[t.id]) for t in self._by_list["offices"]}
        if not homes:
            return []
        first = next(iter(homes.values()))
        for user in self._by_list["users"]:
            homes.get(user.office_id, first).users.append(user)
        for room in self._by_list["rooms"]:
            homes.get(room.office_id, first).rooms.append(room)
        for key in ("callcenters", "departments"):
            for target in self._by_list[key]:
                home = homes.get(target.office_id, first)
                operators = [self.targets[i] for i in sorted(self.members[target.id]) if i in self.targets]
                if operators or home.users:
                    group = Group(target, operators or home.users)
                    (home.callcenters if key == "callcenters" else home.departments).append(group)
        return list(homes.values())
