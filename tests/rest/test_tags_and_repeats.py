"""ETags keep changes apart; idempotency keys keep a request from being done twice."""

import asyncio
from typing import Any

import pytest

from tests.rest.asking import V1, refused, token_for
from tests.rest.conftest import Api
from trunkline.access.repeats import Repeats
from trunkline.access.roles import Role
from trunkline.access.sessions import digest_of
from trunkline.rest import caller_queries
from trunkline.rest.every import OPERATIONS
from trunkline.rest.operations import RestRooms

ME, TOKENS = f"{V1}/me", f"{V1}/me/tokens"


async def test_what_is_unchanged_is_not_sent_again(api: Api) -> None:
    client = api()
    tag = (await client.get(ME)).headers["etag"]
    for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = await client.get(ME, headers={"if-none-match": given})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await client.get(ME, headers={"if-none-match": '"other"'})).status_code == 200


async def test_who_changes_what_they_have_not_seen_is_told(api: Api) -> None:
    client = api()
    old = (await client.get(ME)).headers["etag"]
    first = await client.patch(ME, json={"name": "Ann"}, headers={"if-match": old})
    assert first.status_code == 200
    refused(await client.patch(ME, json={"name": "Bob"}, headers={"if-match": old}), 412, "changed_meanwhile")
    assert (await client.get(ME)).json()["name"] == "Ann"
    assert first.headers["etag"] == (await client.get(ME)).headers["etag"]
    again = await client.patch(ME, json={"name": "Cid"}, headers={"if-match": first.headers["etag"]})
    assert again.json()["name"] == "Cid"
    weak = {"if-match": f"W/{again.headers['etag']}"}
    refused(await client.patch(ME, json={"name": "Dan"}, headers=weak), 412)


async def test_of_many_with_the_same_tag_one_wins(api: Api) -> None:
    client = api()
    tag = (await client.get(ME)).headers["etag"]
    changes = [client.patch(ME, json={"name": f"Name {n}"}, headers={"if-match": tag}) for n in range(8)]
    statuses = [answer.status_code for answer in await asyncio.gather(*changes)]
    assert sorted(statuses) == [200, *[412] * 7]


async def test_numbers_in_paths_have_tags_too(api: Api, rooms: RestRooms, person: Any) -> None:
    client, whom = api(), person(Role.ANALYST)
    path = f"{V1}/users/{whom.id}"
    tag = (await client.get(path)).headers["etag"]
    changed = await client.patch(path, json={"role": "manager"}, headers={"if-match": tag})
    assert changed.json()["role"] == "manager"
    refused(await client.patch(path, json={"role": "admin"}, headers={"if-match": tag}), 412)
    refused(await client.patch(f"{V1}/users/nobody", json={}, headers={"if-match": tag}), 404)


async def test_the_same_key_twice_is_done_once(api: Api, rooms: RestRooms) -> None:
    client, key = api(), {"idempotency-key": "one"}
    first = await client.post(TOKENS, json={"name": "mine"}, headers=key)
    second = await client.post(TOKENS, json={"name": "mine"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    assert second.json() == {**first.json(), "token": None}, "a secret is kept nowhere"
    assert first.json()["token"].startswith("tl_")
    refused(await client.post(TOKENS, json={"name": "other"}, headers=key), 409, "idempotency_key_taken")
    refused(await client.post(TOKENS, json={"name": "mine"}), 409, "name_taken")


async def test_a_refused_request_may_come_again_with_its_key(api: Api) -> None:
    client, key = api(), {"idempotency-key": "one"}
    await client.post(TOKENS, json={"name": "mine"})
    refused(await client.post(TOKENS, json={"name": "mine"}, headers=key), 409, "name_taken")
    assert (await client.post(TOKENS, json={"name": "other"}, headers=key)).status_code == 201


async def test_many_at_once_with_one_key_are_done_once(api: Api) -> None:
    client, key = api(), {"idempotency-key": "one"}
    asked = [client.post(TOKENS, json={"name": "mine"}, headers=key) for _ in range(8)]
    answers = await asyncio.gather(*asked)
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "request_at_work")
            assert answer.headers["retry-after"] == "1"
    made = [a for a in answers if a.status_code == 201 and "idempotent-replayed" not in a.headers]
    assert len(made) == 1
    listed = (await client.get(TOKENS)).json()["items"]
    assert [token["name"] for token in listed if token["name"] == "mine"] == ["mine"]


async def test_keys_of_two_callers_have_nothing_to_do_with_each_other(api: Api) -> None:
    key = {"idempotency-key": "one"}
    for role in (Role.OWNER, Role.ANALYST):
        answer = await api(role).post(TOKENS, json={"name": "mine"}, headers=key)
        assert (answer.status_code, answer.json()["name"]) == (201, "mine")
        assert "idempotent-replayed" not in answer.headers


async def test_after_what_nobody_has_thought_of_nobody_knows(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, key = api(), {"idempotency-key": "one"}

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is on fire, and secret")

    monkeypatch.setattr(caller_queries, "add_token", fail)
    answer = await client.post(TOKENS, json={"name": "mine"}, headers=key)
    assert "fire" not in refused(answer, 500, "unforeseen")["detail"]
    monkeypatch.undo()
    refused(await client.post(TOKENS, json={"name": "mine"}, headers=key), 409, "outcome_unknown")


async def test_a_request_that_is_at_work_says_so(api: Api, rooms: RestRooms, person: Any) -> None:
    client = api()
    text = token_for(rooms, person(Role.OWNER))
    kind = {"content-type": "application/json"}
    headers = {"authorization": f"Bearer {text}", "idempotency-key": "one", **kind}
    with rooms.store.read() as tx:
        found = caller_queries.token_with_user(tx, digest_of(text))
    assert found is not None
    repeats = Repeats(rooms.store, rooms.clock, with_changes=False)
    words = "\n".join(["POST", TOKENS, "", "", '{"name":"mine"}'])
    repeats.begin(found[0].id, "one", words)
    answer = await client.post(TOKENS, content='{"name":"mine"}', headers=headers)
    refused(answer, 409, "request_at_work")


async def test_long_keys_are_refused(api: Api) -> None:
    answer = await api().post(TOKENS, json={"name": "mine"}, headers={"idempotency-key": "k" * 191})
    refused(answer, 422, "wrong_fields")


def test_every_post_that_changes_keeps_its_answer() -> None:
    assert {one.id for one in OPERATIONS if one.method == "POST" and not one.keeps} == {
        *("ask", "ask_menu", "preview_dataset", "estimate_dataset")
    }
