"""The rules that name what an agent is doing."""

from typing import Any

import pytest

from trunkline.dialer.agent_state import Doing, SubStatus, counts, doing, lead_in_hand, sub_status


def agent(**values: Any) -> dict[str, Any]:
    idle: dict[str, Any] = {
        "status": "READY",
        "lead_id": 0,
        "preview_lead_id": 0,
        "comments": None,
        "on_hook_agent": "N",
        "ring_callerid": "",
        "is_called": 1,
        "is_parked": 0,
        "has_left_chat": 0,
        "sharing": 0,
    }
    return idle | values


IN_CALL = {"status": "INCALL", "lead_id": 7}
CASES: list[tuple[dict[str, Any], SubStatus, Doing | None]] = [
    ({}, SubStatus.NONE, Doing.WAITING),
    ({"status": "CLOSER"}, SubStatus.NONE, Doing.WAITING),
    ({"on_hook_agent": "Y", "ring_callerid": "V" * 19}, SubStatus.RING, Doing.WAITING),
    ({"on_hook_agent": "Y", "ring_callerid": "V" * 18}, SubStatus.NONE, Doing.WAITING),
    ({"on_hook_agent": "N", "ring_callerid": "V" * 19}, SubStatus.NONE, Doing.WAITING),
    ({"lead_id": 7}, SubStatus.DISPO, Doing.DISPO),
    ({"status": "PAUSED"}, SubStatus.NONE, Doing.PAUSED),
    ({"status": "PAUSED", "lead_id": 7}, SubStatus.DISPO, Doing.DISPO),
    ({"status": "PAUSED", "preview_lead_id": 8}, SubStatus.PREVIEW, Doing.PAUSED),
    ({"status": "PAUSED", "lead_id": 7, "preview_lead_id": 8}, SubStatus.PREVIEW, Doing.DISPO),
    ({"status": "QUEUE", "is_called": 0}, SubStatus.NONE, Doing.IN_CALL),
    ({**IN_CALL, "sharing": 1}, SubStatus.NONE, Doing.IN_CALL),
    ({**IN_CALL, "sharing": 2}, SubStatus.THREE_WAY, Doing.IN_CALL),
    ({**IN_CALL, "sharing": 2, "is_parked": 1}, SubStatus.PARK, Doing.IN_CALL),
    ({**IN_CALL, "is_called": 0, "is_parked": 1}, SubStatus.PARK, Doing.IN_CALL),
    ({**IN_CALL, "is_called": 0}, SubStatus.DEAD, Doing.DEAD),
    ({**IN_CALL, "is_called": 0, "sharing": 2}, SubStatus.DEAD, Doing.DEAD),
    ({**IN_CALL, "is_called": 0, "comments": "EMAIL"}, SubStatus.NONE, Doing.IN_CALL),
    ({**IN_CALL, "is_called": 0, "comments": "CHAT"}, SubStatus.NONE, Doing.IN_CALL),
    ({**IN_CALL, "has_left_chat": 1, "comments": "CHAT"}, SubStatus.DEAD, Doing.DEAD),
    ({"status": "MQUEUE"}, SubStatus.NONE, None),
]


@pytest.mark.parametrize(("values", "name", "what"), CASES)
def test_a_state_has_one_name(values: dict[str, Any], name: SubStatus, what: Doing | None) -> None:
    assert sub_status(agent(**values)) is name
    assert doing(agent(**values), tells_dead=True) is what


def test_a_report_that_tells_no_dead_calls_counts_them_as_calls() -> None:
    dead = agent(**IN_CALL, is_called=0)
    assert counts([dead, dead], tells_dead=False)["agents_in_calls"] == 2
    assert counts([dead, dead], tells_dead=True)["agents_in_dead_calls"] == 2


def test_the_lead_in_hand_is_the_previewed_one_in_a_preview() -> None:
    assert lead_in_hand(agent(status="PAUSED", lead_id=7, preview_lead_id=8)) == 8
    assert lead_in_hand(agent(status="READY", lead_id=7, preview_lead_id=8)) == 7
