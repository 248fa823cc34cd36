"""Shapes that several resources share."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from trunkline.rest.operations import Model

Name = Annotated[str, StringConstraints(min_length=1, max_length=63)]
NewName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
TableName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z][a-z0-9_]*$")]
ShortText = Annotated[str, StringConstraints(max_length=190)]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
Given = Annotated[dict[str, Any], Field(max_length=200)]
"""Values of declared options; the connector's JSON Schema says which there are."""


class Page(Model):
    """`next` is the cursor of the next page; null: this is the last one."""

    next: str | None


class Removed(Model):
    name: str
    note: str = Field(description="What a person should know of it, if anything.")


class Days(Model):
    first: date
    last: date
    zone: str
    text: str


class BudgetUse(Model):
    """One limit of one account of the provider's. Its time rolls."""

    counts_for: str
    requests: int
    seconds: int
    group: str
    used: int
    left: int
    more_at: datetime | None
    resets_at: datetime | None
    paused_until: datetime | None
    pause_reason: str


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values of options as JSON has them."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def page_of(items: Sequence[Any], next_: str | None) -> dict[str, Any]:
    return {"items": list(items), "next": next_}
