"""Writes the shipped tables of numbering, or with --check tells whether they are as written.

Rules of summer time are those of the year from a day on: today, or the day that the tables say for --check.
"""

import argparse
import sys
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version

from scripts.numbering import area_codes, postal_codes
from trunkline.dialer.numbering.shipped import PHONE_CODES, POSTAL_CODES, SINCE, file_of, since_of


def texts(since: date) -> dict[str, str]:
    """The text of each table."""
    return {
        PHONE_CODES: _text(area_codes.COLUMNS, area_codes.rows(since), since),
        POSTAL_CODES: _text(postal_codes.COLUMNS, postal_codes.rows(since), since),
    }


def _text(columns: tuple[str, ...], rows: Iterable[dict[str, str]], since: date) -> str:
    sources = f"phonenumbers {version('phonenumbers')} and tzdata {version('tzdata')}"
    head = [f"# Written by `make numbering` from {sources}; do not edit.", f"{SINCE}{since}"]
    return "\n".join([*head, "\t".join(columns), *("\t".join(row.values()) for row in rows)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.numbering", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the tables differ")
    is_check = parser.parse_args().check
    since = since_of(PHONE_CODES) if is_check else date.today()
    written = texts(since)
    if is_check:
        stale = [name for name, text in written.items() if file_of(name).read_text("utf-8") != text]
        sys.exit(f"{', '.join(stale)}: run `make numbering`" if stale else 0)
    for name, text in written.items():
        file_of(name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
