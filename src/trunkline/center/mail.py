"""Mails to one person: an invitation, a link for a lost password. Alerts have channels of their own."""

from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from trunkline.center.alerts import email
from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.options import Values
from trunkline.settings import Settings


class Mail:
    """The mail server that the settings name, if they name one."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    @property
    def is_there(self) -> bool:
        """Mails hold addresses of the pages, and only `public_url` tells them for certain."""
        return all(self._settings.text(name) for name in ("mail_server", "mail_from", "public_url"))

    async def send(self, to: str, subject: str, paragraphs: list[str]) -> None:
        """Raises SettingsError, ProviderError or RetryLater for a mail that was not taken."""
        if not self.is_there:
            raise SettingsError(
                "No mail can be sent.", todo="Set mail_server, mail_from and public_url: `trunkline config`"
            )
        values = self._values(to)
        email.check(values)
        await email.hand_over(values, self._message(to, subject, paragraphs))

    def _values(self, to: str) -> Values:
        text = self._settings.text
        optional = {"user": text("mail_user"), "password": text("mail_password")}
        port = self._settings.number("mail_port")
        return {
            "host": text("mail_server"),
            "security": text("mail_security"),
            "from": text("mail_from"),
            "to": (to,),
            **({"port": port} if port else {}),
            **{name: value for name, value in optional.items() if value},
        }

    def _message(self, to: str, subject: str, paragraphs: list[str]) -> EmailMessage:
        sender, mail = self._settings.text("mail_from"), EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = subject, sender, to
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n".join(paragraphs) + "\n")
        return mail
