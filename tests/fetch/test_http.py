import asyncio
import socket
from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.fetch.provider import KEY, NOON, Asked, Provider, Reading, Reply, reply, served
from trunkline.clock import FrozenWallClock
from trunkline.errors import DataError, ProviderError, RetryLater, SettingsError
from trunkline.fetch.budget import Budget
from trunkline.fetch.counters import Counters
from trunkline.fetch.credentials import KeyCredentials
from trunkline.fetch.http import Answer, Http, HttpSettings
from trunkline.fetch.spending import Wait

OK = reply({"calls": []})
BUSY = reply({"error": "Rate limit exceeded"}, 429)
DOWN = reply({"error": "Try later"}, 503)


async def get(provider: Provider, reading: Reading) -> Answer:
    async with reading.http(provider.address) as http:
        return await http.get("/calls.json", {}, asked_for="Calls")


# -- what is sent ----------------------------------------------------------------------------------


async def test_the_key_and_the_parameters_are_sent_and_the_answer_is_decoded(
    provider: Provider, reading: Reading
) -> None:
    provider.says(reply({"calls": [{"id": 9007199254740993}]}))
    async with reading.http(provider.address) as http:
        answer = await http.get("/a/1/calls.json", {"page": "2", "tags[]": ["a b", "c"]}, asked_for="Calls")
    assert answer == Answer({"calls": [{"id": 9007199254740993}]}, None)
    assert provider.asked[0].headers["Authorization"] == f'Token token="{KEY}"'
    assert provider.asked[0].headers["User-Agent"].startswith("trunkline/")
    assert provider.asked[0].target == "/a/1/calls.json?page=2&tags%5B%5D=a+b&tags%5B%5D=c"


async def test_a_linked_next_page_is_reported(provider: Provider, reading: Reading) -> None:
    provider.says(reply({}, Link=f'<{provider.address}/x?page=2>; rel="next"'))
    assert (await get(provider, reading)).next_link == f"{provider.address}/x?page=2"


@pytest.mark.parametrize("link", ["<http://[>; rel=next", "nonsense", '</x>; rel="prev"'])
async def test_a_link_header_without_a_next_page_is_no_error(
    provider: Provider, reading: Reading, link: str
) -> None:
    provider.says(reply({}, Link=link))
    assert (await get(provider, reading)).next_link is None


async def test_requests_bytes_and_retries_are_counted(provider: Provider, reading: Reading) -> None:
    provider.says(DOWN, OK)
    await get(provider, reading)
    counters = reading.counters
    assert (counters.requests, counters.retries) == (2, 1)
    assert counters.bytes == len(DOWN.body) + len(OK.body)
    assert counters.waited_seconds == sum(reading.clock.slept)


async def test_cookies_are_not_kept(provider: Provider, reading: Reading) -> None:
    provider.says(reply({}, Set_Cookie="visitor=1"))
    async with reading.http(provider.address) as http:
        await http.get("/1", {}, asked_for="Calls")
        await http.get("/2", {}, asked_for="Calls")
    assert "Cookie" not in provider.asked[1].headers


# -- 429: the account pauses -----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_429_waits_as_long_as_the_provider_asks(
    provider: Provider, reading: Reading, form: str
) -> None:
    due = NOON + timedelta(seconds=40)
    wish = "40" if form == "seconds" else format_datetime(due, usegmt=True)
    provider.says(reply({}, 429, Retry_After=wish), OK)
    await get(provider, reading)
    assert reading.clock.now() == due
    assert reading.announced == [(due, "Acme asks to wait (429)"), (None, "")]
    assert reading.counters.waited_seconds == 40


