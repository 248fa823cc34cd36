"""A saved dataset in the same forms: what it reads, when, how, and how it is described."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from trunkline.center import accounts, datasets, timetables
from trunkline.center.datasets import Dataset
from trunkline.center.sharing import account_for, may_use, usable
from trunkline.center.tags import tags_in
from trunkline.errors import SettingsError, TrunklineError
from trunkline.options import Kind
from trunkline.pages.new_dataset import details, saving, timing
from trunkline.pages.new_dataset.draft import Draft, draft_of
from trunkline.pages.new_dataset.panes import scheduling
from trunkline.pages.new_dataset.provider import access_to, asked, hand_of, plain
from trunkline.pages.option_form import problems_of, said, texts_of
from trunkline.pages.visit import Visit


def show(visit: Visit) -> Response:
    dataset = datasets.get(visit.rooms.center, visit.part("name"))
    return _form(visit, dataset, _as_saved(visit, dataset))


def _as_saved(visit: Visit, dataset: Dataset) -> Draft:
    """A saved dataset as its forms give it."""
    timetable = timetables.of(visit.rooms.center, dataset)
    return Draft(
        dataset.connector.name,
        dataset.account,
        dataset.report.name,
        texts_of(dataset.report.options, dataset.options),
        {**timing.values_of(timetable), "method": dataset.method.value},
        {"name": dataset.name, "description": dataset.description, "tags": ", ".join(dataset.tags)},
        dataset.name,
    )


def send(visit: Visit) -> Response:
    dataset = datasets.get(visit.rooms.center, visit.part("name"))
    draft = _sent(visit, dataset)
    try:
        _save(visit, dataset, draft)
    except TrunklineError as error:
        return _form(visit, dataset, draft, plain(error))
    return visit.go(f"/datasets/{dataset.name}", f"{dataset.name} is changed.")


def _sent(visit: Visit, dataset: Dataset) -> Draft:
    """What the forms say, of this dataset and no other."""
    sent = replace(
        draft_of(visit.form),
        connector=dataset.connector.name,
        report=dataset.report.name,
        dataset=dataset.name,
        account=dataset.account,
    )
    if name := visit.text("account"):
        account = account_for(visit.rooms.center, hand_of(visit), name)
        sent = replace(sent, account=account.name)
    return sent


def _save(visit: Visit, dataset: Dataset, draft: Draft) -> None:
    """All or nothing of what can be seen to be wrong; options last, since they may ask the provider."""
    center = visit.rooms.center.impatient()
    given = _timing(visit, dataset, draft).values
    schedule, policy = timing.schedule_in(given), timing.policy_in(given)
    changes: dict[str, Any] = {}
    if _may_use(visit, dataset):
        access = access_to(visit, draft.account)
        names = [o.name for o in dataset.report.options if o.kind is not Kind.SECRET]
        chosen = said(dataset.report.options, details.given_with_account(access, dataset.report, draft))
        changes = {name: chosen.get(name, "") for name in names}
    editing = datasets.edit(
        center,
        dataset.name,
        changes,
        method=saving.method_of(draft),
        description=draft.about.get("description", ""),
        tags=tags_in(draft.about.get("tags", "")),
        account=draft.account,
    )
    changed = asked(dataset.connector.label, editing)
    saving.set_timing(center, changed, schedule, policy)


def _may_use(visit: Visit, dataset: Dataset) -> bool:
    center = visit.rooms.center
    return may_use(center, hand_of(visit), accounts.get(center, dataset.account))


def _timing(visit: Visit, dataset: Dataset, draft: Draft) -> timing.Timing:
    zone = timetables.of(visit.rooms.center, dataset).schedule.zone
    return timing.timing_of(draft.timing, zone, visit.rooms.clock.now(), dataset.id)


def _form(visit: Visit, dataset: Dataset, draft: Draft, error: TrunklineError | None = None) -> Response:
    problems = problems_of(error) if isinstance(error, SettingsError) else {}
    may = _may_use(visit, dataset)
    values = scheduling(draft, _timing(visit, dataset, draft))
    drawn = {"tags", *values.pop("drawn")}
    if may:
        shown = details.details_of(visit, access_to(visit, draft.account), draft, problems)
        values |= {"details": shown, "accounts": usable(visit.rooms.center, hand_of(visit), draft.connector)}
        drawn |= {one.option.name for one in shown.fields}
    return visit.page(
        "new_dataset/edit.html",
        200 if error is None else 422 if isinstance(error, SettingsError) else 503,
        **values,
        dataset=dataset,
        connector=dataset.connector,
        draft=draft,
        may_use=may,
        about=draft.about,
        known_tags=[],
        problems=defaultdict(str, problems),
        error=error if not problems or set(problems) - drawn else None,
    )
