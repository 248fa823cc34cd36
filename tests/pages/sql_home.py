"""A home with datasets to ask about, as runs would leave them."""

from pathlib import Path

import duckdb


def make_datasets(home: Path) -> None:
    """Calls of 30 days, and a dataset with a long name."""
    home.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(home / "warehouse.duckdb")) as file:
        file.execute("create schema datasets")
        file.execute(CALLS)
        file.execute(
            f'create table datasets.{"a_very_long_name_" * 3} as select 1 as "Odd ""Name", null as n'
        )


CALLS = """
create table datasets.calls as
select 'call-' || n as id,
       timestamptz '2026-10-01 12:00:00+00' + to_days(n % 30) as started_at,
       (n * 37) % 400 as seconds,
       ['web', 'print', 'radio'][1 + n % 3] as source,
       repeat('A long note, ', n % 40) as note
from range(900) t(n)
"""
