"""Oneself and one's tokens, and those who may sign in."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy.exc import IntegrityError

from trunkline.access.roles import Right, Role, may_change
from trunkline.access.sessions import digest_of
from trunkline.access.tokens import BEGINNING, RANDOM_BYTES
from trunkline.access.users import LONGEST_NAME, User
from trunkline.dates import zone_named
from trunkline.errors import NotAllowed, Problem, SettingsError
from trunkline.rest import caller_queries as queries
from trunkline.rest.callers import checked_scopes
from trunkline.rest.cursors import Pages, cut
from trunkline.rest.operations import ROOT, Call, Here, Model, delete, get, patch, post
from trunkline.rest.problems import Refusal, found, not_found
from trunkline.rest.shapes import Page, Removed, page_of
from trunkline.store.types import NAME_LENGTH

LARGEST = 2**63 - 1
NO_FUNCTION = "rest"
"""What a personal token has in place of functions of the dialer and rights of click-to: none of them."""
Scope = Annotated[str, StringConstraints(max_length=64)]


class UserShown(Model):
    id: int
    email: str
    name: str
    role: Role
    zone: str = Field(description="An IANA zone; empty: that of the browser.")
    is_active: bool
    has_second_factor: bool
    created_at: datetime


class Me(UserShown):
    rights: list[Right] = Field(description="What this caller may do now, a token's scopes kept to.")


class UserPage(Page):
    items: list[UserShown]


class MeChange(Model):
    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)] | None = None
    zone: Annotated[str, StringConstraints(max_length=64)] | None = None


class UserChange(Model):
    role: Role | None = None
    is_active: bool | None = Field(None, description="Whether they may sign in.")


class TokenShown(Model):
    id: int
    name: str
    scopes: list[str] | None = Field(description="Rights that it keeps to; null: all that its person has.")
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class NewTokenShown(TokenShown):
    token: str | None = Field(description="The token, in this answer alone; it is kept nowhere.")


class TokenPage(Page):
    items: list[TokenShown]


class NewToken(Model):
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    scopes: list[Scope] | None = Field(None, max_length=50, description="Null: all rights that you have.")
    days: int | None = Field(None, ge=1, le=3_650, description="How long it is good; null: until removed.")


def get_me(call: Here) -> dict[str, Any]:
    user = call.rooms.users.get(call.user.id)
    return {**_shown(user), "rights": sorted(call.caller.rights)}


def change_me(call: Here, given: MeChange) -> dict[str, Any]:
    values = {name: value for name in ("name", "zone") if (value := getattr(given, name)) is not None}
    if values.get("zone"):
        values["zone"] = _zone(values["zone"])
    if "name" in values and not values["name"].strip():
        raise SettingsError(problems=[Problem("name", "A name is needed.")])
    if values:
        call.rooms.users.change(call.user, **values)
    call.subject = call.user.email
    return get_me(call)


def _zone(name: str) -> str:
    try:
        return zone_named(name).key
    except SettingsError as error:
        raise SettingsError(problems=[Problem("zone", str(error))], todo=error.todo) from None


def list_tokens(call: Here, paging: Pages) -> dict[str, Any]:
    with call.rooms.store.read() as tx:
        rows = queries.tokens_of(tx, call.user.id, min(paging.number, LARGEST), paging.limit + 1)
    shown, following = cut(rows, paging, lambda one: int(one.id))
    call.go_on(following)
    return page_of([_token(row._mapping) for row in shown], following)


def get_token(call: Here, token: int) -> dict[str, Any]:
    with call.rooms.store.read() as tx:
        row = queries.token_of(tx, call.user.id, token) if 0 < token <= LARGEST else None
    if row is None:
        raise not_found("You have no token with that number.")
    return _token(row._mapping)


def add_token(call: Here, given: NewToken) -> dict[str, Any]:
    name = given.name.strip()
    if not name or not name.isprintable():
        raise SettingsError(problems=[Problem("name", "A name that can be printed is needed.")])
    text, now = BEGINNING + secrets.token_urlsafe(RANDOM_BYTES), call.rooms.clock.now()
    values = {
        "name": f"{call.user.email} {name}"[:NAME_LENGTH],
        "digest": digest_of(text),
        "user": "",
        "functions": [NO_FUNCTION],
        "created_at": now,
        "expires_at": now + timedelta(days=given.days) if given.days else None,
        "user_id": call.user.id,
        "scopes": checked_scopes(given.scopes, call.caller),
    }
    try:
        with call.rooms.store.begin() as tx:
            token_id = queries.add_token(tx, values)
    except IntegrityError:
        detail = f"You have a token named {name!r} already."
        raise Refusal(409, "name_taken", detail, errors=[Problem("name", detail)]) from None
    call.headers["Location"], call.subject = f"{ROOT}/me/tokens/{token_id}", name
    return {**_token({**values, "id": token_id, "used_at": None}), "token": text}


def remove_token(call: Here, token: int) -> dict[str, Any]:
    name = get_token(call, token)["name"]
    with call.rooms.store.begin() as tx:
        queries.remove_token(tx, token)
    call.subject = name
    return {"name": name, "note": ""}


def list_users(call: Here, paging: Pages) -> dict[str, Any]:
    after = paging.number
    rest = sorted((one for one in call.rooms.users.all() if one.id > after), key=lambda one: one.id)
    shown, following = cut(rest, paging, lambda one: one.id)
    call.go_on(following)
    return page_of([_shown(one) for one in shown], following)


def get_user(call: Here, user: int) -> dict[str, Any]:
    return _shown(_there(call, user))


def change_user(call: Here, user: int, given: UserChange) -> dict[str, Any]:
    whom = _there(call, user)
    if not may_change(call.user.role, whom.role, given.role):
        raise NotAllowed("Of owners, only an owner may change anything.", todo="Ask an owner.")
    values = {name: value for name in ("role", "is_active") if (value := getattr(given, name)) is not None}
    call.subject = whom.email
    return _shown(call.rooms.users.change(whom, **values) if values else whom)


def _there(call: Call, user_id: int) -> User:
    if not 0 < user_id <= LARGEST:
        raise not_found("There is no user with that number.")
    return found(call.rooms.users.get, user_id)


def _shown(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in UserShown.model_fields}


def _token(row: Any) -> dict[str, Any]:
    """Tokens are kept under their person's address and their name, so that people share no names."""
    shown = {name: row[name] for name in TokenShown.model_fields}
    return {**shown, "name": row["name"].partition(" ")[2] or row["name"]}


