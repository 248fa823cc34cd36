"""Every operation, held against every role and every scope, and the one shape of every refusal."""

import re
from typing import Any

import pytest

from tests.rest.asking import V1, refused, token_for
from tests.rest.conftest import Api
from trunkline.access.roles import RIGHTS, Right, Role
from trunkline.access.sessions import Sessions
from trunkline.rest.callers import FORM_TOKEN_HEADER, SESSION
from trunkline.rest.document import statuses
from trunkline.rest.every import BY_ID, OPERATIONS
from trunkline.rest.mounting import FAMILIES
from trunkline.rest.operations import Operation, RestRooms

WITH_BODIES = [operation for operation in OPERATIONS if operation.method in ("POST", "PATCH", "PUT")]


def path_of(operation: Operation) -> str:
    """A path with something in its variable parts that is not there."""
    return V1 + re.sub(r"{\w+}", "987654", operation.path)


def body_of(operation: Operation) -> dict[str, Any]:
    return {} if operation.method in ("GET", "DELETE") else {"json": {"nothing_of_the_kind": 1}}


@pytest.mark.parametrize("role", Role)
async def test_who_may(role: Role, api: Api) -> None:
    client = api(role)
    for operation in OPERATIONS:
        answer = await client.request(operation.method, path_of(operation), **body_of(operation))
        may = operation.right in RIGHTS[role]
        assert (answer.status_code != 403) == may, f"{operation.id}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in statuses(operation), f"{operation.id}: {answer.text[:300]}"
        if answer.status_code >= 400:
            refused(answer, answer.status_code, "" if may else "right_needed")


@pytest.mark.parametrize("right", Right)
async def test_which_scope_it_takes(right: Right, api: Api) -> None:
    others = api(Role.OWNER, [str(other) for other in Right if other is not right])
    alone, of_an_employee = api(Role.OWNER, [right]), api(Role.EMPLOYEE, [right])
    for operation in (one for one in OPERATIONS if one.right is right):
        way = (operation.method, path_of(operation))
        refused(await others.request(*way), 403, "right_needed")
        assert (await alone.request(*way)).status_code != 403
        if right is not Right.OWN:
            refused(await of_an_employee.request(*way), 403, "right_needed")


async def test_nobody_is_told_to_come_with_a_token(api: Api) -> None:
    client = api(None)
    for operation in OPERATIONS:
        answer = await client.request(operation.method, path_of(operation))
        refused(answer, 401, "token_needed")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_unknown_parameters_are_named(api: Api) -> None:
    client = api()
    for operation in OPERATIONS:
        answer = await client.request(operation.method, path_of(operation), params={"nonsense": "1"})
        content = refused(answer, 422, "wrong_fields")
        assert [error["field"] for error in content["errors"]] == ["nonsense"]


async def test_only_json_is_taken(api: Api) -> None:
    client = api()
    for operation in WITH_BODIES:
        for headers in ({"content-type": "text/plain"}, {}):
            answer = await client.request(
                operation.method, path_of(operation), content="a=b", headers=headers
            )
            refused(answer, 415, "json_needed")


async def test_broken_and_hostile_bodies_are_refused(api: Api) -> None:
    headers, client = {"content-type": "application/json"}, api()
    deep = "[" * 500 + "]" * 500
    for operation in WITH_BODIES:
        for content in ("{", '{"name": "\\u0000"}', '{"name": "\\ud800"}', '{"name": NaN}', deep, "[]", "1"):
            answer = await client.request(
                operation.method, path_of(operation), content=content, headers=headers
            )
            refused(answer, 422, "wrong_fields")


async def test_bodies_that_are_too_large_are_refused(api: Api) -> None:
    content, client = b'{"name": "' + b"a" * 2_100_000 + b'"}', api()
    for operation in WITH_BODIES:
        answer = await client.request(
            operation.method,
            path_of(operation),
            content=content,
            headers={"content-type": "application/json"},
        )
        refused(answer, 413, "too_large")


async def test_other_methods_and_paths(api: Api) -> None:
    answer = await api().delete(f"{V1}/connectors")
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"
    refused(await api().get(f"{V1}/accounts/main/nothing"), 404, "not_found")
    refused(await api().get(f"{V1}/accounts/"), 404, "not_found")


async def test_a_person_who_may_no_longer_sign_in(rooms: RestRooms, api: Api, person: Any) -> None:
    client, user = api(Role.ANALYST), person(Role.ANALYST)
    assert (await client.get(f"{V1}/me")).status_code == 200
    rooms.users.change(user, is_active=False)
    refused(await client.get(f"{V1}/me"), 403, "token_of_nobody")


async def test_a_changed_role_counts_at_once(rooms: RestRooms, api: Api, person: Any) -> None:
    client, user = api(Role.ADMIN), person(Role.ADMIN)
    assert (await client.get(f"{V1}/users")).status_code == 200
    rooms.users.change(user, role=Role.ANALYST)
    refused(await client.get(f"{V1}/users"), 403, "right_needed")


async def test_tokens_of_nobody_and_old_ones(rooms: RestRooms, api: Api, person: Any) -> None:
    text = token_for(rooms, None)
    answer = await api(None).get(f"{V1}/me", headers={"authorization": f"Bearer {text}"})
    refused(answer, 403, "token_of_nobody")
    text = token_for(rooms, person(Role.OWNER), expires_at=rooms.clock.now())
    answer = await api(None).get(f"{V1}/me", headers={"authorization": f"Bearer {text}"})
    refused(answer, 401, "token_needed")


async def test_who_guesses_too_often_waits(api: Api) -> None:
    client = api(None)
    for _ in range(20):
        refused(await client.get(f"{V1}/me", headers={"authorization": "Bearer tl_guess"}), 401)


async def test_a_session_reads_and_changes_with_its_form_token(
    rooms: RestRooms, api: Api, person: Any
) -> None:
    session = Sessions(rooms.store, rooms.clock).begin(person(Role.OWNER), "127.0.0.1", "a test")
    client = api(None)
    client.cookies.set(SESSION, session.text)
    assert (await client.get(f"{V1}/me")).json()["email"] == "owner@example.com"
    change = {"name": "Ann"}
    refused(await client.patch(f"{V1}/me", json=change), 403, "form_token_needed")
    form = {FORM_TOKEN_HEADER: session.form_token}
    assert (await client.patch(f"{V1}/me", json=change, headers=form)).json()["name"] == "Ann"


def test_cookie_and_header_are_those_of_the_pages() -> None:
    from trunkline.pages import application, visit

    assert (SESSION, FORM_TOKEN_HEADER) == (visit.SESSION, application.FORM_TOKEN_HEADER)


def test_the_server_gives_it_exactly_its_families() -> None:
    assert {operation.group for operation in OPERATIONS} == FAMILIES


def test_names_and_ways_are_declared_once() -> None:
    assert len(BY_ID) == len(OPERATIONS)
    ways = {(operation.method, operation.path) for operation in OPERATIONS}
    assert len(ways) == len(OPERATIONS)


def test_every_change_is_noted_or_changes_nothing() -> None:
    asking = {"ask", "ask_menu", "preview_dataset", "estimate_dataset"}
    unnoted = {one.id for one in OPERATIONS if one.changes and not one.noted}
    assert unnoted == asking


def test_what_shows_a_thing_is_tagged() -> None:
    for operation in OPERATIONS:
        if operation.of:
            assert BY_ID[operation.of].is_tagged
