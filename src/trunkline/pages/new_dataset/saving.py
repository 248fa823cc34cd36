"""What the panes leave behind: an account that proved good, a dataset with its schedule, its first run."""

from collections.abc import Callable

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts, datasets, orders, timetables
from trunkline.center.datasets import Dataset, checked_method
from trunkline.center.menus import check_choices
from trunkline.center.retries import RetryPolicy
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.center.schedules import Schedule
from trunkline.center.tags import tags_in
from trunkline.connectors import connector as connector_named
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.source import Access
from trunkline.options import Values
from trunkline.pages.new_dataset import details
from trunkline.pages.new_dataset.draft import Draft
from trunkline.pages.new_dataset.provider import asked
from trunkline.pages.option_form import effective, given_in, said
from trunkline.pages.visit import Visit

RUN = "run"
"""The button that saves and begins the first run."""


def added_account(visit: Visit, draft: Draft) -> Draft:
    """The draft with an account of what was typed, saved after a good test."""
    connector, name = connector_named(draft.connector), visit.text("account_name")
    center = visit.rooms.center.impatient()
    problem = accounts.problem_of_name(center, name)
    if problem:
        raise SettingsError(problems=[Problem("account_name", problem)])
    given = said(connector.account, given_in(connector.account, visit.form))
    access = Access(connector, accounts.checked_values(connector, given))
    verdict = asked(connector.label, accounts.test(access, center.surroundings()))
    if verdict.state != accounts.VALID:
        # Only of refused credentials it is known which field is wrong.
        field = connector.credentials_option if verdict.state == accounts.INVALID else ""
        problems = [Problem(field, f"{verdict.message} {verdict.todo}".strip())] if field else []
        text = f"{verdict.message} The account was not saved."
        raise SettingsError(text, todo=verdict.todo, problems=problems)
    saved = accounts.add(center, connector.name, name, given, verdict, owner_id=visit.user.id)
    return draft.with_account(saved.name, saved.connector)


def check_details(visit: Visit, access: Access, draft: Draft, say: Callable[[str], None]) -> None:
    """Raises SettingsError for options that are incomplete, or not in the provider's menus."""
    report = draft.declared_report()
    if report is None:
        raise SettingsError(problems=[Problem("report", "Choose a report.")])
    center = visit.rooms.center.impatient()
    given = said(report.options, details.given_with_account(access, report, draft))

    async def check() -> None:
        options = await datasets.checked_options(center, access, report, given)
        await check_choices(access, report, options, given.keys(), center.surroundings(), say)

    asked(access.connector.label, check())


def method_values(draft: Draft) -> Values:
    """The choices that update methods depend on."""
    report = draft.declared_report()
    return effective(report.options, draft.options) if report else {}


def method_of(draft: Draft) -> str | None:
    """The update method that was chosen; None for the usual one. Raises SettingsError for another."""
    report, method = draft.declared_report(), draft.timing.get("method")
    if report is None or not method:
        return None
    return checked_method(report, method, method_values(draft)).value


def save(visit: Visit, access: Access, draft: Draft, schedule: Schedule, policy: RetryPolicy) -> Response:
    """Save the dataset, and order its first run where that was wanted."""
    report = draft.declared_report()
    if report is None:
        raise SettingsError("No report is chosen yet.", todo="Choose one in the pane Details.")
    center, notes = visit.rooms.center.impatient(), list[str]()
    making = datasets.add(
        center,
        draft.about.get("name", ""),
        draft.account,
        report.name,
        said(report.options, details.given_with_account(access, report, draft)),
        method=method_of(draft),
        description=draft.about.get("description", ""),
        tags=tags_in(draft.about.get("tags", "")),
        owner_id=visit.user.id,
        say=notes.append,
    )
    saved = asked(access.connector.label, making)
    set_timing(center, saved, schedule, policy)
    told = f"{saved.name} is saved."
    if visit.text("go") == RUN and visit.user.may(Right.RUNS_WRITE):
        orders.want(center, saved.name, Wish(), started_by=visit.who)
        told = f"{saved.name} is saved, and its first run begins."
    return visit.go(f"/datasets/{saved.name}", " ".join((told, *notes)))


def set_timing(center: Center, dataset: Dataset, schedule: Schedule, policy: RetryPolicy) -> None:
    timetables.set_schedule(
        center, dataset, schedule.kind, schedule.words, between=schedule.between, zone=schedule.zone
    )
    timetables.set_retries(center, dataset, policy)
