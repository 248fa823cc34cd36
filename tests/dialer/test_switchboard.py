"""Calls of blind_monitor and reloads of server_refresh made real, on a pretend manager."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.dialer.calling import (
    DIALED,
    HOLDING,
    OTHER_SERVER,
    SERVER,
    House,
    copied_house,
    filled,
    house,
)
from tests.dialer.lead_calls import ask, change
from trunkline.dialer.asterisk.actions import UNHEARD_AFTER, Action, Actions, State
from trunkline.dialer.asterisk.switchboard import ABANDONED_SECONDS
from trunkline.sims.ami import Fault, Rule
from trunkline.telephony.calls import Origination

LAUNCHED = "SUCCESS: blind_monitor HAS BEEN LAUNCHED - 350a|010*010*010*016*08600051|350|8600051|1|6666"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(filled(tmp_path_factory.mktemp("calling") / "home"))


@pytest.fixture
async def quick(home: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with copied_house(home, tmp_path) as found:
        yield found


@pytest.fixture
async def holding(home: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Calls ring and talk until somebody says otherwise."""
    async with copied_house(home, tmp_path, HOLDING) as found:
        yield found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
async def test_a_call_is_made_followed_and_kept(kind: str, tmp_path: Path) -> None:
    async with house(kind, tmp_path, HOLDING) as at:
        assert await at.listen() == LAUNCHED
        ringing = await at.until(lambda action: action.state is State.QUEUED)
        (row,) = await at.rows()
        assert (row["status"], row["response"]) == ("SENT", "N")
        at.sim.channels_of(DIALED)[0].is_up.set()
        up = await at.until(lambda action: action.state is State.ANSWERED)
        assert up.answered_at is not None
        at.sim.channels_of(DIALED)[0].is_gone.set()
        ended = await at.over()
        assert (ended.state, ended.result, ended.cause) == (State.ENDED, "ANSWER", 16)
        assert ended.action_id == ringing.action_id
        (row,) = await at.rows()
        assert (row["status"], row["response"], row["uniqueid"]) == ("DEAD", "Y", ended.unique_id)
        assert row["channel"].startswith(f"Local/{DIALED}@default")
        assert (ended.man_id, ended.user, ended.function) == (row["man_id"], "6666", "blind_monitor")
        (sent,) = at.sim.asked("Originate")
        told = {"Channel": f"Local/{DIALED}@default", "Context": "default", "Exten": "350", "Priority": "1"}
        assert {name: sent.get(name) for name in told} == told
        assert sent.get("CallerID") == row["cmd_line_f"].removeprefix("Callerid: ")
        assert row["cmd_line_g"] == f"ActionID: {sent.get('ActionID')}"


async def test_a_row_for_a_server_with_a_manager_is_never_new(holding: House) -> None:
    """The dialer's own process takes rows that are NEW: it would make the same call."""
    seen = []
    insert = type(holding.board).begin_call

    def begun(board: object, action: Action, origination: Origination) -> None:
        connection = holding.database.connection  # type: ignore[attr-defined]
        seen.extend(connection.execute("select status from dialer360_manager").fetchall())
        insert(holding.board, action, origination)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(holding.board), "begin_call", begun)
        await holding.listen()
    assert seen == [("QUEUE",)]


async def test_a_row_for_another_server_is_left_to_the_dialer(quick: House) -> None:
    await quick.listen(phone_login="cc101")
    (row,) = await quick.rows()
    assert (row["server_ip"], row["status"], row["cmd_line_g"]) == (OTHER_SERVER, "NEW", "")
    assert quick.actions() == []
    assert quick.sim.asked("Originate") == []


@pytest.mark.parametrize("result", ["BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL"])
async def test_a_call_that_is_not_answered_says_why(quick: House, result: str) -> None:
    quick.sim.add_rule(Rule(DIALED, result))
    await quick.listen()
    action = await quick.over()
    assert (action.state, action.result) == (State.FAILED, result)
    assert action.reason
    assert [row["status"] for row in await quick.rows()] == ["DEAD"]


async def test_a_refused_call_says_what_asterisk_says(quick: House) -> None:
    quick.sim.add_rule(Rule("350", refusal="Extension does not exist."))
    assert await quick.listen() == LAUNCHED
    action = await quick.over()
    assert (action.state, action.reason) == (
        State.FAILED,
        "Asterisk refuses the call: Extension does not exist.",
    )


