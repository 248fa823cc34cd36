"""Channels: where notices go, which kinds, and of which datasets and accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center.alerts import email, queries, slack, webhook
from trunkline.center.alerts.incidents import Delivery, delivery_of
from trunkline.center.alerts.kinds import ACCOUNT, DATASET, KINDS
from trunkline.center.alerts.senders import Sender
from trunkline.center.names import checked_account_name, named_row
from trunkline.center.room import Center
from trunkline.errors import Problem, SettingsError, some_of
from trunkline.options import Values, resolve

SENDERS = {sender.name: sender for sender in (email.SENDER, webhook.SENDER, slack.SENDER)}
ALL = "all"
REMOVED = "The channel was removed before this was sent."


@dataclass(frozen=True)
class Choice:
    """Which incidents a channel hears of: names of kinds, datasets and accounts; None is all of them.

    With datasets or accounts chosen it hears of those datasets, of those accounts, and of the datasets
    that read those accounts.
    """

    kinds: tuple[str, ...] | None = None
    datasets: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Channel:
    """A saved channel. `values` holds no secret; `secret_names` tells which ones are kept."""

    id: int
    name: str
    sender: Sender
    target: str
    values: Values
    secret_names: tuple[str, ...]
    choice: Choice
    created_at: datetime
    last: Delivery | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.sender.name,
            "target": self.target,
            "options": self.values,
            "secrets": list(self.secret_names),
            "kinds": self.choice.kinds or ALL,
            "datasets": ALL if self.choice.datasets is None else list(self.choice.datasets),
            "accounts": ALL if self.choice.accounts is None else list(self.choice.accounts),
            "created_at": self.created_at,
            "last": self.last.to_json() if self.last else None,
        }


def sender_named(name: str) -> Sender:
    if name not in SENDERS:
        raise SettingsError(
            problems=[Problem("kind", f"There is no kind of channel {name!r}.")],
            todo=f"There are: {', '.join(SENDERS)}.",
        )
    return SENDERS[name]


def add(center: Center, kind: str, name: str, given: Mapping[str, Any], choice: Choice) -> Channel:
    """Save a new channel; it hears of what begins from now on. Raises SettingsError for wrong values."""
    checked_account_name(name)
    sender = sender_named(kind)
    values = sender.check(resolve(sender.options, given))
    now = center.clock.now()
    record = {"name": name, "kind": kind, **_split(center, sender, values)}
    try:
        with center.store.begin() as tx:
            chosen = _choice_columns(tx, choice)
            stamped = {**record, **chosen, "created_at": now, "updated_at": now}
            queries.insert_channel(tx, stamped)
    except IntegrityError:
        raise _taken(name) from None
    return get(center, name)


def edit(
    center: Center,
    name: str,
    changes: Mapping[str, Any],
    choice: Mapping[str, tuple[str, ...] | None],
    rename: str | None = None,
) -> Channel:
    """Change a channel; an empty text takes a value away. With other values what waits is tried at once.

    `choice` holds the fields of a Choice that are to change.
    """
    row = _row(center, name)
    sender, now = sender_named(row["kind"]), center.clock.now()
    record: dict[str, Any] = {"updated_at": now}
    if rename is not None:
        record["name"] = checked_account_name(rename)
    if changes:
        merged = {**values_of(center, row), **changes}
        kept = {k: v for k, v in merged.items() if v not in (None, "")}
        record |= _split(center, sender, sender.check(resolve(sender.options, kept)))
    try:
        with center.store.begin() as tx:
            record |= _some_choice_columns(tx, choice)
            queries.update_channel(tx, row["id"], record)
            if changes:
                queries.update_waiting(tx, row["id"], {"next_try_at": now})
    except IntegrityError:
        raise _taken(str(rename)) from None
    return get(center, rename or name)


def remove(center: Center, name: str) -> None:
    """Forget a channel; what was still to be sent to it is not."""
    row, now = _row(center, name), center.clock.now()
    dropped = {"state": "failed", "answer": REMOVED, "ended_at": now, "next_try_at": None}
    with center.store.begin() as tx:
        queries.update_waiting(tx, row["id"], dropped)
        queries.delete_channel(tx, row["id"])


def get(center: Center, name: str) -> Channel:
    """The channel of that name. Raises SettingsError with the nearest name for an unknown one."""
    row = _row(center, name)
    return next(channel for channel in _channels(center, [row]))


def all_of(center: Center) -> list[Channel]:
    with center.store.read() as tx:
        rows = queries.all_channels(tx)
    return _channels(center, rows)


def values_of(center: Center, row: RowMapping) -> Values:
    """Every value of a channel, secrets included: for sending, never for showing."""
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in row["values"].items()}
    return {**values, **center.vault.decrypt(row["secrets"], f"The secret of channel '{row['name']}'")}


def _row(center: Center, name: str) -> RowMapping:
    return named_row(center, "alert channel", name, queries.channel_named, queries.all_channels)


def _taken(name: str) -> SettingsError:
    return SettingsError(
        problems=[Problem("name", f"There is a channel named {name!r} already.")],
        todo=f"Choose another name, or change it with `trunkline alert channel edit {name}`.",
    )


def _split(center: Center, sender: Sender, values: Values) -> dict[str, Any]:
    secret = sender.secret_names
    plain = {n: list(v) if isinstance(v, tuple) else v for n, v in values.items() if n not in secret}
    hidden = {n: str(v) for n, v in values.items() if n in secret}
    return {"values": plain, "secrets": center.vault.encrypt(hidden)}


# -- what a channel hears of ---------------------------------------------------------------------


def _choice_columns(tx: Connection, choice: Choice) -> dict[str, Any]:
    return _some_choice_columns(tx, vars(choice))


def _some_choice_columns(tx: Connection, choice: Mapping[str, tuple[str, ...] | None]) -> dict[str, Any]:
    """Names become ids, so that a renamed account stays chosen. Raises SettingsError for unknown names."""
    columns: dict[str, Any] = {}
    if "kinds" in choice:
        columns["incident_kinds"] = _checked("kinds", choice["kinds"], {name: name for name in KINDS})
    for field, subject, column in (
        ("datasets", DATASET, "dataset_ids"),
        ("accounts", ACCOUNT, "account_ids"),
    ):
        if field in choice:
            ids = {name: id_ for id_, name in queries.names_of(tx, subject).items()}
            columns[column] = _checked(field, choice[field], ids)
    return columns


def _checked(
    field: str, names: Sequence[str] | None, known: Mapping[str, str] | Mapping[str, int]
) -> list[Any] | None:
    if names is None:
        return None
    missing = [name for name in names if name not in known]
    if missing:
        text = f"--{field} names {missing[0]!r}, which is not there."
        raise SettingsError(
            problems=[Problem(field, text)], todo=f"There are: {some_of(list(known)) or 'none'}."
        )
    return [known[name] for name in names]


def _channels(center: Center, rows: Sequence[RowMapping]) -> list[Channel]:
    with center.store.read() as tx:
        names = {kind: queries.names_of(tx, kind) for kind in (DATASET, ACCOUNT)}
        last = {row["channel_id"]: delivery_of(row) for row in queries.last_deliveries(tx)}
    return [_channel(center, row, names, last.get(row["id"])) for row in rows]


def _channel(
    center: Center, row: RowMapping, names: Mapping[str, Mapping[int, str]], last: Delivery | None
) -> Channel:
    sender = sender_named(row["kind"])
    try:
        values = values_of(center, row)
        target = sender.target(values)
    except SettingsError:  # no key opens its secrets: listing channels does not need them
        values, target = dict(row["values"]), ""
    kept = tuple(name for name in sender.secret_names if name in values or (row["secrets"] and not target))
    return Channel(
        id=row["id"],
        name=row["name"],
        sender=sender,
        target=target,
        values={name: v for name, v in values.items() if name not in sender.secret_names},
        secret_names=kept,
        choice=Choice(
            tuple(row["incident_kinds"]) if row["incident_kinds"] is not None else None,
            _names(names[DATASET], row["dataset_ids"]),
            _names(names[ACCOUNT], row["account_ids"]),
        ),
        created_at=row["created_at"],
        last=last,
    )


def _names(known: Mapping[int, str], ids: Sequence[int] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(known[id_] for id_ in ids if id_ in known)
