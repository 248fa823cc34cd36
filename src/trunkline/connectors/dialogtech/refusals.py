"""What DialogTech says in place of a report, sorted by what a person can do about it.

Its envelope holds a `result` and a `result_description`, in CSV mode too and with status 200. Of the texts
only INVALID ACCOUNT is known; the others are recognised by the words that such texts have.
"""

import re
from collections.abc import Mapping

from trunkline.errors import DataError, KeyRefused, NotAllowed, ProviderError, RetryLater, TrunklineError
from trunkline.fetch.answer_files import Received
from trunkline.fetch.refusals import LONGEST_TEXT

RESULT, DESCRIPTION = "result", "result_description"
GOOD = ("success", "ok", "succeeded")

_NO_ROWS = re.compile(
    r"no (matching )?(click-?to )?(records?|results?|data|activity|clicks?|calls?|rows?)"
    r"( (was|were|have been))?( found| returned| available)?( (for|in|between|within|matching) .*)?[.!]?",
    re.I,
)
_LIMIT = re.compile(r"\b(too many (requests|calls|queries)|(limit|rate) (is |was )?(exceeded|reached))", re.I)
_LOGIN = re.compile(
    r"\b(access[ _-]?key|secret|api[ _-]?key|log ?ins?|credential|password|authenti|unauthori)", re.I
)
_ACCOUNT = re.compile(r"\baccount\b", re.I)
_RIGHTS = re.compile(r"\b(permi(t|ss)|not allowed|not enabled|privilege|denied|forbidden)", re.I)
_BUSY = re.compile(r"\b(try again|temporar|busy|timed? ?out|unavailable|maintenance)", re.I)


def says_no_rows(told: Mapping[str, str]) -> str:
    """The words by which a message means that there is nothing in these days; else an empty text."""
    said = told.get(DESCRIPTION) or told.get(RESULT) or ""
    return said.strip() if _NO_ROWS.fullmatch(said.strip()) else ""


def refusal(received: Received, told: Mapping[str, str]) -> TrunklineError:
    """The error for a message that came in place of a report."""
    subject, about = received.subject, received.about
    words = [told.get(name, "").strip() for name in (RESULT, DESCRIPTION)]
    text = ": ".join(dict.fromkeys(word for word in words if word and word.lower() != "failed"))
    said = " ".join(subject.mask(text).split()).rstrip(".").replace('"', "'")[:LONGEST_TEXT]
    quoted = f' and says "{said}"' if said else ""
    provider, credential = subject.provider, subject.credential
    if words[0].lower() in GOOD:
        return DataError(
            f"{provider} answered with a message where a report belongs ({about}){quoted}.",
            todo="Nothing was changed. Run again later; if it stays, the API has changed.",
            where=about,
            sample=said,
        )
    is_limit = _LIMIT.search(text)
    # A login that failed is never tried again, whatever else is said of it: accounts get locked by that.
    if is_limit or (_BUSY.search(text) and not _LOGIN.search(text)):
        return RetryLater(f"{provider} cannot answer {about} just now{quoted}.")
    if _LOGIN.search(text) or (_ACCOUNT.search(text) and not _RIGHTS.search(text)):
        return KeyRefused(f"{provider} refused the {credential}{quoted}.", todo=subject.check_credential())
    if _RIGHTS.search(text):
        return NotAllowed(
            f"{provider} does not let the holder of the {credential} read {about}{quoted}.",
            todo=f"Use the {credential} of an account that may read its click-to report.",
        )
    return ProviderError(
        f"{provider} refused the request for {about}{quoted}.",
        todo="Check the chosen options against what it says.",
    )
