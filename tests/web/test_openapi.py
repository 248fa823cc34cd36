"""The description of the JSON API says what the functions declare, and is well formed."""

from openapi_core import OpenAPI
from openapi_spec_validator import validate

from trunkline.dialer.commands import ALL
from trunkline.web.openapi import MEANING, openapi


def test_it_is_openapi() -> None:
    validate(openapi())
    OpenAPI.from_dict(openapi())


def test_every_function_has_its_path_and_its_parameters() -> None:
    paths = openapi()["paths"]
    assert set(paths) == {f"/api/v1/dialer/{command.name}" for command in ALL}
    for command in ALL:
        methods = paths[f"/api/v1/dialer/{command.name}"]
        assert set(methods) == ({"post"} if command.writes else {"get", "post"})
        body = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert set(body["properties"]) == {"source", *(p.name for p in command.params)}
        assert body.get("required", []) == [p.name for p in command.params if p.required]


def test_functions_that_read_take_their_parameters_in_the_query_too() -> None:
    for command in (c for c in ALL if not c.writes):
        asked = openapi()["paths"][f"/api/v1/dialer/{command.name}"]["get"]["parameters"]
        assert {p["name"]: p["required"] for p in asked} == {
            "source": False,
            **{p.name: p.required for p in command.params},
        }


def test_every_line_of_a_function_stands_at_its_status() -> None:
    for command in ALL:
        responses = openapi()["paths"][f"/api/v1/dialer/{command.name}"]["post"]["responses"]
        words = " ".join(response["description"] for response in responses.values())
        assert [line.code for line in command.lines if line.code not in words] == []
        assert {int(status) for status in responses} <= set(MEANING)


def test_operations_have_names_of_their_own() -> None:
    names = [m["operationId"] for methods in openapi()["paths"].values() for m in methods.values()]
    assert len(names) == len(set(names))
