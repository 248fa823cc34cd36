"""A call as a line of curl, in each dialect. Secrets are never in it: words stand where they belong."""

from collections.abc import Mapping
from shlex import quote

import orjson

from trunkline.dialer.command import Command, Dialect

PATHS = {
    Dialect.DOCUMENTED: "/adminpanel/api.php",
    Dialect.ORIGINAL: "/vicidial/non_agent_api.php",
    Dialect.JSON: "/api/v1/dialer/",
}
PASSWORD, TOKEN = "PASSWORD", "TOKEN"


def url_of(server: str, dialect: Dialect, command: Command) -> str:
    return f"{server}{PATHS[dialect]}{command.name if dialect is Dialect.JSON else ''}"


def curl(server: str, dialect: Dialect, command: Command, params: Mapping[str, str]) -> str:
    """As POST, so that no password stands in an address, and in no log of one."""
    secret = {param.name for param in command.params if param.secret}
    shown = {
        name: name.upper() if name in secret else value for name, value in params.items() if name != "pass"
    }
    url = url_of(server, dialect, command)
    if dialect is Dialect.JSON:
        return _json(url, {name: value for name, value in shown.items() if name not in ("user", "function")})
    if command.level:
        shown = {**{name: shown[name] for name in ("source", "user")}, "pass": PASSWORD, **shown}
    words = [f"--data-urlencode {quote(f'{name}={value}')}" for name, value in shown.items() if value]
    return _lines(f"curl {quote(url)}", words)


def _json(url: str, params: Mapping[str, str]) -> str:
    words = [
        f"-H 'Authorization: Bearer {TOKEN}'",
        "-H 'Content-Type: application/json'",
        f"-d {quote(orjson.dumps(dict(params)).decode())}",
    ]
    return _lines(f"curl {quote(url)}", words)


def _lines(first: str, words: list[str]) -> str:
    return " \\\n  ".join([first, *words])
