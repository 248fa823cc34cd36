"""Values of JSON requests: what no parameter can hold is refused, and an answer tells what was stored."""

import orjson
import pytest

from tests.dialer.conftest import service, start
from trunkline.dialer.command import Dialect
from trunkline.dialer.json_answers import reply_content
from trunkline.dialer.runner import Service
from trunkline.web.dialer_json import _from_json

__all__ = ("service", "start")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lead_id", 1234.5),
        ("lead_id", -27),
        ("list_id", 101.5),
        ("phone_number", 7.2755515e9),
        ("phone_number", -7275551403),
        ("rank", -5),
    ],
)
def test_a_number_that_would_become_another_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} takes no number like"):
        _from_json(orjson.dumps({"first_name": "Ann", name: value}))


def test_numbers_and_words_become_texts() -> None:
    body = {
        "lead_id": 27,
        "local_gmt": -5.5,
        "no_update": True,
        "callback": False,
        "city": None,
    }
    assert _from_json(orjson.dumps(body)) == {
        "lead_id": "27",
        "local_gmt": "-5.5",
        "no_update": "Y",
        "callback": "N",
    }


async def test_an_answer_tells_the_number_that_was_stored(service: Service) -> None:
    params = {"source": "test", "user": "6666", "function": "add_lead", "phone_number": "727.555.1403 x"}
    reply = await service.answer(params, Dialect.JSON, "127.0.0.1", is_proven=True)
    (line,) = reply_content("add_lead", params, reply)["lines"]
    assert line["fields"]["phone_number"] == "7275551403"
