"""The functions of the dialer's API: what each declares, and a form to call it."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.dialer.api_users import lacks, some_users
from trunkline.dialer.command import Command, Dialect, Export, Param, Result
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.database import Row
from trunkline.dialer.declared_words import column_rows, form_of, rights_of
from trunkline.dialer.json_answers import all_lines, line_text, status_of_line
from trunkline.dialer.rehearsal import Asked, Heard, heard_in_all
from trunkline.dialer.resources import resource_of, resources
from trunkline.errors import NotAllowed, Problem, RetryLater, SettingsError, TrunklineError
from trunkline.pages.dialer.curl import curl, url_of
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

MOST_USERS = 500
SOURCE = "console"
"""What the dialer's log says of calls that are made here."""
LABELS = {Dialect.DOCUMENTED: "Documented", Dialect.ORIGINAL: "Original", Dialect.JSON: "JSON"}
FIELD = "p."
"""What the names of the form's parameters begin with: its own fields have no dot."""


def index(visit: Visit) -> Response:
    """All functions by resource, or those that a search finds."""
    wanted = visit.query.get("q", "")
    found = resources(wanted)
    count = sum(len(some) for _, some in found)
    values: dict[str, Any] = {"found": found, "wanted": wanted, "count": count}
    if visit.is_fragment:
        return visit.fragment("dialer/functions_found.html", off=_off(visit), **values)
    return visit.page("dialer/functions.html", off=_off(visit), is_open=visit.rooms.console.is_open, **values)


async def show(visit: Visit) -> Response:
    """What a function declares, with its form."""
    return await _page(visit, _command(visit))


async def try_it(visit: Visit) -> Response:
    """Call the function as the form says, and show the answer in each dialect."""
    command = _command(visit)
    try:
        heard = await _called(visit, command)
    except SettingsError as error:
        if not error.problems or visit.is_fragment:
            raise
        return await _page(visit, command, error=error, status=422)
    if visit.is_fragment:
        return visit.fragment("dialer/answer.html", shown=_shown(visit, command, heard), command=command)
    return await _page(visit, command, heard)


async def _called(visit: Visit, command: Command) -> Sequence[Heard]:
    may_prove = visit.user.may(Right.DIALER_WRITE)
    if command.writes and not may_prove:
        raise NotAllowed("Your role may try functions that read, and none that change data.")
    problems = []
    if command.level and not visit.text("as_user"):
        problems.append(Problem("as_user", "Choose the API user to call as."))
    if command.writes and not visit.text("sure"):
        problems.append(Problem("sure", "This changes the dialer's data: tick the box to say that it is to."))
    if problems:
        raise SettingsError(problems=problems)
    params = {**_typed(visit, command), **_own(visit, command)}
    if not may_prove:
        params["pass"] = visit.secret("as_password")
    with visit.rooms.console.dialer() as opened:
        asked = Asked(command, params, visit.address, is_proven=may_prove)
        heard = await heard_in_all(opened.service, asked, _kept_in(visit))
    await run_in_threadpool(_note, visit, asked)
    return heard


def _note(visit: Visit, asked: Asked) -> None:
    """Who made the call: the dialer's own log knows its user alone."""
    user, name = asked.params["user"], asked.command.name
    visit.rooms.audit.note(visit.user, visit.address, "function.called", name, api_user=user)


def _typed(visit: Visit, command: Command) -> dict[str, str]:
    """The function's parameters that were given."""
    given = {param.name: visit.secret(FIELD + param.name) for param in command.params}
    return {name: value for name, value in given.items() if value}


def _own(visit: Visit, command: Command) -> dict[str, str]:
    source = visit.text("source") or SOURCE
    return {"source": source, "user": visit.text("as_user"), "function": command.name}


def _kept_in(visit: Visit) -> Dialect:
    try:
        return Dialect(visit.text("kept_in"))
    except ValueError:
        return Dialect.DOCUMENTED


