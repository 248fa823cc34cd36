"""`trunkline clickto` as people type it."""

import gzip
import json
from pathlib import Path

from tests.clickto.conftest import SAMPLE_CSV, SAMPLE_XML
from tests.web.serving import run


async def test_history_goes_in_and_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, out, err = await run(home, "clickto", "import", str(SAMPLE_CSV))
    assert (code, err) == (0, "")
    assert out == "2 rows of 2 days, 2017-01-13 to 2017-02-01: 2 new, 0 there already.\n"
    code, out, _ = await run(
        home, "clickto", "import", "-", "--json", stdin=SAMPLE_XML.read_text("iso-8859-1")
    )
    assert (code, json.loads(out)["added"], json.loads(out)["already_there"]) == (0, 0, 2)
    code, out, err = await run(home, "clickto", "export")
    assert (code, out, err) == (0, SAMPLE_CSV.read_text(), "426 B written to standard output.\n")
    target = tmp_path / "out.xml"
    flags = ("--format", "xml", "--to", str(target))
    assert (await run(home, "clickto", "export", *flags))[0] == 0
    assert target.read_bytes() == SAMPLE_XML.read_bytes()
    for days, lines in ((("--end-date", "2017-01-31"), 1), (("--start-date", "20170114", "--ref", "x"), 0)):
        code, out, _ = await run(home, "clickto", "export", *days)
        assert (code, out.count("\n")) == (0, lines)


async def test_wrong_files_and_days_are_told_and_change_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    packed = tmp_path / "report.csv.gz"
    packed.write_bytes(gzip.compress(SAMPLE_CSV.read_bytes()))
    wrong = (
        (("import", str(packed)), "report.csv.gz, line 1: this is no header of the report"),
        (("import", str(SAMPLE_CSV), "--charset", "klingon"), "'klingon' is no charset"),
        (("import", str(SAMPLE_CSV), "--block", "7"), "There is no block 7."),
        (("export", "--start-date", "20170230"), "start_date is '20170230': that day does not exist"),
        (("key", "revoke", "x", "--yes"), "There is no key named 'x'."),
        (("key", "revoke", "x"), "There is no key named 'x'."),
    )
    for words, told in wrong:
        code, out, err = await run(home, "clickto", *words)
        assert (code, out) == (1, ""), words
        assert told in err
    assert (await run(home, "clickto", "export"))[1].count("\n") == 0


async def test_reading_makes_no_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for words in (("export",), ("block", "list"), ("key", "list")):
        code, _, err = await run(home, "clickto", *words)
        assert (code, "There is no Trunkline home" in err) == (1, True)
    assert not home.exists()


async def test_blocks_and_keys_are_kept_by_hand(tmp_path: Path) -> None:
    home = tmp_path / "home"
    added = ("block", "add", "findme_list", "Desk", "--numbers", "101, 102", "--id", "77", "--owner", "Ann")
    assert await run(home, "clickto", *added) == (0, "Block 77 made.\n", "")
    code, out, _ = await run(home, "clickto", "block", "edit", "77", "--hours", "mon 09:00-10:00", "--json")
    assert (code, json.loads(out)["hours"], json.loads(out)["numbers"]) == (
        0,
        "mon 09:00-10:00",
        ["101", "102"],
    )
    code, out, _ = await run(home, "clickto", "block", "list")
    assert (code, "findme_list" in out, "mon 09:00-10:00" in out) == (0, True, True)
    code, out, err = await run(home, "clickto", "key", "add", "web", "--blocks", "77", "--json")
    made = json.loads(out)
    assert (code, err, made["blocks"]) == (0, "", [77])
    assert {"access_key", "secret_access_key"} <= set(made)
    code, out, err = await run(
        home, "clickto", "key", "add", "old", "--access-key", "foo", "--secret", "-", stdin="bar\n"
    )
    assert (code, "foo" in out, "The secret is short" in err) == (0, True, True)
    code, out, _ = await run(home, "clickto", "key", "list")
    assert (code, made["secret_access_key"] in out, "web" in out) == (0, False, True)
    assert (await run(home, "clickto", "key", "revoke", "web", "--yes"))[1] == "Key web revoked.\n"
    code, _, err = await run(home, "clickto", "block", "remove", "77")
    assert (code, "Nothing was removed" in err) == (1, True)
    assert (await run(home, "clickto", "block", "remove", "77", "--yes"))[1] == "Block 77 removed.\n"
    code, out, _ = await run(home, "clickto", "block", "list")
    assert (code, out.startswith("No block yet.")) == (0, True)
