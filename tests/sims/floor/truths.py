"""What must be true of a floor's rows, at every moment and in the end."""

from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.sims.floor.ledger import Ledger, Row
from trunkline.sims.floor.known import epoch_of

PARTS = ("pause", "wait", "talk", "dispo")
WITH_AGENT = ("XFER", "CLOSER")
NOT_LIVE = ("INCALL", "QUEUE")


def check_now(ledger: Ledger) -> None:
    """The truths of a moment."""
    leads, calls = ledger.by("list", "#"), ledger.by("auto_calls", "callerid")
    agents = ledger.by("live_agents", "user")
    _check_agents(ledger, leads, calls, agents)
    _check_calls(leads, calls, agents)
    hopper = ledger.by("hopper", "lead_id")
    assert hopper.keys() <= leads.keys()
    ringing = {call["lead_id"] for call in calls.values() if call["status"] in ("SENT", "RINGING")}
    waiting = {lead for lead, row in hopper.items() if row["status"] == "READY"}
    assert not waiting & {call["lead_id"] for call in calls.values()}
    assert hopper.keys() - waiting <= ringing
    assert {row["channel_group"] for row in ledger.rows("parked_channels")} <= calls.keys()
    assert len({row["conf_exten"] for row in agents.values()}) == len(agents)
    pairs = {(user, group) for user in agents for group in ("FLOOR_SALES", "FLOOR_SUPPORT")}
    assert {(row["user"], row["group_id"]) for row in ledger.rows("live_inbound_agents")} == pairs


def _check_agents(
    ledger: Ledger, leads: dict[int, Row], calls: dict[str, Row], agents: dict[str, Row]
) -> None:
    logs = ledger.by("agent_log", "#")
    in_hand = [agent["callerid"] for agent in agents.values() if agent["callerid"]]
    assert len(in_hand) == len(set(in_hand)), "two agents have one call"
    for agent in agents.values():
        assert logs[agent["agent_log_id"]]["user"] == agent["user"]
        assert agent["lead_id"] == 0 or agent["lead_id"] in leads
        assert agent["preview_lead_id"] == 0 or agent["preview_lead_id"] in leads
        has_call = agent["status"] in ("QUEUE", "INCALL")
        assert has_call == bool(agent["callerid"])
        if agent["status"] == "QUEUE":
            assert calls[agent["callerid"]]["status"] in WITH_AGENT
        if has_call and agent["callerid"] in calls:
            assert calls[agent["callerid"]]["lead_id"] == agent["lead_id"]
        if agent["status"] in ("READY", "CLOSER"):
            assert (agent["lead_id"], agent["preview_lead_id"]) == (0, 0)


def _check_calls(leads: dict[int, Row], calls: dict[str, Row], agents: dict[str, Row]) -> None:
    in_hand = {agent["callerid"] for agent in agents.values()}
    assert len({call["lead_id"] for call in calls.values()}) == len(calls), "a lead is in two calls"
    for code, call in calls.items():
        assert call["lead_id"] in leads
        assert int(code[-10:]) == call["lead_id"]
        assert (call["status"] in WITH_AGENT) == (code in in_hand)


def check_closed(ledger: Ledger) -> None:
    """Nothing is live any more, and every call is told to its end."""
    for table in ("live_agents", "live_inbound_agents", "auto_calls", "hopper", "parked_channels"):
        assert ledger.rows(table) == []
    assert not {row["status"] for row in ledger.rows("log")} & set(NOT_LIVE)
    assert not {row["status"] for row in ledger.rows("closer_log")} & set(NOT_LIVE)
    assert not {row["status"] for row in ledger.rows("list")} & set(NOT_LIVE)
    logged = ledger.by("log", "uniqueid").keys() | ledger.by("closer_log", "uniqueid").keys()
    assert ledger.seen_live.keys() <= logged
    assert ledger.by("log_extended", "uniqueid").keys() == logged
    assert all(row["end_epoch"] is not None for row in ledger.rows("recording_log"))


