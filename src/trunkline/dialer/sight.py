"""What a user may see: campaigns and groups by the user's group, lists where the user is restricted."""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.command import Call
from trunkline.dialer.login import Refusal, group_named
from trunkline.dialer.tables import Tables

ALL_CAMPAIGNS, ALL_GROUPS, EVERYBODYS = "-ALL", "--ALL--", "---ALL---"
SHORTEST_GROUPS = 4
LIST_FUNCTIONS = frozenset(("add_lead", "update_lead", "update_list"))
"""Functions that look at the lists of a restricted user."""


@dataclass(frozen=True)
class Sight:
    """Campaigns and groups in sight; None is all of them."""

    campaigns: frozenset[str] | None
    groups: frozenset[str] | None

    def sees_campaign(self, campaign: str) -> bool:
        return self.campaigns is None or campaign.casefold() in self.campaigns

    def sees_group(self, group: str) -> bool:
        return self.groups is None or group.casefold() in self.groups


def lists_of_campaigns(t: Tables) -> ClauseElement:
    lists = t["lists"]
    return select(lists.c.list_id).where(lists.c.campaign_id.in_(bindparam("campaigns", expanding=True)))


async def sight_of(call: Call) -> Sight:
    """The sight of the call's user, read once."""
    if call.sight is None:
        group = await call.work.one(group_named, user_group=call.user.get("user_group", "")) or {}
        campaigns, groups = (group.get(name) or "" for name in ("allowed_campaigns", "admin_viewable_groups"))
        call.sight = _sight(str(campaigns), str(groups))
    found: Sight = call.sight
    return found


@lru_cache(1_000)
def _sight(campaigns: str, groups: str) -> Sight:
    all_campaigns = ALL_CAMPAIGNS in campaigns
    all_groups = ALL_GROUPS in groups or len(groups.strip()) < SHORTEST_GROUPS
    return Sight(
        None if all_campaigns else frozenset(word.casefold() for word in campaigns.split()),
        None if all_groups else frozenset(word.casefold() for word in [*groups.split(), EVERYBODYS]),
    )


async def missing_group(call: Call) -> Refusal | None:
    """The refusal of a user restricted to lists whose user group does not exist, where lists matter."""
    if call.function not in LIST_FUNCTIONS or call.user.get("api_list_restrict") != "1":
        return None
    group = str(call.user.get("user_group") or "")
    if await call.work.one(group_named, user_group=group):
        return None
    return Refusal(f"user_group DOES NOT EXIST: |{call.arg('user')}|{group}|")


async def allowed_lists(call: Call) -> frozenset[int] | None:
    """The lists of a restricted user's campaigns; None for a user without that restriction."""
    if call.user.get("api_list_restrict") != "1":
        return None
    sight = await sight_of(call)
    if sight.campaigns is None:
        return None
    rows = await call.work.all(lists_of_campaigns, campaigns=tuple(sight.campaigns) or ("",))
    return frozenset(int(row["list_id"]) for row in rows)
