"""A request in the words of the pretend CallRail: account, path below it, parameters, the hour."""

from dataclasses import dataclass
from datetime import datetime

from trunkline.sims.callrail.directory import Row
from trunkline.sims.callrail.world import World
from trunkline.sims.refusals import Refused

PER_PAGE = 100
MOST_PER_PAGE = 250
PAGING = frozenset(("page", "per_page"))
# The service's own next_page carries names of its inner workings; they are no one's to send otherwise.
NEXT_PAGE_EXTRAS = frozenset(
    ("action", "agency_id", "api_sort", "controller", "format", "no_one_to_many_associations")
)


@dataclass(frozen=True)
class Ask:
    """One request: `root` is scheme, host and version, `account` None above the accounts."""

    root: str
    account: Row | None
    path: tuple[str, ...]
    has_json: bool
    params: dict[str, list[str]]
    now: datetime

    def one(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[0]

    def listed(self, name: str) -> list[str]:
        """All values of a parameter, repeated or parted by commas."""
        return [v.strip() for given in self.params.get(name, []) for v in given.split(",") if v.strip()]

    def number(self, name: str, default: int, lowest: int = 1) -> int:
        text = self.one(name) or str(default)
        if not text.isdecimal() or int(text) < lowest:
            raise Refused(400, f"{name} must be a whole number from {lowest}, not {text}")
        return int(text)

    @property
    def per_page(self) -> int:
        return min(self.number("per_page", PER_PAGE), MOST_PER_PAGE)


def ask_of(world: World, root: str, path: str, pairs: list[tuple[str, str]], now: datetime) -> Ask:
    """Read path and parameters; 404 for unknown paths and accounts."""
    has_json = path.endswith(".json")
    version, *parts = path.removesuffix(".json").strip("/").split("/")
    if version not in ("v2", "v3") or parts[:1] != ["a"]:
        raise Refused(404, "Not found")
    account = _account(world, parts[1]) if len(parts) > 1 else None
    params: dict[str, list[str]] = {}
    for name, value in pairs:
        params.setdefault(name.split("[")[0], []).append(value)
    return Ask(f"{root}/{version}", account, tuple(parts[2:]), has_json, params, now)


def _account(world: World, asked: str) -> Row:
    for row in world.lists["accounts"]:
        if asked in (str(row["id"]), str(row.get("numeric_id"))):
            return row
    raise Refused(404, f"Account {asked} not found")
