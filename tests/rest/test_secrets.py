"""What is secret comes in and never goes out again: in no answer, in nothing that is kept in the clear."""

from pathlib import Path

from tests.rest.asking import ACCOUNT_ID, V1
from tests.rest.conftest import Api
from trunkline.rest.every import OPERATIONS
from trunkline.rest.operations import RestRooms
from trunkline.sims.callrail import CallrailSim

SECRETS = ("quite-secret-key", "quite-secret-access", "quite-secret-hook", "quite-secret-address")


async def test_no_answer_holds_one(api: Api, rooms: RestRooms, office: CallrailSim, tmp_path: Path) -> None:
    client, kept = api(), {"idempotency-key": "one"}
    options = {"api_key": SECRETS[0], "account_id": ACCOUNT_ID, "base_url": office.url}
    given = {"connector": "callrail", "name": "a", "options": options, "test": False}
    answers = [await client.post(f"{V1}/accounts", json=given, headers=kept)]
    bucket = {"name": "b", "kind": "s3", "place": "b", "endpoint": "https://storage.example.com"}
    keys = {"access_key": SECRETS[1], "secret_key": SECRETS[1]}
    answers.append(
        await client.post(f"{V1}/targets", json={**bucket, **keys}, headers={"idempotency-key": "2"})
    )
    hook = {"url": f"https://example.com/{SECRETS[3]}", "secret": SECRETS[2] * 2}
    channel = {"kind": "webhook", "name": "c", "options": hook}
    answers.append(await client.post(f"{V1}/alert-channels", json=channel, headers={"idempotency-key": "3"}))
    token = await client.post(f"{V1}/me/tokens", json={"name": "t"}, headers={"idempotency-key": "4"})
    assert [answer.status_code for answer in (*answers, token)] == [201] * 4
    names = {"account": "a", "target": "b", "channel": "c", "token": token.json()["id"], "user": 1}
    for operation in OPERATIONS:
        if operation.method == "GET":
            path = operation.path.format(**{part: names.get(part, "none") for part in operation.parts})
            answers.append(await client.get(V1 + path))
    for wrong in ({**given, "name": "a b"}, {**given, "options": {**options, "colour": 1}}):
        answers.append(await client.post(f"{V1}/accounts", json=wrong))
    for answer in answers:
        for secret in (*SECRETS, token.json()["token"]):
            assert secret not in answer.text, answer.request.url
    rooms.store.close()
    database = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
    for secret in (*SECRETS, token.json()["token"]):
        assert secret.encode() not in database
