"""Accounts and datasets as a file says: what the file may hold, read and checked without any database.

Secrets do not stand in the file. It names environment variables that hold them, or leaves them as they are.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

from trunkline.center.configuration_parts import PARTS
from trunkline.errors import Problem, SettingsError

FROM_ENVIRONMENT = "env:"
SECTIONS = ("accounts", "datasets")
ACCOUNT_KEYS = ("connector", "options", "secrets")
DATASET_KEYS = ("account", "report", "update", "description", "options", *(part.name for part in PARTS))
UNSET = "the environment variable"
GUIDE = "`trunkline apply --export` prints what is there as such a file."


@dataclass(frozen=True)
class WantedAccount:
    """An account of the file. `secrets` are those it names, fetched; those it does not name stay."""

    name: str
    connector: str
    options: Mapping[str, Any]
    secrets: Mapping[str, str]


@dataclass(frozen=True)
class WantedDataset:
    """A dataset of the file. `parts` are what other rooms of the house keep for it."""

    name: str
    account: str
    report: str
    update: str | None
    description: str
    options: Mapping[str, Any]
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """All of a file, by name."""

    accounts: Mapping[str, WantedAccount]
    datasets: Mapping[str, WantedDataset]


def read(file: Path, env: Mapping[str, str] | None = None) -> Wanted:
    """The file's accounts and datasets. Raises SettingsError with a Problem for each thing wrong."""
    env = os.environ if env is None else env
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no file {file}.", todo=GUIDE) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        why = "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else why
        raise SettingsError(f"{file} cannot be read: {why}.", todo="It must be TOML in UTF-8.") from None
    problems = [*_problems(told, env)]
    if problems:
        is_of_values = all(UNSET in problem.message for problem in problems)
        raise SettingsError(problems=problems, todo="Nothing was changed." if is_of_values else GUIDE)
    accounts = {name: _account(name, one, env) for name, one in told.get("accounts", {}).items()}
    datasets = {name: _dataset(name, one) for name, one in told.get("datasets", {}).items()}
    return Wanted(accounts, datasets)


def _problems(told: Mapping[str, Any], env: Mapping[str, str]) -> Iterator[Problem]:
    yield from _unknown(told, SECTIONS, "")
    for section, keys, needed in (
        ("accounts", ACCOUNT_KEYS, ("connector",)),
        ("datasets", DATASET_KEYS, ("account", "report")),
    ):
        entries = told.get(section, {})
        if not isinstance(entries, dict):
            yield Problem(section, f"{section} must be tables such as [{section}.main].")
            continue
        for name, one in entries.items():
            yield from _of_entry(f"{section}.{name}", one, keys, needed, env)


def _of_entry(
    place: str, one: Any, keys: tuple[str, ...], needed: tuple[str, ...], env: Mapping[str, str]
) -> Iterator[Problem]:
    if not isinstance(one, dict):
        yield Problem(place, f"{place} must be a table: write [{place}].")
        return
    yield from _unknown(one, keys, f"{place}.")
    for name in needed:
        if name not in one:
            yield Problem(f"{place}.{name}", f"{place}.{name} is missing.")
    for name, value in one.items():
        if name in ("options", "secrets"):
            if not isinstance(value, dict):
                yield Problem(f"{place}.{name}", f"{place}.{name} must be a table: write [{place}.{name}].")
        elif name in ("connector", "account", "report", "update", "description") and not isinstance(
            value, str
        ):
            yield Problem(f"{place}.{name}", f"{place}.{name} is {value!r}; it must be a text.")
    yield from _of_parts(place, one)
    secrets = one.get("secrets")
    yield from _of_secrets(f"{place}.secrets", secrets if isinstance(secrets, dict) else {}, env)


def _of_parts(place: str, one: Mapping[str, Any]) -> Iterator[Problem]:
    """What the other rooms say of their keys; an account has none of them."""
    for part in PARTS:
        if part.name not in one or not place.startswith("datasets."):
            continue
        try:
            part.checked(one[part.name])
        except SettingsError as error:
            for found in error.problems or (Problem("", str(error)),):
                where = f"{place}.{part.name}" + (f".{found.field}" if found.field else "")
                yield Problem(where, f"{where}: {found.message}")


def _of_secrets(place: str, secrets: Mapping[str, Any], env: Mapping[str, str]) -> Iterator[Problem]:
    """The value itself is never repeated: it may be a secret that somebody has written down."""
    for name, value in secrets.items():
        if not isinstance(value, str) or not value.startswith(FROM_ENVIRONMENT):
            text = "must name an environment variable, as in env:NAME; secrets do not stand in the file."
            yield Problem(f"{place}.{name}", f"{place}.{name} {text}")
        elif not env.get(value.removeprefix(FROM_ENVIRONMENT)):
            variable = value.removeprefix(FROM_ENVIRONMENT)
            text = f"{UNSET} {variable} is not set; set it, or leave the line out to keep what is there."
            yield Problem(f"{place}.{name}", f"{place}.{name}: {text}")


def _unknown(told: Mapping[str, Any], known: tuple[str, ...], place: str) -> Iterator[Problem]:
    for name in told:
        if name not in known:
            yield Problem(f"{place}{name}", f"{place}{name} is not known. There are: {', '.join(known)}.")


def _account(name: str, one: Mapping[str, Any], env: Mapping[str, str]) -> WantedAccount:
    secrets = {k: env[v.removeprefix(FROM_ENVIRONMENT)] for k, v in one.get("secrets", {}).items()}
    return WantedAccount(name, one["connector"], _plain(one.get("options", {})), secrets)


def _dataset(name: str, one: Mapping[str, Any]) -> WantedDataset:
    return WantedDataset(
        name,
        one["account"],
        one["report"],
        one.get("update"),
        one.get("description", ""),
        _plain(one.get("options", {})),
        {part.name: part.checked(one[part.name]) for part in PARTS if part.name in one},
    )


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """TOML knows days and times; options take them as texts."""
    return {k: v.isoformat() if isinstance(v, date | time) else v for k, v in options.items()}
