"""Datasets: what is read, with which account, and what they are found by."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, StringConstraints

from trunkline.access.roles import Right
from trunkline.center import (
    datasets,
    estimates,
    lists,
    occupancy,
    preview,
    runs,
    tables_of,
    timetables,
)
from trunkline.center.datasets import Dataset
from trunkline.center.names import checked_dataset_name
from trunkline.center.runs import Wish
from trunkline.errors import Problem, SettingsError
from trunkline.rest import caller_queries as queries
from trunkline.rest.accounts import visible
from trunkline.rest.cursors import Pages, cut
from trunkline.rest.operations import ROOT, Call, Here, Model, delete, get, patch, post
from trunkline.rest.problems import Refusal, found, free
from trunkline.rest.runs import RunShown, WishGiven
from trunkline.rest.shapes import BudgetUse, Days, Given, LongText, Name, Page, TableName, page_of

Tag = Annotated[str, StringConstraints(max_length=40)]
Word = Annotated[str, StringConstraints(max_length=63)]
MOST_PREVIEWED = 250


class DatasetShown(Model):
    name: str
    account: str
    connector: str
    report: str
    method: str = Field(description="How a run changes the table.")
    options: dict[str, Any] = Field(description="What was chosen, where it is not the usual.")
    description: str
    tags: list[str]
    created_at: datetime


class DatasetPage(Page):
    items: list[DatasetShown]


class NewDataset(Model):
    name: TableName
    account: Name
    report: Name
    options: Given = Field({}, description="As the report's JSON Schema `options` says.")
    method: Word | None = Field(None, description="replace, append, merge, partition; null: the usual one.")
    description: LongText = ""
    tags: list[Tag] = Field([], max_length=20)


class DatasetChange(Model):
    account: Name | None = None
    options: Given = Field({}, description="What is not given stays; an empty text takes a choice away.")
    method: Word | None = None
    description: LongText | None = None
    tags: list[Tag] | None = Field(None, max_length=20)


class DatasetState(Model):
    """What becomes of a dataset while time passes."""

    name: str
    days: Days | None = Field(description="The days that its choice means today.")
    rows: int | None = Field(description="Null: it was never loaded, or cannot be looked at now.")
    note: str
    next_due_at: datetime | None
    last_due_at: datetime | None
    last_run: RunShown | None
    last_success: RunShown | None


class PreviewAsked(Model):
    rows: int = Field(5, ge=1, le=MOST_PREVIEWED)


class Previewed(Model):
    rows: list[dict[str, Any]] = Field(description="As the provider sends them.")


class Estimated(Model):
    dataset: str
    days: dict[str, Any] | None
    requests: int
    rows: int | None
    windows: int | None
    basis: str = Field(description="provider, history or declaration.")
    is_least: bool
    hours: float
    seconds: float
    waiting_seconds: float
    waits_for: str
    asked: int = Field(description="How many requests the estimate itself has sent.")
    budget: list[BudgetUse]
    notes: list[str]


class DatasetRemoved(Model):
    name: str
    table: str = Field(description="dropped, kept.")


def named(call: Call, name: str) -> Dataset:
    """Raises Refusal 404 where there is none."""
    return found(datasets.get, call.center, name)


def list_datasets(
    call: Here,
    paging: Pages,
    account: Annotated[Word, Query(description="Only those that read with it.")] = "",
    report: Annotated[Word, Query(description="Only those of this report.")] = "",
    tag: Annotated[Word, Query(description="Only those with this tag.")] = "",
    name: Annotated[Word, Query(description="Only those whose names hold this.")] = "",
) -> dict[str, Any]:
    some = lists.datasets_after(
        call.center, paging.number, paging.limit + 1, account=account, report=report, text=name, tag=tag
    )
    shown, following = cut(some, paging, lambda one: one.id)
    call.go_on(following)
    tags = lists.tags_of(call.center, shown)
    return page_of([_shown(one, tags[one.id]) for one in shown], following)


def get_dataset(call: Here, dataset: str) -> dict[str, Any]:
    saved = named(call, dataset)
    return _shown(saved, lists.tags_of(call.center, [saved]).get(saved.id, []))


def add_dataset(call: Here, given: NewDataset) -> dict[str, Any]:
    checked_dataset_name(given.name)
    tags = lists.checked_tags(given.tags)
    _check_name_free(call, given.name)
    account = _account_of(call, given.account)
    saved = asyncio.run(
        datasets.add(
            *(call.center, given.name, account, given.report, given.options),
            method=given.method,
            description=given.description,
        )
    )
    with call.rooms.store.begin() as tx:
        queries.own_dataset(tx, saved.id, call.user.id)
    if tags:
        lists.set_tags(call.center, saved, tags)
    call.headers["Location"], call.subject = f"{ROOT}/datasets/{saved.name}", saved.name
    return _shown(saved, tags)


def change_dataset(call: Here, dataset: str, given: DatasetChange) -> dict[str, Any]:
    saved = named(call, dataset)
    account = given.account and _account_of(call, given.account)
    tags = None if given.tags is None else lists.checked_tags(given.tags)
    if given.options or given.method or account or given.description is not None:
        free(occupancy.check_free, call.center, saved.id, dataset)
        asyncio.run(
            datasets.edit(
                *(call.center, dataset, given.options),
                method=given.method,
                description=given.description,
                account=account,
            )
        )
    if tags is not None:
        lists.set_tags(call.center, saved, tags)
    return get_dataset(call, dataset)


def remove_dataset(
    call: Here,
    dataset: str,
    keep_table: Annotated[bool, Query(description="Keep the rows; forget only how they are read.")] = False,
) -> dict[str, Any]:
    saved = named(call, dataset)
    free(occupancy.check_free, call.center, saved.id, dataset)
    datasets.remove(call.center, dataset, None if keep_table else tables_of.drop)
    return {"name": dataset, "table": "kept" if keep_table else "dropped"}


def get_dataset_state(call: Here, dataset: str) -> dict[str, Any]:
    saved = named(call, dataset)
    asked, zone = datasets.asked(call.center, saved), datasets.zone_of(call.center, saved.options)
    days = asked and {
        "first": asked.span.first,
        "last": asked.span.last,
        "zone": zone,
        "text": str(asked.span),
    }
    timetable = timetables.of(call.center, saved)
    facts = tables_of.table_facts(call.center, saved)
    last, success = runs.last(call.center, saved), runs.last(call.center, saved, runs.SUCCEEDED)
    return {
        "name": dataset,
        "days": days,
        "rows": facts["rows"],
        "note": facts.get("table_note", ""),
        "next_due_at": timetable.next_due_at,
        "last_due_at": timetable.last_due_at,
        "last_run": last and last.to_json(),
        "last_success": success and success.to_json(),
    }


def preview_dataset(call: Here, dataset: str, given: PreviewAsked) -> dict[str, Any]:
    saved = named(call, dataset)
    visible(call, saved.account)
    return {"rows": asyncio.run(preview.first_rows(call.center, saved, given.rows))}


def estimate_dataset(call: Here, dataset: str, given: WishGiven) -> dict[str, Any]:
    wish = Wish(given.full, given.since, given.until)
    named(call, dataset)
    return asyncio.run(estimates.estimate(call.center, dataset, wish)).to_json()


def _check_name_free(call: Call, name: str) -> None:
    if not datasets.exists(call.center, name):
        return
    text = f"There is a dataset named {name!r} already."
    raise Refusal(409, "name_taken", text, todo="Choose another name.", errors=[Problem("name", text)])


def _account_of(call: Call, name: str) -> str:
    """An account that the caller may read with. Raises SettingsError: it is a field, and not the path."""
    try:
        return visible(call, name).name
    except Refusal as refusal:
        raise SettingsError(problems=[Problem("account", refusal.detail)], todo=refusal.todo) from None


def _shown(saved: Dataset, tags: list[str]) -> dict[str, Any]:
    return {
        "name": saved.name,
        "account": saved.account,
        "connector": saved.connector.name,
        "report": saved.report.name,
        "method": str(saved.method),
        "options": datasets.shown_options(saved),
        "description": saved.description,
        "tags": tags,
        "created_at": saved.created_at,
    }


ONE = "/datasets/{dataset}"
OPERATIONS = (
    get("/datasets", list_datasets, Right.DATA_READ, "The datasets, oldest first.", answer=DatasetPage),
    post(
        *("/datasets", add_dataset, Right.DATASETS_WRITE),
        "Make a dataset; its table is `datasets.NAME`.",
        answer=DatasetShown,
        status=201,
        is_tagged=True,
        asks=True,
        noted="dataset.added",
    ),
    get(ONE, get_dataset, Right.DATA_READ, "A dataset.", answer=DatasetShown, is_tagged=True),
    patch(
        *(ONE, change_dataset, Right.DATASETS_WRITE),
        "Change a dataset; dates given anew replace the old ones as a whole.",
        answer=DatasetShown,
        of="get_dataset",
        asks=True,
        noted="dataset.changed",
    ),
    delete(
        *(ONE, remove_dataset, Right.DATASETS_WRITE),
        "Forget a dataset and drop its table.",
        answer=DatasetRemoved,
        status=200,
        of="get_dataset",
        noted="dataset.removed",
    ),
    get(
        *(f"{ONE}/state", get_dataset_state, Right.DATA_READ),
        "Its last runs, rows and next due time.",
        answer=DatasetState,
    ),
    post(
        *(f"{ONE}/preview", preview_dataset, Right.DATASETS_WRITE),
        "A few real rows from the provider; nothing is loaded.",
        answer=Previewed,
        asks=True,
        keeps=False,
    ),
    post(
        *(f"{ONE}/estimate", estimate_dataset, Right.DATA_READ),
        "What a run would cost; nothing is run.",
        answer=Estimated,
        asks=True,
        keeps=False,
    ),
)