async def _page(
    visit: Visit,
    command: Command,
    heard: Sequence[Heard] = (),
    *,
    error: SettingsError | None = None,
    status: int = 200,
) -> Response:
    users, fault = await _callers(visit)
    return visit.page(
        "dialer/function.html",
        status,
        command=command,
        resource=resource_of(command),
        rights=rights_of(command, quote=""),
        params=[(param, form_of(param, quote="")) for param in command.params],
        given=_given(visit, command),
        has_optional=any(not param.required and visit.secret(FIELD + param.name) for param in command.params),
        lines=_lines(command),
        exports=[_export(export) for export in command.exports],
        fields=column_rows(command.fields, quote=""),
        users=[(str(user["user"]), not lacks(user, command)) for user in users],
        fault=fault,
        lacking=_off(visit).get(command.name, ()),
        is_open=visit.rooms.console.is_open,
        may_prove=visit.user.may(Right.DIALER_WRITE),
        dialects=LABELS,
        problems={problem.field: problem.message for problem in error.problems} if error else {},
        shown=_shown(visit, command, heard),
    )


def _given(visit: Visit, command: Command) -> dict[str, str]:
    """What the form held; a secret is never written back."""
    given = {param.name: visit.secret(FIELD + param.name) for param in command.params if not param.secret}
    own = {name: visit.text(name) for name in ("as_user", "kept_in")}
    return {**given, **own, "source": visit.text("source") or SOURCE}


async def _callers(visit: Visit) -> tuple[list[Row], TrunklineError | None]:
    """The users to choose from; without the dialer none, and what is in the way."""
    if not visit.user.may(Right.DIALER_WRITE):
        return [], None
    try:
        with visit.rooms.console.dialer() as opened:
            async with opened.service.database.work() as work:
                return await work.all(some_users, after="", limit=MOST_USERS), None
    except (SettingsError, RetryLater) as error:
        return [], error


def _shown(visit: Visit, command: Command, heard: Sequence[Heard]) -> list[dict[str, Any]]:
    """For each dialect its path, the call as curl, and its answer where there is one."""
    answers = {one.dialect: one for one in heard}
    params = {**_own(visit, command), **_typed(visit, command)} if heard else _example(command)
    server = visit.rooms.settings.text("public_url").rstrip("/") or str(visit.request.base_url).rstrip("/")
    return [
        {
            "dialect": dialect,
            "label": label,
            "url": url_of(server, dialect, command),
            "curl": curl(server, dialect, command, params),
            "heard": answers.get(dialect),
        }
        for dialect, label in LABELS.items()
        if not heard or dialect in answers
    ]


def _example(command: Command) -> dict[str, str]:
    """A call with what is required, for the eye."""
    required = {param.name: _value_of(param) for param in command.params if param.required}
    return {"source": SOURCE, "user": "USER", "function": command.name, **required}


def _value_of(param: Param) -> str:
    return param.choices[0] if param.choices else param.name.upper()


def _lines(command: Command) -> list[dict[str, Any]]:
    tags = {Result.ERROR: "bad", Result.SUCCESS: "good", Result.NOTICE: "warn"}
    found = []
    for line in all_lines(command):
        documented = line_text(line, command.name)
        original = line_text(line, command.name, original=True)
        found.append(
            {
                "code": line.code,
                "result": line.result,
                "tag": tags[line.result],
                "status": status_of_line(line),
                "documented": documented,
                "original": "" if original == documented else original,
            }
        )
    return found


def _export(export: Export) -> dict[str, Any]:
    original = [column.name for column in export.original]
    return {"when": export.when, "rows": column_rows(export.columns, quote=""), "original": original}


def _off(visit: Visit) -> Mapping[str, Sequence[str]]:
    """The functions that are switched off, each with the tables it lacks."""
    console = visit.rooms.console
    if not console.is_open:
        return {}
    with console.dialer() as opened:
        return opened.off


def _command(visit: Visit) -> Command:
    name = visit.part("function")
    if name not in COMMANDS:
        raise SettingsError(
            f"There is no function {name[:40]!r}.", todo="The list of functions has all of them."
        )
    return COMMANDS[name]


PAGES = (
    get("/dialer", index, Right.DIALER_READ),
    get("/dialer/{function}", show, Right.DIALER_READ),
    post("/dialer/{function}", try_it, Right.DIALER_READ),
)
