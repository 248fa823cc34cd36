from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from tests.store.databases import KINDS, empty, fresh_store
from tests.store.rows import AT, add_account, add_dataset, add_run
from trunkline.center.tables import accounts, runs
from trunkline.store.connection import Store

NEW_YORK_SUMMER = timezone(timedelta(hours=-4))
SENSITIVE = ["Ångström ☎ 🎉", "quote ' \" \\", "", "x" * 100_000]


@pytest.fixture(scope="module", params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fresh_store(str(request.param), tmp_path_factory.mktemp("types") / "home") as found:
        yield found


@pytest.fixture
def store(opened: Store) -> Store:
    """One for all tests on a database; without rows at the beginning of each."""
    empty(opened)
    return opened


@pytest.mark.parametrize("microsecond", [0, 1, 123456, 999999])
def test_an_instant_comes_back_as_it_went_in(store: Store, microsecond: int) -> None:
    instant = AT.replace(microsecond=microsecond)
    with store.begin() as tx:
        add_account(tx, checked_at=instant)
    with store.read() as tx:
        back = tx.execute(select(accounts.c.checked_at)).scalar_one()
    assert back == instant
    assert back.tzinfo is UTC


def test_an_instant_of_another_zone_is_kept_in_utc(store: Store) -> None:
    with store.begin() as tx:
        add_account(tx, checked_at=datetime(2026, 6, 14, 23, 30, tzinfo=NEW_YORK_SUMMER))
    with store.read() as tx:
        back = tx.execute(select(accounts.c.checked_at)).scalar_one()
    assert back.isoformat() == "2026-06-15T03:30:00+00:00"


def test_instants_are_compared_by_the_microsecond(store: Store) -> None:
    step = timedelta(microseconds=1)
    instants = [AT.replace(microsecond=0), AT - step, AT, AT + step]
    with store.begin() as tx:
        for number, instant in enumerate(instants):
            add_run(tx, None, f"{number}", started_at=instant)
    newest_first = select(runs.c.id).order_by(runs.c.started_at.desc())
    with store.read() as tx:
        assert list(tx.execute(newest_first).scalars()) == ["3", "2", "1", "0"]
        before = newest_first.where(runs.c.started_at < AT.astimezone(NEW_YORK_SUMMER))
        assert list(tx.execute(before).scalars()) == ["1", "0"]
        assert list(tx.execute(newest_first.where(runs.c.started_at == AT)).scalars()) == ["2"]


def test_a_naive_time_is_a_value_error(store: Store) -> None:
    naive = datetime(2026, 6, 14)
    with pytest.raises(ValueError, match="has no time zone"), store.begin() as tx:
        add_account(tx, checked_at=naive)


@pytest.mark.parametrize("text", SENSITIVE)
def test_text_and_json_come_back_as_they_went_in(store: Store, text: str) -> None:
    value = {"text": text, "list": [1, 2.5, None, True, "\x00", "\ud800"]}
    with store.begin() as tx:
        add_account(tx, notes=text, values=value)
    with store.read() as tx:
        row = tx.execute(select(accounts.c.notes, accounts.c["values"])).one()
    assert tuple(row) == (text, value)


def test_free_text_takes_what_no_database_takes(store: Store) -> None:
    with store.begin() as tx:
        add_account(tx, notes="a\x00b\ud800c")
    with store.read() as tx:
        assert tx.execute(select(accounts.c.notes)).scalar_one() == "a\ufffdb\ufffdc"


def test_defaults_fill_what_is_not_given(store: Store) -> None:
    with store.begin() as tx:
        add_run(tx, None, "0001")
    with store.read() as tx:
        run = tx.execute(select(runs)).mappings().one()
    assert (run["warnings"], run["detail"], run["error"]) == ([], {}, "")
    assert (run["cancel_requested"], run["rows_read"], run["waited_seconds"]) == (False, 0, 0.0)
    assert (run["windows_total"], run["rows_expected"], run["ended_at"]) == (None, None, None)


def test_large_and_fractional_numbers_are_exact(store: Store) -> None:
    with store.begin() as tx:
        add_run(tx, None, "0001", bytes=2**62 + 1, seconds=1234567.890123)
    with store.read() as tx:
        assert tuple(tx.execute(select(runs.c.bytes, runs.c.seconds)).one()) == (2**62 + 1, 1234567.890123)


def test_names_differ_by_case_accent_and_trailing_letter(store: Store) -> None:
    with store.begin() as tx:
        for name in ("main", "Main", "máin", "main2"):
            add_account(tx, name)
    with store.read() as tx:
        assert len(tx.execute(select(accounts.c.id).where(accounts.c.name == "main")).all()) == 1


def test_a_number_is_not_given_twice(store: Store) -> None:
    with store.begin() as tx:
        first = add_dataset(tx, add_account(tx))
        tx.execute(accounts.metadata.tables["datasets"].delete())
    with store.begin() as tx:
        account_id = tx.execute(select(accounts.c.id)).scalar_one()
        assert add_dataset(tx, account_id) > first
