"""Answers of the Dialer360 API: headers of both dialects, values that hold anything, and what is no table."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.connectors.dialer360_reading import SECRET, received, table, understood
from trunkline.connectors.dialer360.answers import agents_named, groups_named
from trunkline.connectors.dialer360.shapes import MOST_ROWS, SHAPES
from trunkline.errors import (
    DataError,
    KeyRefused,
    NotAllowed,
    ProviderError,
    RetryLater,
    SettingsError,
    TrunklineError,
)

STATISTICS = (
    *("1029", "test agent", "ADMIN", "1", "112", "16", "16", "28", "16.7%", "54", "3", "37", "5"),
    *("11", "48.2%", "2", "32"),
)
CALL = ("7275551212", "2026-06-15 10:00:00", "101", "25", "SALE", "AGENT", "TD", "web", "1000")
AGENT = (
    "1000",
    "TESTCAMP",
    "8600051",
    "INCALL",
    "12345",
    "M4",
    "1",
    "Test Agent",
    "AGENTS",
    "3",
    "LOGIN",
    "",
)
OUT = {"direction": "out"}


# -- the two dialects ------------------------------------------------------------------------------


def test_seventeen_values_under_sixteen_names_are_all_understood() -> None:
    function = "agent_stats_export"
    documented, _ = understood(function, table(function, STATISTICS))
    original, _ = understood(function, table(function, STATISTICS, header=SHAPES[function].names[:-1]))
    assert documented == original
    assert (documented[0]["total_wait_time"], documented[0]["pct_of_queue"]) == ("32", "16.7")
    assert documented[0]["day"] == "2026-06-15"


def test_values_that_do_not_stand_where_the_header_says_are_put_right() -> None:
    function = "did_log_export"
    documented = table(function, ("3125551212", "2026-06-15 12:00:01", "7275551212", "123"))
    original = table(function, ("3125551212", "7275551212", "2026-06-15 12:00:01", "123"))
    rows, _ = understood(function, documented)
    assert understood(function, original)[0] == rows
    assert (rows[0]["call_date"], rows[0]["caller_id_number"]) == ("2026-06-15 12:00:01", "7275551212")


def test_columns_in_another_order_and_further_ones_are_read_by_their_names() -> None:
    header = (
        *("call_id", "custtime", "call_date", "phone", "call_type", "campaign_id", "list_id", "status"),
        "user",
    )
    values = ("M40509", "7", "2026-06-15 09:26:09", "3125551212", "OUTBOUND_MANUAL", "C", "999", "A", "6666")
    rows, _ = understood("callid_info", table("callid_info", values, header=header))
    assert {name: rows[0][name] for name in header} == dict(zip(header, values, strict=True))


def test_a_server_without_sub_statuses_is_understood() -> None:
    header = SHAPES["logged_in_agents"].names[:10]
    rows, _ = understood("logged_in_agents", table("logged_in_agents", AGENT[:10], header=header))
    assert "pause_code" not in rows[0]
    assert rows[0]["full_name"] == "Test Agent"


def test_a_field_that_is_made_here_is_not_overwritten_by_one_that_comes() -> None:
    header = (*SHAPES["recording_lookup"].names, "day")
    row = ("2026-06-15 10:00:00", "1000", "1", "2", "x", "theirs")
    rows, _ = understood("recording_lookup", table("recording_lookup", row, header=header))
    assert (rows[0]["day"], rows[0]["day_2"]) == ("2026-06-15", "theirs")


# -- what values may hold --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a|b|c",
        'say "hi", twice',
        "a,b",
        "two\nlines",
        "tab\there",
        "\n",
        "\t",
        "a\tb\nc\td",
        "\n\n",
        "é ü 漢",
    ],
)
def test_free_texts_hold_anything_and_their_rows_stay_whole(text: str) -> None:
    odd = (*CALL[:7], text, CALL[8])
    rows, _ = understood("phone_number_log", table("phone_number_log", CALL, odd, CALL), **OUT)
    assert [row["source_id"] for row in rows] == ["web", text, "web"]
    assert [row["user"] for row in rows] == ["1000"] * 3
    names = (AGENT, (*AGENT[:7], text, *AGENT[8:]), AGENT)
    agents, _ = understood("logged_in_agents", table("logged_in_agents", *names))
    assert [(row["full_name"], row["user_group"]) for row in agents][1] == (text, "AGENTS")
    figures = (STATISTICS, (STATISTICS[0], text, *STATISTICS[2:]), STATISTICS)
    stats, _ = understood("agent_stats_export", table("agent_stats_export", *figures))
    assert [(row["full_name"], row["total_wait_time"]) for row in stats][1] == (text, "32")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8)))
@example(["x\ty\nz", "\n7275551212\t2026", "0\t2026-06-15 10:00:0"])
def test_rows_come_back_whatever_their_free_texts_hold(texts: list[str]) -> None:
    odd = [(*CALL[:7], text, CALL[8]) for text in texts]
    rows, _ = understood("phone_number_log", table("phone_number_log", *odd), **OUT)
    assert [row["source_id"] or "" for row in rows] == texts


def test_lines_may_end_in_two_characters() -> None:
    content = table("phone_number_log", CALL, (*CALL[:7], "a\nb", CALL[8])).replace("\n", "\r\n")
    rows, _ = understood("phone_number_log", content.replace("a\r\nb", "a\nb"), **OUT)
    assert [(row["source_id"], row["user"]) for row in rows] == [("web", "1000"), ("a\nb", "1000")]


def test_letters_of_an_old_server_are_read_and_told() -> None:
    content = table("recording_lookup", ("2026-06-15 10:00:00", "1000", "1", "2", "René")).encode("cp1252")
    rows, notes = understood("recording_lookup", content)
    assert rows[0]["location"] == "René"
    assert notes == ["1 line of Report, 15 Jun 2026: no UTF-8, read as Windows-1252."]


@pytest.mark.parametrize(
    ("text", "day", "change"),
    [
        ("2026-06-15 23:59:59", "2026-06-15", None),
        ("2025-11-02 01:30:00", "2025-11-02", "repeated"),
        ("2026-03-08 02:30:00", "2026-03-08", "skipped"),
        ("0000-00-00 00:00:00", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_local_times_tell_their_day_and_what_the_clocks_did(text: str, day: Any, change: Any) -> None:
    row = (text, "1000", "1", "2", "x")
    rows, notes = understood("recording_lookup", table("recording_lookup", row))
    assert (rows[0]["day"], rows[0]["clock_change"], rows[0]["time_zone"]) == (
        day,
        change,
        "America/New_York",
    )
    assert len(notes) == (change is not None)


# -- what is no table ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "line 1 is missing"),
        ("start_time\tuser\trec", "line 1 breaks off"),
        ("<html><body>Hello</body></html>\n", "line 1 begins a web page"),
        ("<br />\n<b>Warning</b>: mysqli\n", "line 1 begins a web page"),
        ("a\tb\n", "line 1 is no header of recording_lookup"),
        (table("recording_lookup", ("x", "1000", "1", "2")), "line 2 holds 4 values where 5 belong"),
        (table("recording_lookup", ("x", "1000", "1", "2", "a", "b")), "line 2 holds 6 values where 5"),
        (table("recording_lookup", ("x", "1000", "1", "2", "a"))[:-1], "line 2 breaks off"),
    ],
)
def test_what_cannot_be_understood_names_the_line(content: str, line: str) -> None:
    with pytest.raises(DataError, match=line):
        understood("recording_lookup", content)


@pytest.mark.parametrize(
    "end", ["PHP Fatal error: out of memory\n", "ERROR: something\n", "7275551212\t2026-06-15 10:00:00\t1\n"]
)
def test_an_answer_that_ends_in_something_else_is_not_taken(end: str) -> None:
    with pytest.raises(DataError, match=r"line [23] "):
        understood("phone_number_log", table("phone_number_log", CALL) + end, **OUT)


def test_a_row_without_end_is_given_up() -> None:
    with pytest.raises(DataError, match="begins a row of 200 lines"):
        understood("phone_number_log", table("phone_number_log", ("7275551212",)) + "x\n" * 300, **OUT)


def test_as_many_rows_as_a_server_sends_at_most_are_not_taken_for_all() -> None:
    row = ("2026-06-15 10:00:00", "1000", "1", "2", "x")
    head = table("recording_lookup")
    few = head + ("\t".join(row) + "\n") * (MOST_ROWS - 1)
    assert len(understood("recording_lookup", few)[0]) == MOST_ROWS - 1
    with pytest.raises(ProviderError, match="sends at most 100,000 rows") as caught:
        understood("recording_lookup", few + "\t".join(row) + "\n")
    assert "Nothing was changed" in caught.value.todo


# -- messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "text", "kind", "words"),
    [
        ("did_log_export", "Login incorrect, please try again: |6666||BAD|", KeyRefused, "refused the user"),
        (
            "did_log_export",
            "Too many login attempts, try again in 15 minutes: |u|LOCK|",
            RetryLater,
            "locked",
        ),
        ("did_log_export", "Your IP Address is not allowed: 192.0.2.7: ||IPBLOCK|", NotAllowed, "192.0.2.7"),
        (
            "did_log_export",
            "did_log_export USER DOES NOT HAVE PERMISSION TO GET DID INFO: |6666|0|",
            NotAllowed,
            "does not let this user read",
        ),
        (
            "did_log_export",
            "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - 6666|did_log_export",
            NotAllowed,
            "does not let this user read",
        ),
        ("did_log_export", "Invalid Source - x", SettingsError, r"--source"),
        (
            "did_log_export",
            "did_log_export INVALID SEARCH PARAMETERS - 6666|1|2026-06-15",
            SettingsError,
            "--dids",
        ),
        (
            "phone_number_log",
            "phone_number_log NO VALID PHONE NUMBERS DEFINED: 6666|1|",
            SettingsError,
            "--phone-numbers",
        ),
        ("callid_info", "callid_info INVALID SEARCH PARAMETERS: 6666|x", SettingsError, "--call-ids"),
        ("did_log_export", "NO FUNCTION SPECIFIED", ProviderError, "does not know did_log_export"),
        ("did_log_export", "TOO MANY REQUESTS AT ONCE, TRY AGAIN LATER", RetryLater, "just now"),
        ("did_log_export", "THE DATABASE DOES NOT ANSWER, TRY AGAIN LATER", RetryLater, "just now"),
        ("did_log_export", "user_group DOES NOT EXIST: |6666|X|", ProviderError, "user_group DOES NOT EXIST"),
    ],
)
def test_a_message_becomes_the_error_that_says_what_to_do(
    function: str, text: str, kind: type[TrunklineError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        understood(function, f"ERROR: {text}\n", **OUT)
    assert type(caught.value) is kind
    assert caught.value.todo
    assert "6666" not in str(caught.value)


def test_a_password_that_an_old_server_repeats_is_not_shown() -> None:
    with pytest.raises(KeyRefused) as caught:
        understood("did_log_export", f"ERROR: Login incorrect, please try again: |6666|{SECRET}|BAD|\n")
    assert SECRET not in str(caught.value) + caught.value.todo
    with pytest.raises(KeyRefused) as caught:
        understood("did_log_export", "ERROR: Login incorrect, please try again: |6666|pw1|BAD|\n")
    assert "pw1" not in str(caught.value), "too short to be masked, it is cut off"


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("did_log_export", "ERROR: did_log_export NO RECORDS FOUND - 6666|||2026-06-15"),
        ("phone_number_log", "NOTICE: phone_number_log NO RECORDS FOUND FOR THIS PHONE NUMBER - 6666|727||"),
        ("recording_lookup", "ERROR: recording_lookup NO RECORDINGS FOUND - 6666|1000||2026-06-15|"),
        ("logged_in_agents", "ERROR: logged_in_agents NO LOGGED IN AGENTS: 6666|"),
    ],
)
def test_nothing_found_is_no_error(function: str, text: str) -> None:
    assert understood(function, f"{text}\n", **OUT) == ([], [])
    assert understood(function, table(function) + f"{text}\n", **OUT) == ([], [])


@pytest.mark.parametrize("text", ["CALL NOT FOUND", "CALL LOG NOT FOUND"])
def test_a_call_that_is_not_there_is_told(text: str) -> None:
    rows, notes = understood("callid_info", f"ERROR: callid_info {text}: 6666|\n")
    assert (rows, notes) == ([], [f'Dialer360 says "callid_info {text}" of Report, 15 Jun 2026.'])


# -- what is asked first ---------------------------------------------------------------------------


def test_agents_whose_names_cannot_be_looked_up_are_told() -> None:
    rows = (STATISTICS, ("ab", *STATISTICS[1:]))
    came = received(table("agent_stats_export", *rows).encode())
    assert agents_named(came) == ["1029"]
    assert came.notes == [
        "Report, 15 Jun 2026: recordings of ab were not asked for, since a dialer looks up names of 3 to 20 "
        "characters."
    ]


def test_user_groups_are_those_of_the_agents_who_are_logged_in() -> None:
    agents = [(*AGENT[:8], group, *AGENT[9:]) for group in ("B", "A", "B", "")]
    assert groups_named(received(table("logged_in_agents", *agents).encode())) == ["A", "B"]
