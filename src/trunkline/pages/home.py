"""The first page: where each role begins."""

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit


def home(visit: Visit) -> Response:
    return visit.go("/datasets" if visit.user.may(Right.DATA_READ) else "/profile")


PAGES = (get("/", home, Right.OWN),)
