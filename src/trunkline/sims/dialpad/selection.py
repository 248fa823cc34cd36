"""Whose calls a request means: one target's, one office's or the whole company's."""

from collections.abc import Callable

from trunkline.sims.dialpad.cast import CALL_TYPES, Cast, Target
from trunkline.sims.dialpad.legs import Leg

TARGET_TYPES = (
    *("callcenter", "coachinggroup", "coachingteam", "department", "office", "room", "staffgroup"),
    *("unknown", "user"),
)
CALL_TARGET_TYPES = (*TARGET_TYPES, "callrouter", "channel")
_WITH_MEMBERS = ("coachinggroup", "coachingteam", "staffgroup")


def legs_of(
    cast: Cast, target_type: str, target_id: int | None, office_id: int | None
) -> Callable[[Leg], bool]:
    """A test for legs. A target counts before an office, as at the service.

    A call center's or department's calls are its own legs and those of the people who took them. An
    office as a target has only its own lines; an office has everything below it.
    """
    if target_type:
        if target_type in _WITH_MEMBERS:
            members = cast.members.get(target_id or 0, set())
            return lambda leg: leg.target.id in members
        if target_type in ("callcenter", "department"):
            return lambda leg: target_id in (leg.target.id, leg.entry_target.id if leg.entry_target else None)
        type_ = CALL_TYPES.get(target_type, ("",))[0]
        return lambda leg: leg.target.id == target_id and leg.target.type == type_
    if office_id is not None:
        return lambda leg: leg.target.office_id == office_id
    return lambda _leg: True


def people_of(cast: Cast, target_type: str, target_id: int | None, office_id: int | None) -> list[Target]:
    """The users a request means, in the same way."""
    users = [target for target in cast.targets.values() if target.type == "user"]
    if target_type == "user":
        return [user for user in users if user.id == target_id]
    if target_type:
        members = cast.members.get(target_id or 0, set())
        return [user for user in users if user.id in members]
    return [user for user in users if office_id in (None, user.office_id)]
