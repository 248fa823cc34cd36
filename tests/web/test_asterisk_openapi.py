"""The description of what was asked of Asterisk says what is answered."""

from dataclasses import fields
from datetime import UTC, datetime

import orjson
from openapi_core import OpenAPI
from openapi_spec_validator import validate

from trunkline.dialer.asterisk.actions import Action
from trunkline.web.asterisk_json import ROOT
from trunkline.web.asterisk_openapi import ACTION
from trunkline.web.openapi import openapi_body


def test_the_whole_description_is_openapi_and_has_it() -> None:
    document = orjson.loads(openapi_body())
    validate(document)
    OpenAPI.from_dict(document)
    assert {ROOT, f"{ROOT}/{{action_id}}"} <= set(document["paths"])
    names = [m["operationId"] for methods in document["paths"].values() for m in methods.values()]
    assert len(names) == len(set(names))


def test_every_value_of_an_action_is_described() -> None:
    made = Action("a", "Reload", "server_refresh", "6666", "10.10.10.16", datetime.now(UTC))
    assert set(ACTION) == set(made.to_json())
    optional = {field.name for field in fields(Action) if getattr(made, field.name) is None}
    nullable = {
        name
        for name, told in ACTION.items()
        if None in told.get("enum", []) or "null" in told.get("type", "")
    }
    assert nullable == optional | {"seconds"}
