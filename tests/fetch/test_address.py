"""Where a key may be sent."""

import pytest

from trunkline.errors import SettingsError
from trunkline.fetch.address import checked_address, is_loopback, is_unprotected


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.example.com", "https://api.example.com"),
        (" https://api.example.com/v3/ ", "https://api.example.com/v3"),
        ("HTTPS://api.example.com:8443", "HTTPS://api.example.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
        ("http://pretend.localhost", "http://pretend.localhost"),
    ],
)
def test_https_and_this_machine_are_allowed(given: str, kept: str) -> None:
    assert checked_address(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://2130706433",
    ],
)
def test_plain_http_to_another_machine_needs_permission(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_address(url)
    assert caught.value.problems[0].field == "base_url"
    assert "plain http" in str(caught.value)
    assert "--allow-plain-http" in caught.value.todo
    assert checked_address(url, allow_plain_http=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://[",
        "https://a:99999",
        "https://a b.c",
    ],
)
def test_what_is_no_web_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SettingsError, match="is no web address") as caught:
        checked_address(url, allow_plain_http=True)
    assert caught.value.todo == "Write it like https://api.example.com."


@pytest.mark.parametrize("inside", ["\n", "\t", "\r\n", " "])
def test_an_address_with_a_break_inside_is_refused(inside: str) -> None:
    with pytest.raises(SettingsError, match="is no web address"):
        checked_address(f"https://api.exa{inside}mple.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter22@api.example.com",
        "https://@api.example.com",
        "https://api.example.com\\@evil.example",
        "https://api.example.com?",
        "https://api.example.com/?token=hunter22",
        "https://api.example.com#",
        "ftp://user:hunter22@api.example.com",
        "https://user:hunter22@[",
    ],
)
def test_credentials_and_queries_in_an_address_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_address(url)
    assert "hunter22" not in str(caught.value)


def test_the_problem_stands_at_the_named_field() -> None:
    with pytest.raises(SettingsError) as caught:
        checked_address("nonsense", field="sandbox_url")
    assert caught.value.problems[0].field == "sandbox_url"
    assert str(caught.value).startswith("Base URL (--sandbox-url): ")


@pytest.mark.parametrize(
    ("url", "open_to_readers"),
    [
        ("http://api.example.com", True),
        ("https://api.example.com", False),
        ("http://127.0.0.1:1", False),
        ("http://[::1]", False),
    ],
)
def test_only_plain_http_over_a_network_is_unprotected(url: str, open_to_readers: bool) -> None:
    assert is_unprotected(url) is open_to_readers


def test_a_name_that_only_begins_like_this_machine_is_another() -> None:
    assert not is_loopback("localhost.evil.example")
    assert not is_loopback("notlocalhost")
