"""The log of finished calls: a row for each thing said, and one for the request; no password in either."""

from urllib.parse import quote_plus

from trunkline.dialer.command import Call, Logged

SCRIPT = "non-agent"
SECRETS = frozenset(("pass", "agent_pass", "phone_pass", "registration_password"))
MASK = "***"
LONGEST_REASON = 255


def note(call: Call, logged: Logged) -> None:
    """Remember what was said; it is written with the rest of the request's work."""
    call.notes.append(logged)


async def keep(call: Call, url: str, seconds: float) -> None:
    """Write the log rows of a call."""
    api_id = 0
    for logged in call.notes:
        api_id = await call.work.insert(
            "api_log",
            user=call.arg("user"),
            api_date=call.time,
            api_script=SCRIPT,
            function=logged.function or call.function,
            agent_user=call.arg("agent_user"),
            value=call.arg("value"),
            result=logged.result,
            result_reason=logged.reason[:LONGEST_REASON],
            source=call.arg("source"),
            data=masked_data(call, logged.data),
            run_time=f"{seconds:.6f}",
            webserver=0,
            api_url=0,
        )
    if api_id:
        await call.work.insert(
            "api_urls",
            api_id=api_id,
            api_date=call.time,
            remote_ip=call.address,
            url=url or masked_query(call),
        )


def masked_data(call: Call, data: str) -> str:
    """The data with the passwords of this request masked, part by part."""
    hidden = {call.arg(name) for name in SECRETS if call.arg(name)}
    return "|".join(MASK if part in hidden else part for part in data.split("|"))


def masked_query(call: Call) -> str:
    return "&".join(
        f"{name}={MASK if name in SECRETS else quote_plus(value)}"
        for name, value in call.params.items()
        if value
    )
