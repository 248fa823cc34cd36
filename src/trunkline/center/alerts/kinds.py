"""The kinds of incidents, each declared once: commands, messages and the guide follow from it."""

from dataclasses import dataclass

DATASET, ACCOUNT = "dataset", "account"


@dataclass(frozen=True)
class IncidentKind:
    """A kind of incident: what it is about, the heading of its notices, and when it begins and is over."""

    name: str
    subject_kind: str
    heading: str
    begins: str
    over: str


LATE = IncidentKind(
    "late",
    DATASET,
    "is late",
    "A scheduled dataset has had no success since it was due, and the time of grace has passed.",
    "It has one, or is no longer scheduled.",
)
FAILED = IncidentKind(
    "failed",
    DATASET,
    "has failed",
    "A run has failed, and will not be tried again by itself. Cancelled runs do not count.",
    "A run has succeeded.",
)
NO_ROWS = IncidentKind(
    "no_rows",
    DATASET,
    "has brought no rows",
    "A run has read no row, though each of the last five successful ones had some.",
    "A run has read rows again.",
)
SCHEMA_CHANGED = IncidentKind(
    "schema_changed",
    DATASET,
    "has other columns",
    "Columns have come, gone or changed their type since the success before; so have new fields.",
    "The next run found nothing more changed.",
)
EXPORT_FAILED = IncidentKind(
    "export_failed",
    DATASET,
    "was not exported",
    "An export that is made after each run could not be written.",
    "All exports of the dataset are written again, or those that failed were stopped.",
)
ACCOUNT_INVALID = IncidentKind(
    "account_invalid",
    ACCOUNT,
    "is no longer accepted",
    "The provider refuses the key or the sign-in.",
    "It is accepted again.",
)
SIGN_IN_ENDING = IncidentKind(
    "sign_in_ending",
    ACCOUNT,
    "must soon sign in again",
    "A sign-in ends within a week (or within half of its life, if that is less), where the provider says so.",
    "Somebody has signed in anew, or it was renewed.",
)

KINDS = {
    k.name: k for k in (LATE, FAILED, NO_ROWS, SCHEMA_CHANGED, EXPORT_FAILED, ACCOUNT_INVALID, SIGN_IN_ENDING)
}
