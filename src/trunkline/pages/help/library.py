"""The files of docs/: which there are, their titles and headings, and a search over those."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from trunkline.errors import SettingsError

FIRST = "README"
"""The page that lists the others."""
PLACES = (Path(__file__).parents[1] / "docs", Path(__file__).parents[4] / "docs")
"""In an installed package, and where Trunkline runs from its own source."""
MOST_FOUND = 40
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*]")
_NOT_IN_MARKS = re.compile(r"[^\w\- ]")
_NAME = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class Heading:
    """`mark` is what an address ends in, after #."""

    level: int
    text: str
    mark: str


@dataclass(frozen=True)
class Book:
    """A file of docs/. `name` is its path without the ending: guides/callrail."""

    name: str
    text: str
    title: str
    headings: Sequence[Heading]

    @property
    def path(self) -> str:
        return path_of(self.name)


@dataclass(frozen=True)
class Found:
    """A book, or a heading in it, that a search found."""

    title: str
    heading: str
    path: str


def path_of(name: str) -> str:
    return "/help" if name == FIRST else f"/help/{name}"


@cache
def folder() -> Path:
    """Raises SettingsError where the package came without its documentation."""
    for place in PLACES:
        if (place / f"{FIRST}.md").is_file():
            return place
    raise SettingsError("This installation has no documentation in it.", todo="Install Trunkline anew.")


def is_book(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and (folder() / f"{name}.md").is_file()


@cache
def book(name: str) -> Book:
    """Raises SettingsError where there is none of that name."""
    if not is_book(name):
        raise SettingsError("There is no such page of help.", todo="Help lists those there are.")
    text = (folder() / f"{name}.md").read_text("utf-8")
    headings = tuple(_headings(text))
    title = next((heading.text for heading in headings if heading.level == 1), name)
    return Book(name, text, title, headings)


@cache
def all_books() -> Sequence[Book]:
    """In the order of their names, guides before reference."""
    names = (str(file.relative_to(folder()).with_suffix("")) for file in folder().rglob("*.md"))
    return tuple(book(name) for name in sorted(names) if name != FIRST)


def found(words: str) -> Sequence[Found]:
    """Titles and headings that hold every word; titles come first."""
    wanted = words.casefold().split()
    if not wanted:
        return ()
    titles = [one for one in all_books() if _holds(one.title, wanted)]
    headings = (
        Found(one.title, heading.text, f"{one.path}#{heading.mark}")
        for one in all_books()
        for heading in one.headings
        if heading.level > 1 and _holds(f"{one.title} {heading.text}", wanted) and one not in titles
    )
    return tuple([*(Found(one.title, "", one.path) for one in titles), *headings][:MOST_FOUND])


def _holds(text: str, wanted: Sequence[str]) -> bool:
    return all(word in text.casefold() for word in wanted)


def _headings(text: str) -> Iterator[Heading]:
    """Those outside of examples. Marks are as GitHub makes them, so that links work in both places."""
    fence, known = "", dict[str, int]()
    for line in text.splitlines():
        if (mark := _FENCE.match(line)) and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence and (heading := _HEADING.fullmatch(line)):
            said = _MARKUP.sub(r"\1", heading[2])
            yield Heading(len(heading[1]), said, _mark(said, known))


def _mark(said: str, known: dict[str, int]) -> str:
    plain = _NOT_IN_MARKS.sub("", said.casefold()).replace(" ", "-")
    count = known[plain] = known.get(plain, -1) + 1
    return f"{plain}-{count}" if count else plain
