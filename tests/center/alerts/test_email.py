"""E-mail, through a real mail server on this machine."""

import ipaddress
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.center.alerts.office import Office
from tests.center.alerts.receivers import mailbox
from tests.telephony.test_tls import certificate
from trunkline.center.alerts import channels, sending
from trunkline.errors import SettingsError

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PLAIN: dict[str, Any] = {"host": "127.0.0.1", "security": "none", "from": "Trunkline <trunkline@example.com>"}


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The context of a server on this machine that this machine trusts."""
    context, pem = certificate(tmp_path, x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    (tmp_path / "trusted.pem").write_text(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return context


async def test_a_message_comes_as_plain_words_and_as_html(office: Office) -> None:
    async with mailbox() as box:
        office.channel("desk", "email", **PLAIN, port=box.port, to="a@example.com, b@example.com")
        office.run(state="failed", error="It broke & <b>smokes</b>.", todo="Mend it.")
        assert await office.send() == 1
        office.run()
        assert await office.send() == 1
    opened, over = box.got
    assert box.envelopes[0] == ("trunkline@example.com", ["a@example.com", "b@example.com"])
    assert (opened["Subject"], over["Subject"]) == (
        "[Trunkline] calls has failed",
        "[Trunkline] Over: calls has failed",
    )
    assert opened["From"] == "Trunkline <trunkline@example.com>"
    (delivery, _) = office.deliveries()
    assert opened["Message-ID"] == f"<{delivery.id}@example.com>"
    assert opened["Auto-Submitted"] == "auto-generated"
    words, page = opened.get_body(("plain",)), opened.get_body(("html",))
    assert words is not None
    assert page is not None
    assert words.get_content().splitlines()[:3] == [
        "calls has failed: It broke & <b>smokes</b>.",
        "",
        "Mend it.",
    ]
    assert "It broke &amp; &lt;b&gt;smokes&lt;/b&gt;." in page.get_content()
    assert "http" not in page.get_content()
    assert delivery.answer == "taken as 42"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_it_is_encrypted_and_logged_in(office: Office, trusted: ssl.SSLContext, security: str) -> None:
    async with mailbox(**{security: trusted}, asks=True) as box:
        login: dict[str, Any] = {"user": "trunkline", "password": box.password, "security": security}
        office.channel("desk", "email", **{**PLAIN, **login}, port=box.port, to="a@example.com")
        office.run(state="failed", error="It broke.")
        assert await office.send() == 1
    assert box.logins == [("trunkline", box.password)]
    assert len(box.got) == 1


async def test_a_wrong_password_is_told_and_not_shown(office: Office, trusted: ssl.SSLContext) -> None:
    async with mailbox(trusted, asks=True) as box:
        login: dict[str, Any] = {"user": "trunkline", "password": "wrong-one", "security": "starttls"}
        office.channel("desk", "email", **{**PLAIN, **login}, port=box.port, to="a@example.com")
        outcome = await sending.send_test(office.center, "desk")
        assert "does not accept the user and password" in outcome.answer
        assert "--password" in outcome.todo
        assert "wrong-one" not in str(outcome) + str(channels.get(office.center, "desk"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_nobody_trusts_gets_no_password(office: Office, tmp_path: Path, security: str) -> None:
    context, _ = certificate(tmp_path, x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    async with mailbox(**{security: context}, asks=True) as box:
        login: dict[str, Any] = {"user": "trunkline", "password": box.password, "security": security}
        office.channel("desk", "email", **{**PLAIN, **login}, port=box.port, to="a@example.com")
        outcome = await sending.send_test(office.center, "desk")
        assert not outcome.is_sent
        assert (box.logins, box.got) == ([], [])


async def test_a_server_without_starttls_gets_no_password(office: Office) -> None:
    async with mailbox(asks=True) as box:
        login: dict[str, Any] = {"user": "trunkline", "password": box.password, "security": "starttls"}
        office.channel("desk", "email", **{**PLAIN, **login}, port=box.port, to="a@example.com")
        outcome = await sending.send_test(office.center, "desk")
        assert not outcome.is_sent
        assert "--security" in outcome.todo
        assert box.logins == []


async def test_what_a_mail_server_refuses_is_told(office: Office) -> None:
    async with mailbox() as box:
        box.refuses = {"gone@example.com"}
        office.channel("desk", "email", **PLAIN, port=box.port, to="a@example.com,gone@example.com")
        outcome = await sending.send_test(office.center, "desk")
        assert (outcome.is_sent, outcome.answer) == (True, "taken as 42 Refused for gone@example.com.")
        box.refuses.add("a@example.com")
        outcome = await sending.send_test(office.center, "desk")
        assert "takes no mail for a@example.com, gone@example.com" in outcome.answer
        box.refuses = set()
        for answer in ("451 come back later", "554 no thanks"):
            box.answer = answer
            outcome = await sending.send_test(office.center, "desk")
            assert outcome.answer == f"127.0.0.1:{box.port} answered {answer[:3]}: {answer[4:]}"


async def test_a_server_that_is_not_there_is_told(office: Office) -> None:
    office.channel("desk", "email", **PLAIN, port=9, to="a@example.com")
    outcome = await sending.send_test(office.center, "desk")
    assert outcome.answer == "127.0.0.1:9 cannot be reached: Connection refused."


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"to": "nobody"}, "To (--to): 'nobody' is no e-mail address; write name@example.com."),
        ({"to": "a@b\nBcc: x@y"}, "is no e-mail address"),
        ({"from": "a@example.com, b@example.com"}, "is no e-mail address"),
        ({"from": "me"}, "From (--from): 'me' is no e-mail address"),
        ({"from": "me\r\nX: y <me@example.com>"}, "is no e-mail address"),
        ({"host": "smtp example"}, "'smtp example' is no name of a server"),
        ({"host": "smtp.example.com"}, "none is for a server on this machine"),
        ({"port": "70000"}, "70000 is no port"),
        ({"port": "many"}, "it must be a whole number"),
        ({"user": "me"}, "a user and a password go together"),
        ({"security": "ssl"}, "choose one of starttls, tls, none"),
        ({"host": ""}, "SMTP server (--host) is missing."),
    ],
)
def test_what_will_not_do_is_refused(office: Office, given: dict[str, str], wrong: str) -> None:
    with pytest.raises(SettingsError) as refused:
        office.channel("desk", "email", **{**PLAIN, "to": "a@example.com", **given})
    assert wrong in str(refused.value)
    assert channels.all_of(office.center) == []
