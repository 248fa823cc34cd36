"""blind_monitor: a phone is called and placed in an agent's session."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer import originate
from trunkline.dialer.command import Answer, Call, Command, Param, error, success
from trunkline.dialer.database import Row
from trunkline.dialer.originate import Origination
from trunkline.dialer.render import value_text
from trunkline.dialer.tables import Tables

LONGEST_CODE = 20
USER_WIDTH, PART_WIDTH = 8, 3
_SESSION = re.compile(r"\d{1,9}\Z")
REPORT = {
    "ip_address": "1.1.1.1",
    "report_name": "API Blind Monitor",
    "browser": "API",
    "referer": "realtime_report.php",
    "url": "REALTIME BLIND MONITOR",
}
"""How the log of reports knows these calls; the address stands there for all of them."""


@dataclass(frozen=True)
class Mode:
    """A way to be in a session: what the dialed number begins with, and what the logs call it."""

    word: str
    prefix: str
    mark: str


LISTEN = Mode("LISTEN", "0", "BM")
BARGE = Mode("BARGE", "", "BB")
HIJACK = Mode("HIJACK", "", "BB")
WHISPER = Mode("WHISPER", "47378218", "BW")

SESSION_INVALID = error(
    "invalid_session",
    "INVALID SESSION ID",
    " - {session_id}",
    " - {session_id}|{server_ip}|{u}",
    log="{session_id}",
    status=404,
)
PHONE_INVALID = error(
    "invalid_phone_login",
    "INVALID PHONE LOGIN",
    " - {phone_login}",
    " - {phone_login}|{u}",
    log="{phone_login}",
    status=404,
)
LAUNCHED = success(
    "launched",
    "HAS BEEN LAUNCHED",
    " - {phone_login}|{server}*{dialplan_number}|{session_id}",
    " - {phone_login}|{server}*{prefix}{session_id}|{dialplan_number}|{session_id}|{man_id}|{u}",
    log="{phone_login}|{server}*|{session_id}|{man_id}",
)


def conference(t: Tables) -> ClauseElement:
    rooms = t["conferences"]
    return select(rooms.c.conf_exten).where(
        rooms.c.conf_exten == bindparam("session_id"), rooms.c.server_ip == bindparam("server_ip")
    )


def phone_with_login(t: Tables) -> ClauseElement:
    phones = t["phones"]
    return select(phones.c.login, phones.c.server_ip, phones.c.dialplan_number, phones.c.outbound_cid).where(
        phones.c.login == bindparam("login")
    )


def agent_in_session(t: Tables) -> ClauseElement:
    agents = t["live_agents"]
    return select(agents.c.user, agents.c.status, agents.c.lead_id, agents.c.campaign_id).where(
        agents.c.conf_exten == bindparam("session_id"), agents.c.server_ip == bindparam("server_ip")
    )


def monitor_entry(t: Tables) -> ClauseElement:
    entries = t["rt_monitor_log"]
    return select(entries.c.caller_code).where(entries.c.caller_code == bindparam("code"))


async def blind_monitor(call: Call) -> AsyncIterator[Answer]:
    if not await _session_exists(call):
        yield SESSION_INVALID()
        return
    phone = await call.work.one(phone_with_login, login=call.arg("phone_login"))
    if phone is None:
        yield PHONE_INVALID()
        return
    mode = mode_of(call)
    server = "*".join(part.zfill(PART_WIDTH) for part in call.arg("server_ip").split("."))
    dialed = f"{server}*{mode.prefix}{call.arg('session_id')}"
    code = f"{mode.mark}{call.epoch}{call.arg('user').zfill(USER_WIDTH)}"[:LONGEST_CODE]
    extension = value_text(phone["dialplan_number"])
    origination = Origination(
        code,
        value_text(phone["server_ip"]),
        f"Local/{dialed}@{originate.CONTEXT}",
        extension,
        value_text(phone["outbound_cid"]),
    )
    if not origination.is_clean:
        yield PHONE_INVALID()
        return
    number = await originate.queue(call, origination)
    await _log_monitoring(call, phone, mode, code)
    await _log_report(call, extension)
    yield LAUNCHED(server=server, prefix=mode.prefix, dialplan_number=extension, man_id=number)


def mode_of(call: Call) -> Mode:
    """The mode by a word in the stage. Other words are no dial string: they listen."""
    stage = call.arg("stage")
    if "MONITOR" in stage:
        return LISTEN
    found = next((mode for mode in (BARGE, HIJACK, WHISPER) if mode.word in stage), LISTEN)
    may_whisper = call.settings.get("agent_whisper_enabled") == "1"
    return LISTEN if found is WHISPER and not may_whisper else found


async def _session_exists(call: Call) -> bool:
    session_id = call.arg("session_id")
    if not _SESSION.match(session_id):
        return False
    found = await call.work.one(conference, session_id=int(session_id), server_ip=call.arg("server_ip"))
    return found is not None


async def _log_monitoring(call: Call, phone: Row, mode: Mode, code: str) -> None:
    """Who listens to whom; one entry a second of one user and kind, since the code is unique."""
    if await call.work.one(monitor_entry, code=code) is not None:
        return
    session_id, server_ip = call.arg("session_id"), call.arg("server_ip")
    agent = await call.work.one(agent_in_session, session_id=session_id, server_ip=server_ip) or {}
    await call.work.insert(
        "rt_monitor_log",
        manager_user=call.arg("user"),
        manager_server_ip=phone["server_ip"],
        manager_phone=call.arg("phone_login"),
        manager_ip=call.address,
        agent_user=agent.get("user"),
        agent_server_ip=server_ip,
        agent_status=agent.get("status"),
        agent_session=session_id,
        lead_id=agent.get("lead_id"),
        campaign_id=agent.get("campaign_id"),
        caller_code=code,
        monitor_start_time=call.time,
        monitor_type=mode.word,
    )


async def _log_report(call: Call, extension: str) -> None:
    names = (call.arg("user"), call.arg("server_ip"), extension)
    notes = ", ".join((*names, call.arg("session_id"), call.arg("phone_login")))
    await call.work.insert("report_log", event_date=call.time, user=call.arg("user"), notes=notes, **REPORT)


COMMANDS = (
    Command(
        "blind_monitor",
        "Calls a phone and places it in an agent's session.",
        blind_monitor,
        "USER DOES NOT HAVE PERMISSION TO BLIND MONITOR",
        level=7,
        flags=("vdc_agent_api_access",),
        params=(
            Param("phone_login", "The login of the phone to call.", required=True, least=1, most=15),
            Param("session_id", "The number of the agent's session, all digits.", required=True, most=7),
            Param("server_ip", "The address of the session's server.", required=True, most=15),
            Param(
                "stage",
                "What the phone may do in the session; MONITOR, to listen, where nothing is given.",
                choices=("MONITOR", "BARGE", "HIJACK", "WHISPER"),
            ),
        ),
        lines=(SESSION_INVALID, PHONE_INVALID, LAUNCHED),
        writes=True,
        asks_managers=True,
        tables=(
            "conferences",
            "dial_log",
            "live_agents",
            "manager",
            "phones",
            "report_log",
            "rt_monitor_log",
        ),
    ),
)
