"""Promised callbacks: who asked, when they are due, and how they are made."""

from collections.abc import Callable

from trunkline.sims.floor.book import Link
from trunkline.sims.floor.calls import Call
from trunkline.sims.floor.desks import Desk
from trunkline.sims.floor.hopper import Hopper
from trunkline.sims.floor.known import Promise
from trunkline.sims.floor.marks import SALES
from trunkline.sims.floor.outcomes import CALLBACK
from trunkline.sims.floor.scene import Scene

SOONEST, LATEST = 1_800, 2 * 86_400
AGAIN_SECONDS = 1_800
"""When a callback could not be made: the agent is away, or the lead is on the line."""
_COMMENTS = ("Asked to be called back.", "In a meeting now.", "Wants to ask at home first.", "")


class Callbacks:
    """Rows of callbacks, ACTIVE until they are due, LIVE until they are made."""

    def __init__(self, scene: Scene, hopper: Hopper, call_attention: Callable[[Desk], None]) -> None:
        self._scene, self._hopper, self._call_attention = scene, hopper, call_attention
        self._desks = {desk.user: desk for desk in scene.desks}

    def go_on(self, promises: list[Promise]) -> None:
        """Those that were promised before."""
        for promise in promises:
            self._scene.agenda.at(promise.due_at, self._fall_due, promise)

    def promised(self, call: Call, desk: Desk) -> None:
        """The lead of this call wants to be called back."""
        scene = self._scene
        dice = scene.dice("callback", call.number)
        is_personal = dice.percent(50)
        due = scene.now + scene.agenda.scaled(dice.between(SOONEST, LATEST))
        key = scene.next_callback
        scene.next_callback += 1
        scene.book.insert(
            "callbacks",
            key,
            lead_id=Link("list", call.lead.number),
            list_id=call.lead.list_id,
            campaign_id=SALES,
            status="ACTIVE",
            entry_time=scene.text(scene.now),
            callback_time=scene.text(due),
            modify_date=scene.text(scene.now),
            user=desk.user if is_personal else "",
            recipient="USERONLY" if is_personal else "ANYONE",
            comments=dice.one_of(_COMMENTS),
            user_group=desk.group,
            lead_status=CALLBACK,
        )
        promise = Promise(key, call.lead, due, desk.user if is_personal else "")
        scene.agenda.at(due, self._fall_due, promise)

    def made(self, promise: Promise) -> None:
        """The call is on its way, or there is no need of it any more."""
        scene = self._scene
        scene.book.update("callbacks", promise.key, status="INACTIVE", modify_date=scene.text(scene.now))
        scene.book.end("callbacks", promise.key)

    def put_off(self, promise: Promise) -> None:
        self._scene.agenda.after(AGAIN_SECONDS, self._try, promise)

    def is_wanted(self, promise: Promise) -> bool:
        """Whether the lead still waits for it: a call in between settles it."""
        return promise.lead.status == CALLBACK

    def _fall_due(self, promise: Promise) -> None:
        scene = self._scene
        scene.book.update("callbacks", promise.key, status="LIVE", modify_date=scene.text(scene.now))
        self._try(promise)

    def _try(self, promise: Promise) -> None:
        desk = self._desks.get(promise.user)
        if promise.lead.is_busy or (desk is not None and not desk.is_at_work):
            self.put_off(promise)
        elif not self.is_wanted(promise):
            self.made(promise)
        elif desk is None:
            self._hopper.add_urgent(promise.lead, promise)
        else:
            desk.due.append(promise)
            self._call_attention(desk)
