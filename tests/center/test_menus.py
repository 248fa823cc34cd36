"""Chosen values are held against the provider's live menus when a dataset is made or changed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID, Office
from trunkline.center import accounts, datasets
from trunkline.center.menus import live_menu
from trunkline.connectors import report as report_named
from trunkline.errors import SettingsError
from trunkline.sims.callrail import Fault

OfficeWith = Callable[..., Any]


async def entries(office: Office, option: str = "company_id") -> list[tuple[str, str]]:
    access = accounts.access(office.center, "main")
    report = report_named(access.connector, "calls")
    return await live_menu(access, report, option, office.center.surroundings())


async def refused(office: Office, **options: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        await office.dataset(**options)
    with pytest.raises(SettingsError, match="no dataset named"):
        datasets.get(office.center, "calls")
    return caught.value


async def test_an_unknown_company_is_refused_with_the_entries_there_are(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        menu = await entries(office)
        error = await refused(office, company_id="nothing-like-it")
        assert [p.field for p in error.problems] == ["company_id"]
        said = "Company ID (--company-id) is 'nothing-like-it', none of the"
        assert str(error) == f"{said} {len(menu)} to choose from here."
        assert f"{menu[0][0]} ({menu[0][1]})" in error.todo
        assert "`trunkline account menu main calls company_id` lists them." in error.todo


async def test_the_nearest_entry_is_named_by_id_and_by_label(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        value, label = (await entries(office))[1]
        for slip in (value[:-2] + "zz", label.lower()[:-1]):
            error = await refused(office, company_id=slip)
            assert error.todo.startswith("The nearest: ")
            assert f"{value} ({label})" in error.todo


async def test_a_known_company_is_kept_after_one_look_at_its_menu(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        company = (await entries(office))[0][0]
        before = office.pages_asked("companies.json")
        await office.dataset(company_id=company)
        assert office.pages_asked("companies.json") == before + 1
        assert datasets.get(office.center, "calls").options["company_id"] == company


async def test_nothing_is_asked_when_no_menu_was_chosen_from(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        await office.dataset(days_back="7")
        assert len(office.sim.requests) == 0


async def test_an_account_id_is_checked_too(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        error = await refused(office, account_id="ACCunknown")
        assert "Account ID (--account-id) is 'ACCunknown'" in str(error)
        assert ACCOUNT_ID in error.todo


async def test_an_id_of_the_old_kind_is_kept_with_a_note(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        heard: list[str] = []
        await datasets.add(
            office.center, "calls", "main", "calls", {"company_id": "227799611"}, say=heard.append
        )
        assert heard == ["Company ID (--company-id) 227799611 was not checked: it is an id of the old kind."]


async def test_what_cannot_be_checked_is_kept_with_a_note(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        heard: list[str] = []
        office.sim.faults.add(Fault("status", "companies.json", 1, None, status=503))
        await datasets.add(office.center, "calls", "main", "calls", {"company_id": "COM1"}, say=heard.append)
        assert len(heard) == 1
        assert heard[0].startswith("Company ID (--company-id) COM1 was not checked: CallRail ")
        assert office.pages_asked("companies.json") == 2


async def test_an_edit_checks_what_it_changes_and_nothing_else(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        await office.dataset()
        with pytest.raises(SettingsError, match="Company ID"):
            await datasets.edit(office.center, "calls", {"company_id": "COMx"})
        company = (await entries(office))[0][0]
        await datasets.edit(office.center, "calls", {"company_id": company})
        before = len(office.sim.requests)
        await datasets.edit(office.center, "calls", {"days_back": "3"})
        assert len(office.sim.requests) == before
