"""What waits is sent: to whom it belongs, in order, again and again if need be, and written down."""

import asyncio
import socket
from typing import Any

import pytest
from sqlalchemy import select

from tests.center.alerts.office import Office
from tests.center.alerts.receivers import receiver
from trunkline.center.alerts import channels, sending
from trunkline.center.alerts.channels import Choice
from trunkline.center.alerts.senders import no_connection
from trunkline.center.alerts.tables import channels as channel_table
from trunkline.center.alerts.tables import deliveries
from trunkline.errors import SettingsError

BROKEN: dict[str, Any] = {"state": "failed", "rows": 0, "error": "It broke.", "todo": "Mend it."}


async def test_one_message_when_it_begins_and_one_when_it_is_over(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url, secret="s3cret")
        office.run(**BROKEN)
        office.run(**BROKEN)
        assert [await office.send(), await office.send()] == [1, 0]
        office.run()
        office.run()
        assert [await office.send(), await office.send()] == [1, 0]
        assert ops.events == ["opened", "over"]
        opened, over = (p.json for p in ops.posted)
        assert (opened["text"], opened["todo"]) == ("calls has failed: It broke.", "Mend it.")
        assert over["text"].startswith("calls has been read again")
        assert opened["incident"]["closed_at"] is None
        assert over["incident"]["closed_at"]
        assert opened["id"] != over["id"]
        assert opened["incident"]["id"] == over["incident"]["id"]
    assert [(d.state, d.tries, d.answer) for d in office.deliveries()] == [("sent", 1, "200: ok")] * 2


async def test_a_channel_hears_nothing_of_what_began_before_it(office: Office) -> None:
    async with receiver() as ops:
        office.run(**BROKEN)
        office.channel("ops", "webhook", url=ops.url)
        office.run()
        assert await office.send() == 0
        office.run(**BROKEN)
        assert await office.send() == 1


@pytest.mark.parametrize(
    ("choice", "heard"),
    [
        (Choice(), ["calls", "texts", "main"]),
        (Choice(kinds=("failed",)), ["calls", "texts"]),
        (Choice(datasets=("texts",)), ["texts"]),
        (Choice(accounts=("main",)), ["calls", "texts", "main"]),
        (Choice(kinds=("account_invalid",), accounts=("main",)), ["main"]),
        (Choice(kinds=("late",)), []),
    ],
)
async def test_a_channel_hears_of_what_it_chose(office: Office, choice: Choice, heard: list[str]) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", choice, url=ops.url)
        office.run("calls", **BROKEN)
        office.run("texts", **BROKEN)
        office.refuse_account()
        await office.send()
        assert [p.json["incident"]["subject"]["name"] for p in ops.posted] == heard


async def test_a_channel_of_a_removed_dataset_does_not_hear_of_all(office: Office) -> None:
    from trunkline.center import datasets

    async with receiver() as ops:
        office.channel("ops", "webhook", Choice(datasets=("texts",)), url=ops.url)
        datasets.remove(office.center, "texts")
        office.run(**BROKEN)
        assert await office.send() == 0
        assert channels.get(office.center, "ops").choice.datasets == ()


