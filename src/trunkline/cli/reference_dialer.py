"""The reference page of the Dialer360 API, from the declarations of its functions."""

from collections.abc import Iterable, Iterator

from trunkline.cli.markdown import page, table
from trunkline.dialer.command import Command, Export, Line, Param, Result
from trunkline.dialer.commands import ALL
from trunkline.dialer.declared_words import column_rows, form_of, rights_of
from trunkline.dialer.json_answers import all_lines, line_text, status_of_line
from trunkline.dialer.login import FAILURES_BEFORE_LOCK, LEAST_LEVEL, LOCK_MINUTES
from trunkline.dialer.runner import INVALID_SOURCE, NO_FUNCTION, NOT_ALLOWED, SHORTEST_SOURCE, SWITCHED_OFF
from trunkline.dialer.tables import Tables

LEAD = (
    "Every function, in the order of the published page: who may call it, what it takes, every line it can "
    "say, and the columns of its rows. How to begin: [the guide](../guides/dialer-api.md)."
)
PATHS = (
    ("documented", "`/adminpanel/api.php`", "as the published page prints it"),
    ("original", "`/vicidial/non_agent_api.php`", "as today's clients meet it"),
    ("JSON", "`/api/v1/dialer/FUNCTION`", "typed fields, real status codes, a bearer token"),
)
OF_EVERY_CALL = (
    Param("function", "The function. With JSON the path says it.", required=True),
    Param("user", "The API user. With JSON the token says it.", required=True),
    Param("pass", "The user's password. With JSON there is none.", required=True),
    Param(
        "source",
        "What calls, for the log; not needed by version, nor by sounds_list, moh_list and vm_list. With JSON "
        "it is the token's name where it is not given.",
        required=True,
        least=SHORTEST_SOURCE,
    ),
)
REFUSALS = (
    "Login incorrect, please try again: |{user}||BAD|",
    "Too many login attempts, try again in 15 minutes: |{user}|LOCK|",
    "Your IP Address is not allowed: {address}: ||IPBLOCK|",
    "user_group DOES NOT EXIST: |{user}|{user_group}|",
)
DIFFERENCES = (
    "A value never becomes part of a statement. Quotes, semicolons and backslashes that the filters let "
    "through are stored as they came; a request with a quote succeeds where the original failed.",
    "Own fields of a lead (`custom_fields=Y`) that a request does not give keep their values. The original "
    "emptied them.",
    "`--BLANK--` empties a field that can be empty; it is never stored as a text. A list must have a name, "
    "so `list_name=--BLANK--` is refused.",
    "`avg_talk_time` of `agent_stats_export` is the row's own talk time by its own calls. The original took "
    "the talk time of the agent before.",
    "`usacan_areacode_check` refuses every number that has not ten digits.",
    "`update_log_entry` keeps the dot of a unique id, and refuses an empty status.",
    "`update_list` stores `reset_time` and `expiration_date` when both are given.",
    "A refused login does not repeat the password. Passwords are masked in every log, and appear in no link.",
    "`DB=1` prints nothing, nor does a statement that fails.",
    "A text with an apostrophe is logged like any other.",
    "Pages (`format=selectframe`) are escaped, and browsers are told to run nothing of what an answer holds.",
    "Line breaks in `agent_user`, `date`, `group_alias_id`, `header`, `status` and `web_form_address_three` "
    "are removed: an answer that repeats one would have a line that nobody said.",
    f"{FAILURES_BEFORE_LOCK} wrong passwords lock a user for {LOCK_MINUTES} minutes. The original locked "
    "after about twenty.",
    "Many wrong logins from one address (the setting `dialer_wrong_logins_per_address`, 100) make the "
    "address wait as long; it hears the same line. The original counted only by user.",
    "Passwords are compared with regard to case. In our own tables each has its own salt (argon2id).",
    "What a request writes is kept together, or nothing of it; the rows of the log belong to it.",
)


def dialer_page() -> str:
    return page("Dialer360 API", LEAD, _parts())


def _parts() -> Iterator[str]:
    yield from _every_call()
    yield from _differences()
    yield "## Functions"
    yield ""
    rows = [
        (f"[`{c.name}`](#{c.name})", str(c.level or "none"), "writes" if c.writes else "reads", c.sentence)
        for c in ALL
    ]
    yield from table(("Function", "Level", "Does", "Meaning"), rows)
    for command in ALL:
        yield from _function(command)


