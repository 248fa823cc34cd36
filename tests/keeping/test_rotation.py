"""The key is exchanged while everything works, and a rotation killed anywhere loses no secret."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert

from tests.center.conftest import NOON
from tests.store.databases import KINDS, fresh_database, settings_at
from tests.store.rows import AT
from trunkline.center import accounts, grants
from trunkline.center.room import Center, open_center
from trunkline.center.tables import grants as grants_table
from trunkline.clock import SteppedClock
from trunkline.dialer.asterisk.servers import Managers
from trunkline.errors import RetryLater, SettingsError
from trunkline.keeping import rotation
from trunkline.keeping.declared import every_table
from trunkline.store.secrets import KEY_FILE, Vault
from trunkline.store.types import Sealed
from trunkline.telephony.access import ManagerAccess


def fill(center: Center, count: int = 3) -> None:
    """Secrets in every table that has some."""
    for number in range(count):
        values = {"api_key": f"key {number}"}
        accounts.add(center, "callrail", f"a{number}", values, accounts.Verdict(accounts.UNTESTED))
    pair = center.vault.encrypt({"access_token": "at", "refresh_token": "rt"})
    first = accounts.get(center, "a0").id
    with center.store.begin() as tx:
        tx.execute(insert(grants_table).values(account_id=first, pair=pair, connected_at=AT))
    access = ManagerAccess("127.0.0.1", "admin", "ami secret", 5038, False, "")
    Managers(center.store, center.vault, center.clock).add("10.0.0.1", access)


def check(center: Center, vault: Vault | None = None) -> None:
    """Every secret is what it was."""
    for account in accounts.all_of(center):
        assert accounts.all_values(center, account.name)["api_key"] == f"key {account.name[1:]}"
    vault = vault or center.vault
    assert Managers(center.store, vault, center.clock).all()[0].access.secret == "ami secret"


@pytest.fixture(params=KINDS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Center]:
    with (
        fresh_database(request.param, tmp_path / "home") as settings,
        open_center(settings, SteppedClock(NOON)) as center,
    ):
        fill(center)
        yield center


def test_every_secret_is_under_the_new_key_and_a_running_process_goes_on(kept: Center) -> None:
    file = kept.settings.home / KEY_FILE
    former = file.read_text()
    done = rotation.rotate(kept.store, kept.settings, kept.clock)
    assert (done.is_new, done.secrets, done.former_keys) == (True, 5, 1)
    assert file.read_text().splitlines()[1] == former.strip()
    assert file.stat().st_mode & 0o777 == 0o600
    check(kept)  # its vault has read the former key before
    assert kept.vault.fingerprints()[0] == done.fingerprint
    assert [key.secrets for key in rotation.keys(kept.store, kept.settings)] == [5, 0]
    with pytest.raises(RetryLater):
        rotation.drop_old(kept.store, kept.settings, kept.clock)
    later = SteppedClock(NOON + timedelta(minutes=2))
    assert rotation.drop_old(kept.store, kept.settings, later).former_keys == 1
    assert len(file.read_text().splitlines()) == 1
    check(kept)
    with pytest.raises(SettingsError, match="no former key"):
        rotation.drop_old(kept.store, kept.settings, later)


def test_what_was_saved_under_the_former_key_meanwhile_is_taken_along_before_it_goes(
    center: Center,
) -> None:
    fill(center)
    late = Fernet((center.settings.home / KEY_FILE).read_text().strip())
    rotation.rotate(center.store, center.settings, center.clock)
    sealed = late.encrypt(b'{"access_token":"new","refresh_token":"r"}').decode()
    with center.store.begin() as tx:
        tx.execute(grants_table.update().values(pair=sealed))
    done = rotation.drop_old(
        center.store, center.settings, SteppedClock(center.clock.now() + timedelta(hours=1))
    )
    assert done.secrets == 1
    with center.store.read() as tx:
        pair = tx.execute(grants_table.select()).mappings().one()["pair"]
    assert Vault(center.settings).decrypt(pair)["access_token"] == "new"
    assert grants  # the room that reads it


def test_keys_of_the_setting_are_exchanged_by_a_person(tmp_path: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with open_center(settings_at(tmp_path, secret_key=old), SteppedClock(NOON)) as center:
        fill(center)
    both = settings_at(tmp_path, secret_key=f"{new},{old}")
    with open_center(both, SteppedClock(NOON)) as center:
        done = rotation.rotate(center.store, both, center.clock)
        assert (done.is_new, done.secrets) == (False, 5)
        with pytest.raises(SettingsError, match="in the setting"):
            rotation.drop_old(center.store, both, center.clock)
    with open_center(settings_at(tmp_path, secret_key=new), SteppedClock(NOON)) as center:
        check(center)
    assert not (tmp_path / KEY_FILE).exists()


def test_a_secret_that_no_key_opens_stops_it_before_anything_changes(center: Center) -> None:
    fill(center)
    file = center.settings.home / KEY_FILE
    file.write_bytes(Fernet.generate_key())
    before = file.read_bytes()
    with pytest.raises(SettingsError, match="No key in force opens 5"):
        rotation.rotate(center.store, center.settings, center.clock)
    file.unlink()
    with pytest.raises(SettingsError, match="is missing"):
        rotation.rotate(center.store, center.settings, center.clock)
    assert not file.exists()
    file.write_bytes(before)


def test_the_columns_of_secrets_are_these() -> None:
    """Whoever adds one that the vault encrypts gives it the type that rotation looks for."""
    found = {
        f"{table.name}.{column.name}"
        for table in every_table()
        for column in table.columns
        if isinstance(column.type, Sealed)
    }
    center = {"accounts.secrets", "grants.pair", "channels.secrets", "export_targets.secrets"}
    assert found == center | {"asterisk_managers.secret", "users.second_factor"}


ROTATE = """
import sys
from pathlib import Path
from trunkline.center.room import open_center
from trunkline.keeping import rotation
from trunkline.settings import load_settings
with open_center(load_settings(Path(sys.argv[1]), {})) as center:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(50):
        rotation.rotate(center.store, center.settings, center.clock)
"""


def test_a_rotation_killed_at_any_moment_loses_nothing_and_is_finished_by_the_next(center: Center) -> None:
    fill(center, 20)
    chance = random.Random(7)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", ROTATE, str(center.settings.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        process.stdin.write(b"\n")
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(chance.random() * 0.15)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        check(center)
        check(center, Vault(center.settings))
    rotation.rotate(center.store, center.settings, center.clock)
    rotation.rotate(center.store, center.settings, center.clock)
    assert rotation.keys(center.store, center.settings)[0].secrets == 22
    check(center)


def test_a_rotation_interrupted_between_file_and_secrets_makes_no_further_key(center: Center) -> None:
    fill(center)
    rotation._put_new_key(center.settings, center.clock.now())
    keys = (center.settings.home / KEY_FILE).read_text()
    done = rotation.rotate(center.store, center.settings, center.clock)
    assert (done.is_new, done.secrets) == (False, 5)
    assert (center.settings.home / KEY_FILE).read_text() == keys
