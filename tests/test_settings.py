"""Settings of an installation: environment before file before default."""

from pathlib import Path

import pytest

from trunkline.errors import SettingsError
from trunkline.settings import (
    BY_NAME,
    FILE,
    SETTINGS,
    Settings,
    examined_settings,
    home_folder,
    load_settings,
)


def write(home: Path, text: str) -> Path:
    (home / FILE).write_text(text, encoding="utf-8")
    return home


def refused(home: Path, **env: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(home, env)
    return caught.value


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.values == {s.name: s.default for s in SETTINGS}
    assert set(settings.sources.values()) == {"default"}
    assert settings.home == tmp_path


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_every_default_is_of_its_type_and_has_help(setting: object) -> None:
    row = next(s for s in SETTINGS if s is setting)
    assert type(row.default) is row.type
    assert row.help.endswith(".")
    assert row.variable == f"TRUNKLINE_{row.name.upper()}"
    assert BY_NAME[row.name] is row


def test_the_file_wins_over_the_default_and_the_environment_over_both(tmp_path: Path) -> None:
    home = write(tmp_path, 'timezone = "Europe/Paris"\nwindow_rows = 500\n')
    settings = load_settings(home, {"TRUNKLINE_WINDOW_ROWS": " 700 ", "PATH": "/bin"})
    assert settings.text("timezone") == "Europe/Paris"
    assert settings.number("window_rows") == 700
    assert settings.sources["timezone"] == "trunkline.toml"
    assert settings.sources["window_rows"] == "TRUNKLINE_WINDOW_ROWS"
    assert settings.sources["log_level"] == "default"


def test_numbers_come_typed(tmp_path: Path) -> None:
    settings: Settings = load_settings(tmp_path, {"TRUNKLINE_HTTP_TIMEOUT_SECONDS": "2.5"})
    assert settings.decimal("http_timeout_seconds") == 2.5
    assert type(settings.values["http_retries"]) is int


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WINDOW_ROWS", "0", "0 must be above 0"),
        ("WINDOW_ROWS", "-1", "-1 must be above 0"),
        ("WINDOW_ROWS", "many", "'many' is no whole number"),
        ("WINDOW_ROWS", "20.5", "'20.5' is no whole number"),
        ("HTTP_TIMEOUT_SECONDS", "long", "'long' is no number"),
        ("HTTP_TIMEOUT_SECONDS", "nan", "nan is no number that can be counted to"),
        ("HTTP_TIMEOUT_SECONDS", "inf", "inf is no number that can be counted to"),
        ("HTTP_RETRIES", "-1", "-1 must be 0 or more"),
        ("TIMEZONE", "Mars/Olympus", "'Mars/Olympus' is no time zone."),
        *(
            ("PUBLIC_URL", text, f"{text!r} is no address like https://trunkline.example.com")
            for text in (
                "trunkline.example.com",
                "ftp://x",
                "https://",
                "https://x/?a",
                "http://[",
            )
        ),
        ("PUBLIC_URL", "https://u:p@x", "it is no address like https://trunkline.example.com"),
        (
            "TRUSTED_PROXIES",
            "127.0.0.1, *",
            "'*' is no address or network such as 127.0.0.1, 10.0.0.0/8 or ::1",
        ),
        (
            "TRUSTED_PROXIES",
            "10.0.0.1/8",
            "'10.0.0.1/8' is no address or network such as 127.0.0.1, 10.0.0.0/8 or ::1",
        ),
        ("DIALER_WRONG_LOGINS_PER_ADDRESS", "-1", "-1 must be 0 or more"),
        ("LOG_LEVEL", "loud", "'loud' is none of debug, info, warning, error"),
    ],
)
def test_a_wrong_value_is_named_with_where_it_came_from(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    error = refused(tmp_path, **{f"TRUNKLINE_{name}": value})
    assert [p.field for p in error.problems] == [name.lower()]
    assert str(error) == f"{name.lower()} from TRUNKLINE_{name}: {sentence}"
    assert "trunkline config" in error.todo


def test_no_retry_at_all_may_be_wished_for(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"TRUNKLINE_HTTP_RETRIES": "0"}).number("http_retries") == 0


