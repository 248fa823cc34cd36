"""`trunkline dialer numbering`, `import-nanpa`, `import-postal`, and what `dialer init` loads."""

from pathlib import Path

from tests.cli.conftest import Terminal
from tests.dialer.numbering import ASSIGNED, file_with
from trunkline.dialer.numbering.shipped import PHONE_CODES, POSTAL_CODES, shipped_rows, since_of

AREAS, BEGINNINGS = (len(shipped_rows(name)) for name in (PHONE_CODES, POSTAL_CODES))


async def test_init_loads_what_is_shipped_and_numbering_renews_it(terminal: Terminal, tmp_path: Path) -> None:
    made = await terminal.type("dialer", "init", "--password", "firstpass", "--json")
    assert made.code == 0, made.err
    assert f"area codes ({AREAS:,})" in made.json["made"]
    assert f"beginnings of postal codes ({BEGINNINGS:,})" in made.json["made"]
    again = await terminal.type("dialer", "init", "--user", "second", "--password", "firstpass", "--json")
    assert again.json["made"] == ["user second"]
    path = file_with(tmp_path, "zip,state\n33701,FL\n", "codes.csv")
    assert (await terminal.type("dialer", "import-postal", str(path))).code == 0
    told = await terminal.type("dialer", "numbering")
    assert told.out.splitlines() == [
        f"{AREAS:,} area codes.",
        f"{BEGINNINGS:,} beginnings of postal codes, beside 1 imported code.",
        f"Their rules of summer time are those of the year from {since_of(PHONE_CODES)} on.",
    ]
    as_json = (await terminal.type("dialer", "numbering", "--json")).json
    assert as_json == {
        "rules_since": str(since_of(PHONE_CODES)),
        "rows": {PHONE_CODES: AREAS, POSTAL_CODES: BEGINNINGS},
    }


async def test_an_import_tells_what_came_of_it(terminal: Terminal, tmp_path: Path) -> None:
    path = file_with(tmp_path, ASSIGNED, "assigned.txt")
    told = await terminal.type("dialer", "import-nanpa", str(path))
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines() == [
        "13 lines read, 10 rows written to dialer360_nanpa_prefix_codes.",
        "1 line repeated an earlier one: the first counts.",
        "1 line left out: of codes that are not assigned.",
        "1 line left out: of places whose time is not known.",
        "3 rows: the area code has several times; they got that of most people.",
    ]
    again = (await terminal.type("dialer", "import-nanpa", str(path), "--append", "--json")).json
    assert (again["written"], again["there_already"], again["before"]) == (0, 10, 10)
    replaced = await terminal.type("dialer", "import-nanpa", str(path))
    assert "They take the place of 10 rows." in replaced.out


async def test_a_wrong_file_is_told_in_words_and_json(terminal: Terminal, tmp_path: Path) -> None:
    path = file_with(tmp_path, "areacode,prefix\n20A,200\n201,2\n", "wrong.csv")
    told = await terminal.type("dialer", "import-nanpa", str(path))
    assert told.code == 1
    assert f"{path}, line 2, column areacode: '20A' came, not three digits." in told.err
    assert f"{path}, line 3, column prefix: '2' came, not three digits." in told.err
    assert "Nothing was imported." in told.err
    as_json = await terminal.type("dialer", "import-nanpa", str(path), "--json")
    assert [problem["field"] for problem in as_json.json["error"]["problems"]] == ["areacode", "prefix"]


async def test_a_running_dialer_is_left_alone(terminal: Terminal, tmp_path: Path) -> None:
    terminal.env["TRUNKLINE_DIALER_PREFIX"] = "vicidial_"
    path = file_with(tmp_path, ASSIGNED, "assigned.txt")
    for words, said in (
        (("numbering",), "its tables are not set up from here"),
        (("import-nanpa", str(path)), "Give --yes if that is meant."),
        (("import-postal", str(path)), "Give --yes if that is meant."),
    ):
        told = await terminal.type("dialer", *words)
        assert told.code == 1
        assert said in told.err
