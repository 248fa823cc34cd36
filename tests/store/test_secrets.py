import multiprocessing
import os
import stat
import traceback
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.store.databases import fresh_store, settings_at
from tests.store.rows import add_account
from trunkline.errors import SettingsError
from trunkline.store.secrets import KEY_FILE, Vault

SECRET = {"api_key": "c0ffee-opensesame", "pin": "1234 ☎"}
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def vault_with(home: Path, *keys: str) -> Vault:
    return Vault(settings_at(home, secret_key=",".join(keys)))


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    hidden = Vault(settings_at(tmp_path)).encrypt(SECRET)
    assert "opensesame" not in hidden
    assert Vault(settings_at(tmp_path)).decrypt(hidden) == SECRET


def test_nothing_is_kept_as_nothing(tmp_path: Path) -> None:
    vault = Vault(settings_at(tmp_path))
    assert vault.encrypt({}) == ""
    assert vault.decrypt("") == {}
    assert not (tmp_path / KEY_FILE).exists()


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    Vault(settings_at(tmp_path / "home")).encrypt(SECRET)
    file = tmp_path / "home" / KEY_FILE
    made = file.read_bytes()
    Vault(settings_at(tmp_path / "home")).encrypt(SECRET)
    assert file.read_bytes() == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in file.parent.iterdir()] == [KEY_FILE]


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    hidden = Vault(settings_at(tmp_path)).encrypt(SECRET)
    assert Vault(settings_at(tmp_path)).decrypt(hidden) == SECRET
    assert [f.name for f in tmp_path.iterdir()] == [KEY_FILE]


def test_no_key_file_is_made_where_the_setting_holds_the_key(tmp_path: Path) -> None:
    vault_with(tmp_path, NEW).encrypt(SECRET)
    assert list(tmp_path.iterdir()) == []


def test_an_older_key_still_opens_and_the_newest_encrypts(tmp_path: Path) -> None:
    hidden = vault_with(tmp_path, OLD).encrypt(SECRET)
    both = vault_with(tmp_path, NEW, OLD)
    assert both.decrypt(hidden) == SECRET
    assert vault_with(tmp_path, NEW).decrypt(both.encrypt(SECRET)) == SECRET


def test_another_key_is_told_without_the_secret(tmp_path: Path) -> None:
    hidden = vault_with(tmp_path, OLD).encrypt(SECRET)
    with pytest.raises(SettingsError, match="The secret of main was encrypted with another key") as caught:
        vault_with(tmp_path, NEW).decrypt(hidden, "The secret of main")
    told = "".join(traceback.format_exception(caught.value)) + caught.value.todo
    assert KEY_FILE in caught.value.todo
    assert not [word for word in (*SECRET.values(), OLD, NEW, hidden) if word in told]


@pytest.mark.parametrize("text", ["opensesame", "gAAAA☎", "{}"])
def test_a_text_that_was_never_encrypted_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="another key") as caught:
        vault_with(tmp_path, NEW).decrypt(text)
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"opensesame", b"\xff\xfe", OLD[:-2].encode()],
    ids=("empty", "a word", "no text", "cut off"),
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / KEY_FILE
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="holds no valid key") as caught:
        Vault(settings_at(tmp_path)).encrypt(SECRET)
    assert "opensesame" not in str(caught.value) + caught.value.todo
    assert file.read_bytes() == content


def test_a_setting_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="The setting secret_key holds no valid key"):
        vault_with(tmp_path, NEW, "opensesame").encrypt(SECRET)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660])
def test_a_key_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / KEY_FILE
    file.write_text(NEW)
    file.chmod(mode)
    with pytest.raises(SettingsError, match="can be read by others") as caught:
        Vault(settings_at(tmp_path)).encrypt(SECRET)
    assert caught.value.todo == f"Run: chmod 600 {file}"


def test_a_folder_in_place_of_the_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir(mode=0o700)
    with pytest.raises(SettingsError, match="cannot be used"):
        Vault(settings_at(tmp_path)).encrypt(SECRET)


def test_a_vault_shows_nothing(tmp_path: Path) -> None:
    vault = vault_with(tmp_path, NEW)
    vault.encrypt(SECRET)
    assert repr(vault) == str(vault) == "Vault()"


def test_the_database_file_holds_no_plain_secret(tmp_path: Path) -> None:
    vault = Vault(settings_at(tmp_path))
    with fresh_store("sqlite", tmp_path) as store, store.begin() as tx:
        add_account(tx, notes="in plain sight", secrets=vault.encrypt(SECRET))
    written = b"".join(f.read_bytes() for f in tmp_path.iterdir() if f.name.startswith("store."))
    assert b"in plain sight" in written
    assert b"opensesame" not in written
    assert (tmp_path / KEY_FILE).read_bytes().strip() not in written


def _encrypt(home: str) -> str:
    return Vault(settings_at(Path(home))).encrypt(SECRET)


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        hidden = pool.map(_encrypt, [str(tmp_path)] * 8)
    vault = Vault(settings_at(tmp_path))
    assert [vault.decrypt(text) for text in hidden] == [SECRET] * 8


def test_keys_for_another_purpose_are_their_own(tmp_path: Path) -> None:
    both = vault_with(tmp_path, NEW, OLD)
    assert both.keys_for("tickets") == (
        *vault_with(tmp_path, NEW).keys_for("tickets"),
        *vault_with(tmp_path, OLD).keys_for("tickets"),
    )
    assert len({*both.keys_for("tickets"), *both.keys_for("others"), OLD.encode(), NEW.encode()}) == 6
    assert {len(key) for key in both.keys_for("tickets")} == {32}
    with pytest.raises(SettingsError):
        vault_with(tmp_path, "short").keys_for("tickets")
