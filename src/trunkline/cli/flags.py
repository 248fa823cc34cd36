"""Flags from declarations: a command whose options depend on the connector, account or report named."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from trunkline.clock import process_clock
from trunkline.errors import Problem, SettingsError
from trunkline.options import Kind, Option
from trunkline.settings import Settings, home_folder, load_settings

SECRET_FORMS = "the value itself, @FILE, env:NAME, or - to be asked"
Declare = Callable[["Peeked"], tuple[Option, ...]]


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--home", metavar="DIR", help="Where Trunkline keeps everything it writes.")(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def settings_for(home: str | None) -> Settings:
    process_clock()
    return load_settings(home_folder(home))


class Peeked:
    """What can be known of the arguments before the flags are known: bare words, and values of flags."""

    def __init__(self, args: Sequence[str]) -> None:
        self.words: list[str] = []
        self.values: dict[str, str] = {}
        flag = ""
        for arg in args:
            if arg.startswith("--"):
                name, has_value, value = arg.partition("=")
                flag = "" if has_value else name
                if has_value:
                    self.values[name] = value
            elif flag:
                self.values[flag] = arg
                self.words.append(arg)
                flag = ""
            else:
                self.words.append(arg)

    def word_among(self, known: Sequence[str]) -> str | None:
        return next((w for w in self.words if w in known), None)


class DeclaredCommand(click.Command):
    """A command that adds the flags of declared options once it knows which ones apply."""

    declare: Declare | None = None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        assert self.declare is not None, "made by declared_command"
        options = self.declare(Peeked(args))
        taken = {flag for param in self.params for flag in param.opts}
        added: list[click.Parameter] = [click_option(o) for o in options if o.flag not in taken]
        full = click.Command(
            self.name,
            callback=self.callback,
            params=[*self.params, *added],
            help=self.help,
            short_help=self.short_help,
            context_settings=self.context_settings,
            no_args_is_help=self.no_args_is_help,
        )
        return full.make_context(info_name, args, parent, **extra)


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
