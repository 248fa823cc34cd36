"""The rank and grade of a user in campaigns: who is called first."""

from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import adminlog
from trunkline.dialer.command import Call, Said, notice
from trunkline.dialer.database import Row
from trunkline.dialer.tables import Tables

RANKED = adminlog.Event("USERS", "MODIFY", "ADMIN API UPDATE USER RANK")

RANKS_UPDATED = notice(
    "ranks_updated",
    "USER CAMPAIGN RANKS HAVE BEEN UPDATED",
    " - {u}|{campaign_rank}|{campaign_grade}",
    " - {u}|{agent_user}|{campaign_rank}|{campaign_grade}",
)
CAMPAIGN_RANK_UPDATED = notice(
    "campaign_rank_updated",
    "USER CAMPAIGN RANKS HAVE BEEN UPDATED",
    " - {u}|{campaign_rank}|{campaign_grade}|{campaign_id}|1",
    " - {u}|{agent_user}|{campaign_rank}|{campaign_grade}|{campaign_id}|1",
)


def campaign_ids(t: Tables) -> ClauseElement:
    return select(t["campaigns"].c.campaign_id)


def ranks_of_user(t: Tables) -> ClauseElement:
    ranks = t["campaign_agents"]
    return select(*ranks.c).where(ranks.c.user == bindparam("user")).order_by(ranks.c.campaign_id)


async def rank(call: Call, target: Row) -> Said:
    """Rank and grade of the user in all campaigns, or in the one named; what is not given stays."""
    is_one = call.arg("camp_rg_only") == "1" and call.arg("campaign_id") != ""
    place, grade = call.arg("campaign_rank"), call.arg("campaign_grade")
    values = {"campaign_rank": place, "campaign_weight": place} if place else {}
    values |= {"campaign_grade": grade} if grade else {}
    await call.work.lock("campaign_agents")
    before = await _ranks(call, str(target["user"]))
    only = call.arg("campaign_id") if is_one else ""
    count = await _write_ranks(call, str(target["user"]), before, only, values)
    name = call.arg("agent_user")
    after = await _ranks(call, str(target["user"]))
    notes = f"user: {name}|rank: {place}|grade: {grade}|rows: {count}"
    await adminlog.record(call, RANKED, name, notes, before=_told(before), after=_told(after))
    return CAMPAIGN_RANK_UPDATED() if is_one else RANKS_UPDATED()


async def _ranks(call: Call, user: str) -> dict[str, Row]:
    """What the user has in campaigns already, by campaign in small letters."""
    rows = await call.work.all(ranks_of_user, user=user)
    return {str(row["campaign_id"]).casefold(): row for row in rows}


def _told(ranks: dict[str, Row]) -> dict[str, Any]:
    """Each campaign's values under a name of their own."""
    return {
        f"{name} in {row['campaign_id']}": row[name]
        for row in ranks.values()
        for name in ("campaign_rank", "campaign_weight", "campaign_grade")
    }


async def _write_ranks(
    call: Call, user: str, ranked: dict[str, Row], only: str, values: dict[str, str]
) -> int:
    count = 0
    for row in await call.work.all(campaign_ids):
        campaign = str(row["campaign_id"])
        if only and campaign.casefold() != only.casefold():
            continue
        if campaign.casefold() in ranked:
            where = {"user": user, "campaign_id": campaign}
            count += await call.work.update("campaign_agents", where, **values)
        else:
            await call.work.insert("campaign_agents", user=user, campaign_id=campaign, **values)
            count += 1
    return count
