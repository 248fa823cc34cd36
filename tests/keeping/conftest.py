"""The office of the Data Center's tests, and its home for backups."""

from tests.center.conftest import center, clock, office_with

__all__ = ["center", "clock", "office_with"]
