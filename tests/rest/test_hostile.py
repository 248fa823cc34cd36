"""Whatever is sent, what comes back is what the document says, and nobody finds an answer of 500."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from tests.rest.asking import ACCOUNT_ID, token_for
from tests.rest.conftest import NOW
from trunkline.access.roles import Role
from trunkline.center import accounts, datasets, orders, targets
from trunkline.center.alerts import channels
from trunkline.center.runs import Run, Wish, insert, new_run_id
from trunkline.rest.every import BY_ID
from trunkline.rest.operations import RestRooms
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions
from trunkline.web.openapi import whole_document

NOBODY_LISTENS = "http://127.0.0.1:9"
CONFORMING = (
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


async def furnished(rooms: RestRooms, folder: Path) -> dict[str, str]:
    """Something of every kind; what the parts of paths that name them are."""
    center = rooms.center
    async with CallrailSim(CallrailSimOptions(strict=True, until=NOW), rooms.clock) as sim:
        values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": sim.url}
        accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
        saved = await datasets.add(center, "calls", "main", "calls", {})
    accounts.edit(center, "main", {"base_url": NOBODY_LISTENS}, accounts.Verdict(accounts.VALID))
    run = Run(new_run_id(NOW), "calls", "manual", "merge", "failed", NOW, ended_at=NOW)
    insert(center, saved, run)
    targets.add(center, targets.Target("shelf", targets.FOLDER, str(folder)), {})
    hook = {"url": f"{NOBODY_LISTENS}/hook", "allow_plain_http": "yes"}
    options = {o.name for o in channels.sender_named("webhook").options}
    given = {name: value for name, value in hook.items() if name in options}
    channels.add(center, "webhook", "hook", {**given, "secret": "a secret of ours"}, channels.Choice())
    names = {"account": "main", "dataset": "calls", "run": run.id, "target": "shelf", "channel": "hook"}
    return {**names, "order": orders.want(center, "calls", Wish()).id, "connector": "callrail"}


@pytest.fixture
def known(rooms: RestRooms, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "shelf").mkdir()
    return asyncio.run(furnished(rooms, tmp_path / "shelf"))


@pytest.fixture
def token(rooms: RestRooms) -> str:
    return token_for(rooms, rooms.users.add("owner@example.com", "Owner", Role.OWNER))


def operations_of(app: FastAPI) -> Iterator[Any]:
    """Those of this API in the document of the whole."""
    document = whole_document()
    ours = {
        path: {method: {**told, "security": []} for method, told in methods.items()}
        for path, methods in document["paths"].items()
        if any(told["operationId"] in BY_ID for told in methods.values())
    }
    schema = schemathesis.openapi.from_dict({**document, "paths": ours})
    schema.app = app
    every = [cast(Any, found).ok() for found in schema.get_all_operations()]
    yield from sorted(every, key=lambda one: one.method == "delete")  # last, or the others find nothing


def ask_all(app: FastAPI, token: str, known: Mapping[str, str], examples: int) -> None:
    count = 0
    for operation in operations_of(app):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            ask_one(operation, mode, token, known, examples)
        count += 1
    assert count == len(BY_ID)


def ask_one(
    operation: Any, mode: GenerationMode, token: str, known: Mapping[str, str], examples: int
) -> None:
    headers = {"authorization": f"Bearer {token}"}
    declared = BY_ID[operation.definition.raw["operationId"]]
    checks = [CHECKS.get_one(name) for name in CONFORMING]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def asked(case: Any, is_there: bool) -> None:
        if is_there and case.path_parameters:
            case.path_parameters.update({n: known[n] for n in declared.parts if n in known})
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or answer.status_code in ((502, 503) if declared.asks else ()), (
            answer.status_code,
            answer.content,
        )
        case.validate_response(answer, checks=checks, headers=headers)

    with suppress(Unsatisfiable):  # where any text will do there is nothing wrong to send
        asked()


def test_the_document_is_openapi() -> None:
    validate(whole_document())


def test_some_of_everything(app: FastAPI, token: str, known: dict[str, str]) -> None:
    ask_all(app, token, known, examples=4)


@pytest.mark.soak
def test_much_of_everything(app: FastAPI, token: str, known: dict[str, str]) -> None:
    ask_all(app, token, known, examples=100)
