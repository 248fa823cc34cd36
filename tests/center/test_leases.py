"""Who works on a dataset is known to all machines that share a store, and to none for ever."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.databases import fresh_database
from tests.store.rows import add_account, add_dataset
from trunkline.center import leases, occupancy, order_queries
from trunkline.center.room import Center, open_center
from trunkline.clock import SteppedClock
from trunkline.errors import RetryLater
from trunkline.settings import load_settings

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(params=("postgresql", "mariadb"))
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Center, Center, int]]:
    """Two homes on one store, and the dataset they share."""
    clock = SteppedClock(NOON)
    with fresh_database(str(request.param), tmp_path / "one") as settings:
        url = {"TRUNKLINE_STORE_URL": settings.text("store_url")}
        for name in ("one", "two"):
            (tmp_path / name).mkdir(exist_ok=True)
        with (
            open_center(load_settings(tmp_path / "one", url), clock) as one,
            open_center(load_settings(tmp_path / "two", url), clock) as two,
        ):
            with one.store.begin() as tx:
                dataset_id = add_dataset(tx, add_account(tx))
            yield one, two, dataset_id


def test_a_dataset_is_one_machines_at_a_time(machines: tuple[Center, Center, int]) -> None:
    one, two, dataset_id = machines
    with occupancy.held(one, dataset_id, "calls") as holder:
        assert holder
        for center in (one, two):
            with pytest.raises(RetryLater, match="calls"), occupancy.held(center, dataset_id, "calls"):
                pass
    with occupancy.held(two, dataset_id, "calls") as holder:
        assert holder


def test_a_lease_that_is_not_renewed_runs_out(machines: tuple[Center, Center, int]) -> None:
    one, two, dataset_id = machines
    clock = one.clock
    assert isinstance(clock, SteppedClock)
    with leases.held(one, dataset_id) as slow:
        assert slow
        clock.advance(leases.LEASE.total_seconds() / 2)
        assert leases.renew(one, dataset_id, slow)
        clock.advance(leases.LEASE.total_seconds() * 0.9)
        assert not leases.is_free(two, dataset_id)
        clock.advance(5)
        assert leases.is_free(two, dataset_id)
        with leases.held(two, dataset_id) as quick:
            assert quick
            assert not leases.renew(one, dataset_id, slow), "it is another's by now"
        assert leases.is_free(one, dataset_id)


def test_of_a_killed_process_on_this_machine_is_known_at_once(
    machines: tuple[Center, Center, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, dataset_id = machines
    with monkeypatch.context() as patch:
        patch.setattr(order_queries, "end_lease", lambda tx, dataset_id, holder: None)
        patch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
        with leases.held(one, dataset_id) as killed:
            assert killed
    assert not leases.is_free(two, dataset_id), "another machine has to wait"
    assert leases.is_free(one, dataset_id)
    with leases.held(one, dataset_id) as holder:
        assert holder
