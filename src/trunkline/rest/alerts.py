"""Incidents, and the channels that tell of them."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from trunkline.access.roles import Right
from trunkline.center.alerts import channels, incidents
from trunkline.center.alerts.channels import Channel, Choice
from trunkline.center.alerts.sending import send_test
from trunkline.center.alerts.webhook import new_secret
from trunkline.rest.cursors import Pages, by_name, cut
from trunkline.rest.operations import ROOT, Call, Here, Model, delete, get, patch, post
from trunkline.rest.problems import Refusal, found
from trunkline.rest.shapes import Given, Name, NewName, Page, Removed, page_of, plain

Names = Annotated[list[Name], Field(max_length=1_000)]
LARGEST = 2**63 - 1


class Delivery(Model):
    id: str
    channel: str
    event: str
    state: str = Field(description="waiting, sent, failed.")
    tries: int
    next_try_at: datetime | None
    ended_at: datetime | None
    answer: str


class IncidentSubject(Model):
    kind: str
    name: str


class IncidentShown(Model):
    id: int
    kind: str
    state: str = Field(description="open, over.")
    subject: IncidentSubject
    opened_at: datetime
    closed_at: datetime | None
    text: str
    todo: str
    over_text: str
    detail: dict[str, Any]
    deliveries: list[Delivery]


class IncidentPage(Page):
    items: list[IncidentShown]


class ChannelShown(Model):
    name: str
    kind: str
    target: str
    options: dict[str, Any]
    secrets: list[str]
    kinds: Literal["all"] | list[str]
    datasets: Literal["all"] | list[str]
    accounts: Literal["all"] | list[str]
    created_at: datetime


class NewChannelShown(ChannelShown):
    secret: str | None = Field(description="The signing secret that was made, in this answer alone.")


class ChannelPage(Page):
    items: list[ChannelShown]


class NewChannel(Model):
    """`kinds`, `datasets`, `accounts`: what it hears of; null: of all."""

    kind: Literal["email", "webhook", "slack"]
    name: NewName
    options: Given = Field({}, description="As the kind of channel needs them, secrets included.")
    kinds: Names | None = None
    datasets: Names | None = None
    accounts: Names | None = None


class ChannelChange(Model):
    """What is not given stays; null makes it hear of all."""

    name: NewName | None = None
    options: Given = Field({}, description="As the kind of channel needs them, secrets included.")
    kinds: Names | None = None
    datasets: Names | None = None
    accounts: Names | None = None


class Outcome(Model):
    name: str
    sent: bool
    answer: str
    todo: str


CHOICES = ("kinds", "datasets", "accounts")


def list_incidents(
    call: Here,
    paging: Pages,
    is_open: Annotated[bool, Query(alias="open", description="Only those that are not over.")] = False,
) -> dict[str, Any]:
    before = paging.number_or(LARGEST)
    some = incidents.newest(call.center, paging.limit + 1, only_open=is_open, before=before)
    shown, following = cut(some, paging, lambda one: one.id)
    call.go_on(following)
    return page_of([one.to_json() for one in shown], following)


def list_channels(call: Here, paging: Pages) -> dict[str, Any]:
    shown, following = by_name(channels.all_of(call.center), paging, lambda one: one.name)
    call.go_on(following)
    return page_of([_shown(one) for one in shown], following)


def get_channel(call: Here, channel: str) -> dict[str, Any]:
    return _shown(found(channels.get, call.center, channel))


def add_channel(call: Here, given: NewChannel) -> dict[str, Any]:
    _check_name_free(call, given.name)
    sender, options = channels.sender_named(given.kind), dict(given.options)
    makes = any(option.name == "secret" for option in sender.options) and "secret" not in options
    made = new_secret() if makes else None
    if made is not None:
        options["secret"] = made
    choice = Choice(*(_chosen(getattr(given, name)) for name in CHOICES))
    saved = channels.add(call.center, given.kind, given.name, options, choice)
    call.headers["Location"], call.subject = f"{ROOT}/alert-channels/{saved.name}", saved.name
    return {**_shown(saved), "secret": made}


def change_channel(call: Here, channel: str, given: ChannelChange) -> dict[str, Any]:
    found(channels.get, call.center, channel)
    rename = given.name if given.name != channel else None
    if rename is not None:
        _check_name_free(call, rename)
    choice = {name: _chosen(getattr(given, name)) for name in CHOICES if name in given.model_fields_set}
    return _shown(channels.edit(call.center, channel, given.options, choice, rename))


def remove_channel(call: Here, channel: str) -> dict[str, Any]:
    found(channels.get, call.center, channel)
    channels.remove(call.center, channel)
    return {"name": channel, "note": ""}


def test_channel(call: Here, channel: str) -> dict[str, Any]:
    found(channels.get, call.center, channel)
    outcome = asyncio.run(send_test(call.center, channel))
    return {"name": channel, "sent": outcome.is_sent, "answer": outcome.answer, "todo": outcome.todo}


def _chosen(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _check_name_free(call: Call, name: str) -> None:
    if any(one.name == name for one in channels.all_of(call.center)):
        raise Refusal(409, "name_taken", f"There is a channel named {name!r} already.")


def _shown(channel: Channel) -> dict[str, Any]:
    told = {**channel.to_json(), "options": plain(channel.values)}
    kinds = channel.choice.kinds
    return {**{n: told[n] for n in ChannelShown.model_fields}, "kinds": "all" if kinds is None else [*kinds]}


ONE = "/alert-channels/{channel}"
OPERATIONS = (
    get("/alerts", list_incidents, Right.DATA_READ, "Incidents, newest first.", answer=IncidentPage),
    get(
        *("/alert-channels", list_channels, Right.DATASETS_WRITE),
        "Where incidents are told.",
        answer=ChannelPage,
    ),
    post(
        *("/alert-channels", add_channel, Right.ACCOUNTS_WRITE),
        "Save a channel; it hears of what begins from now on.",
        answer=NewChannelShown,
        status=201,
        secret=("secret",),
        noted="channel.added",
    ),
    get(ONE, get_channel, Right.DATASETS_WRITE, "A channel.", answer=ChannelShown, is_tagged=True),
    patch(
        *(ONE, change_channel, Right.ACCOUNTS_WRITE),
        "Change a channel; what waits for it is tried again at once.",
        answer=ChannelShown,
        of="get_channel",
        noted="channel.changed",
    ),
    delete(
        *(ONE, remove_channel, Right.ACCOUNTS_WRITE),
        "Forget a channel; what waits for it is not sent.",
        answer=Removed,
        status=200,
        of="get_channel",
        noted="channel.removed",
    ),
    post(
        *(f"{ONE}/test", test_channel, Right.ACCOUNTS_WRITE),
        "Send a test through a channel, and tell what came back.",
        answer=Outcome,
        asks=True,
        noted="channel.tested",
    ),
)
