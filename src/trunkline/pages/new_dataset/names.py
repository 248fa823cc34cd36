"""The pane Name & Describe: a name that is free, what is saved under it, and a summary of all panes."""

from collections.abc import Collection, Mapping
from typing import Any

from trunkline.access.roles import Right
from trunkline.center import datasets
from trunkline.center.names import LONGEST, checked_dataset_name
from trunkline.center.room import Center
from trunkline.errors import SettingsError
from trunkline.fetch.source import Access
from trunkline.options import choice_label
from trunkline.pages.new_dataset import details, timing
from trunkline.pages.new_dataset.draft import ABOUT, Draft
from trunkline.pages.option_form import said
from trunkline.pages.visit import Visit

SCHEMA = "datasets"
"""Where the tables of datasets are, for whoever asks in SQL."""


def values(visit: Visit, draft: Draft, access: Access | None, problems: Mapping[str, str]) -> dict[str, Any]:
    """What the pane shows."""
    assert access is not None, "there is an account by now"
    center = visit.rooms.center
    about_others = {one.name: one.tags for one in datasets.all_of(center)}
    about = {name: draft.about.get(name, "") for name in ABOUT}
    about["name"] = about["name"] or suggested(draft, about_others)
    return {
        "about": about,
        "verdict": problems.get("name") or problem_of(center, about["name"]),
        "table": table_of(about["name"]),
        "known_tags": sorted({tag for tags in about_others.values() for tag in tags}),
        "summary": summary(visit, draft, access),
        "may_run": visit.user.may(Right.RUNS_WRITE),
        "connector": access.connector,
        "drawn": set(ABOUT),
    }


def table_of(name: str) -> str:
    return f"{SCHEMA}.{name}"


def suggested(draft: Draft, taken: Collection[str]) -> str:
    """The report's name, with the account's before it, or a number behind it, where it is taken."""
    account = "".join(c if c.isascii() and c.isalnum() else "_" for c in draft.account.lower())
    first = draft.report[:LONGEST]
    others = [f"{account}_{draft.report}"[:LONGEST], *(f"{draft.report}_{n}" for n in range(2, 100))]
    return next((one for one in (first, *others) if one not in taken and one[:1].isalpha()), "")


def problem_of(center: Center, name: str) -> str:
    """Why a name will not do; empty where it will."""
    try:
        checked_dataset_name(name)
    except SettingsError as error:
        return f"{error.message} {error.todo}."
    return f"There is a dataset named {name!r} already." if datasets.exists(center, name) else ""


def summary(visit: Visit, draft: Draft, access: Access) -> list[tuple[str, str]]:
    """All that was chosen, in words."""
    report = draft.declared_report()
    assert report is not None, "there is a report by now"
    lines = [("Account", f"{draft.account} ({access.connector.label})"), ("Report", report.label)]
    given = details.given_with_account(access, report, draft)
    dated = {o.name for o in report.dates.words.options} if report.dates else set()
    for option in report.options:
        value = said(report.options, given).get(option.name)
        if value and option.name not in dated and value != option.default:
            many = isinstance(value, tuple)
            lines.append((option.label, f"{len(value)} chosen" if many else choice_label(option, str(value))))
    _, days = details.looked_at(visit, access, report, given)
    if days.text:
        lines.append(("Days", f"{days.text}{', ' if days.zone else ''}{days.zone}"))
    timed = timing.timing_of(draft.timing, timing.zone_or_utc(visit.zone), visit.rooms.clock.now())
    kind = timed.values["kind"]
    schedule = "manual" if timed.problems else timing.schedule_in(timed.values).text
    return [*lines, ("Schedule", schedule if kind else ""), ("Retries", timed.retries)]
