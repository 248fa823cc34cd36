"""Notices by e-mail, through an SMTP server of one's own."""

import html
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr

import aiosmtplib

from trunkline.center.alerts.notices import Notice
from trunkline.center.alerts.senders import (
    LATER,
    SECONDS_FOR_A_TRY,
    Sender,
    no_connection,
    one_line,
    trusting_the_machine,
)
from trunkline.clock import Clock
from trunkline.errors import Problem, ProviderError, RetryLater, SettingsError
from trunkline.fetch.address import is_loopback
from trunkline.options import Kind, Option, Values, choices

STARTTLS, TLS, NONE = "starttls", "tls", "none"
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\Z")
_HOST = re.compile(r"[A-Za-z0-9.:_-]+\Z", re.ASCII)

OPTIONS = (
    Option("host", "SMTP server", required=True, help="Its name or address, such as smtp.example.com."),
    Option("port", "Port", kind=Kind.INT, minimum=1, help="Default: 587; 465 with tls, 25 with none."),
    Option(
        "security",
        "Security",
        kind=Kind.CHOICE,
        choices=choices(starttls="STARTTLS", tls="TLS from the start", none="None"),
        default=STARTTLS,
        help="How the way to the server is encrypted; none only for a server on this machine.",
    ),
    Option("user", "User", help="Where the server asks for one."),
    Option("password", "Password", kind=Kind.SECRET, help="The user's."),
    Option("from", "From", required=True, help="The sender, such as trunkline@example.com."),
    Option("to", "To", kind=Kind.FIELDS, required=True, help="The addresses that get it, comma-separated."),
)
_LABELS = {option.name: f"{option.label} ({option.flag})" for option in OPTIONS}


def check(values: Values) -> Values:
    """Raises SettingsError for addresses that are none, and for a way that others could read."""
    problems = []
    host, port, security = str(values["host"]), values.get("port"), values["security"]
    if not _HOST.match(host):
        problems.append(_problem("host", f"{host!r} is no name of a server; write it like smtp.example.com."))
    if isinstance(port, int) and port > 65_535:
        problems.append(_problem("port", f"{port} is no port; the highest is 65535."))
    if security == NONE and not is_loopback(host):
        problems.append(_problem("security", f"none is for a server on this machine, and {host} is another."))
    if ("user" in values) != ("password" in values):
        problems.append(_problem("password", "a user and a password go together; give both or neither."))
    for name, address in (("from", values["from"]), *(("to", one) for one in recipients(values))):
        if not _is_address(str(address)):
            problems.append(_problem(name, f"{address!r} is no e-mail address; write name@example.com."))
    if problems:
        raise SettingsError(problems=problems)
    return values


def _is_address(text: str) -> bool:
    found = [address for _, address in getaddresses([text])]
    return text.isprintable() and len(found) == 1 and bool(_ADDRESS.match(found[0]))


def _problem(name: str, what: str) -> Problem:
    return Problem(name, f"{_LABELS[name]}: {what}")


def recipients(values: Values) -> list[str]:
    to = values["to"]
    return list(map(str, to)) if isinstance(to, list | tuple) else [str(to)]


def message(values: Values, notice: Notice) -> EmailMessage:
    """Plain words, and the same as a little HTML that loads nothing from anywhere."""
    sender = str(values["from"])
    mail = EmailMessage()
    mail["Subject"] = f"[Trunkline] {notice.title}"
    mail["From"] = sender
    mail["To"] = ", ".join(recipients(values))
    mail["Date"] = format_datetime(notice.created_at)
    mail["Message-ID"] = f"<{notice.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(one_line_each(notice.lines)) + "\n")
    heading = f"<h3>{html.escape(notice.title)}</h3>"
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in notice.lines)
    mail.add_alternative(f"<html><body>{heading}{paragraphs}</body></html>", "html")
    return mail


def one_line_each(lines: Sequence[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


async def send(values: Values, notice: Notice, _clock: Clock) -> str:
    """Hand the message to the server. One that some recipients get has been sent: the answer names others."""
    return await hand_over(values, message(values, notice))


async def hand_over(values: Values, mail: EmailMessage) -> str:
    """Give any mail to the server that the values name; what it answered."""
    security = str(values["security"])
    host, port = str(values["host"]), int(str(values.get("port") or PORTS[security]))
    try:
        refused, said = await aiosmtplib.send(
            mail,
            hostname=host,
            port=port,
            username=str(values["user"]) if "user" in values else None,
            password=str(values["password"]) if "password" in values else None,
            timeout=SECONDS_FOR_A_TRY,
            use_tls=security == TLS,
            start_tls=security == STARTTLS,
            tls_context=None if security == NONE else trusting_the_machine(),
        )
    except aiosmtplib.SMTPException as error:
        raise _told(f"{host}:{port}", error) from None
    except (OSError, ValueError) as error:
        raise RetryLater(f"{host}:{port} cannot be reached: {no_connection(error)}.", todo=LATER) from None
    others = f" Refused for {', '.join(refused)}." if refused else ""
    return one_line(said) + others


def _told(place: str, error: aiosmtplib.SMTPException) -> RetryLater | SettingsError | ProviderError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        names = ", ".join(one.recipient for one in error.recipients)
        return SettingsError(f"{place} takes no mail for {names}.", todo="Check the addresses (--to).")
    said = one_line(error.message)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return SettingsError(
            f"{place} does not accept the user and password: {said}",
            todo="Give the right ones: --user and --password.",
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        answer = f"{place} answered {error.code}: {said}"
        return ProviderError(answer) if error.code >= 500 else RetryLater(answer, todo=LATER)
    if isinstance(error, OSError):  # the library's own kinds of it: no connection, a broken one, no end
        return RetryLater(f"{place} cannot be reached: {no_connection(error)}.", todo=LATER)
    return SettingsError(f"{place}: {said}", todo="Check --security, and whether a user is needed.")


def target(values: Values) -> str:
    return ", ".join(recipients(values))


SENDER = Sender("email", "E-mail", OPTIONS, check, target, send)
