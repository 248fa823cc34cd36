"""Settings of an installation: one table, read from the environment, `trunkline.toml` and defaults.

`TRUNKLINE_<NAME>` wins over `trunkline.toml` in the home folder, which wins over the default.
"""

import difflib
import ipaddress
import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from trunkline.dates import zone_named
from trunkline.errors import Problem, SettingsError

PREFIX = "TRUNKLINE_"
FILE = "trunkline.toml"
NAME_A_FOLDER = "Name a folder with --home or TRUNKLINE_HOME."
OUTSIDE_THE_TABLE = {"TRUNKLINE_HOME", "TRUNKLINE_FROZEN_CLOCK"}


@dataclass(frozen=True)
class Setting:
    """One row of the table."""

    name: str
    type: type[str] | type[int] | type[float] | type[bool]
    default: str | int | float | bool
    help: str
    secret: bool = False
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "store_url",
        str,
        "",
        "Where accounts, datasets and runs are kept: postgresql://… or mysql://…; empty: a SQLite file.",
        secret=True,
    ),
    Setting(
        "warehouse_url",
        str,
        "",
        "Where dataset tables are kept: postgresql://…; empty: a DuckDB file.",
        secret=True,
    ),
    Setting(
        "dialer_url",
        str,
        "",
        "The database of a running dialer: mysql://… or postgresql://…; empty: the store's.",
        secret=True,
    ),
    Setting(
        "dialer_prefix",
        str,
        "dialer360_",
        "What names of the dialer's tables begin with; another than the default: tables of a running dialer.",
    ),
    Setting(
        "dialer_web_root",
        str,
        "/srv/www/htdocs",
        "The folder of the dialer's web server: the audio store lies below it.",
    ),
    Setting(
        "dialer_waits_for_disk",
        bool,
        False,
        "On SQLite each change of the dialer waits until it is on the disk: a power cut takes nothing. Else "
        "it may take the last moments; a killed process never does.",
    ),
    Setting(
        "dialer_wrong_logins_per_address",
        int,
        100,
        "How many wrong logins one address may have in 15 minutes before it must wait; 0: any number.",
    ),
    Setting(
        "trusted_proxies",
        str,
        "",
        "Addresses or networks of proxies whose X-Forwarded-For is believed, comma-separated; empty: none.",
    ),
    Setting(
        "secret_key",
        str,
        "",
        "Fernet keys that encrypt stored secrets, newest first, comma-separated; empty: the file secret.key.",
        secret=True,
    ),
    Setting(
        "late_after_minutes",
        int,
        60,
        "How long after it was due a dataset without a success since is late, and an alert begins.",
    ),
    Setting("timezone", str, "UTC", "IANA zone of days where neither dataset nor account names one."),
    Setting(
        "clickto_timezone",
        str,
        "America/New_York",
        "IANA zone of the click-to report: its days and its times. The default is an assumption.",
    ),
    Setting(
        "clickto_duration_unit",
        str,
        "minutes",
        "What the report's Call Duration counts: minutes (whole, rounded up) or seconds.",
        choices=("minutes", "seconds"),
    ),
    Setting(
        "clickto_csv_charset",
        str,
        "utf-8",
        "How the click-to report writes CSV: utf-8, or iso-8859-1 with ? for what that has not.",
        choices=("utf-8", "iso-8859-1"),
    ),
    Setting(
        "clickto_error_status",
        bool,
        False,
        "Whether errors of the click-to report have a status of their own (400, 401, 403, 429); no: 200.",
    ),
    Setting(
        "clickto_countries",
        str,
        "US,CA",
        "Countries whose numbers visitors may have called, by two letters; one without + is of the first.",
    ),
    Setting(
        "clickto_calls_per_address",
        int,
        5,
        "How many click-to calls one visitor's address may place in 10 minutes; 0: any number.",
    ),
    Setting(
        "clickto_calls_per_block",
        int,
        60,
        "How many click-to calls one block may place in 10 minutes; 0: any number.",
    ),
    Setting(
        "clickto_calls_per_number",
        int,
        3,
        "How many click-to calls one visitor's number may get in 10 minutes; 0: any number.",
    ),
    Setting("clickto_ring_seconds", int, 25, "How long a click-to call rings at each number."),
    Setting(
        "backup_before_upgrade",
        bool,
        True,
        "Whether the store is backed up into the home folder before a newer version changes its tables.",
    ),
    Setting("runs_per_account", int, 2, "How many datasets of one account are read at the same time."),
    Setting("runs_at_once", int, 8, "How many datasets one server or worker reads at the same time."),
    Setting("http_timeout_seconds", float, 60.0, "How long one answer may take."),
    Setting("http_retries", int, 6, "How often a failed request (5xx, lost connection) is tried again."),
    Setting("max_download_mb", int, 8_000, "Largest file taken from a provider, in MB."),
    Setting("max_answer_mb", int, 64, "The largest answer read from a provider, in MB (10^6 bytes)."),
    Setting(
        "history_days",
        int,
        90,
        "How many days runs and their logs are kept; 0: for ever. The last run and success always are.",
    ),
    Setting(
        "warehouse_wait_seconds",
        int,
        15,
        "How long a load or query waits for a DuckDB file or PostgreSQL table that others hold.",
    ),
    Setting("window_rows", int, 10_000, "About how many rows one transaction loads."),
    Setting("duckdb_memory_mb", int, 180, "Memory limit given to DuckDB, in MB."),
    Setting("duckdb_threads", int, 1, "Threads given to DuckDB for loads."),
    Setting("query_seconds", int, 60, "How long a query of the SQL page may take."),
    Setting("query_rows", int, 1_000, "How many rows of a result the SQL page shows; a download has all."),
    Setting(
        "public_url",
        str,
        "",
        "The address at which people reach this installation, https://…; empty: this machine alone.",
    ),
    Setting(
        "mail_server",
        str,
        "",
        "The SMTP server that mails invitations and links for lost passwords; empty: none are mailed. They "
        "name public_url, so it is needed too.",
    ),
    Setting("mail_port", int, 0, "Its port; 0: 587 with starttls, 465 with tls, 25 with none."),
    Setting(
        "mail_security",
        str,
        "starttls",
        "How the way to it is encrypted; none only for a server on this machine.",
        choices=("starttls", "tls", "none"),
    ),
    Setting("mail_user", str, "", "The user it asks for; empty: it asks for none."),
    Setting("mail_password", str, "", "That user's password.", secret=True),
    Setting("mail_from", str, "", "The sender of its mails, such as trunkline@example.com."),
    Setting(
        "oidc_issuer",
        str,
        "",
        "The address of a service to sign in with (OpenID Connect), https://…; empty: passwords alone.",
    ),
    Setting("oidc_client_id", str, "", "What this installation is called at that service."),
    Setting("oidc_client_secret", str, "", "Its secret there; empty: it has none.", secret=True),
    Setting("oidc_label", str, "Sign in with single sign-on", "What the button on the sign-in page says."),
    Setting(
        "oidc_role",
        str,
        "",
        "The role of people whom that service knows and nobody invited; empty: only the invited may enter.",
        choices=("", "employee", "manager", "analyst", "admin"),
    ),
    Setting(
        "log_level",
        str,
        "warning",
        "What is told on standard error: debug (requests and calls), info (runs, retries), warning or error.",
        choices=("debug", "info", "warning", "error"),
    ),
    Setting(
        "log_format",
        str,
        "text",
        "How it is told: text, or json with one object a line.",
        choices=("text", "json"),
    ),
    Setting(
        "metrics_token",
        str,
        "",
        "The bearer token that /metrics asks for; empty: it answers this machine alone.",
        secret=True,
    ),
)

