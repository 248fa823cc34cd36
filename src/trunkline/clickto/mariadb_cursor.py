"""A cursor on MariaDB that can be left in the middle. The driver's own reads all rows to the end first."""

from typing import Any

from pymysql.cursors import SSCursor


class LeavingCursor(SSCursor):
    """Rows that nobody wants stay unread: the connection must be closed after it, and is good for nothing."""

    _result: Any

    def close(self) -> None:
        if self._result is not None:
            self._result.unbuffered_active = False
        super().close()
