"""server_refresh: telephony servers take up their set-up anew."""

from collections.abc import AsyncIterator

from sqlalchemy import ClauseElement, select

from trunkline.dialer import adminlog, audit, originate
from trunkline.dialer.command import Answer, Call, Command, Param, error, success
from trunkline.dialer.tables import Tables

WORD = "REFRESH"
REFRESHED = adminlog.Event("SERVERS", "OTHER", "ADMIN API SERVERS REFRESH")

FIELDS_MISSING = error(
    "required_fields_missing",
    "YOU MUST USE ALL REQUIRED FIELDS",
    " - {u}|",
    ": |{u}|||",
    log="||",
    status=400,
)
TRIGGERED = success("refresh_triggered", "SERVER REFRESH HAS BEEN TRIGGERED", " - {u}|{servers}")


def all_servers(t: Tables) -> ClauseElement:
    servers = t["servers"].c
    return select(servers.server_ip, servers.rebuild_conf_files).order_by(servers.server_ip)


async def server_refresh(call: Call) -> AsyncIterator[Answer]:
    if WORD not in call.arg("stage"):
        yield FIELDS_MISSING()
        return
    now = {"reload_timestamp": call.time}
    await call.work.update("system_settings", {}, **now)
    audit.changed(call, "system_settings", "reload_timestamp", before=call.settings, after=now)
    there = await call.work.all(all_servers)
    servers = await call.work.update("servers", {}, rebuild_conf_files="Y")
    for server in there:
        originate.reload(call, server["server_ip"])
    before = {str(server["server_ip"]): str(server["rebuild_conf_files"] or "") for server in there}
    notes, after = f"servers: {servers}", dict.fromkeys(before, "Y")
    await adminlog.record(call, REFRESHED, "refresh", notes, before=before, after=after)
    yield TRIGGERED(servers=servers)


COMMANDS = (
    Command(
        "server_refresh",
        "Makes all telephony servers write their configuration files anew.",
        server_refresh,
        "USER DOES NOT HAVE PERMISSION TO REFRESH SERVERS",
        flags=("vdc_agent_api_access", "ast_admin_access"),
        denied_original=": |{u}|0",
        params=(Param("stage", "REFRESH, in capitals, confirms it.", required=True, choices=(WORD,)),),
        lines=(FIELDS_MISSING, TRIGGERED),
        writes=True,
        asks_managers=True,
        tables=("admin_log",),
    ),
)
