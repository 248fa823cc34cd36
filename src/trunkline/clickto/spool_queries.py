"""Statements on the temporary database that an imported file is laid out in, day by day."""

from trunkline.clickto.columns import NAMES

SETTINGS = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA temp_store = FILE")
_COLUMNS = ", ".join(f'"{name}"' for name in NAMES)

CREATE = f"CREATE TABLE rows (day INTEGER, place INTEGER PRIMARY KEY, {_COLUMNS})"
ADD = f"INSERT INTO rows (day, {_COLUMNS}) VALUES (?, {', '.join('?' * len(NAMES))})"  # noqa: S608 - our own names
INDEX = "CREATE INDEX rows_by_day ON rows (day)"
DAYS = "SELECT day, count(*) FROM rows GROUP BY day ORDER BY day"
OF_DAY = f"SELECT {_COLUMNS} FROM rows WHERE day = ? ORDER BY place"  # noqa: S608 - our own names
