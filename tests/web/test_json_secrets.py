"""No answer of the JSON API holds a password, however the filters changed it."""

import pytest

from tests.dialer.conftest import service, start
from trunkline.dialer.command import Dialect
from trunkline.dialer.json_answers import reply_content
from trunkline.dialer.runner import Service
from trunkline.web.json_words import encoded

__all__ = ("service", "start")

NEW_USER = {
    "agent_user": "newone",
    "agent_user_level": "1",
    "agent_full_name": "N",
    "agent_user_group": "AGENTS",
}
PHONE = {"extension": "350a", "server_ip": "10.10.10.16"}
REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "a new user": ("add_user", {**NEW_USER, "agent_pass": "top secret!"}),
    "a new user without all fields": ("add_user", {"agent_user": "newone", "agent_pass": "top secret!"}),
    "a new phone without all fields": (
        "add_phone",
        {**PHONE, "phone_pass": "top secret!", "registration_password": "top\x00 secret"},
    ),
    "a wrong password of a user's phone": (
        "update_user",
        {"agent_user": "1000", "phone_pass": "top secret!" * 3},
    ),
    "a wrong password of a phone": ("update_phone", {**PHONE, "phone_pass": "top secret!" * 4}),
    "a wrong password to register": ("update_phone", {**PHONE, "registration_password": "top secret!" * 4}),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_an_answer_holds_no_password(service: Service, name: str) -> None:
    function, given = REQUESTS[name]
    params = {**given, "user": "6666", "source": "test", "function": function}
    reply = await service.answer(params, Dialect.JSON, "127.0.0.1", is_proven=True)
    assert "topsecret" in reply.text, "the classic paths repeat it"
    assert b"secret" not in encoded(reply_content(function, params, reply))