async def test_429_without_a_wish_backs_off_further_each_time(
    provider: Provider, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.fetch.budget.SHORTEST_TOLD", 0)
    provider.says(*[BUSY] * 12, OK)
    await get(provider, reading)
    pauses = [until for until, _ in reading.announced if until]
    starts = [NOON, *pauses]
    lengths = [(after - before).total_seconds() for before, after in zip(starts, pauses, strict=False)]
    assert len(lengths) == 12
    assert all(1 <= length <= max(1, min(300, 2**n)) for n, length in enumerate(lengths))
    assert len(set(lengths)) > 6, "lengths are drawn, not fixed"
    assert reading.announced[-1] == (None, "")


async def test_429_never_uses_up_the_retries_for_failures(provider: Provider, reading: Reading) -> None:
    reading.settings = HttpSettings(retries=0)
    provider.says(*[BUSY] * 20, OK)
    assert (await get(provider, reading)).body == {"calls": []}


async def test_a_wish_of_no_time_does_not_hammer_the_provider(provider: Provider, reading: Reading) -> None:
    provider.says(*[reply({}, 429, Retry_After="0")] * 5, OK)
    await get(provider, reading)
    assert reading.clock.monotonic() >= 5


async def test_an_absurd_wish_is_cut_to_a_day(provider: Provider, reading: Reading) -> None:
    provider.says(reply({}, 429, Retry_After="9" * 400), OK)
    await get(provider, reading)
    assert reading.clock.monotonic() == pytest.approx(86_400)


async def test_429_stops_everybody_who_shares_the_account(provider: Provider, reading: Reading) -> None:
    due = NOON + timedelta(seconds=30)
    provider.says(reply({}, 429, Retry_After="30"), OK)
    await get(provider, reading)
    answer = reading.log.take("acme", (), 1, due - timedelta(seconds=1))
    assert answer == Wait(due, "Acme asks to wait (429)")


async def test_requests_that_wait_together_count_their_wait_once(
    provider: Provider, reading: Reading
) -> None:
    due = format_datetime(NOON + timedelta(seconds=30), usegmt=True)
    provider.says(*[reply({}, 429, Retry_After=due)] * 4, OK)
    async with reading.http(provider.address) as http:
        await asyncio.gather(*(http.get(f"/{n}", {}, asked_for="Calls") for n in range(4)))
    assert 30 <= reading.counters.waited_seconds < 35
    assert reading.counters.waited_seconds == pytest.approx(reading.clock.monotonic())


async def test_a_pause_ends_although_a_replay_holds_the_wall_clock_still(provider: Provider) -> None:
    class Held(FrozenWallClock):
        passed = 0.0

        def monotonic(self) -> float:
            return self.passed

        async def sleep(self, seconds: float) -> None:
            self.passed += seconds
            await asyncio.sleep(0)

    clock, reading = Held(NOON), Reading()
    provider.says(reply({}, 429, Retry_After="7"), OK)
    budget = Budget(reading.log, "acme", (), clock, reading.counters)
    http = Http(
        provider.address,
        KeyCredentials({}),
        subject=reading.http("").subject,
        budget=budget,
        clock=clock,
        counters=Counters(),
        settings=HttpSettings(),
    )
    async with http:
        await asyncio.wait_for(http.get("/calls.json", {}, asked_for="Calls"), 5)
    assert clock.passed == 7


# -- failures that may pass ------------------------------------------------------------------------


async def test_503_is_tried_again_with_full_jitter(provider: Provider, reading: Reading) -> None:
    provider.says(*[DOWN] * 6, OK)
    await get(provider, reading)
    assert len(reading.clock.slept) == 6
    assert all(0 <= slept <= 2**n for n, slept in enumerate(reading.clock.slept))
    assert len(set(reading.clock.slept)) == 6


async def test_503_is_given_up_after_the_set_retries(provider: Provider, reading: Reading) -> None:
    reading.settings = HttpSettings(retries=2)
    provider.says(DOWN)
    with pytest.raises(RetryLater) as caught:
        await get(provider, reading)
    assert str(caught.value) == 'Acme failed with status 503 and says "Try later" (Calls).'
    assert len(provider.asked) == 3


async def test_503_with_a_wish_waits_as_asked_and_passes_the_wish_on(
    provider: Provider, reading: Reading
) -> None:
    reading.settings = HttpSettings(retries=1)
    provider.says(reply({}, 503, Retry_After="90"))
    with pytest.raises(RetryLater) as caught:
        await get(provider, reading)
    assert reading.clock.slept == [90]
    assert caught.value.after_seconds == 90


async def test_an_answer_that_never_comes_is_given_up(provider: Provider, reading: Reading) -> None:
    reading.settings = HttpSettings(timeout_seconds=0.05, retries=1)
    provider.says(Reply(hangs=True))
    with pytest.raises(RetryLater, match=r"Acme did not answer within 0\.05 seconds \(Calls\)\."):
        await get(provider, reading)
    assert len(provider.asked) == 2


async def test_a_refused_connection_names_the_host_and_what_to_check(reading: Reading) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    reading.settings = HttpSettings(retries=1)
    with pytest.raises(RetryLater) as caught:
        async with reading.http(f"http://127.0.0.1:{port}") as http:
            await http.get("/calls.json", {}, asked_for="Calls")
    assert f"cannot be reached at 127.0.0.1:{port}" in str(caught.value)
    assert "base URL" in caught.value.todo
    assert reading.counters.requests == 2


async def test_a_connection_that_breaks_off_is_asked_again(provider: Provider, reading: Reading) -> None:
    provider.says(Reply(b'{"calls": [', breaks=True), OK)
    assert (await get(provider, reading)).body == {"calls": []}


async def test_a_connection_that_always_breaks_off_is_given_up(provider: Provider, reading: Reading) -> None:
    reading.settings = HttpSettings(retries=1)
    provider.says(Reply(b'{"calls": [', breaks=True))
    with pytest.raises(RetryLater, match="broke off while reading Calls"):
        await get(provider, reading)


# -- answers that cannot be used -------------------------------------------------------------------


async def test_a_web_page_instead_of_json_points_to_the_base_url(
    provider: Provider, reading: Reading
) -> None:
    provider.says(reply(b"\n<html><body>Welcome " + KEY.encode() + b"</body></html>"))
    with pytest.raises(DataError) as caught:
        await get(provider, reading)
    assert str(caught.value) == "Acme answered with a web page where JSON belongs (Calls)."
    assert "base URL" in caught.value.todo
    assert "Welcome" in caught.value.sample
    assert KEY not in caught.value.sample
    assert len(provider.asked) == 3


async def test_json_that_breaks_off_once_is_asked_again(provider: Provider, reading: Reading) -> None:
    provider.says(reply(b'{"calls": [{"id": "CAL1"'), OK)
    assert (await get(provider, reading)).body == {"calls": []}


async def test_json_that_always_breaks_off_is_a_data_error(provider: Provider, reading: Reading) -> None:
    provider.says(reply(b'{"calls": [{"id": "CAL1"'))
    with pytest.raises(DataError, match="breaks off or is malformed"):
        await get(provider, reading)


async def test_an_answer_that_is_too_large_is_refused_while_it_comes(
    provider: Provider, reading: Reading
) -> None:
    reading.settings = HttpSettings(max_bytes=1_000_000)
    provider.says(reply(b'"' + b"x" * 1_000_000 + b'"'))
    with pytest.raises(DataError) as caught:
        await get(provider, reading)
    assert "larger than 1 MB" in str(caught.value)
    assert "max_answer_mb" in caught.value.todo
    assert len(provider.asked) == 1


async def test_an_answer_of_just_the_largest_size_is_read(provider: Provider, reading: Reading) -> None:
    body = b'"' + b"x" * 998 + b'"'
    reading.settings = HttpSettings(max_bytes=len(body))
    provider.says(reply(body))
    assert len((await get(provider, reading)).body) == 998


async def test_a_refusal_is_not_asked_again(provider: Provider, reading: Reading) -> None:
    provider.says(reply({"error": f"{KEY} is unknown"}, 401), OK)
    with pytest.raises(SettingsError) as caught:
        await get(provider, reading)
    assert KEY not in str(caught.value)
    assert len(provider.asked) == 1


async def test_an_address_that_is_none_is_a_refusal_and_no_stack_trace(reading: Reading) -> None:
    with pytest.raises(ProviderError, match="is no address that can be asked"):
        async with reading.http("http://:80:80") as http:
            await http.get("/calls.json", {}, asked_for="Calls")


# -- the key stays with the provider ---------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(provider: Provider, reading: Reading, status: int) -> None:
    async with served() as elsewhere:
        provider.says(reply({}, status, Location=f"{elsewhere.address}/calls.json"))
        with pytest.raises(ProviderError, match=f"answered {status}"):
            await get(provider, reading)
        assert elsewhere.asked == []


async def test_a_next_link_is_asked_for_exactly_as_it_was_sent(provider: Provider, reading: Reading) -> None:
    target = "/a/1/calls?cursor=%7Ea%2Fb%3D&offset=2"
    async with reading.http(provider.address) as http:
        await http.follow(provider.address + target, asked_for="Calls, page 2")
    assert provider.asked[0].target == target


@pytest.mark.parametrize(
    "link",
    [
        "http://elsewhere.example/calls",
        "https://{host}/calls",
        "http://{host}@elsewhere.example/calls",
        "http://user@{host}/calls",
        "//elsewhere.example/calls",
        "/calls?offset=2",
        "http://[",
    ],
)
async def test_a_next_link_that_leads_elsewhere_is_refused(
    provider: Provider, reading: Reading, link: str
) -> None:
    host = provider.address.removeprefix("http://")
    async with reading.http(provider.address) as http:
        with pytest.raises(DataError, match="next page on another host"):
            await http.follow(link.format(host=host), asked_for="Calls, page 2")
    assert provider.asked == []
    assert reading.counters.requests == 0


# -- stopping --------------------------------------------------------------------------------------


async def test_cancelling_a_request_closes_its_connection_and_leaves_no_task(
    provider: Provider, reading: Reading
) -> None:
    reached = asyncio.Event()

    async def hold(_: Asked) -> Reply:
        reached.set()
        return Reply(hangs=True)

    provider.answering = hold
    before = asyncio.all_tasks()
    async with reading.http(provider.address) as http:
        asking = asyncio.create_task(http.get("/calls.json", {}, asked_for="Calls"))
        await reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    provider.closing.set()
    assert not [t for t in asyncio.all_tasks() - before if "trunkline" in repr(t.get_coro())]


async def test_the_connection_is_closed_even_when_tokens_cannot_be_given_back(
    provider: Provider, reading: Reading
) -> None:
    class Locked(Budget):
        async def close(self) -> None:
            raise RetryLater("The database is locked.")

    budget = Locked(reading.log, "acme", (), reading.clock, reading.counters)
    http = reading.http(provider.address, budget)
    with pytest.raises(RetryLater, match="locked"):
        async with http:
            await http.get("/calls.json", {}, asked_for="Calls")
    assert http._session is not None
    assert http._session.closed
