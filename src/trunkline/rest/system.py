"""The state of the installation, and who changed what."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from trunkline import __version__
from trunkline.access.roles import Right
from trunkline.center import workers
from trunkline.daemon.reaching import open_tables
from trunkline.keeping.checkup import examine
from trunkline.keeping.findings import ERROR, OK, WARNING
from trunkline.rest.cursors import Pages, cut
from trunkline.rest.operations import Here, Model, get
from trunkline.rest.shapes import Page, page_of

WORST_FIRST = (ERROR, WARNING, OK)


class FindingShown(Model):
    name: str
    state: str = Field(description="ok, warning, error.")
    text: str
    todo: str


class SystemShown(Model):
    version: str
    state: str = Field(description="The worst of the findings: ok, warning, error.")
    workers: list[str] = Field(description="Processes that carry out orders.")
    findings: list[FindingShown]


class EntryShown(Model):
    id: int
    at: datetime
    who: str
    address: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditPage(Page):
    items: list[EntryShown]


def get_system(call: Here) -> dict[str, Any]:
    findings = list(examine(call.center.settings, ask_providers=False, open_tables=open_tables))
    states = {finding.state for finding in findings}
    return {
        "version": __version__,
        "state": next(state for state in WORST_FIRST if state in states or state == OK),
        "workers": [str(one) for one in workers.alive(call.center)],
        "findings": [asdict(finding) for finding in findings],
    }


def list_audit(
    call: Here,
    paging: Pages,
    action: Annotated[str, Query(max_length=64, description="Only this action.")] = "",
    who: Annotated[str, Query(max_length=190, description="Only by this e-mail address.")] = "",
) -> dict[str, Any]:
    before = None if paging.after is None else paging.number
    some = call.rooms.audit.page(before, paging.limit + 1, action, who)
    shown, following = cut(some, paging, lambda one: one.id)
    call.go_on(following)
    return page_of([one.to_json() for one in shown], following)


OPERATIONS = (
    get("/system", get_system, Right.SYSTEM_READ, "What is well and what is not.", answer=SystemShown),
    get("/audit", list_audit, Right.AUDIT_READ, "Who changed what, newest first.", answer=AuditPage),
)
