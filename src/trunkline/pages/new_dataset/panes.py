"""The four panes of a new dataset: drawing each, and going from one to the next."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from trunkline.center.sharing import account_for, usable
from trunkline.connectors import connector as connector_named
from trunkline.connectors import connector_names
from trunkline.declare import METHOD_MEANING
from trunkline.errors import Problem, SettingsError, TrunklineError
from trunkline.fetch.source import Access
from trunkline.pages.new_dataset import details, names, saving, timing
from trunkline.pages.new_dataset.draft import (
    CREDENTIALS,
    DETAILS,
    NAME,
    SCHEDULING,
    STEPS,
    Draft,
    draft_from,
    draft_of,
)
from trunkline.pages.new_dataset.provider import access_to, hand_of, plain
from trunkline.pages.option_form import fields_of, given_in, problems_of, zone_names
from trunkline.pages.visit import Visit

LABELS = {
    CREDENTIALS: "Credentials",
    DETAILS: "Details",
    SCHEDULING: "Scheduling",
    NAME: "Name & Describe Your DataSet",
}
NEW_ACCOUNT = "+"
BACK, NEXT, STAY = "back", "next", "stay"
Problems = Mapping[str, str]


def show(visit: Visit) -> Response:
    """A pane as its address says: a step and a draft, or an account or connector to begin with."""
    draft = draft_from(visit.query.get("draft", ""))
    if name := visit.query.get("account", ""):
        account = account_for(visit.rooms.center, hand_of(visit), name)
        return _pane(visit, DETAILS, Draft().with_account(account.name, account.connector))
    if name := visit.query.get("connector", ""):
        draft = Draft(connector=connector_named(name).name)
    return _pane(visit, visit.query.get("step", CREDENTIALS), replace(draft, dataset=""))


def show_connector(visit: Visit) -> Response:
    """The first pane, for one connector."""
    return _pane(visit, CREDENTIALS, Draft(connector=connector_named(visit.part("name")).name))


def send(visit: Visit) -> Response:
    """What was typed into a pane, on the way to another."""
    step, go = visit.text("step"), visit.text("go") or NEXT
    if step not in STEPS:
        raise SettingsError("There is no such pane.", todo="Begin again at Datasets.")
    draft = replace(draft_of(visit.form), dataset="")
    name = visit.text("account")
    if step == CREDENTIALS and name not in ("", NEW_ACCOUNT):
        account = account_for(visit.rooms.center, hand_of(visit), name)
        draft = draft.with_account(account.name, account.connector)
    here = STEPS.index(step)
    if go == STAY:
        return visit.go(draft.path(step))
    if go == BACK or (go in STEPS and STEPS.index(go) < here):
        return visit.go(draft.path(STEPS[max(here - 1, 0)] if go == BACK else go))
    try:
        return _gone_on(visit, step, draft)
    except TrunklineError as error:
        return _pane(visit, step, draft, plain(error))


def _gone_on(visit: Visit, step: str, draft: Draft) -> Response:
    """To the next pane, once this one is right; from the last one to what is saved."""
    notes: list[str] = []
    if step == CREDENTIALS:
        if visit.text("account") == NEW_ACCOUNT:
            draft = saving.added_account(visit, draft)
        elif not draft.account:
            raise SettingsError(problems=[Problem("account", "Choose an account, or add one.")])
        return visit.go(draft.path(DETAILS))
    access = access_to(visit, draft.account)
    if step == DETAILS:
        saving.check_details(visit, access, draft, notes.append)
        return visit.go(draft.path(SCHEDULING), " ".join(notes))
    given = _timing(visit, draft).values
    schedule, policy = timing.schedule_in(given), timing.policy_in(given)
    if step == SCHEDULING:
        saving.method_of(draft)
        return visit.go(draft.path(NAME))
    return saving.save(visit, access, draft, schedule, policy)


def _timing(visit: Visit, draft: Draft) -> timing.Timing:
    zone = str(draft.options.get("time_zone") or visit.zone or visit.rooms.settings.text("timezone"))
    return timing.timing_of(draft.timing, timing.zone_or_utc(zone), visit.rooms.clock.now())


def _pane(visit: Visit, step: str, draft: Draft, error: TrunklineError | None = None) -> Response:
    """A pane, or the first one before it that is not done."""
    problems = problems_of(error) if isinstance(error, SettingsError) else {}
    if step not in STEPS or step == CREDENTIALS or not draft.account:
        step, values = CREDENTIALS, _credentials(visit, draft, problems)
    else:
        access = access_to(visit, draft.account)
        draft = replace(draft, connector=access.connector.name)
        step = DETAILS if draft.declared_report() is None else step
        values = {**_later(visit, step, draft, access, problems), "connector": access.connector}
    return visit.page(
        "new_dataset/page.html",
        200 if error is None else 422 if isinstance(error, SettingsError) else 502,
        **values,
        step=step,
        steps=[(name, LABELS[name]) for name in STEPS],
        here=STEPS.index(step),
        draft=draft,
        error=error if not problems or set(problems) - set(values["drawn"]) else None,
        problems=defaultdict(str, problems),
    )


def _credentials(visit: Visit, draft: Draft, problems: Problems) -> dict[str, Any]:
    """`drawn` of each pane names the fields that show their own problem."""
    center, hand = visit.rooms.center, hand_of(visit)
    if not draft.connector:
        found = [account.connector for account in usable(center, hand)]
        every = [connector_named(name) for name in connector_names()]
        counts = {one.name: found.count(one.name) for one in every}
        return {"connector": None, "connectors": every, "counts": counts, "drawn": ()}
    connector = connector_named(draft.connector)
    fields = fields_of(connector.account, given_in(connector.account, visit.form), problems)
    mine = usable(center, hand, connector.name)
    chosen = visit.text("account") or draft.account or (mine[0].name if len(mine) == 1 else "")
    return {
        "connector": connector,
        "accounts": mine,
        "chosen": chosen or ("" if mine else NEW_ACCOUNT),
        "fields": fields,
        "account_name": visit.text("account_name") or ("" if mine else connector.name),
        "zones": zone_names(),
        "drawn": {"account", "account_name", *(one.option.name for one in fields)},
    }


def _later(visit: Visit, step: str, draft: Draft, access: Access, problems: Problems) -> dict[str, Any]:
    """What the panes after the first show."""
    if step == DETAILS:
        shown = details.details_of(visit, access, draft, problems)
        drawn = {"report", *(one.option.name for one in shown.fields)}
        return {"details": shown, "zones": zone_names(), "drawn": drawn}
    if step == SCHEDULING:
        return scheduling(draft, _timing(visit, draft))
    return names.values(visit, draft, access, problems)


def scheduling(draft: Draft, shown: timing.Timing) -> dict[str, Any]:
    """What the pane Scheduling shows."""
    report = draft.declared_report()
    assert report is not None, "there is a report by now"
    methods = report.methods(saving.method_values(draft))
    chosen = draft.timing.get("method")
    return {
        "timing": shown,
        "kinds": timing.KIND_LABELS,
        "days": timing.DAY_LABELS,
        "methods": [(method.value, METHOD_MEANING[method]) for method in methods],
        "method": chosen if chosen in {method.value for method in methods} else methods[0].value,
        "zones": zone_names(),
        "drawn": {"update", "between", *shown.values},
    }
