"""Turning one's second factor on and off."""

from io import BytesIO

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.access.second_factor import Offer
from trunkline.errors import SettingsError
from trunkline.pages.profile import WRONG_PASSWORD
from trunkline.pages.proving import MustWait, proven
from trunkline.pages.routing import get, post
from trunkline.pages.sign_in import WRONG_CODE
from trunkline.pages.visit import Visit

PATH = "/profile/second-factor"


def show(visit: Visit) -> Response:
    return _shown(visit, 200, "")


def _shown(visit: Visit, status: int, problem: str) -> Response:
    """On: how to turn it off. Off: what the app takes up; the same again after a wrong code."""
    factors, user = visit.rooms.second_factors, visit.user
    if user.has_second_factor:
        return visit.page("profile/second_factor.html", status, problem=problem, left=factors.left(user))
    offer = factors.offer(user, visit.text("secret"))
    spaced = " ".join(offer.secret[at : at + 4] for at in range(0, len(offer.secret), 4))
    return visit.page(
        "profile/second_factor_offer.html",
        status,
        problem=problem,
        secret=offer.secret,
        spaced=spaced,
        picture=picture_of(offer),
    )


def picture_of(offer: Offer) -> Markup:
    """Black on white in dark mode too: cameras want it so."""
    out = BytesIO()
    segno.make(offer.address, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=3,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn from squares, holds no text of anybody


async def turn_on(visit: Visit) -> Response:
    """With a code of the app, which so is known to have it; recovery codes are shown this once."""
    user, factors = visit.user, visit.rooms.second_factors
    secret, code = visit.text("secret"), visit.text("code")
    try:
        codes = await run_in_threadpool(factors.turn_on, user, secret, code)
    except SettingsError as error:
        if not error.problems:
            raise
        return await run_in_threadpool(_shown, visit, 422, str(error))
    await run_in_threadpool(visit.rooms.audit.note, user, visit.address, "second_factor.on", user.email)
    return visit.page("profile/recovery_codes.html", codes=codes)


async def turn_off(visit: Visit) -> Response:
    """With the password; of who signs in elsewhere and has none, with a code."""
    user, rooms, given = visit.user, visit.rooms, visit.secret("password")

    def is_proven() -> bool:
        if user.has_password:
            return rooms.users.is_password(user, given)
        return rooms.second_factors.is_good(user, given)

    if not user.has_second_factor:
        return visit.go(PATH, "It is off.")
    try:
        is_right = await proven(visit, user.email, is_proven)
    except MustWait as wait:
        return await run_in_threadpool(_shown, visit, 429, str(wait))
    if not is_right:
        problem = WRONG_PASSWORD if user.has_password else WRONG_CODE
        return await run_in_threadpool(_shown, visit, 422, problem)
    await run_in_threadpool(rooms.second_factors.turn_off, user)
    await run_in_threadpool(rooms.audit.note, user, visit.address, "second_factor.off", user.email)
    return visit.go("/profile", "The second factor is off. Sign-ins ask for the password alone.")


PAGES = (
    get(PATH, show, Right.OWN),
    post(PATH, turn_on, Right.OWN),
    post(f"{PATH}/off", turn_off, Right.OWN),
)
