"""version: the hours of the server's zone, in summer and in winter, in both dialects."""

import pytest

from tests.dialer.asked import Asked, answer_to, gone
from tests.dialer.lead_calls import ask_original
from trunkline.dialer.runner import Service

SUMMER, WINTER = "2017-06-14 12:00:00", "2017-12-14 12:00:00"


@pytest.mark.parametrize(
    ("at", "documented", "original"),
    [
        (SUMMER, "DST: 1|TZ: -5|TZNOW: -4|", "DST: 1|TZ: -5.00|TZNOW: -4|"),
        (WINTER, "DST: 0|TZ: -5|TZNOW: -5|", "DST: 0|TZ: -5.00|TZNOW: -5.00|"),
    ],
)
async def test_hours_have_no_zeros_on_the_page(
    service: Service, at: str, documented: str, original: str
) -> None:
    assert (await answer_to(service, "version", Asked(at=at))).endswith(documented)
    assert (await ask_original(service, "version")).endswith(original)


@pytest.mark.parametrize(("at", "hours"), [(SUMMER, "-4"), (WINTER, "-5")])
async def test_without_a_server_the_clock_of_the_system_counts(service: Service, at: str, hours: str) -> None:
    answer = await answer_to(service, "version", Asked(state=(gone("servers"),), at=at))
    assert answer.endswith(f"|TZ: |TZNOW: {hours}|")
