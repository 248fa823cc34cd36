"""Operator's files of exchanges and postal codes: what comes of them on each database, all or nothing."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.dialer.numbering import ASSIGNED, file_with, imported, own_database, rows_at
from tests.store.databases import KINDS, fresh_database, settings_at
from trunkline.dialer.database import Row
from trunkline.dialer.numbering import replacing
from trunkline.dialer.numbering.exchanges import EXCHANGES
from trunkline.dialer.numbering.loading import fill_empty, renew
from trunkline.dialer.numbering.postal_files import CODES
from trunkline.dialer.numbering.replacing import Filling, filling
from trunkline.dialer.numbering.shipped import POSTAL_CODES, shipped_rows
from trunkline.dialer.opening import ALWAYS_THERE, dialer_place
from trunkline.dialer.tables import Tables
from trunkline.errors import RetryLater, SettingsError
from trunkline.settings import Settings
from trunkline.store.places import place_of

NANPA, POSTAL = "nanpa_prefix_codes", "postal_codes"
CANADIAN = (
    '"NPA","CO Code (NXX)","Status","Pooled","Exchange Area","Province","Company","OCN","Remarks"\n'
    '416,222,"In Service","N","Toronto","ON","Bell, Canada","8051",\n'
    '867,393,"In Service","N","Whitehorse","YT","","",\n'
    '867,979,"In Service","N","Iqaluit","NU","","",\n'
    '905,999,"Not Available","N","","","","",\n'
)
PLAIN = (
    "areacode;prefix;GMT_offset;DST;latitude;longitude;city;state;zip;country;lata_type\n"
    "312;555;-9;N;41.9;-87.6;Ort;IL;60601;US;W\n"
    "999;200;+5.50;0;;;;;;;\n"
)
US = (
    "US\t99553\tAkutan\tAlaska\tAK\tAleutians East\t013\t\t\t54.143\t-165.7854\t1\n"
    "US\t33701\tSaint Petersburg\tFlorida\tFL\tPinellas\t103\t\t\t27.77\t-82.63\t4\n"
    'US\t32501\t"Pensacola\tFlorida\tFL\tEscambia\t033\t\t\t30.4\t-87.2\t4\n'
    "US\t09001\tAPO AA\t\tAE\t\t\t\t\t38.1\t15.6\t1\n"
    "PR\t00601\tAdjuntas\t\t\tAdjuntas\t001\t\t\t18.16\t-66.72\t1\n"
    "CA\tV6B\tVancouver\tBritish Columbia\tBC\t\t\t\t\t49.27\t-123.11\t6\n"
    "GB\tEC1A\tLondon\tEngland\tENG\t\t\t\t\t51.5\t-0.1\t4\n"
    "US\t33701\tAgain\tFlorida\tFL\tPinellas\t103\t\t\t27.77\t-82.63\t4\n"
)


@pytest.fixture(scope="module", params=KINDS)
def everywhere(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with own_database(str(request.param), tmp_path_factory.mktemp("imports")) as settings:
        yield settings


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    with own_database("sqlite", tmp_path) as settings:
        yield settings


def exchanges(settings: Settings) -> list[Row]:
    return asyncio.run(rows_at(settings, NANPA, "areacode", "prefix"))


def codes(settings: Settings) -> list[str]:
    return [row["postal_code"] for row in asyncio.run(rows_at(settings, POSTAL, "postal_code"))]


def test_assigned_codes_of_the_administrator(everywhere: Settings, tmp_path: Path) -> None:
    done = imported(everywhere, file_with(tmp_path, ASSIGNED))
    assert (done.read, done.written, done.repeated, done.spanning) == (13, 10, 1, 3)
    assert done.left_out == {"of codes that are not assigned": 1, "of places whose time is not known": 1}
    assert done.table == "dialer360_nanpa_prefix_codes"
    found = exchanges(everywhere)
    assert [row["areacode"] + row["prefix"] for row in found] == sorted(
        row["areacode"] + row["prefix"] for row in found
    )
    assert found[0] == {
        "areacode": "201",
        "prefix": "200",
        "GMT_offset": "-5",
        "DST": "Y",
        "latitude": "",
        "longitude": "",
        "city": "JERSEYCITY",
        "state": "NJ",
        "postal_code": "",
        "country": "US",
        "lata_type": "",
    }
    again = imported(everywhere, file_with(tmp_path, ASSIGNED))
    assert (again.before, again.written) == (10, 10)
    assert exchanges(everywhere) == found


def test_another_file_replaces_or_is_added(everywhere: Settings, tmp_path: Path) -> None:
    imported(everywhere, file_with(tmp_path, ASSIGNED))
    done = imported(everywhere, file_with(tmp_path, CANADIAN))
    assert (done.before, done.written) == (10, 3)
    assert [
        (row["areacode"], row["state"], row["GMT_offset"], row["DST"]) for row in exchanges(everywhere)
    ] == [
        ("416", "ON", "-5", "Y"),
        ("867", "YT", "-7", "N"),
        ("867", "NU", "-5", "Y"),
    ]
    added = imported(everywhere, file_with(tmp_path, CANADIAN + "416,223,Assigned,N,,ON,,,\n"), append=True)
    assert (added.before, added.written, added.there_already) == (3, 1, 3)
    assert len(exchanges(everywhere)) == 4


def test_geonames(everywhere: Settings, tmp_path: Path) -> None:
    with filling(dialer_place(everywhere), POSTAL, keeps=False) as table:
        table.empty()
    fill_empty(dialer_place(everywhere))
    shipped = {row["postal_code"] for row in shipped_rows(POSTAL_CODES)}
    done = imported(everywhere, file_with(tmp_path, US), CODES)
    assert (done.read, done.written, done.repeated, done.before) == (8, 5, 1, 0)
    assert done.left_out == {
        "of other countries than the United States and Canada": 1,
        "of places whose time is not known": 1,
    }
    assert done.beginnings == len(shipped)
    rows = {row["postal_code"]: row for row in asyncio.run(rows_at(everywhere, POSTAL, "postal_code"))}
    assert set(rows) - shipped == {"99553", "33701", "32501", "00601", "V6B"}
    assert rows["32501"] == {
        "postal_code": "32501",
        "state": "FL",
        "GMT_offset": "-6",
        "DST": "Y",
        "DST_range": "SSM-FSN",
        "country": "USA",
        "country_code": 1,
    }
    assert (rows["00601"]["state"], rows["V6B"]["GMT_offset"]) == ("PR", "-7")
    assert [loaded.kept for loaded in renew(dialer_place(everywhere))] == [0, 5]
    again = imported(everywhere, file_with(tmp_path, "zip,state\n33702,FL\n"), CODES)
    assert (again.before, again.written, again.beginnings) == (5, 1, len(shipped))
    assert set(codes(everywhere)) - shipped == {"33702"}


def test_a_time_that_is_given_counts(own: Settings, tmp_path: Path) -> None:
    imported(own, file_with(tmp_path, PLAIN))
    first, second = exchanges(own)
    assert (first["GMT_offset"], first["DST"], first["latitude"], first["lata_type"]) == (
        "-9",
        "N",
        "41.9",
        "W",
    )
    assert (second["areacode"], second["GMT_offset"], second["country"]) == ("999", "+5.5", "")


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"\xef\xbb\xbf" + ASSIGNED.encode(), "JERSEYCITY"),
        (ASSIGNED.encode("utf-16"), "JERSEYCITY"),
        (ASSIGNED.replace("\n", "\r\n").encode(), "JERSEYCITY"),
        (ASSIGNED.replace("JERSEYCITY", "SAN JOSÉ").encode("latin-1"), "SAN JOSÉ"),
        (ASSIGNED.replace("JERSEYCITY", "SAN JOSÉ").encode(), "SAN JOSÉ"),
        (("Central Office Codes\n\n" + ASSIGNED).encode(), "JERSEYCITY"),
        ("\n".join([*ASSIGNED.splitlines(), ASSIGNED]).encode(), "JERSEYCITY"),
    ],
)
def test_files_of_any_charset(own: Settings, tmp_path: Path, content: bytes, wanted: str) -> None:
    done = imported(own, file_with(tmp_path, content))
    assert done.written == 10
    assert exchanges(own)[0]["city"] == wanted


def test_values_in_fixed_places(own: Settings, tmp_path: Path) -> None:
    lines = (line.split("\t")[:7] for line in ASSIGNED.splitlines())
    text_ = "\n".join(
        "".join(f"{value:<{width}}" for value, width in zip(line, (8, 8, 8, 24, 16, 16, 8), strict=True))
        for line in lines
    )
    assert imported(own, file_with(tmp_path, text_)).written == 10
    assert exchanges(own)[0]["city"] == "JERSEYCITY"


HEAD = "areacode,prefix,state,GMT_offset,DST,latitude\n"
GOOD = "201,200,NJ,,,\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + GOOD + "20A,200,NJ,,,\n", "line 3, column areacode: '20A' came, not three digits."),
        (HEAD + GOOD + "201,,NJ,,,\n", "line 3, column prefix: nothing came, not three digits."),
        (HEAD + "201,200,NJ,noon,Y,\n", "column GMT_offset: 'noon' came, not a number of hours"),
        (HEAD + "201,200,NJ,-99,Y,\n", "column GMT_offset: '-99' came"),
        (HEAD + "201,200,NJ,nan,Y,\n", "column GMT_offset: 'nan' came"),
        (HEAD + "201,200,NJ,-5,maybe,\n", "column DST: 'maybe' came, not Y or N."),
        (HEAD + "201,200,NJ,,,north\n", "column latitude: 'north' came, not a number from -90 to 90."),
        (HEAD + GOOD + "201,200,NJ,,,,extra\n", "line 3: 7 values came, where 6 belong."),
        ("State\tNPA-NXX\nNJ\t201/200\n", "column NPA-NXX: '201/200' came, not three digits, a dash and"),
        (HEAD + GOOD + '202,"200,NJ\n', "is no CSV"),
        ("a,b,c\n1,2,3\n", "has no header that names NPA-NXX or areacode and prefix; 'a b c' came."),
        ("201,200\n202,200\n", "has no header"),
        (HEAD, "has no row that can be used: there are no lines under its header."),
        (HEAD + "500,200,XX,,,\n", "no row that can be used: 1 lines, 1 of places whose time is not known."),
        ("", "is empty."),
        (" \n\n \n", "is empty."),
        (b"PK\x03\x04" + b"x" * 99, "is a ZIP archive or a spreadsheet, not a text file."),
        (b"\x1f\x8b\x08" + b"x" * 99, "is a gzip archive, not a text file."),
        (b"areacode,prefix\n201,\0\0\0\n", "holds zero bytes: it is no text file."),
        (b"\xff\xfea", "is no text file"),
        (HEAD + "\n".join(["bad,bad,,,,"] * 30), "line 11, column areacode: 'bad' came"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    own: Settings, tmp_path: Path, content: str | bytes, said: str
) -> None:
    imported(own, file_with(tmp_path, ASSIGNED))
    before = exchanges(own)
    path = file_with(tmp_path, content, "wrong.txt")
    with pytest.raises(SettingsError) as caught:
        imported(own, path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.todo
    assert len(caught.value.problems) <= 10
    assert exchanges(own) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1001,MA,US", "column postal_code: '1001' came, not a ZIP code of five digits, or five and four."),
        ("K1,ON,CA", "column postal_code: 'K1' came, not a Canadian postal code such as K1A or K1A 0B1."),
        (",MA,US", "column postal_code: nothing came, not a ZIP code"),
    ],
)
def test_wrong_postal_codes(own: Settings, tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        imported(own, file_with(tmp_path, f"zip,state,country\n{line}\n"), CODES)
    assert f"line 2, {said}" in str(caught.value)


def test_postal_codes_are_written_alike(own: Settings, tmp_path: Path) -> None:
    imported(
        own, file_with(tmp_path, "postal code|country\nk1a0b1|Canada\nK1B 0B1|CA\n33701-1234|usa\n"), CODES
    )
    assert {"K1A 0B1", "K1B 0B1", "33701-1234"} <= set(codes(own))


def test_a_file_that_is_not_there(own: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        imported(own, tmp_path / "none.txt")


def test_a_failure_in_the_middle_leaves_the_table_as_it_was(
    everywhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(everywhere, file_with(tmp_path, CANADIAN))
    before = exchanges(everywhere)
    many = HEAD + "".join(f"201,{n},NJ,,,\n" for n in range(200, 900)) * 3
    calls = fails_at(monkeypatch, 2)
    monkeypatch.setattr("trunkline.dialer.numbering.importing.ROWS_AT_ONCE", 200)
    with pytest.raises(ZeroDivisionError):
        imported(everywhere, file_with(tmp_path, many))
    assert calls[0] == 2
    assert exchanges(everywhere) == before


def fails_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[int]:
    """Make the table refuse a batch; how many were tried."""
    calls, add = [0], Filling.add

    def refused(table: Filling, rows: Any) -> None:
        calls[0] += 1
        if calls[0] == number:
            raise ZeroDivisionError
        add(table, rows)

    monkeypatch.setattr(Filling, "add", refused)
    return calls


def test_progress_is_told(own: Settings, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int | None]] = []
    many = HEAD + "".join(f"{area},{n},NJ,,,\n" for area in (201, 551, 609) for n in range(200, 900))
    imported(own, file_with(tmp_path, many), on_rows=lambda *told: heard.append(told))
    assert heard == [
        *(("read", n, None) for n in (1_000, 2_000)),
        *(("written", n, 2_100) for n in (1_000, 2_000, 2_100)),
    ]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_two_imports_at_once_do_not_mix(kind: str, tmp_path: Path) -> None:
    """The second waits, or is told to come back; the table is never that of both."""
    with own_database(kind, tmp_path) as settings:
        first = file_with(tmp_path, HEAD + "".join(f"201,{n},NJ,,,\n" for n in range(200, 900)), "a.csv")
        second = file_with(tmp_path, HEAD + "".join(f"312,{n},IL,,,\n" for n in range(200, 900)), "b.csv")
        refused: list[BaseException] = []

        def bring(path: Path) -> None:
            try:
                imported(settings, path)
            except RetryLater as error:
                refused.append(error)

        threads = [threading.Thread(target=bring, args=(path,)) for path in (first, second) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = exchanges(settings)
        assert len(found) == 700
        assert len({row["areacode"] for row in found}) == 1
        assert len(refused) < len(threads)


@pytest.fixture(params=["InnoDB", "MyISAM", "Aria"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A running dialer on MariaDB whose numbering tables have one of its engines."""
    with fresh_database("mariadb", tmp_path / "home") as settings:
        place, tables = place_of(settings), Tables("vicidial_")
        engine = create_engine(place.url)
        some = [tables[name] for name in (*ALWAYS_THERE, NANPA, POSTAL)]
        tables.metadata.create_all(engine, tables=some)
        with engine.begin() as connection:
            for name in (NANPA, POSTAL):
                connection.execute(text(f"ALTER TABLE vicidial_{name} ENGINE={request.param}"))
        engine.dispose()
        url = settings.text("store_url")
        yield settings_at(tmp_path / "home", dialer_url=url, dialer_prefix="vicidial_")


