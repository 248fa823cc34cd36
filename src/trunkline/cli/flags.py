"""Flags from declarations: a command whose options depend on the connector, account or report named."""

import os
import re
import shlex
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from trunkline.cli.misplaced import misplaced
from trunkline.clock import process_clock
from trunkline.declare import Connector, Report
from trunkline.errors import Problem, SettingsError
from trunkline.logs import log_as
from trunkline.options import Kind, Option
from trunkline.settings import Settings, home_folder, load_settings
from trunkline.store.upgrading import ask_before_upgrade

QUOTED = re.compile(r"`trunkline ([^`]*)`")
SECRET_FORMS = "the value itself, @FILE, env:NAME, or - to be asked"
Declare = Callable[["Peeked"], "Known"]


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--home", metavar="DIR", help="Where Trunkline keeps everything it writes.")(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def settings_for(home: str | None) -> Settings:
    """The settings in force; from here on lines are logged as they say."""
    process_clock()
    settings = load_settings(home_folder(home))
    log_as(settings.text("log_level"), settings.text("log_format"))
    ask_before_upgrade(_back_up_first)
    return settings


def _back_up_first(store: Any, settings: Settings, revision: str) -> None:
    from trunkline.keeping.upgrading import back_up_first

    back_up_first(store, settings, revision)


@dataclass(frozen=True)
class Known:
    """What the words of a command line already tell: the options that apply, and whose they are."""

    options: tuple[Option, ...] = ()
    connector: Connector | None = None
    report: Report | None = None


def to_paste(command: str, home: str | None) -> str:
    """A `trunkline` command for a person to paste: it names the home folder when that was named by flag."""
    return f"trunkline {command}" + (f" --home {shlex.quote(home)}" if home else "")


def home_repeated(text: str, home: str | None) -> str:
    """The text with the home folder in every `trunkline` command it quotes, or is."""
    if not home:
        return text
    whole = text.startswith("trunkline ") and "`" not in text
    return (
        to_paste(text.removeprefix("trunkline "), home)
        if whole
        else QUOTED.sub(lambda found: f"`{to_paste(found[1], home)}`", text)
    )


class Peeked:
    """What can be known of the arguments before the flags are known: bare words, and values of flags.

    A flag that is not among `switches` takes the next word as its value.
    """

    def __init__(self, args: Sequence[str], switches: Collection[str] = ()) -> None:
        self.words: list[str] = []
        self.values: dict[str, str] = {}
        flag = ""
        for n, arg in enumerate(args):
            if arg == "--":
                self.words += args[n + 1 :]
                return
            if arg.startswith("--"):
                name, has_value, value = arg.partition("=")
                flag = "" if has_value or name in switches else name
                if has_value:
                    self.values[name] = value
            elif flag:
                self.values[flag] = arg
                flag = ""
            elif not arg.startswith("-") or arg == "-":
                self.words.append(arg)


