"""Lengths of time as people write them for schedules and retries: `15m`, `2h`."""

import re

from trunkline.errors import Problem, SettingsError

LONGEST_SECONDS = 24 * 3600
_FORM = re.compile(r"0*(\d{1,4})([mh])\Z", re.ASCII)
_SECONDS = {"m": 60, "h": 3600}


def seconds_of(text: str, field: str, label: str) -> int:
    """The seconds that `15m` or `2h` means, whole minutes from 1m to 24h.

    `label` names the field in the sentence. Raises SettingsError.
    """
    found = _FORM.match(text.strip().lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= LONGEST_SECONDS:
        form = "write a number of minutes or hours from 1m to 24h, such as 15m or 2h."
        raise SettingsError(problems=[Problem(field, f"{label} is {text!r}: {form}")])
    return seconds


def duration_words(seconds: int) -> str:
    """Whole minutes as they are written: 900 is `15m`, 7200 is `2h`."""
    return f"{seconds // 3600}h" if seconds % 3600 == 0 else f"{seconds // 60}m"
