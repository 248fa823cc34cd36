"""The reference pages, written by the declarations: `make docs` writes them, `make check` compares them."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from trunkline.cli import trunkline
from trunkline.cli.markdown import page, table
from trunkline.cli.reference_dialer import dialer_page
from trunkline.cli.reference_rest import rest_page
from trunkline.connectors import connector as connector_named
from trunkline.connectors import connector_names
from trunkline.declare import METHOD_MEANING, Column, Connector, ExportJob, FileAnswer, Method, Report
from trunkline.errors import TrunklineError
from trunkline.fetch.spend_slots import limit_words
from trunkline.options import Kind, Option, choice_label
from trunkline.settings import SETTINGS

FOLDER = Path(__file__).parents[3] / "docs" / "reference"
WIDTH = 96


def pages() -> dict[str, str]:
    """Every generated page by its path below docs/reference."""
    found = {
        "cli.md": cli_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "dialer.md": dialer_page(),
        "rest.md": rest_page(),
    }
    for name in connector_names():
        found[f"connectors/{name}.md"] = connector_page(connector_named(name))
    return found


def main() -> int:
    """Write the pages, or with --check tell which ones are not as they would be written."""
    wanted = pages()
    if "--check" not in sys.argv:
        for name, text in wanted.items():
            path = FOLDER / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        click.echo(f"{len(wanted)} pages written.")
        return 0
    stale = [n for n, text in wanted.items() if _on_disk(n) != text]
    for name in stale:
        click.echo(f"docs/reference/{name} is stale: run `make docs`.", err=True)
    return 1 if stale else 0


def _on_disk(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else None


# -- command line --------------------------------------------------------------------------------


def cli_page() -> str:
    lead = (
        "Every command as its `--help` prints it. Options of a connector's account and reports come on top."
    )
    return page("Command line", lead, _commands(trunkline, "trunkline", None))


def _commands(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    wide = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    ctx = click.Context(command, info_name=path.rsplit(" ", maxsplit=1)[-1], parent=parent, **wide)
    yield f"## `{path}`"
    yield ""
    yield "```text"
    yield command.get_help(ctx)
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            if child is not None:
                yield from _commands(child, f"{path} {name}", ctx)


# -- settings and errors -------------------------------------------------------------------------


def settings_page() -> str:
    lead = (
        "Set one as `TRUNKLINE_<NAME>` in the environment or as `name = value` in `trunkline.toml` in the "
        "home folder; the environment wins. `trunkline config` shows what is in force. The home folder is "
        "`--home`, else `TRUNKLINE_HOME`, else `~/.trunkline`. `TRUNKLINE_FROZEN_CLOCK` stops the clock of "
        "a process for replays."
    )
    rows = [
        (f"`{s.name}`", s.type.__name__, f"`{s.default}`" if s.default != "" else "", s.help)
        for s in SETTINGS
    ]
    return page("Settings", lead, table(("Setting", "Type", "Default", "Meaning"), rows))


def errors_page() -> str:
    lead = (
        "Every error is one sentence and, where it helps, what to do next. The kind tells what the caller "
        "should do; it is the same in the command line, in the history and in JSON (`error_kind`)."
    )
    kinds = sorted(_all_kinds(TrunklineError), key=lambda kind: kind.__name__)
    rows = [(f"`{kind().kind}`", (kind.__doc__ or "").strip().splitlines()[0]) for kind in kinds]
    return page("Errors", lead, table(("Kind", "Meaning"), rows))


def _all_kinds(kind: type[TrunklineError]) -> set[type[TrunklineError]]:
    """Those of the errors module: a finer error of one module has the kind of the one it refines."""
    own = (child for child in kind.__subclasses__() if child.__module__ == TrunklineError.__module__)
    return {kind}.union(*(_all_kinds(child) for child in own))


# -- connectors ----------------------------------------------------------------------------------


def connector_page(connector: Connector) -> str:
    more = f" The provider's own documentation: <{connector.docs}>." if connector.docs else ""
    lead = f"{connector.help}{more}"
    return page(connector.label, lead, _connector_parts(connector))


def _connector_parts(connector: Connector) -> Iterator[str]:
    yield "## Before you start"
    yield ""
    yield connector.prerequisites
    yield ""
    yield "## Account"
    yield ""
    yield f"`trunkline account add {connector.name} NAME`. Default address: `{connector.base_url}`."
    yield ""
    yield from _options(connector.account)
    yield "## Request limits"
    yield ""
    yield "A run waits when a limit is reached; it does not fail. All datasets of an account share them."
    yield ""
    rows = [
        (f"{g.requests:,}", f"{g.seconds:,} s", g.group or "all", f"`{g.option}`" if g.option else "")
        for g in connector.limits
    ]
    yield from table(("Requests", "In", "Endpoints", "Account option"), rows)
    yield "## Reports"
    yield ""
    rows = [
        (f"[{r.label}](#{_anchor(r)})", f"`{r.name}`", _endpoints(r), _default_update(r))
        for r in connector.listed_reports
    ]
    yield from table(("Report", "Name", "Endpoint", "Default update"), rows)
    for report in connector.listed_reports:
        yield from _report(connector, report)
    if connector.questions:
        yield "## Questions"
        yield ""
    for question, answer in connector.questions:
        yield from (f"**{question}** {answer}", "")


def _anchor(report: Report) -> str:
    return report.label.lower().replace(" ", "-")


def _report(connector: Connector, report: Report) -> Iterator[str]:
    yield f"## {report.label}"
    yield ""
    yield f"{report.help} Endpoint: {_endpoints(report)}."
    yield ""
    yield from _how_it_is_kept(connector, report)
    yield "### Options"
    yield ""
    yield from _options(report.options)
    if not report.variants:
        yield "### Columns"
        yield ""
        yield from _columns(report.columns)
    for name, values in report.variants.items():
        yield f"### Columns: {name}"
        yield ""
        yield from _columns(report.columns_of(values))


def _columns(columns: Sequence[Column]) -> Iterator[str]:
    rows = [
        (f"`{c.name}`", c.type.value, c.meaning + (" (on request)" if c.selectable else "")) for c in columns
    ]
    yield from table(("Column", "Type", "Meaning"), rows)


def _endpoints(report: Report) -> str:
    word = ", then " if isinstance(report.pages, ExportJob) else ", or "
    return word.join(f"`{endpoint}`" for endpoint in report.endpoints)


def _default_update(report: Report) -> str:
    others = (
        f"{methods[0].value} for {value}"
        for by_value in report.updates_when.values()
        for value, methods in by_value.items()
    )
    return ", ".join((report.update.value, *others))


def _only_for(report: Report, method: Method) -> str:
    """Where another method is the default: what this one is the default for."""
    others = [
        v for by in report.updates_when.values() for v, methods in by.items() if methods[0] is not method
    ]
    return f"; not for {', '.join(others)}" if others else ""


def _limits(connector: Connector, report: Report) -> str:
    """The limits a report's requests count against, in words."""
    groups = set(report.limit_groups)
    if isinstance(report.pages, ExportJob):
        groups.add(report.pages.limit_group)
    return ", ".join(limit_words(g) for g in connector.limits if not g.group or g.group in groups)


