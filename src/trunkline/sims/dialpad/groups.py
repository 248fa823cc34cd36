"""Rows of offices, call centers, departments, rooms and coaching teams."""

from typing import Any

from trunkline.sims.answer import Row
from trunkline.sims.chance import Dice, hex_of
from trunkline.sims.dialpad.ids import id_of

# The second and third change their clocks on other days than the first, the third by half an hour.
ZONES = (
    ("America/New_York", "us", "New York"),
    ("Europe/Berlin", "de", "Berlin"),
    ("Australia/Lord_Howe", "au", "Lord Howe"),
    ("America/Los_Angeles", "us", "Los Angeles"),
    ("Asia/Kolkata", "in", "Pune"),
    ("America/Phoenix", "us", "Phoenix"),
)
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
_PURPOSES = ("Support", "Sales", "Billing", "Reception", "Service", "Appointments")


def office(seed: int, n: int, number: str) -> Row:
    zone, country, city = ZONES[n % len(ZONES)]
    office_id = id_of(seed, "office", n)
    name = f"{city} Office" if n < len(ZONES) else f"{city} Office {n // len(ZONES) + 1}"
    is_closed = n >= 5 and n % 5 == 0
    return {
        "availability_status": "closed" if is_closed else "open",
        "country": country,
        "e911_address": {
            "address": f"{n + 1} Example Street",
            "city": city,
            "country": country,
            "state": "NA",
            "zip": "00000",
        },
        "first_action": "operators",
        **_hours(n),
        "id": office_id,
        "is_primary_office": n == 0,
        "name": name,
        "no_operators_action": "voicemail",
        "office_id": office_id,
        "office_settings": {
            "allow_device_guest_login": False,
            "block_caller_id_disabled": False,
            "bridged_target_recording_allowed": True,
            "disable_desk_phone_self_provision": False,
            "disable_ivr_voicemail": n % 2 == 1,
            "no_recording_message_on_user_calls": False,
            "set_caller_id_disabled": False,
        },
        "phone_numbers": [number],
        "ring_seconds": 30,
        "routing_options": _routing("simultaneous", office_id),
        "state": "suspended" if is_closed else "active",
        "timezone": zone,
    }


def call_center(seed: int, n: int, home: Row, number: str, _company_id: int) -> Row:
    dice = Dice(seed, "call center", n)
    return _group(seed, "callcenter", n, home, number) | {
        "advanced_settings": {
            "auto_call_recording": {"call_recording_inbound": True, "call_recording_outbound": False},
            "max_wrap_up_seconds": 60 * dice.below(4),
        },
        "alerts": {"cc_service_level": 95, "cc_service_level_seconds": 60},
        "hold_queue": {
            "allow_queue_callback": dice.percent(50),
            "announce_position": True,
            "announcement_interval_seconds": 120,
            "max_hold_count": 50,
            "max_hold_seconds": 900,
            "queue_callback_dtmf": "9",
            "queue_callback_threshold": 5,
            "queue_escape_dtmf": "*",
        },
        "voice_intelligence": {"allow_pause": True, "auto_start": True},
    }


def department(seed: int, n: int, home: Row, number: str, _company_id: int) -> Row:
    return _group(seed, "department", n, home, number) | {
        "auto_call_recording": False,
        "hold_queue": {"max_hold_count": 50, "max_hold_seconds": 900},
        "voice_intelligence": {"allow_pause": True, "auto_start": True},
    }


def room(seed: int, n: int, home: Row, number: str, company_id: int) -> Row:
    return {
        "company_id": company_id,
        "country": home["country"],
        "id": id_of(seed, "room", n),
        "image_url": f"https://dialpad.example.com/avatar/room_contact/{hex_of(seed, 'room', n)}.png",
        "is_free": False,
        "is_on_duty": n % 2 == 0,
        "name": ("Seaside", "Boulevard", "Hilltop", "Garden")[n % 4] + (f" {n // 4 + 1}" if n > 3 else ""),
        "office_id": home["id"],
        "phone_numbers": [number],
        "state": "active",
    }


def team(seed: int, n: int, home: Row, number: str, company_id: int) -> Row:
    return {
        "allow_trainee_eavesdrop": True,
        "company_id": company_id,
        "country": home["country"],
        "id": id_of(seed, "team", n),
        "name": f"Coaching Team {n + 1}",
        "office_id": home["id"],
        "phone_numbers": [number],
        "ring_seconds": 30,
        "state": "active",
    }


def _group(seed: int, kind: str, n: int, home: Row, number: str) -> Row:
    group_id = id_of(seed, kind, n)
    name = f"{home['name'].removesuffix(' Office')} {_PURPOSES[n // 3 % len(_PURPOSES)]}"
    row: dict[str, Any] = {
        "availability_status": "open",
        "country": home["country"],
        "first_action": "operators",
        **(_hours(n) if n % 2 == 0 else {}),
        "hours_on": n % 2 == 0,
        "id": group_id,
        "name": f"{name} {kind} {n + 1}",
        "no_operators_action": "voicemail",
        "office_id": home["id"],
        "phone_numbers": [number],
        "ring_seconds": 30,
        "routing_options": _routing("longestidle", home["id"]),
        "state": "active",
        "timezone": home["timezone"],
    }
    return row | ({"group_description": f"Answers for {home['name']}"} if n % 3 == 0 else {})


def _hours(n: int) -> Row:
    """Pairs of opening and closing; days without hours are absent, as at the real service."""
    hours = ["08:00", "12:00", "14:00", "18:00"] if n % 2 else ["08:00", "18:00"]
    week = {f"{day}_hours": hours for day in _WEEK}
    return week | ({"saturday_hours": ["09:00", "13:00"]} if n % 3 == 2 else {})


def _routing(order: str, office_id: int) -> Row:
    to_office = {"action": "department", "action_target_id": office_id, "action_target_type": "office"}
    keys = [{"input": "0", "options": {"action": "operator"}}, {"input": "1", "options": to_office}]
    closed = {"action": "voicemail", "dtmf": [{"input": "0", "options": {"action": "disabled"}}]}
    return {
        "closed": closed | {"operator_routing": order, "try_dial_operators": False},
        "open": {"action": "menu", "dtmf": keys, "operator_routing": order, "try_dial_operators": True},
    }
