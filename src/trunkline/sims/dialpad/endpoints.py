"""The table of what can be asked: method, path, parameters, who may ask, and which limit counts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trunkline.sims.refusals import Refused

ROOT = "/api/v2/"


@dataclass(frozen=True)
class Endpoint:
    """One kind of request. `rate` names the limit it counts against, `is_company` wants a company key."""

    name: str
    method: str
    path: str
    parameters: tuple[str, ...] = ()
    is_company: bool = False
    rate: str = "per_minute"


ENDPOINTS = (
    Endpoint("offices", "GET", "offices", ("cursor", "active_only")),
    Endpoint("office", "GET", "offices/{id}"),
    Endpoint("callcenters", "GET", "offices/{office_id}/callcenters", ("cursor",)),
    Endpoint("departments", "GET", "offices/{office_id}/departments", ("cursor",)),
    Endpoint("coaching_teams", "GET", "offices/{office_id}/teams", ("cursor",)),
    Endpoint("callcenters", "GET", "callcenters", ("cursor", "office_id", "name_search")),
    Endpoint("callcenter", "GET", "callcenters/{id}"),
    Endpoint("operators", "GET", "callcenters/{id}/operators"),
    Endpoint("status", "GET", "callcenters/{id}/status"),
    Endpoint("departments", "GET", "departments", ("cursor", "office_id", "name_search")),
    Endpoint("department", "GET", "departments/{id}"),
    Endpoint("operators", "GET", "departments/{id}/operators"),
    Endpoint("rooms", "GET", "rooms", ("cursor", "office_id")),
    Endpoint("room", "GET", "rooms/{id}"),
    Endpoint("coaching_teams", "GET", "coachingteams", ("cursor",)),
    Endpoint("coaching_team", "GET", "coachingteams/{id}"),
    Endpoint("members", "GET", "coachingteams/{id}/members"),
    Endpoint("users", "GET", "users", ("cursor", "state", "company_admin", "email", "number", "limit")),
    Endpoint("user", "GET", "users/{id}"),
    Endpoint("numbers", "GET", "numbers", ("cursor", "status"), is_company=True),
    Endpoint("company", "GET", "company", is_company=True),
    Endpoint("labels", "GET", "calllabels", ("limit",)),
    Endpoint(
        "calls",
        "GET",
        "call",
        ("cursor", "started_after", "started_before", "target_id", "target_type"),
        is_company=True,
    ),
    Endpoint("call", "GET", "call/{id}", is_company=True, rate="call_per_minute"),
    Endpoint("begin_stats", "POST", "stats", rate="stats_per_hour"),
    Endpoint("poll_stats", "GET", "stats", ("id",)),
    Endpoint("poll_stats", "GET", "stats/{id}"),
)
_PARTS = [(endpoint, endpoint.path.split("/")) for endpoint in ENDPOINTS]


@dataclass(frozen=True)
class Ask:
    """One request; parameters without a value count as not given. `access` is "company" or "user"."""

    endpoint: Endpoint
    ids: dict[str, str]
    params: dict[str, str]
    access: str
    key: str
    now: datetime
    body: dict[str, Any] = field(default_factory=dict)

    def whole(self, name: str) -> int | None:
        """A whole number of path or query; raises Refused when it is none."""
        text = self.ids.get(name) or self.params.get(name)
        if text is None:
            return None
        if not text.removeprefix("-").isdecimal():
            raise Refused(400, f"Invalid value for {name}: {text}. It must be an integer.")
        return int(text)

    def truth(self, name: str) -> bool | None:
        text = self.params.get(name)
        if text is None:
            return None
        if text.lower() not in ("true", "false"):
            raise Refused(400, f"Invalid value for {name}: {text}. It must be a boolean.")
        return text.lower() == "true"


def endpoint_of(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    """The endpoint a request means and the ids in its path; raises Refused with 404."""
    parts = path.removeprefix(ROOT).split("/") if path.startswith(ROOT) else []
    for endpoint, known in _PARTS:
        if endpoint.method == method and len(known) == len(parts):
            pairs = list(zip(known, parts, strict=True))
            if all(k == p or (k.startswith("{") and p) for k, p in pairs):
                return endpoint, {k.strip("{}"): p for k, p in pairs if k.startswith("{")}
    raise Refused(404, f"Requested URL {path} not found")
