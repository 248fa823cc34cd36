"""Backup, restore, key and apply as people type them."""

import json
import zipfile
from pathlib import Path

from tests.cli.conftest import Terminal


async def test_a_backup_becomes_another_home(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    assert (await terminal.type("backup", str(file))).code == 1  # nothing to keep, and no home is made
    assert not terminal.home.exists()
    await terminal.with_calls()
    await terminal.type("run", "calls")
    made = await terminal.type("backup", str(file), "--with-key", "--json")
    assert made.json["parts"] == ["store.sqlite3", "warehouse.duckdb", "secret.key"]
    other = Terminal(tmp_path / "other", terminal.sim)
    restored = await other.type("restore", str(file), "--json")
    assert (restored.code, restored.json["notes"]) == (0, [])
    count = "select count(*) as n from datasets.calls"
    assert (await other.type("query", count, "--json")).json == (
        await terminal.type("query", count, "--json")
    ).json
    again = await other.type("restore", str(file))
    assert (again.code, "has something in it already" in again.err) == (1, True)
    assert "--force" in again.err


async def test_without_its_key_a_restored_home_says_what_to_do(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    await terminal.type("backup", str(tmp_path / "b.zip"))
    other = Terminal(tmp_path / "other", terminal.sim)
    assert "The key is missing" in (await other.type("restore", str(tmp_path / "b.zip"))).err
    told = await other.type("doctor", "--json")
    (finding,) = (f for f in told.json if f["name"] == "key file")
    assert (told.code, finding["state"]) == (1, "error")
    key = terminal.home / "secret.key"
    (other.home / "secret.key").write_bytes(key.read_bytes())
    (other.home / "secret.key").chmod(0o600)
    assert (await other.type("doctor")).code == 0


async def test_what_is_no_backup_is_told(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    assert "There is no file" in (await terminal.type("restore", str(file))).err
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("a", "b")
    told = await terminal.type("restore", str(file), "--json")
    assert (told.code, "no backup" in told.json["error"]["message"]) == (1, True)
    told = await terminal.type("restore", str(tmp_path))
    assert told.err.startswith(f"Error: {tmp_path} cannot be read: Is a directory.")
    assert not terminal.home.exists()
    nowhere = await Terminal(Path("/proc/none"), terminal.sim).type("restore", str(file))
    assert nowhere.err.startswith("Error: /proc/none cannot be written: No such file")


async def test_the_key_is_exchanged(terminal: Terminal) -> None:
    await terminal.with_calls()
    before = (await terminal.type("key", "list", "--json")).json
    assert [(key["newest"], key["secrets"]) for key in before] == [(True, 1)]
    done = (await terminal.type("key", "rotate", "--json")).json
    assert (done["is_new"], done["secrets"]) == (True, 1)
    after = (await terminal.type("key", "list", "--json")).json
    assert [key["fingerprint"] for key in after] == [done["fingerprint"], before[0]["fingerprint"]]
    assert (await terminal.type("key", "drop-old")).code == 1
    assert (await terminal.type("run", "calls")).code == 0


async def test_a_file_is_applied(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.with_calls()
    file = tmp_path / "data.toml"
    file.write_text((await terminal.type("apply", "--export")).out)
    assert "Everything is as the file says." in (await terminal.type("apply", str(file))).out
    file.write_text(file.read_text() + '\n[datasets.firms]\naccount = "main"\nreport = "companies"\n')
    shown = await terminal.type("apply", str(file), "--json")
    assert (shown.json["changes"][0]["action"], shown.json["applied"]) == ("add", False)
    asked = await terminal.type("apply", str(file))
    assert (asked.code, "+ dataset firms" in asked.out, "not answered" in asked.err) == (1, True, True)
    assert len((await terminal.type("dataset", "list", "--json")).json) == 1
    assert json.loads((await terminal.type("apply", str(file), "--yes", "--json")).out)["applied"]
    assert len((await terminal.type("dataset", "list", "--json")).json) == 2
