"""What can be read: a card for each connector, and what it asks for and gives."""

from collections import Counter
from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts
from trunkline.center.sharing import usable
from trunkline.connectors import connector as connector_named
from trunkline.connectors import connector_names
from trunkline.declare import METHOD_MEANING, Connector, Report
from trunkline.errors import SettingsError
from trunkline.fetch.spend_slots import limit_words
from trunkline.pages.new_dataset.provider import hand_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit


def show_all(visit: Visit) -> Response:
    center = visit.rooms.center
    mine = Counter(account.connector for account in usable(center, hand_of(visit)))
    read: Counter[str] = Counter()
    for account in accounts.all_of(center):
        read[account.connector] += account.used_by
    every = [connector_named(name) for name in connector_names()]
    return visit.page("connectors/list.html", connectors=every, mine=mine, read=read)


def show(visit: Visit) -> Response:
    connector = connector_named(visit.part("name"))
    known: dict[str, Any] = {
        "mine": usable(visit.rooms.center, hand_of(visit), connector.name),
        "limits": [(limit_words(limit), limit.group) for limit in connector.limits],
    }
    return visit.page("connectors/one.html", connector=connector, **known)


def show_report(visit: Visit) -> Response:
    """One report: its options, and the columns of its rows."""
    connector = connector_named(visit.part("name"))
    report = _report_of(connector, visit.part("report"))
    variants = {name: report.columns_of(values) for name, values in report.variants.items()}
    return visit.page(
        "connectors/report.html",
        connector=connector,
        report=report,
        columns=variants or {"": report.columns},
        methods=[(method.value, METHOD_MEANING[method]) for method in report.methods({})],
    )


def _report_of(connector: Connector, name: str) -> Report:
    report = connector.report(name)
    if report is None or not report.listed:
        raise SettingsError(
            f"{connector.label} has no report named {name!r}.", todo="Its page lists those it has."
        )
    return report


PAGES = (
    get("/connectors", show_all, Right.ACCOUNTS_USE),
    get("/connectors/{name}/reports/{report}", show_report, Right.ACCOUNTS_USE),
    get("/connectors/{name}", show, Right.ACCOUNTS_USE),
)
