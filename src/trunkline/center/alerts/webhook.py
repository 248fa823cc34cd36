"""Notices posted as JSON, signed, to a program of somebody's own."""

import hashlib
import hmac
import secrets

from trunkline.center.alerts import posting
from trunkline.center.alerts.notices import Notice
from trunkline.center.alerts.senders import Sender
from trunkline.clock import Clock
from trunkline.options import Kind, Option, Values

SIGNATURE, TIMESTAMP = "X-Trunkline-Signature", "X-Trunkline-Timestamp"
SECRET = Option(
    "secret",
    "Signing secret",
    kind=Kind.SECRET,
    help="What the signature is made with. Without one it is made and shown once.",
)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def new_secret() -> str:
    return secrets.token_urlsafe(32)


async def send(values: Values, notice: Notice, clock: Clock) -> str:
    """Post the notice; the time is signed too, so that nobody can send an old one again later."""
    body, timestamp = notice.body(), str(int(clock.now().timestamp()))
    headers = {TIMESTAMP: timestamp, SIGNATURE: signature(str(values["secret"]), timestamp, body)}
    return await posting.post(values, body, headers)


def check(values: Values) -> Values:
    return {"secret": new_secret(), **posting.checked(values)}


SENDER = Sender(
    "webhook", "Webhook", (posting.ADDRESS, SECRET, posting.PLAIN_HTTP), check, posting.host_of, send
)
