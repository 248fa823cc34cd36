"""Targets that datasets are exported to, and the exports that are made after each run."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field, StringConstraints

from trunkline.access.roles import Right
from trunkline.center import standing_exports, tables_of, targets
from trunkline.center.targets import Target
from trunkline.rest.cursors import Pages, by_name
from trunkline.rest.datasets import named
from trunkline.rest.operations import ROOT, Here, Model, delete, get, post
from trunkline.rest.problems import Refusal, found, free, not_found
from trunkline.rest.shapes import Name, NewName, Page, Removed, page_of

Format = Literal["csv", "jsonl", "parquet"]
Text = Annotated[str, StringConstraints(max_length=1_000)]


class TargetShown(Model):
    name: str
    kind: str = Field(description="folder, s3.")
    place: str = Field(description="A folder's path; bucket/prefix.")
    options: dict[str, str]


class TargetPage(Page):
    items: list[TargetShown]


class NewTarget(Model):
    name: NewName
    kind: Literal["folder", "s3"]
    place: Text = Field(description="A folder by its whole path; BUCKET or BUCKET/PREFIX.")
    endpoint: Text = Field("", description="The storage's address; empty: Amazon's own.")
    region: Text = ""
    access_key: Text = Field("", json_schema_extra={"writeOnly": True})
    secret_key: Text = Field("", json_schema_extra={"writeOnly": True})


class TargetTested(Model):
    name: str
    place: str


class ExportShown(Model):
    dataset: str
    target: str
    format: str
    file: str
    last_at: datetime | None
    last_error: str


class Exports(Model):
    items: list[ExportShown]


class NewExport(Model):
    target: Name
    format: Format = "parquet"
    after_runs: bool = Field(True, description="After each successful run; false: once, now.")


class Exported(Model):
    """`kept`: the export that is made after each run. `rows`, `place`: what was written now."""

    kept: ExportShown | None
    rows: int | None
    place: str


def list_targets(call: Here, paging: Pages) -> dict[str, Any]:
    shown, following = by_name(targets.all_of(call.center), paging, lambda one: one.name)
    call.go_on(following)
    return page_of([one.to_json() for one in shown], following)


def get_target(call: Here, target: str) -> dict[str, Any]:
    return found(targets.get, call.center, target).to_json()


def add_target(call: Here, given: NewTarget) -> dict[str, Any]:
    if any(one.name == given.name for one in targets.all_of(call.center)):
        raise Refusal(409, "name_taken", f"There is a target named {given.name!r} already.")
    is_bucket = given.kind == targets.S3
    secrets = {n: getattr(given, n) for n in targets.SECRETS if is_bucket and getattr(given, n)}
    options = {n: getattr(given, n) for n in ("endpoint", "region") if is_bucket and getattr(given, n)}
    saved = targets.add(call.center, Target(given.name, given.kind, given.place, options), secrets)
    call.headers["Location"], call.subject = f"{ROOT}/targets/{saved.name}", saved.name
    return saved.to_json()


def remove_target(call: Here, target: str) -> dict[str, Any]:
    found(targets.get, call.center, target)
    free(targets.check_unused, call.center, target)
    targets.remove(call.center, target)
    return {"name": target, "note": ""}


def test_target(call: Here, target: str) -> dict[str, Any]:
    found(targets.get, call.center, target)
    return {"name": target, "place": targets.test(call.center, target)}


def list_exports(call: Here, dataset: str) -> dict[str, Any]:
    kept = standing_exports.of(call.center, named(call, dataset))
    return {"items": [one.to_json() for one in kept]}


def add_export(call: Here, dataset: str, given: NewExport) -> dict[str, Any]:
    saved = named(call, dataset)
    if given.after_runs:
        kept = standing_exports.add(call.center, saved, given.target, given.format)
        return {"kept": kept.to_json(), "rows": None, "place": ""}
    rows, place = tables_of.export_to_target(call.center, dataset, given.format, given.target)
    return {"kept": None, "rows": rows, "place": place}


def stop_export(
    call: Here,
    dataset: str,
    target: str,
    format: Annotated[Format | None, Query(description="Only in this form; none: in all.")] = None,
) -> dict[str, Any]:
    saved = named(call, dataset)
    if not any(one.target == target for one in standing_exports.of(call.center, saved)):
        raise not_found(f"{dataset} is not exported to {target} after its runs.")
    ended = standing_exports.stop(call.center, saved, target, format)
    return {"items": [one.to_json() for one in ended]}


ONE, EXPORTS = "/targets/{target}", "/datasets/{dataset}/exports"
OPERATIONS = (
    get("/targets", list_targets, Right.DATA_READ, "The targets there are.", answer=TargetPage),
    post(
        *("/targets", add_target, Right.ACCOUNTS_WRITE),
        "Save a folder or a bucket; keys are kept encrypted.",
        answer=TargetShown,
        status=201,
        is_tagged=True,
        noted="target.added",
    ),
    get(ONE, get_target, Right.DATA_READ, "A target.", answer=TargetShown, is_tagged=True),
    delete(
        *(ONE, remove_target, Right.ACCOUNTS_WRITE),
        "Forget a target and its keys; what was exported there stays.",
        answer=Removed,
        status=200,
        of="get_target",
        noted="target.removed",
    ),
    post(
        *(f"{ONE}/test", test_target, Right.ACCOUNTS_WRITE),
        "Write a small file there, and take it away again.",
        answer=TargetTested,
        asks=True,
        noted="target.tested",
    ),
    get(EXPORTS, list_exports, Right.DATA_READ, "What is exported after each run.", answer=Exports),
    post(
        *(EXPORTS, add_export, Right.DATASETS_WRITE),
        "Export to a target, once or after each run.",
        answer=Exported,
        asks=True,
        noted="dataset.exported",
    ),
    delete(
        *(f"{EXPORTS}/{{target}}", stop_export, Right.DATASETS_WRITE),
        "No longer export to a target after each run; the files stay.",
        answer=Exports,
        status=200,
        noted="dataset.export_stopped",
    ),
)