class DeclaredCommand(click.Command):
    """A command that adds the flags of declared options once it knows which ones apply."""

    declare: Declare | None = None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Raises what is really wrong before what only follows from it, such as a flag nobody knows."""
        assert self.declare is not None, "made by declared_command"
        peeked = Peeked(args, _switches(self.params))
        known = self.declare(peeked)
        try:
            return self._with(known.options).make_context(info_name, args, parent, **extra)
        except click.NoSuchOption as error:
            missing = _first_missing(self.params, peeked)
            if missing is not None:
                raise click.MissingParameter(ctx=error.ctx, param=missing) from None
            name = error.option_name
            if known.connector and (
                told := misplaced(known.connector, known.report, name, peeked.values.get(name, ""))
            ):
                raise told from None
            raise

    def _with(self, options: tuple[Option, ...]) -> click.Command:
        taken = {flag for param in self.params for flag in param.opts}
        added: list[click.Parameter] = [click_option(o) for o in options if o.flag not in taken]
        return click.Command(
            self.name,
            callback=self.callback,
            params=[*self.params, *added],
            help=self.help,
            short_help=self.short_help,
            context_settings=self.context_settings,
            no_args_is_help=self.no_args_is_help,
        )


def _switches(params: Sequence[click.Parameter]) -> set[str]:
    flags = {flag for p in params if isinstance(p, click.Option) and p.is_flag for flag in p.opts}
    return {*flags, "--help"}


def _first_missing(params: Sequence[click.Parameter], peeked: Peeked) -> click.Parameter | None:
    arguments = [p for p in params if isinstance(p, click.Argument)]
    for place, argument in enumerate(arguments):
        if argument.required and place >= len(peeked.words):
            return argument
    required = [p for p in params if isinstance(p, click.Option) and p.required]
    return next((p for p in required if not any(flag in peeked.values for flag in p.opts)), None)


def declared_command(declare: Declare) -> type[DeclaredCommand]:
    """The class for `@group.command(cls=…)` of a command whose options `declare` finds."""
    return type("Declared", (DeclaredCommand,), {"declare": staticmethod(declare)})


def click_option(option: Option) -> click.Option:
    declarations = [option.name, option.flag]
    if option.kind is Kind.BOOL:
        return click.Option(
            declarations, help=help_text(option), is_flag=False, flag_value="yes", metavar="[yes|no]"
        )
    return click.Option(declarations, help=help_text(option), metavar=_metavar(option))


def help_text(option: Option) -> str:
    text = f"{option.label}. {option.help}".strip()
    if option.kind is Kind.SECRET:
        text += f" Give {SECRET_FORMS}."
    if option.required:
        text += " [required]"
    elif option.default is not None and option.kind is not Kind.FIELDS:
        text += f" [default: {_default_text(option)}]"
    return text


def _default_text(option: Option) -> str:
    if isinstance(option.default, bool):
        return "yes" if option.default else "no"
    return str(option.default)


def _metavar(option: Option) -> str:
    if option.kind is Kind.CHOICE and option.choices:
        return "|".join(c.value for c in option.choices)
    names = {
        Kind.DATE: "DATE",
        Kind.DAYS_BACK: "DAYS",
        Kind.INT: "N",
        Kind.FIELDS: "A,B,…",
        Kind.SECRET: "SECRET",
        Kind.ZONE: "ZONE",
    }
    return names.get(option.kind, "TEXT")


def given_values(options: tuple[Option, ...], params: dict[str, Any]) -> dict[str, Any]:
    """The declared options that were given, secrets fetched from where they are."""
    given: dict[str, Any] = {}
    for option in options:
        value = params.get(option.name)
        if value is not None:
            given[option.name] = secret_value(option, value) if option.kind is Kind.SECRET else value
    return given


def check_something_given(given: bool, options: Sequence[Option], *more: str) -> None:
    """Raises UsageError, naming all that can be given, where a command that changes got nothing to change."""
    if not given:
        flags = ", ".join([*more, *(option.flag for option in options)])
        raise click.UsageError(f"Nothing was given to change. What can be given: {flags}.")


def secret_value(option: Option, text: str) -> str:
    """A secret from a literal, `@FILE`, `env:NAME`, or `-`: a prompt, or standard input."""
    if text == "-":
        found = click.prompt(option.label, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    elif text.startswith("@"):
        found = _from_file(option, Path(text[1:]))
    elif text.startswith("env:"):
        found = os.environ.get(text[4:], "")
        if not found:
            raise _no_secret(option, f"the environment variable {text[4:]} is not set")
    else:
        found = text
    if not found.strip():
        raise _no_secret(option, "what came is empty")
    return str(found).strip()


def _from_file(option: Option, path: Path) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise _no_secret(option, f"the file {path} cannot be read ({why})") from None


def _no_secret(option: Option, why: str) -> SettingsError:
    return SettingsError(
        problems=[Problem(option.name, f"{option.label} ({option.flag}): {why}.")],
        todo=f"Give {SECRET_FORMS}.",
    )
