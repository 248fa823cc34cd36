"""The JSON shape and its signature, as the guide describes them."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.center.alerts.office import Office
from tests.center.alerts.receivers import receiver
from trunkline.errors import SettingsError

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "alerts.md").read_text("utf-8")
SECRET = "a-signing-secret"


def of_the_guide(language: str, after: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE[GUIDE.index(after) :], re.DOTALL)
    assert found
    return found[1]


async def test_the_check_of_the_guide_takes_what_is_genuine_and_nothing_else(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url, secret=SECRET)
        office.run(state="failed", error="It broke.")
        await office.send()
        (posted,) = ops.posted
    names: dict[str, Any] = {}
    exec(of_the_guide("python", "#### Check the signature"), names)
    is_genuine = names["is_genuine"]
    sent_at = office.clock.now().timestamp()
    monkeypatch.setattr(time, "time", lambda: sent_at + 200)
    assert is_genuine(SECRET, posted.headers, posted.body)
    assert not is_genuine("another", posted.headers, posted.body)
    assert not is_genuine(SECRET, posted.headers, posted.body.replace(b"broke", b"works"))
    later = {**posted.headers, "X-Trunkline-Timestamp": str(int(sent_at) + 100)}
    assert not is_genuine(SECRET, later, posted.body)
    monkeypatch.setattr(time, "time", lambda: sent_at + 301)
    assert not is_genuine(SECRET, posted.headers, posted.body)


def members(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: members(v) for name, v in value.items()}
    return None


async def test_messages_have_the_shape_of_the_guide(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url, secret=SECRET)
        office.run(state="failed", error="CallRail failed with status 503.", error_kind="retry_later")
        await office.send()
        (posted,) = ops.posted
    shown = json.loads(of_the_guide("json", "### Webhook"))
    assert members(posted.json) == members(shown)
    assert (posted.json["title"], posted.json["text"]) == (shown["title"], shown["text"])
    assert posted.json["created_at"] == shown["created_at"]
    assert posted.headers["Content-Type"] == "application/json"
    assert len(shown["id"]) == len(posted.json["id"])


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("ftp://alerts.example.com/hook", "it is no web address"),
        ("alerts.example.com", "it is no web address"),
        ("https://alerts.example.com:x/", "it is no web address"),
        ("https://two words.example.com", "it is no web address"),
        ("https://me:pass@alerts.example.com", "no user, password or fragment"),
        ("https://alerts.example.com/#here", "no user, password or fragment"),
        ("http://alerts.example.com/hook", "plain http can be read"),
    ],
)
def test_wrong_addresses_are_refused_and_not_repeated(office: Office, url: str, wrong: str) -> None:
    with pytest.raises(SettingsError, match=wrong) as refused:
        office.channel("ops", "webhook", url=url)
    assert "pass" not in str(refused.value).replace("password", "")
    assert refused.value.problems[0].field == "url"


def test_plain_http_and_a_query_can_be_allowed(office: Office) -> None:
    made = office.channel("ops", "webhook", url="http://10.0.0.7/hook?key=1", allow_plain_http="yes")
    assert made.target == "http://10.0.0.7"
    assert made.secret_names == ("url", "secret")
