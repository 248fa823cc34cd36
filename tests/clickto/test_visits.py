"""What is kept of a visit: pages lose what may be personal, addresses are addresses."""

import pytest

from trunkline.clickto.visits import page_of, visitor_address


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("https://x.example/y?secret=1", "https://x.example/y"),
        ("https://x.example/y#secret", "https://x.example/y"),
        ("https://x.example?secret=1", "https://x.example"),
        ("https://me:secret@x.example/y@z", "https://x.example/y@z"),
        ("https://me:sec@ret@x.example", "https://x.example"),
        (r"HTTPS:\\me:secret@x.example", r"HTTPS:\\x.example"),
        ("http:me:secret@x.example", "http:x.example"),
        ("//secret@x.example/y", "//x.example/y"),
        ("app://secret@x/y", "app://x/y"),
        ("/y?secret", "/y"),
        ("?secret", ""),
        ("https://[broken?secret", "https://[broken"),
        (" home ", "home"),
        ("shop//me@x", "shop//me@x"),
        ("", ""),
    ],
)
def test_pages(page: str, kept: str) -> None:
    assert page_of(page) == kept


def test_addresses() -> None:
    kept = {
        "": "",
        "192.0.2.7 ": "192.0.2.7",
        "::ffff:192.0.2.7": "192.0.2.7",
        "2001:DB8:0::1": "2001:db8::1",
    }
    assert {text: visitor_address(text) for text in kept} == kept
    for wrong in ("x", "192.0.2", "192.0.2.7:80", "fe80::1%eth0", "3221225991"):
        with pytest.raises(ValueError, match="is no address"):
            visitor_address(wrong)
