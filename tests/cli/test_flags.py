"""What is known of a command line before its flags are, and commands to paste."""

import pytest

from trunkline.cli import demo
from trunkline.cli.flags import Peeked, home_repeated, to_paste


@pytest.mark.parametrize(
    ("args", "words", "values"),
    [
        (["callrail", "main", "--api-key", "k"], ["callrail", "main"], {"--api-key": "k"}),
        (["--api-key", "k", "callrail", "main"], ["callrail", "main"], {"--api-key": "k"}),
        (["--json", "callrail", "--home=x", "main"], ["callrail", "main"], {"--home": "x"}),
        (
            ["calls", "--api-key", "-", "--days-back", "-3"],
            ["calls"],
            {"--api-key": "-", "--days-back": "-3"},
        ),
        (["calls", "-h", "--help"], ["calls"], {}),
        (["--json", "--", "--odd"], ["--odd"], {}),
        (["calls", "--home"], ["calls"], {}),
    ],
)
def test_words_are_told_from_values_of_flags(
    args: list[str], words: list[str], values: dict[str, str]
) -> None:
    peeked = Peeked(args, {"--json", "--help"})
    assert (peeked.words, peeked.values) == (words, values)


def test_a_command_to_paste_names_the_home_that_was_named() -> None:
    assert to_paste("run calls", None) == "trunkline run calls"
    assert to_paste("run calls", "my home") == "trunkline run calls --home 'my home'"


def test_commands_quoted_in_a_text_name_it_too() -> None:
    text = "Wait, or `trunkline cancel 7`; see `trunkline config` and `duckdb`."
    assert home_repeated(text, None) == text
    assert home_repeated(text, "h") == (
        "Wait, or `trunkline cancel 7 --home h`; see `trunkline config --home h` and `duckdb`."
    )
    assert home_repeated("trunkline run calls", "h") == "trunkline run calls --home h"


def test_what_the_demo_offers_to_try_names_its_home(capsys: pytest.CaptureFixture[str]) -> None:
    demo._tell_what_next("my home")
    offered = [line for line in capsys.readouterr().out.splitlines() if "trunkline " in line]
    assert len(offered) == 3
    assert [line.endswith(" --home 'my home'") for line in offered] == [True, True, False]
    assert "--home mine" in offered[2]