def test_wrong_logins_may_go_uncounted(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"TRUNKLINE_DIALER_WRONG_LOGINS_PER_ADDRESS": "0"})
    assert settings.number("dialer_wrong_logins_per_address") == 0


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    home = write(tmp_path, 'timezon = "UTC"\nwindow_rows = -5\n')
    error = refused(home, TRUNKLINE_LOG_LEVL="info", TRUNKLINE_DUCKDB_THREADS="x")
    assert [p.field for p in error.problems] == [
        "timezon",
        "TRUNKLINE_LOG_LEVL",
        "window_rows",
        "duckdb_threads",
    ]
    assert "timezon in trunkline.toml is no setting. Did you mean timezone?" in str(error)
    assert "Did you mean TRUNKLINE_LOG_LEVEL?" in str(error)


def test_the_two_variables_outside_the_table_are_known(tmp_path: Path) -> None:
    env = {"TRUNKLINE_HOME": "/x", "TRUNKLINE_FROZEN_CLOCK": "2026-06-14T12:00:00Z"}
    assert load_settings(tmp_path, env).values == load_settings(tmp_path, {}).values


@pytest.mark.parametrize("content", [b"timezone = ", b"\xff\xfe", b"timezone: UTC"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    error = refused(tmp_path)
    assert str(tmp_path / FILE) in str(error)
    assert error.todo == "Mend the file or take it away."


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert "cannot be read" in str(refused(tmp_path))


def test_home_is_the_flag_then_the_variable_then_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert home_folder("here", {"TRUNKLINE_HOME": "/there"}) == tmp_path / "here"
    assert home_folder(None, {"TRUNKLINE_HOME": "/there"}) == Path("/there")
    assert home_folder("~/mine", {}) == tmp_path / "mine"
    assert home_folder(None, {}) == tmp_path / ".trunkline"
    assert home_folder(None, {"TRUNKLINE_HOME": ""}) == tmp_path / ".trunkline"


@pytest.mark.parametrize("given", ["", "  "])
def test_an_empty_home_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match=r"The home folder \(--home\) is empty."):
        home_folder(given, {})


def test_a_home_in_the_home_of_nobody_is_refused() -> None:
    with pytest.raises(SettingsError, match="~nobody-here/x begins with a user's home"):
        home_folder("~nobody-here/x", {})


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_home_in_a_files_place_is_refused(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("")
    error = refused(file / below)
    assert str(error).startswith(f"The home folder {file / below} will not do: ")
    assert str(error).endswith(" is no folder.")
    assert error.todo == "Name a folder with --home or TRUNKLINE_HOME."


def test_a_home_that_cannot_be_looked_at_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path / ("x" * 300))
    assert "cannot be looked at: File name too long." in str(error)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("TRUNKLINE_WINDOWS_ROW", "Did you mean TRUNKLINE_WINDOW_ROWS?"),
        ("TRUNKLINE_timezone", "Did you mean TRUNKLINE_TIMEZONE?"),
        ("TRUNKLINE_BOGUS", "There are: store_url, warehouse_url, "),
    ],
)
def test_an_unknown_variable_gets_the_nearest_name_or_all(tmp_path: Path, name: str, hint: str) -> None:
    assert f"{name} in the environment is no setting. {hint}" in str(refused(tmp_path, **{name: "1"}))


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("duckdb-threads", "Did you mean duckdb_threads?"),
        ("log_levl", "Did you mean log_level?"),
        ("zzz", "There are: store_url, warehouse_url, "),
    ],
)
def test_an_unknown_key_of_the_file_gets_the_nearest_name_or_all(tmp_path: Path, key: str, hint: str) -> None:
    error = refused(write(tmp_path, f"{key} = 1\n"))
    assert f"{key} in trunkline.toml is no setting. {hint}" in str(error)


def test_wrong_settings_can_be_looked_at_beside_what_is_wrong(tmp_path: Path) -> None:
    settings, wrong = examined_settings(tmp_path, {"TRUNKLINE_BOGUS": "1", "TRUNKLINE_WINDOW_ROWS": "no"})
    assert [p.field for p in wrong] == ["TRUNKLINE_BOGUS", "window_rows"]
    assert (settings.number("window_rows"), settings.sources["window_rows"]) == (10_000, "default")
