"""Help: what there is, a search, and each page."""

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.pages.help.library import FIRST, book, found
from trunkline.pages.help.rendering import html_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

MOST_HEADINGS = 40
"""With more, only the greater ones are listed beside a page."""
LONGEST_SEARCH = 100


def show_first(visit: Visit) -> Response:
    words = visit.query.get("q", "").strip()[:LONGEST_SEARCH]
    return visit.page("help/first.html", words=words, found=found(words), text=html_of(FIRST))


def show(visit: Visit) -> Response:
    one = book(visit.part("page"))
    below = [heading for heading in one.headings if heading.level in (2, 3)]
    if len(below) > MOST_HEADINGS:
        below = [heading for heading in below if heading.level == 2]
    return visit.page("help/page.html", book=one, text=html_of(one.name), contents=below)


PAGES = (get("/help", show_first, Right.OWN), get("/help/{page:path}", show, Right.OWN))