ONE_TOKEN, ONE_USER = "/me/tokens/{token}", "/users/{user}"
OPERATIONS = (
    get("/me", get_me, Right.OWN, "Who calls, and what they may.", answer=Me, is_tagged=True),
    patch(
        *("/me", change_me, Right.OWN),
        "Change one's name or zone.",
        answer=Me,
        of="get_me",
        noted="user.changed",
    ),
    get("/me/tokens", list_tokens, Right.OWN, "One's tokens, oldest first.", answer=TokenPage),
    post(
        *("/me/tokens", add_token, Right.OWN),
        "Make a token that has no more rights than this caller.",
        answer=NewTokenShown,
        status=201,
        secret=("token",),
        noted="token.added",
    ),
    get(ONE_TOKEN, get_token, Right.OWN, "A token of one's own.", answer=TokenShown, is_tagged=True),
    delete(
        *(ONE_TOKEN, remove_token, Right.OWN),
        "Remove a token of one's own; it is no longer good.",
        answer=Removed,
        status=200,
        of="get_token",
        noted="token.removed",
    ),
    get("/users", list_users, Right.USERS_WRITE, "Those who may sign in.", answer=UserPage),
    get(ONE_USER, get_user, Right.USERS_WRITE, "One who may sign in.", answer=UserShown, is_tagged=True),
    patch(
        *(ONE_USER, change_user, Right.USERS_WRITE),
        "Change somebody's role, or whether they may sign in.",
        answer=UserShown,
        of="get_user",
        noted="user.changed",
    ),
)