def check_logs(ledger: Ledger, zone: ZoneInfo) -> None:
    """The logs of calls, agents and recordings tell one story. Open rows are left out."""
    for table in ("log", "closer_log"):
        for row in ledger.rows(table):
            assert epoch_of(row["call_date"], zone) in _around(row["start_epoch"])
            if row["end_epoch"] is not None:
                assert row["end_epoch"] - row["start_epoch"] == row["length_in_sec"] >= 0
                assert row.get("queue_seconds", 0) <= row["length_in_sec"]
    _check_dids(ledger)
    _check_agent_logs(ledger)
    _check_talks(ledger)
    _check_recordings(ledger)
    assert len(ledger.by("log_extended", "caller_code")) == len(ledger.rows("log_extended"))


def _around(epoch: int) -> tuple[int, ...]:
    """An hour that comes twice is told by its first one."""
    return (epoch, epoch - 3_600, epoch + 3_600)


def _check_dids(ledger: Ledger) -> None:
    dids = ledger.by("did_log", "uniqueid")
    for uniqueid, row in ledger.by("closer_log", "uniqueid").items():
        assert dids[uniqueid]["call_date"] <= row["call_date"]
        assert dids[uniqueid]["caller_id_number"] == row["phone_number"]


def _check_agent_logs(ledger: Ledger) -> None:
    """The rows of an agent follow each other without a gap, from LOGIN to LOGOUT."""
    by_agent: dict[str, list[Row]] = {}
    for row in sorted(ledger.rows("agent_log"), key=lambda row: row["#"]):
        by_agent.setdefault(row["user"], []).append(row)
        assert 0 <= row["dead_sec"] <= row["talk_sec"]
        assert all(row[f"{part}_sec"] >= 0 for part in PARTS)
    for rows in by_agent.values():
        assert rows[0]["sub_status"] == "LOGIN"
        for row, following in pairwise(rows):
            if following["sub_status"] == "LOGIN":
                assert following["pause_epoch"] >= _end(row)
            else:
                assert row["sub_status"] != "LOGOUT"
                assert following["pause_epoch"] == _end(row)


def _end(row: Row) -> int:
    return int(row["pause_epoch"] + sum(row[f"{part}_sec"] for part in PARTS))


def _check_talks(ledger: Ledger) -> None:
    """What agents' logs say of a call is what the call's log says."""
    calls = {**ledger.by("log", "uniqueid"), **ledger.by("closer_log", "uniqueid")}
    talks = [row for row in ledger.rows("agent_log") if row["lead_id"]]
    assert len({row["uniqueid"] for row in talks}) == len(talks), "two agents talked in one call"
    for row in talks:
        call = calls[row["uniqueid"]]
        assert (call["user"], call["lead_id"]) == (row["user"], row["lead_id"])
        if row["dispo_epoch"] is None:
            continue
        assert call["end_epoch"] == row["talk_epoch"] + row["talk_sec"] - row["dead_sec"]
        if row["status"]:
            assert call["status"] == row["status"]
    with_agent = {key for key, call in calls.items() if call["user"] not in ("VDAD", "VDCL")}
    assert with_agent == {row["uniqueid"] for row in talks}


def _check_recordings(ledger: Ledger) -> None:
    out, inbound = ledger.by("log", "uniqueid"), ledger.by("closer_log", "#")
    for row in ledger.rows("recording_log"):
        call = out.get(row["vicidial_id"]) or inbound[row["vicidial_id"]]
        assert (call["user"], call["lead_id"]) == (row["user"], row["lead_id"])
        assert row["start_epoch"] >= call["start_epoch"]
        if row["end_epoch"] is not None:
            assert row["end_epoch"] == call["end_epoch"]
            assert row["length_in_sec"] == row["end_epoch"] - row["start_epoch"]
            assert row["location"].startswith("http")