def _how_it_is_kept(connector: Connector, report: Report) -> Iterator[str]:
    key = ", ".join(f"`{k}`" for k in report.key) or "none"
    yield f"- Key: {key}" + (f"; time: `{report.cursor}`" if report.cursor else "")
    for method in report.updates:
        mark = f" (default{_only_for(report, method)})" if method is report.update else ""
        yield f"- Update `{method.value}`{mark}: {METHOD_MEANING[method]}"
    if report.rights:
        yield f"- Rights: {report.rights}"
    yield f"- Limits: {_limits(connector, report)}; shared by all datasets of the account."
    if isinstance(report.pages, ExportJob):
        yield "- An export: asked for, waited for, downloaded; columns it has beyond these are kept as text."
    if isinstance(report.pages, FileAnswer):
        if report.pages.identity:
            yield "- Rows have no id of the provider's: equal rows are kept and numbered."
        yield "- Fields that come beyond these columns become text columns."
    if report.overlap_days:
        yield f"- Each run reads the last {report.overlap_days} days again: records change after the fact."
    if report.dates and report.dates.months_kept:
        yield f"- The provider keeps {report.dates.months_kept} months; without dates all of them are read."
    if report.for_each:
        yield f"- Asked once per row of `{report.for_each.report}`, or for one `{report.for_each.option}`."
    yield ""


def _options(options: tuple[Option, ...]) -> Iterator[str]:
    rows = [(f"`{o.flag}`", o.label, _value_text(o), _option_text(o)) for o in options]
    yield from table(("Flag", "Label", "Value", "Meaning"), rows)


def _value_text(option: Option) -> str:
    if option.kind is Kind.CHOICE:
        return ", ".join(f"`{c.value}`" for c in option.choices)
    return option.kind.value.replace("_", " ")


def _option_text(option: Option) -> str:
    parts = [option.help]
    if option.required:
        parts.append("Required.")
    if option.default is not None and option.kind is not Kind.FIELDS:
        parts.append(f"Default: {choice_label(option, str(option.default))}.")
    if option.choices_from:
        parts.append(f"Menu filled from `{option.choices_from.report}`.")
    if option.choices_by:
        name, menus = option.choices_by
        filled = ", ".join(f"`{menu.report}` for {value}" for value, menu in menus.items())
        parts.append(f"Menu that follows `{name}`: filled from {filled}; any other id is typed.")
    if option.kind is Kind.FIELDS and option.choices:
        parts.append("Choices: " + ", ".join(f"`{c.value}`" for c in option.choices) + ".")
    for name, allowed in option.when.items():
        parts.append(f"With `{name}` = {' or '.join(allowed)}.")
    return " ".join(p for p in parts if p)


if __name__ == "__main__":
    sys.exit(main())