async def test_what_was_not_taken_is_sent_again_with_the_same_id(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        office.run(**BROKEN)
        ops.status, ops.text = 503, "in a moment"
        assert await office.send() == 0
        (waiting,) = office.deliveries()
        assert (waiting.state, waiting.tries) == ("waiting", 1)
        assert waiting.answer == f"{ops.url.removesuffix('/hook')} answered 503: in a moment"
        assert await office.send() == 0
        assert len(ops.posted) == 1, "not before its time"
        ops.status, ops.text = 204, ""
        office.clock.advance(61)
        assert await office.send() == 1
        assert len({p.json["id"] for p in ops.posted}) == 1
        assert ops.posted[0].body == ops.posted[1].body
    assert [(d.state, d.tries, d.answer) for d in office.deliveries()] == [("sent", 2, "204")]


async def test_pauses_grow_and_end_after_a_day(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        ops.status = 500
        office.run(**BROKEN)
        began, times = office.clock.now(), []
        while next_try := office.deliveries()[0].next_try_at:
            office.clock.advance((next_try - office.clock.now()).total_seconds())
            times.append(round((office.clock.now() - began).total_seconds() / 60))
            await office.send()
            assert len(ops.posted) == len(times)
    assert times[:8] == [0, 1, 3, 7, 15, 31, 63, 123]
    assert 23 * 60 <= times[-1] <= 24 * 60
    (given_up,) = office.deliveries()
    assert (given_up.tries, given_up.ended_at is not None) == (len(times), True)


async def test_a_pause_that_was_asked_for_is_kept(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        ops.status, ops.headers = 429, {"Retry-After": "600"}
        office.run(**BROKEN)
        await office.send()
        office.clock.advance(599)
        await office.send()
        assert len(ops.posted) == 1
        office.clock.advance(2)
        await office.send()
        assert len(ops.posted) == 2


async def test_the_end_waits_for_the_beginning(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        ops.status = 500
        office.run(**BROKEN)
        await office.send()
        office.run()
        ops.status = 200
        office.clock.advance(-60)  # the end is due at once, the beginning is not yet
        await office.send()
        assert ops.events == ["opened"]
        office.clock.advance(120)
        await office.send()
        await office.send()
        assert ops.events == ["opened", "opened", "over"]


async def test_a_slow_channel_holds_up_no_other(office: Office) -> None:
    async with receiver() as slow, receiver() as quick:
        slow.gate.clear()
        office.channel("slow", "webhook", url=slow.url)
        office.channel("quick", "webhook", url=quick.url)
        office.run(**BROKEN)
        first = asyncio.create_task(office.send())
        await asyncio.wait_for(until(lambda: bool(slow.posted and quick.posted)), 10)
        office.run("texts", **BROKEN)
        second = asyncio.create_task(office.send())
        await asyncio.wait_for(until(lambda: len(quick.posted) == 2), 10)
        assert not first.done()
        slow.gate.set()
        assert await first + await second == 4
        assert sorted(p.json["incident"]["subject"]["name"] for p in slow.posted) == ["calls", "texts"]


async def until(true: Any) -> None:
    while not true():
        await asyncio.sleep(0.005)


async def test_two_that_send_at_once_send_everything_once(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        for name in ("calls", "texts"):
            office.run(name, **BROKEN)
        sent = await asyncio.gather(*(office.send() for _ in range(4)))
        assert (sum(sent), len(ops.posted)) == (2, 2)


async def test_what_a_dead_process_had_taken_is_sent_by_the_next(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url=ops.url)
        office.run(**BROKEN)
        with office.center.store.read() as tx:
            row = tx.execute(select(deliveries)).mappings().one()
        assert sending._take(office.center, row, office.clock.now())
        assert await office.send() == 0
        office.clock.advance(sending.TAKEN_FOR.total_seconds() + 1)
        assert await office.send() == 1


async def test_a_channel_that_is_mended_gets_what_waits_at_once(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", url="http://127.0.0.1:9/hook")
        office.run(**BROKEN)
        assert await office.send() == 0
        channels.edit(office.center, "ops", {"url": ops.url}, {})
        assert await office.send() == 1


async def test_a_removed_channel_is_forgotten_and_what_it_got_is_not(office: Office) -> None:
    office.channel("ops", "webhook", url="http://127.0.0.1:9/hook")
    office.run(**BROKEN)
    await office.send()
    channels.remove(office.center, "ops")
    office.clock.advance(3_600)
    assert await office.send() == 0
    (dropped,) = office.deliveries()
    assert (dropped.channel, dropped.state, dropped.answer) == ("ops", "failed", channels.REMOVED)
    office.run()
    assert len(office.deliveries()) == 1
    with pytest.raises(SettingsError, match="no alert channel"):
        channels.remove(office.center, "ops")


async def test_a_test_goes_the_same_way_and_is_written_down(office: Office) -> None:
    async with receiver() as ops:
        office.channel("ops", "webhook", Choice(kinds=("late",), datasets=("texts",)), url=ops.url)
        outcome = await sending.send_test(office.center, "ops")
        assert (outcome.is_sent, outcome.answer) == (True, "200: ok")
        assert ops.posted[0].json["event"] == "test"
        assert ops.posted[0].json["incident"]["id"] is None
        ops.status, ops.text = 404, "no such hook"
        outcome = await sending.send_test(office.center, "ops")
        assert (outcome.is_sent, outcome.answer.endswith("answered 404: no such hook")) == (False, True)
        last = channels.get(office.center, "ops").last
        assert last
        assert (last.event, last.state, last.tries) == ("test", "failed", 1)
        office.clock.advance(48 * 3_600)
        assert await office.send() == 0
        assert len(ops.posted) == 2


async def test_no_answer_gives_a_secret_away(office: Office) -> None:
    async with receiver("/hook?key=hidden-in-here") as ops:
        office.channel("ops", "webhook", url=ops.url, secret="very-secret")
        office.run(**BROKEN)
        ops.status, ops.text = 400, f"who sends to {ops.url} with very-secret?\nreally"
        await office.send()
        (delivery,) = office.deliveries()
        assert delivery.answer.endswith("answered 400: who sends to *** with ***? really")
        shown = str([c.to_json() for c in channels.all_of(office.center)])
        assert "hidden-in-here" not in shown
        assert "very-secret" not in shown
        with office.center.store.read() as tx:
            kept = str(tx.execute(select(channel_table)).all())
        assert "hidden-in-here" not in kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (r"no \/hook\/token-of-theirs here", r"no \/hook\/*** here"),
        ("x" * 163 + " token-of-theirs", "x" * 163),
    ],
)
async def test_no_piece_of_an_address_is_left(office: Office, said: str, kept: str) -> None:
    async with receiver("/hook/token-of-theirs") as ops:
        office.channel("team", "slack", url=ops.url)
        ops.status, ops.text = 400, said
        answer = (await sending.send_test(office.center, "team")).answer
        assert kept in answer
        assert "token" not in answer
        assert len(answer) <= sending.LONGEST_ANSWER


async def test_a_redirect_is_no_answer(office: Office) -> None:
    async with receiver() as ops, receiver() as other:
        office.channel("ops", "webhook", url=ops.url)
        ops.status, ops.headers = 302, {"Location": other.url}
        office.run(**BROKEN)
        assert await office.send() == 0
        assert other.posted == []


async def test_why_nobody_was_reached_is_told_in_words(office: Office) -> None:
    office.channel("away", "webhook", url="http://127.0.0.1:1/hook")
    told = (await sending.send_test(office.center, "away")).answer
    assert told == "http://127.0.0.1:1 cannot be reached: Connection refused."
    async with receiver() as taking:
        office.channel("plain", "webhook", url=taking.url.replace("http:", "https:"))
        assert "it does not speak TLS there" in (await sending.send_test(office.center, "plain")).answer
    unknown = OSError("wrapped")
    unknown.__cause__ = socket.gaierror(-2, "Name or service not known")
    assert no_connection(unknown) == "its name is not known here"
