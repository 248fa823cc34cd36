"""A stranger's way through accounts: a wrong key, a right one, sharing, replacing, moving, signing in."""

from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import insert

from tests.pages.browsing import Browsing, Scheme, Watched
from tests.pages.conftest import PASSWORD
from tests.pages.serving import Served, served_pages
from tests.pages.test_new_dataset_in_a_browser import ACCOUNT_ID, BOTH, press, pretend
from trunkline.access.roles import Role
from trunkline.access.sessions import Sessions
from trunkline.access.users import Users
from trunkline.center import accounts, datasets
from trunkline.center.room import Center, open_center
from trunkline.center.tables import datasets as datasets_table
from trunkline.settings import load_settings

LONG = "account-of-the-office-with-the-very-long-name-in-the-north.east"


def analyst(served: Served) -> str:
    """The cookie of a colleague."""
    with open_center(load_settings(served.home, {})) as center:
        ann = Users(center.store, center.clock).add("ann@example.com", "Ann Analyst", Role.ANALYST, PASSWORD)
        return Sessions(center.store, center.clock).begin(ann, "127.0.0.1", "a test").text


def fill(page: Page, name: str, key: str, address: str) -> None:
    page.get_by_label("Name of the account").fill(name)
    page.locator("[id='o.api_key']").fill(key)
    if not page.get_by_label("Base URL").is_visible():
        page.get_by_text("More options").click()
    page.get_by_label("Base URL").fill(address)


@BOTH
def test_a_stranger_adds_shares_and_moves_accounts_of_callrail(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    with (
        pretend("callrail", "--calls", "50", "--days", "5") as sim,
        served_pages(tmp_path / "home") as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        page, look = watched.page, f"{size}-{scheme}"
        session = analyst(served)
        watched.go("/accounts")
        watched.picture(f"accounts-empty-{look}")
        watched.go("/connectors")
        watched.picture(f"cloud-app-{look}")
        page.get_by_role("link", name="CallRail", exact=True).click()
        watched.check()
        watched.picture(f"connector-{look}")
        page.get_by_role("link", name="Calls", exact=True).click()
        watched.check()
        watched.picture(f"report-{look}")
        page.go_back()
        page.get_by_role("link", name="Add account").first.click()
        fill(page, LONG, "wrong key", sim)
        press(page, "Test and save")
        expect(page.locator("[id='o.api_key-problem']")).to_be_visible()
        watched.check()
        watched.picture(f"account-refused-{look}")
        fill(page, LONG, "testkey", sim)
        press(page, "Test and save")
        expect(page.get_by_text("CallRail accepts it")).to_be_visible()
        expect(page.get_by_text("2 used").or_(page.get_by_text("1 used")).first).to_be_visible()
        page.get_by_label("Share with").select_option(label="Ann Analyst (ann@example.com)")
        press(page, "Share")
        expect(page.get_by_text("may use " + LONG)).to_be_visible()
        with browsing.page(served.address, size=size, scheme=scheme, session=session) as hers:
            uses_without_seeing(hers, look)
        replaces_and_moves(watched, served, sim, look)


def uses_without_seeing(hers: Watched, look: str) -> None:
    """A colleague finds the account, tests it and begins a dataset with it."""
    hers.go("/accounts")
    hers.picture(f"accounts-shared-{look}")
    hers.page.get_by_role("link", name=LONG).click()
    press(hers.page, "Test")
    expect(hers.page.get_by_text("works: CallRail accepts it")).to_be_visible()
    hers.check()
    hers.picture(f"account-shared-{look}")
    assert "testkey" not in hers.page.content()
    hers.page.get_by_role("link", name="New dataset").click()
    expect(hers.page.get_by_label("Report", exact=True)).to_be_visible()
    assert "testkey" not in hers.page.content()


def replaces_and_moves(watched: Watched, served: Served, sim: str, look: str) -> None:
    page = watched.page
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.locator("[id='o.api_key']")).to_have_value("")
    page.locator("[id='o.api_key']").fill("a wrong one")
    press(page, "Test and save")
    expect(page.locator("[id='o.api_key-problem']")).to_be_visible()
    watched.check()
    watched.picture(f"account-edit-{look}")
    page.locator("[id='o.api_key']").fill("testkey")
    press(page, "Test and save")
    expect(page.get_by_text("CallRail accepts it")).to_be_visible()
    with open_center(load_settings(served.home, {})) as center:
        values = {"api_key": "testkey", "base_url": sim}
        accounts.add(center, "callrail", "second", values, accounts.Verdict(accounts.UNTESTED))
        for number in range(12):
            record_dataset(center, f"calls_{number}")
    watched.go(f"/accounts/{LONG}")
    watched.picture(f"account-{look}")
    page.get_by_role("group", name="Datasets to move").get_by_label("calls_3").check()
    page.get_by_label("To account").select_option("second")
    press(page, "Move the ticked")
    expect(page.get_by_text("Moved to second: calls_3.")).to_be_visible()
    press(page, "Move all 11")
    expect(page.get_by_text("Moved to second: ")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "Remove")
    expect(page.get_by_text("is removed")).to_be_visible()
    watched.check()
    watched.picture(f"accounts-{look}")


def record_dataset(center: Center, name: str) -> None:
    """A dataset made without asking anybody: the test's thread has Playwright's loop."""
    now, options = center.clock.now(), {"account_id": ACCOUNT_ID}
    record = {"name": name, "account_id": accounts.get(center, LONG).id, "report": "tags", "options": options}
    times = {"method": "replace", "description": "", "created_at": now, "updated_at": now}
    with center.store.begin() as tx:
        tx.execute(insert(datasets_table).values(**record, **times))
    assert datasets.get(center, name).account == LONG


@BOTH
def test_a_stranger_signs_in_at_dialpad(
    browsing: Browsing, tmp_path: Path, size: str, scheme: Scheme
) -> None:
    with (
        pretend("dialpad", "--calls", "10") as sim,
        served_pages(tmp_path / "home") as served,
        browsing.page(served.address, size=size, scheme=scheme, session=served.session) as watched,
    ):
        page, look = watched.page, f"{size}-{scheme}"
        watched.go("/accounts/new?connector=dialpad")
        page.get_by_role("link", name="Sign in", exact=True).click()
        page.get_by_label("Name of the account").fill("house")
        page.get_by_label("Client ID").fill("testclient")
        page.get_by_label("Client Secret").fill("testsecret")
        page.get_by_text("More options").click()
        page.get_by_label("Base URL").fill(sim)
        watched.check()
        watched.picture(f"sign-in-form-{look}")
        press(page, "Authenticate with Dialpad")
        expect(page.get_by_role("link", name="Go on to Dialpad")).to_be_visible()
        watched.check()
        watched.picture(f"leave-{look}")
        consent(watched, sim, "Allow")
        expect(page.get_by_text("house is connected to Dialpad.")).to_be_visible()
        assert "code=" not in page.url
        watched.check()
        watched.picture(f"connected-{look}")
        press(page, "Connect again")
        consent(watched, sim, "Deny")
        expect(page.locator(".said.bad")).to_be_visible()
        watched.check()
        watched.picture(f"denied-{look}")


def consent(watched: Watched, sim: str, decision: str) -> None:
    """At the provider, whose pages are not ours to judge."""
    page = watched.page
    page.get_by_role("link", name="Go on to Dialpad").click()
    page.wait_for_url(f"{sim}/**")
    press(page, "A company administrator")
    press(page, decision)
    page.wait_for_url(f"{watched.address}/**")
    watched.wrong[:] = [one for one in watched.wrong if sim not in one and "favicon" not in one]
