"""server_refresh: telephony servers take up their set-up anew."""

from collections.abc import AsyncIterator

from trunkline.dialer import adminlog
from trunkline.dialer.command import Answer, Call, Command, Param, error, success

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


async def server_refresh(call: Call) -> AsyncIterator[Answer]:
    if WORD not in call.arg("stage"):
        yield FIELDS_MISSING()
        return
    await call.work.update("system_settings", {}, reload_timestamp=call.time)
    servers = await call.work.update("servers", {}, rebuild_conf_files="Y")
    await adminlog.record(call, REFRESHED, "refresh", f"servers: {servers}")
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
        tables=("admin_log",),
    ),
)
