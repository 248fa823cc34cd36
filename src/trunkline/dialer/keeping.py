"""Which rows may be kept from one request to the next, where it is known when they no longer hold."""

from collections.abc import Callable
from dataclasses import dataclass

from trunkline.dialer.compiling import Statement


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the rows of a statement may be kept until anybody changes one of these tables."""

    tables: tuple[str, ...]
    looks_each_time: bool
    """Whether each reading asks if another process has changed anything, or one for a whole turn."""


KEEPINGS: dict[Statement, Keeping] = {}


def seldom_changed(table: str) -> Callable[[Statement], Statement]:
    """Marks a statement that every request asks, over one table that changes seldom.

    Its rows may be kept for as long as it is certain that nobody has changed the table.
    """
    return _marking(Keeping((table,), looks_each_time=False))


def asked_again(*tables: str) -> Callable[[Statement], Statement]:
    """Marks a statement that programs ask again and again: all tables that it reads, some changing often."""
    return _marking(Keeping(tables, looks_each_time=True))


def _marking(keeping: Keeping) -> Callable[[Statement], Statement]:
    def marked(statement: Statement) -> Statement:
        KEEPINGS[statement] = keeping
        return statement

    return marked
