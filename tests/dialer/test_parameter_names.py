"""Names of parameters are the caller's too: none of them gets into a table as it came."""

import pytest

from tests.dialer.lead_calls import LOGIN, newest
from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service


@pytest.mark.parametrize(
    ("name", "kept"), [("a\x00b", "a%00b"), ("a\ud800", "a%3F"), ("a=b&c", "a%3Db%26c"), ("a_b", "a_b")]
)
async def test_a_name_is_quoted_in_the_log(service: Service, name: str, kept: str) -> None:
    params = {**LOGIN, "function": "lead_field_info", "lead_id": "1001", "field_name": "city", name: "x"}
    await service.answer(params, Dialect.DOCUMENTED, "127.0.0.1")
    assert f"&{kept}=x" in newest(service, "dialer360_api_urls", "api_id")["url"]
