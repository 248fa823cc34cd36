"""The command line. Each command stands in a module of its own, imported when it is called."""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import click

from trunkline import __version__


@dataclass(frozen=True)
class Entry:
    """A command: where it is written, and the sentence the overview shows."""

    module: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("demo", "The tour: pretend phone systems, a first sync, the pages over them."),
    "read": Entry("read", "Rows of a report as JSON lines; needs no database."),
    "account": Entry("account", "Saved credentials: add, connect, list, show, test, edit, remove, menu."),
    "dataset": Entry(
        "dataset",
        "Datasets: add, list, show, edit, schedule, retries, remove, reset, preview, export, history.",
    ),
    "target": Entry("target", "Where datasets are exported to: add, list, test, remove."),
    "run": Entry("run", "Read what is due of one or more datasets."),
    "cancel": Entry("cancel", "Stop a run between two pages, or its next attempt."),
    "retry": Entry("retry", "Try a failed run again."),
    "worker": Entry("worker", "Run datasets when they are due."),
    "alert": Entry("alert", "What is wrong, and who is told: list, channel add, list, edit, remove, test."),
    "prune": Entry("prune", "Forget old runs and their logs."),
    "query": Entry("query", "SQL over the datasets, read only."),
    "serve": Entry("serve", "The server: the Dialer360 API, click-to, and datasets that are due."),
    "dialer": Entry(
        "dialer", "The Dialer360 API: its tables, functions, managers, and what was asked of them."
    ),
    "clickto": Entry("clickto", "Click-to blocks, keys, calls, activity: block, key, call, import, export."),
    "user": Entry(
        "user",
        "People who sign in: add, list, role, reset, setup, disable, enable, remove, second-factor-off.",
    ),
    "token": Entry("token", "Tokens of the APIs: add, list, remove."),
    "sim": Entry("sim", "Pretend phone systems, to try the product and to test scripts with."),
    "doctor": Entry("doctor", "Check disk, port, key file, databases, clocks and accounts."),
    "backup": Entry("backup", "All of an installation in one file, also while it works."),
    "restore": Entry("restore", "An installation from a backup."),
    "key": Entry("key", "The key that encrypts stored secrets: list, rotate, drop-old."),
    "apply": Entry("apply", "Accounts and datasets as a file says; shows the difference first."),
    "config": Entry("config", "The settings in force, and where each comes from."),
}


class Overview(click.Group):
    """The commands of the table above, imported one at a time: `--help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"trunkline.cli.{COMMANDS[cmd_name].module}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command), f"cli/{cmd_name}.py exports its command"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest command where there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise click.UsageError(f"{error.message}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(
    cls=Overview,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command but sim takes --home DIR (default: TRUNKLINE_HOME, else ~/.trunkline).",
)
@click.version_option(__version__, prog_name="trunkline")
def trunkline() -> None:
    """Phone-system data in datasets you own."""


def main(listen: Callable[[], None] | None = None) -> None:
    """Run the command line: exit code 0, 1 with one clear sentence, or 2 for a mistyped command.

    `listen` is called once Ctrl-C is caught here.
    """
    try:
        if listen:
            listen()
        code = trunkline(standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (click.exceptions.Abort, KeyboardInterrupt):
        from trunkline.cli.failure import tell_stopped

        tell_stopped()
        code = 130
    except click.ClickException as error:
        from trunkline.cli.failure import Failure, tell_program

        error.show()
        tell_program(Failure("usage_error", error.format_message()))
        code = error.exit_code
    except click.exceptions.Exit as ending:
        code = ending.exit_code
    except Exception as error:
        code = 130 if _is_interruption(error) else _told(error)
    sys.exit(code if isinstance(code, int) else 0)


def _is_interruption(error: Exception) -> bool:
    """Whether somebody pressed Ctrl-C while a database was at work, which raises an error of its own."""
    if not (isinstance(error, RuntimeError) and "interrupted" in str(error).lower()):
        return False
    from trunkline.cli.failure import tell_stopped

    tell_stopped()
    return True


def _told(error: Exception) -> int:
    from trunkline.cli.failure import explain
    from trunkline.cli.flags import Peeked, home_repeated
    from trunkline.errors import TrunklineError

    if isinstance(error, TrunklineError):
        error.todo = home_repeated(error.todo, Peeked(sys.argv[1:]).values.get("--home"))
    return explain(error)
