"""The page of the command line against what the commands print themselves."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from trunkline.cli import reference, trunkline


def paths(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            child = command.get_command(click.Context(command), name)
            assert child is not None
            yield from paths(child, (*words, name))


@pytest.mark.parametrize("words", list(paths(trunkline)), ids=lambda w: " ".join(w) or "trunkline")
def test_the_page_shows_the_help_that_the_command_prints(words: tuple[str, ...]) -> None:
    wide = {"prog_name": "trunkline", "terminal_width": reference.WIDTH}
    printed = CliRunner().invoke(trunkline, [*words, "--help"], **wide).output  # type: ignore[arg-type]
    heading = f"## `{' '.join(('trunkline', *words))}`"
    # the page on disk: click remembers a command's help flags from its first help in a process
    page = (reference.FOLDER / "cli.md").read_text(encoding="utf-8")
    assert f"{heading}\n\n```text\n{printed.rstrip()}\n```\n" in page


def test_the_short_help_flag_works_everywhere() -> None:
    for words in paths(trunkline):
        short = CliRunner().invoke(trunkline, [*words, "-h"], prog_name="trunkline")
        assert short.exit_code == 0
        assert "-h, --help" in short.output
