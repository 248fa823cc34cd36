"""Notices in a channel of Slack, or of what takes the same messages."""

from dataclasses import replace

import orjson

from trunkline.center.alerts import posting
from trunkline.center.alerts.notices import Notice
from trunkline.center.alerts.senders import Sender
from trunkline.clock import Clock
from trunkline.options import Values

ADDRESS = replace(
    posting.ADDRESS,
    label="Incoming webhook",
    help="The address that Slack gives an app: Features > Incoming Webhooks > Add New Webhook.",
)


def message(notice: Notice) -> bytes:
    first, *rest = (_escaped(line) for line in (notice.title, *notice.lines))
    return orjson.dumps({"text": "\n".join((f"*{first}*", *rest))})


def _escaped(text: str) -> str:
    """As Slack asks: whatever a provider said must be no link and name nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def send(values: Values, notice: Notice, _clock: Clock) -> str:
    return await posting.post(values, message(notice), {})


SENDER = Sender("slack", "Slack", (ADDRESS, posting.PLAIN_HTTP), posting.checked, posting.host_of, send)
