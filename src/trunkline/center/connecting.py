"""Connecting an account by signing in at its provider: one half before the browser, one after it."""

import asyncio
import hmac
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from trunkline.center import accounts, grants
from trunkline.center.accounts import Account, Verdict
from trunkline.center.names import checked_account_name
from trunkline.center.room import Center
from trunkline.connectors import connector as connector_named
from trunkline.declare import Connector, OAuth
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.refusals import Subject
from trunkline.fetch.sign_in import Beginning
from trunkline.fetch.source import Access
from trunkline.options import Kind, Values

CALLBACK = "/oauth/callback/{connector}"
GOOD_FOR_SECONDS = 900
"""So long a browser may take for a sign-in that it keeps itself."""
LONGEST_SEALED = 3_800
"""Characters: browsers keep 4,096 bytes of a cookie."""


@dataclass(frozen=True)
class Pending:
    """A sign-in under way: who it is for, and what must fit when the browser comes back."""

    connector: str
    name: str
    values: Values = field(repr=False)
    redirect_uri: str
    beginning: Beginning = field(repr=False)

    @property
    def authorize_url(self) -> str:
        """The address at which a person signs in; it holds no secret."""
        return self.beginning.authorize_url


def begin(
    center: Center,
    connector_name: str,
    name: str,
    given: Mapping[str, Any],
    redirect_uri: str,
    scopes: tuple[str, ...] = (),
) -> Pending:
    """The first half: nothing is saved yet. An account of that name keeps the values not given.

    Raises SettingsError for a provider without sign-ins, a missing client, or wrong values.
    """
    connector = connector_named(connector_name)
    values = _values(center, connector, name, given)
    sign_in = grants.sign_in_of(center, connector, values, _subject(center, connector, values, name))
    return Pending(connector.name, name, values, redirect_uri, sign_in.begin(redirect_uri, scopes))


def belongs(pending: Pending, callback_query: str) -> bool:
    """Whether an answer is one to this sign-in: it brings back what only this one has sent along."""
    states = parse_qs(callback_query).get("state", [""])
    return hmac.compare_digest(states[0].encode(), pending.beginning.state.encode())


def sealed(center: Center, pending: Pending, whose: str) -> str:
    """A sign-in under way as a text for the browser to keep; only this installation can open it.

    `whose` names the browser's session, and no other can go on with it.
    """
    told = {
        "connector": pending.connector,
        "name": pending.name,
        "values": pending.values,
        "redirect_uri": pending.redirect_uri,
        "state": pending.beginning.state,
        "verifier": pending.beginning.verifier,
        "whose": whose,
        "until": center.clock.now().timestamp() + GOOD_FOR_SECONDS,
    }
    text = center.vault.encrypt({"pending": json.dumps(told)})
    if len(text) > LONGEST_SEALED:
        raise SettingsError("The fields are too long for a sign-in.", todo="Shorten them.")
    return text


def unsealed(center: Center, text: str, whose: str) -> Pending:
    """The sign-in under way of a sealed text. Raises SettingsError for another's, an old one, or none."""
    try:
        told = json.loads(center.vault.decrypt(text)["pending"]) if text else {}
    except (SettingsError, ValueError, KeyError):
        told = {}
    is_theirs = hmac.compare_digest(str(told.get("whose", "")).encode(), whose.encode())
    if not is_theirs or told["until"] < center.clock.now().timestamp():
        raise SettingsError(
            "There is no sign-in under way in this browser, or it took too long.",
            todo="Begin again at the account.",
        )
    values = accounts.checked_values(connector_named(told["connector"]), told["values"])
    beginning = Beginning("", told["state"], told["verifier"])
    return Pending(told["connector"], told["name"], values, told["redirect_uri"], beginning)


async def finish(
    center: Center, pending: Pending, callback_query: str, owner_id: int | None = None
) -> Account:
    """The second half: the account, tried out and saved with its sign-in; a key it had is gone.

    A new account gets the owner.

    `callback_query` is the query of the address that the provider sent the browser to. Raises
    SettingsError or NotAllowed, and saves nothing, when the sign-in was refused or does not work.
    """
    connector = connector_named(pending.connector)
    subject = _subject(center, connector, pending.values, pending.name)
    sign_in = grants.sign_in_of(center, connector, pending.values, subject)
    pair = await asyncio.to_thread(sign_in.finish, pending.beginning, pending.redirect_uri, callback_query)
    access = Access(connector, pending.values, pending.name, grants.NewGrant(pair))
    verdict = await accounts.test(access, center.surroundings())
    if verdict.state == accounts.INVALID:
        raise SettingsError(f"{verdict.message} Account {pending.name!r} was not saved.", todo=verdict.todo)
    return _saved(center, connector, pending, pair, verdict, owner_id)


def _saved(
    center: Center,
    connector: Connector,
    pending: Pending,
    pair: Any,
    verdict: Verdict,
    owner_id: int | None,
) -> Account:
    """The pair goes first where there is an account: its key, if it had one, counts until then."""
    if not accounts.exists(center, pending.name):
        made = accounts.add(center, connector.name, pending.name, pending.values, verdict, owner_id)
        grants.save(center, made.id, pair)
        return accounts.get(center, pending.name)
    grants.save(center, accounts.get(center, pending.name).id, pair)
    changes = {**pending.values, connector.credentials_option: ""}
    return accounts.edit(center, pending.name, changes, verdict)


def _subject(center: Center, connector: Connector, values: Values, name: str) -> Subject:
    """Whose sign-in it is. Of an account that is not saved yet all that was given must be given again."""
    subject = grants.subject_of(connector, values, name)
    if accounts.exists(center, name):
        return subject
    given = [o for o in connector.account if values.get(o.name) not in (None, "", o.default)]
    flags = [f"{o.flag} {'-' if o.kind is Kind.SECRET else _word(values[o.name])}" for o in given]
    return replace(subject, again=" ".join([subject.connect, *flags]))


def _word(value: Any) -> str:
    """A value as a word of a command line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shlex.quote(",".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _oauth(connector: Connector) -> OAuth:
    if connector.oauth is None:
        raise SettingsError(
            f"{connector.label} offers no sign-in.",
            todo=f"Give its key: `trunkline account add {connector.name} NAME`",
        )
    return connector.oauth


def _values(center: Center, connector: Connector, name: str, given: Mapping[str, Any]) -> Values:
    """The account's values without its key, which the sign-in replaces."""
    oauth = _oauth(connector)
    changes = {k: v for k, v in given.items() if k != connector.credentials_option}
    if accounts.exists(center, name):
        saved = accounts.get(center, name)
        if saved.connector != connector.name:
            other = connector_named(saved.connector).label
            raise SettingsError(
                f"Account {name!r} is one of {other}, not of {connector.label}.",
                todo="Choose another name.",
            )
        changes = accounts.changed_values(center, name, changes)
    else:
        checked_account_name(name)
    known = {k: v for k, v in changes.items() if k != connector.credentials_option}
    _check_client(connector, oauth, known)
    return accounts.checked_values(connector, known)


def _check_client(connector: Connector, oauth: OAuth, values: Mapping[str, Any]) -> None:
    options = [o for o in connector.account if o.name in (oauth.client_id, oauth.client_secret)]
    missing = [o for o in options if not values.get(o.name)]
    if missing:
        problems = [Problem(o.name, f"{o.label} ({o.flag}) is missing.") for o in missing]
        raise SettingsError(
            problems=problems, todo=f"{connector.label} gives both when you register an application there."
        )
