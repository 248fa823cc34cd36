"""What a dialer says in place of a table, sorted by what a person can do about it.

It comes with status 200, as lines that begin with ERROR or NOTICE. The words are those of the published
page and of the server it was written for; what follows them (the user, the parameters, with some servers
the password) is never shown.
"""

import re

from trunkline.connectors.dialer360.shapes import Shape
from trunkline.errors import (
    KeyRefused,
    NotAllowed,
    Problem,
    ProviderError,
    RetryLater,
    SettingsError,
    TrunklineError,
)
from trunkline.fetch.answer_files import Received
from trunkline.fetch.refusals import LONGEST_TEXT

LOCKED_SECONDS = 900.0
"""So long a dialer locks a user after ten wrong passwords."""

_MESSAGE = re.compile(r"(?:ERROR|NOTICE): (.*)")
_NOTHING = re.compile(r"\bNO (RECORDS|RECORDINGS) FOUND|\bNO LOGGED IN AGENTS|\bCALL (LOG )?NOT FOUND")
_LOCKED = re.compile(r"too many login attempts", re.I)
_LOGIN = re.compile(r"login incorrect", re.I)
_ADDRESS = re.compile(r"your ip address is not allowed", re.I)
_RIGHTS = re.compile(r"\bDOES NOT HAVE PERMISSION|\bNOT ALLOWED", re.I)
_SOURCE = re.compile(r"invalid source", re.I)
_PARAMETERS = re.compile(r"INVALID SEARCH PARAMETERS|NO VALID PHONE NUMBERS")
_UNKNOWN = re.compile(r"NO FUNCTION SPECIFIED|FUNCTION IS SWITCHED OFF|NOT AVAILABLE")
_BUSY = re.compile(r"too many requests|try again later|does not answer", re.I)


def message_in(line: str) -> str:
    """The sentence of a line that is a message, without what follows it; else an empty text."""
    found = _MESSAGE.match(line)
    if found is None:
        return ""
    sentence, bar, _ = found[1].partition("|")
    for mark in (": ", " - "):
        if bar and mark in sentence:
            sentence = sentence.rpartition(mark)[0]
    return sentence.strip(" :-")[:LONGEST_TEXT]


def says_no_rows(sentence: str) -> bool:
    return _NOTHING.search(sentence) is not None


def refusal(received: Received, shape: Shape, sentence: str) -> TrunklineError:
    """The error for a sentence that came in place of a table."""
    subject, about = received.subject, received.about
    said = " ".join(subject.mask(sentence).split()).rstrip(".").replace('"', "'")
    quoted = f' and says "{said}"'
    provider, credential = subject.provider, subject.credential
    # Whoever tries again with a wrong password keeps the user locked.
    if _LOCKED.search(sentence):
        return RetryLater(
            f"{provider} has locked this user or this address after too many wrong logins{quoted}.",
            todo=f"Wait 15 minutes. {subject.check_credential()}",
            after_seconds=LOCKED_SECONDS,
        )
    if _LOGIN.search(sentence):
        return KeyRefused(
            f"{provider} refused the user or the {credential}{quoted}.",
            todo=f"{subject.check_credential()} The user must be active and of level 7 or more.",
        )
    if _ADDRESS.search(sentence):
        return NotAllowed(
            f"{provider} does not answer this machine{quoted}.",
            todo="Let the address lists of the dialer name it, or let the user ignore them.",
        )
    if _RIGHTS.search(sentence):
        return NotAllowed(
            f"{provider} does not let this user read {about}{quoted}.",
            todo="In the dialer the user needs Agent API Access and View Reports, and "
            f"{shape.function} among its allowed functions.",
        )
    if _BUSY.search(sentence):
        return RetryLater(f"{provider} cannot answer {about} just now{quoted}.")
    if _SOURCE.search(sentence):
        return _wrong("source", f"{provider} refused the Source (--source){quoted}.")
    if _PARAMETERS.search(sentence):
        flag = "--" + shape.asked_by.replace("_", "-")
        return _wrong(shape.asked_by, f"{provider} refused what {flag} asks ({about}){quoted}.")
    if _UNKNOWN.search(sentence):
        return ProviderError(
            f"{provider} does not know {shape.function}{quoted}.",
            todo="This report needs another version of the dialer.",
        )
    return ProviderError(
        f"{provider} refused the request for {about}{quoted}.",
        todo="Check the chosen options against what it says.",
    )


def _wrong(field: str, text: str) -> SettingsError:
    return SettingsError(problems=[Problem(field, text)], todo="Check the chosen options.")
