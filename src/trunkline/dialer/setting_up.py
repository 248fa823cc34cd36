"""First steps on our own tables: what a first call needs, and whole floors from a file.

Neither is done on the database of a running dialer, which has set itself up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.clock import process_clock
from trunkline.dialer.call_times import call_time_named
from trunkline.dialer.database import Work
from trunkline.dialer.loading import load_state
from trunkline.dialer.login import group_named, user_named
from trunkline.dialer.numbering.loading import WORDS, Loaded, fill_empty, renew
from trunkline.dialer.opening import Dialer, DialerPlace, dialer_place, open_dialer
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.runner import system_settings
from trunkline.dialer.tables import Tables
from trunkline.errors import Problem, SettingsError
from trunkline.settings import Settings
from trunkline.store.connection import open_store

ADMINISTRATORS, SERVER, ADDRESS = "ADMIN", "main", "127.0.0.1"
TOP_LEVEL = 9
LEAST_LIST, MOST_LIST = 100, 999_999_999_999
"""3 to 12 digits, as the API takes them for a new list."""
USUAL_CALL_TIMES = (
    ("24hours", "24 hours, every day", 0, 2400),
    ("9am-9pm", "9am to 9pm, every day", 900, 2100),
    ("9am-5pm", "9am to 5pm, every day", 900, 1700),
    ("12pm-5pm", "12pm to 5pm, every day", 1200, 1700),
    ("12pm-9pm", "12pm to 9pm, every day", 1200, 2100),
    ("5pm-9pm", "5pm to 9pm, every day", 1700, 2100),
)
"""Id, name, and from which hour to which a number may be called. A new campaign's is 9am-9pm."""
_NAME = re.compile(r"[-_0-9A-Za-z]{2,20}")
_CAMPAIGN = re.compile(r"[-_0-9A-Za-z]{2,8}")
_RIGHTS = (
    *("vdc_agent_api_access", "view_reports", "modify_leads", "modify_users", "delete_users"),
    *("ast_admin_access", "ast_delete_phones", "modify_lists", "delete_lists", "modify_campaigns"),
    "modify_same_user_level",
)


@dataclass(frozen=True)
class First:
    """The first API user, campaign and list."""

    user: str
    password: str
    campaign: str
    list_id: int

    def check(self) -> None:
        """Raises SettingsError for what no request could carry: other characters are removed from it."""
        given = (("user", self.user, _NAME), ("password", self.password, _NAME))
        wrong = [
            Problem(name, f"The {name} must have 2 to 20 of the characters A-Z, a-z, 0-9, - and _.")
            for name, value, form in given
            if not form.fullmatch(value)
        ]
        if not _CAMPAIGN.fullmatch(self.campaign):
            said = "The campaign must have 2 to 8 of the characters A-Z, a-z, 0-9, - and _."
            wrong.append(Problem("campaign", said))
        if not LEAST_LIST <= self.list_id <= MOST_LIST:
            wrong.append(Problem("list_id", f"The list must have 3 to 12 digits; {self.list_id} came."))
        if wrong:
            raise SettingsError(problems=wrong)


def any_server(t: Tables) -> ClauseElement:
    return select(t["servers"].c.server_id).limit(1)


def campaign_named(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"].c
    return select(campaigns.campaign_id).where(campaigns.campaign_id == bindparam("campaign_id"))


def list_numbered(t: Tables) -> ClauseElement:
    return select(t["lists"].c.list_id).where(t["lists"].c.list_id == bindparam("list_id"))


def _own_place(settings: Settings) -> DialerPlace:
    where = dialer_place(settings)
    if not where.is_own:
        raise SettingsError(
            "dialer_url or dialer_prefix name a running dialer; its tables are not set up from here.",
            todo="Take both settings away to work on Trunkline's own tables.",
        )
    return where


async def _own_dialer(settings: Settings) -> Dialer:
    _own_place(settings)
    return await open_dialer(settings)


def renew_numbering(settings: Settings) -> list[Loaded]:
    """Load the shipped area codes and postal codes into our own tables, in place of earlier ones."""
    where = _own_place(settings)
    open_store(settings).close()
    return renew(where)


async def load_into(settings: Settings, state: Mapping[str, Any], source: str = "The state") -> int:
    """Replace the rows of our own tables with those of a state; how many were loaded. The audit tells it."""
    dialer = await _own_dialer(settings)
    at = process_clock().now().astimezone(ZoneInfo(settings.text("timezone")))
    try:
        return await load_state(dialer.database, state, source, at)
    finally:
        await dialer.database.close()


async def set_up(settings: Settings, first: First) -> list[str]:
    """Make what is missing for a first call; what was made, in words. A user of that name is refused."""
    first.check()
    dialer = await _own_dialer(settings)
    try:
        loaded = fill_empty(dialer.where)
        async with dialer.database.work() as work:
            made = await make_frame(work)
            made += await _call_times(work)
            made += await _user(work, first)
            made += await _campaign(work, first)
        return made + [f"{WORDS[found.table]} ({found.rows:,})" for found in loaded]
    finally:
        await dialer.database.close()


async def make_frame(work: Work) -> list[str]:
    """The row of settings, a server, and the group of administrators, where they are missing."""
    made = []
    if await work.one(system_settings) is None:
        await work.insert("system_settings", version="2.14b0.5", custom_fields_enabled="1")
        made.append("settings")
    if await work.one(any_server) is None:
        await work.insert("servers", server_id=SERVER, server_ip=ADDRESS, active="Y")
        made.append(f"server {SERVER}")
    if await work.one(group_named, user_group=ADMINISTRATORS) is None:
        await work.insert(
            "user_groups",
            user_group=ADMINISTRATORS,
            group_name="Administrators",
            allowed_campaigns=" -ALL-CAMPAIGNS- - -",
            admin_viewable_groups=" ---ALL--- ",
        )
        made.append(f"user group {ADMINISTRATORS}")
    return made


async def _call_times(work: Work) -> list[str]:
    """Without them no number could be called at any time."""
    lacking = [
        one for one in USUAL_CALL_TIMES if await work.one(call_time_named, call_time_id=one[0]) is None
    ]
    for name, words, start, stop in lacking:
        row = {"call_time_id": name, "call_time_name": words}
        await work.insert("call_times", **row, ct_default_start=start, ct_default_stop=stop)
    return [f"call times ({', '.join(name for name, *_ in lacking)})"] if lacking else []


async def _user(work: Work, first: First) -> list[str]:
    if await work.one(user_named, user=first.user) is not None:
        raise SettingsError(f"There is a user {first.user} already.", todo="Choose another name with --user.")
    kept = Passwords(is_own=True).kept(await work.one(system_settings) or {}, first.password)
    await work.insert(
        "users",
        user=first.user,
        full_name="API user",
        user_level=TOP_LEVEL,
        user_group=ADMINISTRATORS,
        active="Y",
        api_allowed_functions=" ALL_FUNCTIONS ",
        **kept,
        **dict.fromkeys(_RIGHTS, "1"),
    )
    return [f"user {first.user}"]


async def _campaign(work: Work, first: First) -> list[str]:
    made = []
    if await work.one(campaign_named, campaign_id=first.campaign) is None:
        await work.insert("campaigns", campaign_id=first.campaign, campaign_name=first.campaign, active="Y")
        made.append(f"campaign {first.campaign}")
    if await work.one(list_numbered, list_id=first.list_id) is None:
        name = f"List {first.list_id}"
        await work.insert(
            "lists", list_id=first.list_id, list_name=name, campaign_id=first.campaign, active="Y"
        )
        made.append(f"list {first.list_id}")
    return made