BY_NAME: Mapping[str, Setting] = {s.name: s for s in SETTINGS}
ADDRESSES = ("public_url", "oidc_issuer")
ZONES = ("timezone", "clickto_timezone")
MAY_BE_ZERO = (
    *("history_days", "http_retries", "mail_port", "dialer_wrong_logins_per_address"),
    *("clickto_calls_per_address", "clickto_calls_per_block", "clickto_calls_per_number"),
)
_COUNTRIES = re.compile(r"[A-Za-z]{2}( *, *[A-Za-z]{2})*")
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,29}")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}

SettingValue = str | int | float | bool


@dataclass(frozen=True)
class Settings:
    """The settings in force: values by name, and where each came from."""

    home: Path
    values: Mapping[str, SettingValue]
    sources: Mapping[str, str]

    def text(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> int:
        return int(self.values[name])

    def decimal(self, name: str) -> float:
        return float(self.values[name])

    def flag(self, name: str) -> bool:
        return bool(self.values[name])

    def shown(self, setting: Setting) -> SettingValue:
        """Its value; of a secret one only whether it is set."""
        return "set" if setting.secret and self.text(setting.name) else self.values[setting.name]


def home_folder(given: str | None, env: Mapping[str, str] | None = None) -> Path:
    """The one given, else TRUNKLINE_HOME, else ~/.trunkline. Raises SettingsError for an empty text."""
    env = os.environ if env is None else env
    if given is not None and not given.strip():
        raise SettingsError("The home folder (--home) is empty.", todo="Name a folder, or leave --home out.")
    text = given or env.get("TRUNKLINE_HOME") or "~/.trunkline"
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise SettingsError(
            f"The home folder {text} begins with a user's home, which is not known here.", todo=NAME_A_FOLDER
        ) from None


def load_settings(home: Path, env: Mapping[str, str] | None = None) -> Settings:
    """The settings of a home folder. Raises SettingsError with one Problem per setting."""
    settings, problems = examined_settings(home, env)
    if problems:
        raise refused_settings(problems)
    return settings


def refused_settings(
    problems: Sequence[Problem], todo: str = "`trunkline config` lists the settings."
) -> SettingsError:
    return SettingsError(problems=problems, todo=todo)


def examined_settings(
    home: Path, env: Mapping[str, str] | None = None
) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings of a home folder, and what is wrong with them; a wrong one has its default.

    Raises SettingsError for a home that cannot be one, or a file that cannot be read.
    """
    env = os.environ if env is None else env
    _check_home(home)
    in_file = _read_file(home / FILE)
    problems = [_unknown(name, FILE) for name in in_file if name not in BY_NAME]
    known = {s.variable for s in SETTINGS} | OUTSIDE_THE_TABLE
    problems += [
        _unknown(name, "the environment") for name in env if name.startswith(PREFIX) and name not in known
    ]
    values: dict[str, SettingValue] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        raw, source = _raw(setting, env, in_file)
        values[setting.name], sources[setting.name] = setting.default, source
        try:
            values[setting.name] = _typed(setting, raw)
        except (ValueError, SettingsError) as error:
            sources[setting.name] = "default"
            problems.append(Problem(setting.name, f"{setting.name} from {source}: {error}"))
    return Settings(home, values, sources), tuple(problems)


def _check_home(home: Path) -> None:
    try:
        place = next(p for p in (home, *home.parents) if p.exists())
    except OSError as error:
        raise SettingsError(
            f"The home folder {home} cannot be looked at: {error.strerror}.", todo=NAME_A_FOLDER
        ) from None
    if not place.is_dir():
        which = "it" if place == home else f"{place}"
        raise SettingsError(f"The home folder {home} will not do: {which} is no folder.", todo=NAME_A_FOLDER)
    if place == home and not os.access(home, os.R_OK | os.X_OK):
        raise SettingsError(
            f"The home folder {home} cannot be looked into: Permission denied.",
            todo="Give this user the right to read and write it, or name another folder with --home.",
        )


def _read_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise SettingsError(f"{path} cannot be read: {why}", todo="Mend the file or take it away.") from None


def _unknown(name: str, where: str) -> Problem:
    """What is shared by all names counts for nothing: BOGUS is near to none of them."""
    prefix = PREFIX if name.startswith(PREFIX) else ""
    bare = name.removeprefix(prefix).lower().replace("-", "_")
    close = difflib.get_close_matches(bare, BY_NAME, n=1)
    right = f"{prefix}{close[0].upper() if prefix else close[0]}" if close else ""
    hint = f"Did you mean {right}?" if right else f"There are: {', '.join(BY_NAME)}."
    return Problem(name, f"{name} in {where} is no setting. {hint}")


def _raw(setting: Setting, env: Mapping[str, str], in_file: Mapping[str, object]) -> tuple[object, str]:
    if env.get(setting.variable):
        return env[setting.variable], setting.variable
    if setting.name in in_file:
        return in_file[setting.name], FILE
    return setting.default, "default"


def _typed(setting: Setting, raw: object) -> SettingValue:
    value = _converted(setting, raw)
    if setting.name in ZONES:
        zone_named(str(value))
    if setting.name in ADDRESSES and value:
        _check_address(str(value))
    if setting.name == "trusted_proxies":
        for network in networks_in(str(value)):
            _check_network(network)
    if setting.name == "dialer_prefix" and not _PREFIX.fullmatch(str(value)):
        raise ValueError(f"{value!r} is no beginning of a table's name: a-z, 0-9 and _, 1 to 30 characters")
    if setting.name == "clickto_countries" and not _COUNTRIES.fullmatch(str(value)):
        raise ValueError(f"{value!r} is no list of countries of two letters such as US,CA")
    if setting.choices and value not in setting.choices:
        raise ValueError(f"{value!r} is none of {', '.join(setting.choices)}")
    if setting.type in (int, float):
        _check_size(setting, float(value))
    return value


def _check_address(text: str) -> None:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address or any(mark in text for mark in "@?# "):
        shown = repr(text) if "@" not in text else "it"  # what stands before @ may be a password
        raise ValueError(f"{shown} is no address like https://trunkline.example.com")


def networks_in(text: str) -> tuple[str, ...]:
    """The addresses and networks of a comma-separated text."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address or network such as 127.0.0.1, 10.0.0.0/8 or ::1") from None


def _check_size(setting: Setting, number: float) -> None:
    if not math.isfinite(number):
        raise ValueError(f"{number} is no number that can be counted to")
    if number < 0 and setting.name in MAY_BE_ZERO:
        raise ValueError(f"{number:g} must be 0 or more")
    if number <= 0 and setting.name not in MAY_BE_ZERO:
        raise ValueError(f"{number:g} must be above 0")


def _converted(setting: Setting, raw: object) -> SettingValue:
    text = str(raw).strip()
    if setting.type is bool:
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise ValueError(f"{text!r} is neither yes nor no")
    if setting.type in (int, float):
        try:
            return setting.type(text)
        except ValueError:
            kind = "whole number" if setting.type is int else "number"
            raise ValueError(f"{text!r} is no {kind}") from None
    return text