async def test_a_manager_that_is_not_there_means_not_sent(quick: House) -> None:
    await quick.sim.stop()
    assert await quick.listen() == LAUNCHED
    action = await quick.over()
    assert action.state is State.NOT_SENT
    assert "cannot be reached" in action.reason
    assert [row["status"] for row in await quick.rows()] == ["DEAD"]


async def test_a_wrong_secret_means_not_sent_and_is_not_told(quick: House) -> None:
    quick.managers.remove(SERVER)
    quick.managers.add(SERVER, quick.access(secret="wrong-4712"))
    await quick.opened()
    await quick.listen()
    action = await quick.over()
    assert action.state is State.NOT_SENT
    assert "refuses the user trunkline" in action.reason
    assert "wrong-4712" not in str(action)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_call_of_unknown_fate_is_told_and_not_repeated(holding: House, kind: str) -> None:
    holding.sim.faults.add(Fault(kind, action="Originate"))
    await holding.listen()
    action = await holding.over()
    assert action.state is State.UNKNOWN
    assert "the connection was lost" in action.reason
    assert len(holding.sim.asked("Originate")) == 1
    # What the queue says is that it went out: nobody may send it again.
    assert [row["status"] for row in await holding.rows()] == ["SENT"]


async def test_a_value_with_a_line_of_its_own_is_refused(quick: House) -> None:
    evil = "1\r\n\r\nAction: Originate\r\nChannel: PJSIP/911"
    async with quick.database.work() as work:
        await work.update("phones", {"login": "350a"}, outbound_cid=evil)
    assert await quick.listen() == "ERROR: blind_monitor INVALID PHONE LOGIN - 350a|6666"
    assert await quick.rows() == []
    assert quick.sim.actions == []


async def test_a_request_that_is_not_kept_makes_no_call(quick: House) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trunkline.dialer.commands.monitoring._log_report", fails)
        with pytest.raises(RuntimeError):
            await quick.listen()
    assert await quick.rows() == []
    assert quick.board._tasks == set()


async def test_calls_beyond_the_bound_are_not_sent(quick: House) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trunkline.dialer.asterisk.switchboard.MOST_AT_ONCE", 0)
        await quick.listen()
        action = await quick.over()
    assert action.state is State.NOT_SENT
    assert quick.sim.asked("Originate") == []
    assert [row["status"] for row in await quick.rows()] == ["DEAD"]


async def test_a_call_that_waited_too_long_is_not_sent_late(quick: House) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trunkline.dialer.asterisk.switchboard.LATEST_SECONDS", -1)
        await quick.listen()
        action = await quick.over()
    assert action.state is State.NOT_SENT
    assert quick.sim.asked("Originate") == []


async def test_odd_ids_and_causes_of_a_manager_are_kept_as_far_as_they_go(quick: House) -> None:
    """As long as nobody has seen one, and longer than any column."""
    quick.sim.add_rule(Rule(DIALED, "ANSWER", cause=10**15))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trunkline.telephony.asterisk.new_channel_id", lambda _: "1." + "7" * 140)
        await quick.listen()
        action = await quick.over()
    assert (action.state, action.cause, len(action.unique_id)) == (State.ENDED, None, 142)
    assert [len(row["uniqueid"]) for row in await quick.rows()] == [20]


async def test_who_asked_is_named_as_the_dialer_names_him(quick: House) -> None:
    async with quick.database.work() as work:
        await work.update("users", {"user": "6666"}, user="Boss")
    assert (await quick.listen(user="bOSS")).startswith("SUCCESS")
    assert (await quick.over()).user == "Boss"
    assert [len(Actions(quick.store, quick.clock).some(9, user=name)) for name in ("boss", "6666")] == [1, 0]


# -- processes end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
async def test_a_row_that_nobody_began_with_is_marked_and_never_sent(kind: str, tmp_path: Path) -> None:
    async with house(kind, tmp_path) as at:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(at.board), "begin_call", lambda *_: None)
            await at.listen()
        (row,) = await at.rows()
        assert row["status"] == "QUEUE"
        await at.opened()
        assert [row["status"] for row in await at.rows()] == ["QUEUE"]
        at.clock.at += timedelta(seconds=ABANDONED_SECONDS + 1)
        await at.opened()
        assert [row["status"] for row in await at.rows()] == ["DEAD"]
        (action,) = at.actions()
        assert (action.state, action.man_id, action.user) == (State.NOT_SENT, row["man_id"], "6666")
        assert "before it was sent" in action.reason
        assert at.sim.asked("Originate") == []


