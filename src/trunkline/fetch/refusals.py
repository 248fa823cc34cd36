"""What a provider's refusal means for the person who asked: one error and what to do about it."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import orjson

from trunkline.clock import Clock
from trunkline.errors import KeyRefused, NotAllowed, ProviderError, SettingsError, TrunklineError

LONGEST_TEXT = 200
SHORTEST_SECRET = 4
MASK = "•••"
XML_TEXTS = ("result_description", "message", "error", "result")


@dataclass(frozen=True)
class Subject:
    """Whose request it was, in the words of the person: for sentences, never for requests.

    `connect` is the command that signs in again, where the credential is a sign-in; `again` the whole of
    it where the account is not saved yet, and nothing of what was given is known.
    """

    provider: str
    credential: str
    account: str = ""
    asked_for: str = ""
    secrets: tuple[str, ...] = ()
    connect: str = ""
    again: str = ""

    @property
    def sign_in_again(self) -> str:
        return self.again or self.connect

    def check_credential(self) -> str:
        if self.account:
            return f"Check Account '{self.account}' > {self.credential}."
        return f"Check the {self.credential}."

    def mask(self, text: str) -> str:
        for secret in self.secrets:
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, MASK)
        return text


def refusal(subject: Subject, status: int, body: bytes) -> TrunklineError:
    """The error for an answer that will be the same however often it is asked for."""
    said = provider_text(subject, body)
    quoted = f' and says "{said}"' if said else ""
    asked_for, credential = subject.asked_for, subject.credential
    if status == 401 and subject.connect:
        return sign_in_refused(subject, f" (401){quoted}")
    if status == 401:
        return KeyRefused(
            f"{subject.provider} refused the {subject.credential} (401){quoted}.",
            todo=subject.check_credential(),
        )
    if status == 403:
        return NotAllowed(
            f"{subject.provider} does not let this {credential} read {asked_for} (403){quoted}.",
            todo=_with_more_rights(subject),
        )
    if status == 404:
        return SettingsError(
            f"{subject.provider} does not know what was asked for (404){quoted}. Asked for: {asked_for}.",
            todo="Check the ids chosen; `trunkline account menu` lists the ones this account can see.",
        )
    if status in (400, 405, 406, 409, 410, 422):
        return ProviderError(
            f"{subject.provider} refused the request for {subject.asked_for} ({status}){quoted}.",
            todo="Check the chosen options against what it says.",
            status=status,
        )
    return ProviderError(
        f"{subject.provider} answered {status} to the request for {subject.asked_for}{quoted}.",
        todo="Check the base URL of the account.",
        status=status,
    )


def sign_in_refused(subject: Subject, details: str = "") -> KeyRefused:
    """The error for a sign-in that has come to its end: only a person can sign in again."""
    return KeyRefused(
        f"{subject.provider} no longer accepts the sign-in of account '{subject.account}'{details}.",
        todo=f"Connect it again: `{subject.connect}`",
    )


def _with_more_rights(subject: Subject) -> str:
    if subject.connect:
        return f"Sign in as somebody who may see it, such as an administrator: `{subject.connect}`"
    return f"Use the {subject.credential} of a user who may see it, or choose another account."


def provider_text(subject: Subject, body: bytes) -> str:
    """The provider's own words, when the body holds them in one of the usual places."""
    if body.lstrip()[:1] == b"<":
        return _plain(subject, _text_of_xml(body))
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(answer, dict):
        return ""
    text = answer.get("error") or answer.get("message") or answer.get("errors") or ""
    if isinstance(text, dict):
        text = text.get("message") or ""
    if isinstance(text, list):
        text = "; ".join(str(part) for part in text)
    return _plain(subject, str(text))


def _text_of_xml(body: bytes) -> str:
    # XML is rare here, and its reader takes time to import.
    from trunkline.fetch.xml_records import texts

    told = texts(body) or {}
    return next((told[name] for name in XML_TEXTS if told.get(name)), "")


def _plain(subject: Subject, text: str) -> str:
    plain = " ".join(subject.mask(text).split()).rstrip(".").replace('"', "'")
    return plain[:LONGEST_TEXT]


def retry_after_seconds(value: str | None, clock: Clock) -> float | None:
    """Seconds to wait by a Retry-After header in either form (RFC 9110), or None without a usable one."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        due = parsedate_to_datetime(text)
    except ValueError:
        return None
    if due.tzinfo is None:
        return None
    return max(0.0, (due - clock.now()).total_seconds())