def test_a_running_dialers_tables_are_replaced_only_when_that_is_said(
    running: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_with(tmp_path, ASSIGNED, "assigned.txt")
    with pytest.raises(SettingsError, match=r"its own rows of vicidial_nanpa_prefix_codes would be replaced"):
        imported(running, path)
    assert exchanges(running) == []
    assert imported(running, path, is_sure=True).written == 10
    before = exchanges(running)
    assert imported(running, file_with(tmp_path, CANADIAN), append=True, is_sure=True).written == 3
    assert len(exchanges(running)) == 13
    assert imported(running, path, is_sure=True).before == 13
    with monkeypatch.context() as patch:
        fails_at(patch, 1)
        with pytest.raises(ZeroDivisionError):
            imported(running, file_with(tmp_path, CANADIAN), is_sure=True)
    assert exchanges(running) == before
    assert imported(running, file_with(tmp_path, US), CODES, is_sure=True).beginnings == 0
    assert len(codes(running)) == 5
    assert not [name for name in tables_of(running) if name not in known_tables()]


def known_tables() -> set[str]:
    tables = Tables("vicidial_")
    return {tables[name].name for name in (*ALWAYS_THERE, NANPA, POSTAL)}


def tables_of(settings: Settings) -> list[str]:
    engine = create_engine(dialer_place(settings).place.url)
    with engine.connect() as connection:
        found = [str(row[0]) for row in connection.execute(text("SHOW TABLES"))]
    engine.dispose()
    return found


def test_a_dialer_without_the_table_is_told(tmp_path: Path) -> None:
    with fresh_database("mariadb", tmp_path / "home") as settings:
        place, tables = place_of(settings), Tables("vicidial_")
        engine = create_engine(place.url)
        tables.metadata.create_all(engine, tables=[tables[name] for name in ALWAYS_THERE])
        engine.dispose()
        there = settings_at(
            tmp_path / "home", dialer_url=settings.text("store_url"), dialer_prefix="vicidial_"
        )
        with pytest.raises(SettingsError, match="lacks of vicidial_nanpa_prefix_codes: the whole table"):
            imported(there, file_with(tmp_path, ASSIGNED), is_sure=True)


def test_batches_have_all_rows() -> None:
    rows = [{"n": str(n)} for n in range(2_500)]
    found = list(replacing.in_batches(rows))
    assert [len(batch) for batch in found] == [1_000, 1_000, 500]
    assert [row for batch in found for row in batch] == rows


def test_what_names_a_key_is_a_column() -> None:
    tables = Tables()
    for kind in (EXCHANGES, CODES):
        assert set(kind.key) <= set(tables[kind.table].c.keys())
