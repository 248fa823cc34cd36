"""A dialer that is open for pages, with an API user and whom a test needs beside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trunkline.dialer.opening import open_dialer
from trunkline.dialer.setting_up import First, set_up
from trunkline.pages.console import Opened, opened_for_pages
from trunkline.pages.rooms import Rooms
from trunkline.web.app import service_of

PASSWORD = "Api-Secret-7"


@asynccontextmanager
async def dialer_open(rooms: Rooms, *, is_set_up: bool = True) -> AsyncIterator[Opened]:
    """The dialer of the rooms' own installation."""
    if is_set_up:
        await set_up(rooms.settings, First("apiuser", PASSWORD, "FIRST", 1001))
    dialer = await open_dialer(rooms.settings)
    service = service_of(dialer, rooms.settings, rooms.wrong_logins)
    opened = opened_for_pages(dialer, service, rooms.settings)
    rooms.console.open(opened)
    try:
        yield opened
    finally:
        rooms.console.close()
        await dialer.database.close()