async def test_a_call_whose_process_died_is_closed(holding: House) -> None:
    await holding.listen()
    await holding.until(lambda action: action.state is State.QUEUED)
    holding.clock.at += UNHEARD_AFTER + timedelta(seconds=1)
    (action,) = holding.actions()
    assert (action.state, action.reason) == (State.UNKNOWN, "the server that followed it ended")


async def test_a_process_that_lives_keeps_its_calls(holding: House) -> None:
    await holding.listen()
    await holding.until(lambda action: action.state is State.QUEUED)
    holding.clock.at += UNHEARD_AFTER - timedelta(seconds=1)
    await holding.board._looked_after(with_rows=False)
    holding.clock.at += UNHEARD_AFTER - timedelta(seconds=1)
    (action,) = holding.actions()
    assert action.state is State.QUEUED


async def test_a_server_that_stops_says_what_it_knows(holding: House) -> None:
    await holding.listen()
    await holding.until(lambda action: action.state is State.QUEUED)
    await holding.board.close()
    (action,) = holding.actions()
    assert action.state is State.UNKNOWN
    assert "the server was stopped" in action.reason


async def test_a_server_that_stops_before_it_sends_says_so(holding: House) -> None:
    holding.sim.faults.add(Fault("silent", action="Challenge"))
    await holding.listen()
    await holding.until(lambda action: action.state is State.WAITING)
    await holding.board.close()
    (action,) = holding.actions()
    assert (action.state, action.reason) == (State.NOT_SENT, "the server was stopped")
    assert [row["status"] for row in await holding.rows()] == ["DEAD"]


# -- managers come and go ------------------------------------------------------------------------------


async def test_a_manager_that_was_removed_makes_no_calls(quick: House) -> None:
    quick.managers.remove(SERVER)
    await quick.opened()
    await quick.listen()
    assert [row["status"] for row in await quick.rows()] == ["NEW"]


async def test_managers_that_cannot_be_read_make_no_calls(quick: House) -> None:
    (quick.settings.home / "secret.key").unlink()
    (quick.settings.home / "secret.key").touch(mode=0o600)
    board = await quick.opened()
    assert not board.reaches(SERVER)
    assert await quick.listen() == LAUNCHED
    assert [row["status"] for row in await quick.rows()] == ["NEW"]


async def test_a_secret_is_encrypted_where_it_is_kept(quick: House) -> None:
    files = [path.read_bytes() for path in quick.settings.home.glob("store.sqlite3*")]
    assert files
    assert not any(b"geheim-4711" in content for content in files)
    assert "geheim-4711" not in str(quick.managers.all())


# -- reloads -------------------------------------------------------------------------------------------


async def test_a_refresh_reloads_the_servers_that_have_a_manager(quick: House) -> None:
    done = "SUCCESS: server_refresh SERVER REFRESH HAS BEEN TRIGGERED - 6666|3"
    assert await ask(quick.service, "server_refresh", stage="REFRESH") == done
    action = await quick.over()
    assert (action.action, action.state, action.reason) == ("Reload", State.DONE, "Module Reloaded")
    assert (action.server_ip, action.function, action.man_id) == (SERVER, "server_refresh", None)
    assert len(quick.sim.asked("Reload")) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [("error", State.FAILED), ("drop_before", State.UNKNOWN)],
)
async def test_a_reload_that_fails_says_so(quick: House, fault: str, state: State) -> None:
    quick.sim.faults.add(Fault(fault, action="Reload"))
    await ask(quick.service, "server_refresh", stage="REFRESH")
    assert (await quick.over()).state is state
    assert len(quick.sim.asked("Reload")) == 1


async def test_a_refresh_that_is_refused_reloads_nothing(quick: House) -> None:
    await ask(quick.service, "server_refresh", stage="no")
    await change(quick.service, "users", {"user": "6666"}, ast_admin_access="0")
    await ask(quick.service, "server_refresh", stage="REFRESH")
    assert quick.board._tasks == set()
    assert quick.actions() == []


async def test_many_calls_at_once_are_all_kept(quick: House) -> None:
    for _ in range(30):
        await quick.listen()
    await quick.over()
    assert {action.state for action in quick.actions()} == {State.ENDED}
    assert len(quick.actions()) == 30
    assert {row["status"] for row in await quick.rows()} == {"DEAD"}
    assert quick.sim.connections == 1
