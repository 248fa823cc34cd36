"""Connectors: what can be read, and what has to be chosen, as JSON Schema."""

from typing import Any

from pydantic import Field

from trunkline.access.roles import Right
from trunkline.connectors import connector as connector_named
from trunkline.connectors import connector_names
from trunkline.declare import Connector, Report
from trunkline.options import json_schema
from trunkline.rest.cursors import Pages, by_name
from trunkline.rest.operations import Here, Model, get
from trunkline.rest.problems import found
from trunkline.rest.shapes import Page, page_of


class ConnectorItem(Model):
    name: str
    label: str
    docs: str = Field(description="The provider's own documentation, where it is public.")
    reports: list[str]


class ConnectorPage(Page):
    items: list[ConnectorItem]


class ColumnDeclared(Model):
    name: str
    type: str
    meaning: str


class ReportDeclared(Model):
    name: str
    label: str
    help: str
    rights: str = Field(description="What a key needs, in words.")
    methods: list[str] = Field(description="How a run can change the table, the usual way first.")
    key: list[str]
    menus: list[str] = Field(description="Options whose choices the provider tells.")
    columns: list[ColumnDeclared]
    options: dict[str, Any] = Field(description="JSON Schema of what a dataset of it can choose.")


class ConnectorDeclared(Model):
    name: str
    label: str
    docs: str
    help: str
    prerequisites: str
    account: dict[str, Any] = Field(description="JSON Schema of what an account needs.")
    secrets: list[str] = Field(description="Account options that come in, and never go out again.")
    reports: list[ReportDeclared]


def list_connectors(call: Here, paging: Pages) -> dict[str, Any]:
    every = [connector_named(name) for name in connector_names()]
    shown, following = by_name(every, paging, lambda one: one.name)
    call.go_on(following)
    return page_of([_item(one) for one in shown], following)


def get_connector(_: Here, connector: str) -> dict[str, Any]:
    one = found(connector_named, connector)
    return {
        "name": one.name,
        "label": one.label,
        "docs": one.docs,
        "help": one.help,
        "prerequisites": one.prerequisites,
        "account": json_schema(one.account),
        "secrets": [option.name for option in one.account if option.kind == "secret"],
        "reports": [_report(report) for report in one.listed_reports],
    }


def _item(one: Connector) -> dict[str, Any]:
    reports = [report.name for report in one.listed_reports]
    return {"name": one.name, "label": one.label, "docs": one.docs, "reports": reports}


def _report(report: Report) -> dict[str, Any]:
    menus = [o.name for o in report.options if o.choices_from is not None or o.choices_by is not None]
    return {
        "name": report.name,
        "label": report.label,
        "help": report.help,
        "rights": report.rights,
        "methods": [str(method) for method in report.methods({})],
        "key": list(report.key),
        "menus": menus,
        "columns": [{"name": c.name, "type": str(c.type), "meaning": c.meaning} for c in report.columns],
        "options": json_schema(report.options),
    }


OPERATIONS = (
    get("/connectors", list_connectors, Right.DATA_READ, "The connectors there are.", answer=ConnectorPage),
    get(
        *("/connectors/{connector}", get_connector, Right.DATA_READ),
        "A connector with its reports, their columns and options.",
        answer=ConnectorDeclared,
        is_tagged=True,
    ),
)