def _every_call() -> Iterator[str]:
    yield "## Every call"
    yield ""
    yield from table(("Dialect", "Path", "Answers"), PATHS)
    yield (
        "The first two paths take GET and POST alike and answer with status 200; only a database that fails "
        "answers 503. JSON has the status of its first error, else 200. Functions that write are sent with "
        "POST. The functions as OpenAPI: `/api/v1/openapi.json`."
    )
    yield ""
    yield from _params(OF_EVERY_CALL)
    yield (
        "Lengths are those of the documented dialect; the original one keeps to others in a few places, as "
        "today's clients know them. Characters that a parameter does not take are removed, and the request "
        "goes on. In the lines below "
        "`{names}` stand for values. JSON gives each line's code, and its values as fields."
    )
    yield ""
    yield "What every function can say before its own lines:"
    yield ""
    yield from _lines((NO_FUNCTION, INVALID_SOURCE, NOT_ALLOWED, SWITCHED_OFF), "{function}")
    yield "After the line of a wrong source both dialects print `ERROR: Invalid Source: |{source}|`."
    yield ""
    yield (
        f"A user needs level {LEAST_LEVEL} at least, must be active, and must have the function among the "
        "allowed ones. The login refuses with one of these lines, in both dialects; JSON with status 403:"
    )
    yield ""
    yield "```text"
    yield from (f"{Result.ERROR}: {text}" for text in REFUSALS)
    yield "```"
    yield ""


def _differences() -> Iterator[str]:
    yield "## What differs from the original on purpose"
    yield ""
    yield "In both dialects:"
    yield ""
    yield from (f"- {sentence}" for sentence in DIFFERENCES)
    yield ""


def _function(command: Command) -> Iterator[str]:
    yield f"## {command.name}"
    yield ""
    yield command.sentence
    yield ""
    yield f"- User: {rights_of(command)}."
    yield f"- {'Writes' if command.writes else 'Reads only'}, besides the log of calls."
    if command.tables:
        yield f"- Tables besides those of every call: {', '.join(_table_names(command.tables))}."
    yield ""
    if command.params:
        yield from _params(command.params)
    yield from _answers(command)


def _table_names(tables: Iterable[str]) -> Iterator[str]:
    ours = Tables()
    return (f"`{ours.name_of(name)}`" for name in tables)


def _answers(command: Command) -> Iterator[str]:
    if not command.level:
        yield "It answers with one line of values."
        yield ""
    else:
        yield from _lines(all_lines(command), command.name)
    for export in command.exports:
        yield from _export(export)
    if command.fields:
        yield "Values in JSON (`fields`):"
        yield ""
        yield from table(("Value", "Holds", "Meaning"), column_rows(command.fields))


def _export(export: Export) -> Iterator[str]:
    when = f" with `{export.when}`" if export.when else ""
    yield f"Columns{when}:"
    yield ""
    yield from table(("Column", "Holds", "Meaning"), column_rows(export.columns))
    original = tuple(column.name for column in export.original or export.columns)
    if export.original:
        yield f"Original: `{'|'.join(original)}`."
        yield ""
    if export.original_header and export.original_header != original:
        yield f"The original's header: `{'|'.join(export.original_header)}`."
        yield ""


def _params(params: Iterable[Param]) -> Iterator[str]:
    rows = [(f"`{p.name}`", "yes" if p.required else "", form_of(p), p.meaning) for p in params]
    yield from table(("Parameter", "Required", "Form", "Meaning"), rows)


def _lines(lines: Iterable[Line], function: str) -> Iterator[str]:
    rows = [(f"`{line.code}`", str(status_of_line(line)), *_both(line, function)) for line in lines]
    yield from table(("Code", "JSON", "Documented", "Original, where it differs"), rows)


def _both(line: Line, function: str) -> tuple[str, str]:
    documented, original = line_text(line, function), line_text(line, function, original=True)
    return _code(documented), "" if original == documented else _code(original)


def _code(text: str) -> str:
    return f"`{text}`"
