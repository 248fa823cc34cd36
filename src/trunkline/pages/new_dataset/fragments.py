"""Parts of the panes that are drawn again while somebody chooses: menus, days, times, rows, costs, names."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from trunkline.center import accounts, datasets, estimates, preview
from trunkline.center.runs import Wish
from trunkline.center.sharing import account_for
from trunkline.declare import Column
from trunkline.errors import SettingsError, TrunklineError
from trunkline.fetch.source import Access
from trunkline.fetch.spend_slots import limit_words
from trunkline.pages.new_dataset import details, names, timing
from trunkline.pages.new_dataset.draft import Draft, draft_of
from trunkline.pages.new_dataset.provider import FOR_ROWS_SECONDS, access_to, asked, hand_of, plain
from trunkline.pages.option_form import problems_of, zone_names
from trunkline.pages.visit import Visit

PREVIEW_ROWS = 10
LONGEST_CELL = 80
WHENCE: Mapping[str, str] = {
    estimates.PROVIDER: "The provider has counted the rows.",
    estimates.HISTORY: "As the last runs had.",
    estimates.DECLARATION: "Nothing is known of the rows yet.",
}


def options(visit: Visit) -> Response:
    """The report and its options, as they follow from what is chosen."""
    draft, access = _chosen(visit)
    shown = details.details_of(visit, access, draft)
    return visit.fragment(
        "new_dataset/options.html",
        details=shown,
        draft=draft,
        connector=access.connector,
        zones=zone_names(),
        problems=defaultdict(str),
    )


def menu(visit: Visit) -> Response:
    """One menu, filled from the provider; `typed` for a field to type an id into instead."""
    draft, access = _chosen(visit)
    name = visit.part("option")
    is_typed = bool(visit.query.get("typed"))
    shown = details.menu_field(
        visit, access, draft, name, anew=bool(visit.query.get("again")), is_typed=is_typed
    )
    return visit.fragment("new_dataset/menu.html", field=shown)


def days(visit: Visit) -> Response:
    """The days of a choice, once the provider has told its zone."""
    draft, access = _chosen(visit)
    return visit.fragment("new_dataset/days.html", details={"days": details.ask_zone(visit, access, draft)})


def times(visit: Visit) -> Response:
    """The fields of a schedule, and the times that follow from it."""
    draft = draft_of(visit.form)
    saved = datasets.get(visit.rooms.center, draft.dataset) if draft.dataset else None
    zone = timing.zone_or_utc(visit.zone or visit.rooms.settings.text("timezone"))
    shown = timing.timing_of(draft.timing, zone, visit.rooms.clock.now(), saved.id if saved else 0)
    return visit.fragment(
        "new_dataset/times.html",
        timing=shown,
        kinds=timing.KIND_LABELS,
        days=timing.DAY_LABELS,
        zones=zone_names(),
        draft=draft,
    )


def name(visit: Visit) -> Response:
    """Whether a name is free."""
    typed = visit.text("name")
    verdict = names.problem_of(visit.rooms.center, typed)
    return visit.fragment("new_dataset/name_verdict.html", verdict=verdict, table=names.table_of(typed))


def test(visit: Visit) -> Response:
    """Try a saved account now."""
    center = visit.rooms.center.impatient()
    name = visit.query.get("account", "")
    try:
        access = access_to(visit, name)
        verdict = asked(access.connector.label, accounts.test(access, center.surroundings()))
        accounts.set_verdict(center, name, verdict)
    except TrunklineError as error:
        return _failed(visit, error)
    return visit.fragment("new_dataset/verdict.html", one=account_for(center, hand_of(visit), name))


def rows(visit: Visit) -> Response:
    """The first real rows of what is chosen; nothing is saved."""
    try:
        draft, access = _chosen(visit)
        center = visit.rooms.center.impatient()

        async def read() -> tuple[datasets.Dataset, list[dict[str, Any]]]:
            dataset = await details.unsaved(visit, draft)
            return dataset, await preview.first_rows(center, dataset, PREVIEW_ROWS)

        dataset, found = asked(access.connector.label, read(), FOR_ROWS_SECONDS)
        days_asked = datasets.asked(center, dataset)
    except TrunklineError as error:
        return _failed(visit, error)
    columns = dataset.columns()
    return visit.fragment(
        "new_dataset/preview.html",
        rows=[[cell(row, column) for column in columns] for row in found],
        columns=columns,
        label=access.connector.label,
        days=days_asked.span if days_asked else None,
    )


def cost(visit: Visit) -> Response:
    """What the first load would cost."""
    try:
        draft, access = _chosen(visit)
        center = visit.rooms.center.impatient()

        async def count() -> estimates.Estimate:
            return await estimates.estimate_of(center, await details.unsaved(visit, draft), Wish())

        found = asked(access.connector.label, count())
    except TrunklineError as error:
        return _failed(visit, error)
    whence = WHENCE[found.cost.basis]
    return visit.fragment("new_dataset/cost.html", found=found, whence=whence, words=limit_words)


def cell(row: Mapping[str, Any], column: Column) -> str | None:
    """A value as the provider sent it, in one short line."""
    value = row.get(column.source)
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _chosen(visit: Visit) -> tuple[Draft, Access]:
    """What a form holds so far, with the account it names, which this user may use."""
    draft = draft_of(visit.form)
    if name := visit.text("account"):
        account = account_for(visit.rooms.center, hand_of(visit), name)
        draft = draft.with_account(account.name, account.connector)
    access = access_to(visit, draft.account)
    if access.connector.name != draft.connector:
        draft = Draft(access.connector.name, access.name)
    return draft, access


def _failed(visit: Visit, error: TrunklineError) -> Response:
    """What went wrong, in the place of what was asked for."""
    told = plain(error)
    lines = list(problems_of(error).values()) if isinstance(error, SettingsError) else []
    return visit.fragment("new_dataset/failure.html", lines=lines or [told.message], todo=told.todo)
