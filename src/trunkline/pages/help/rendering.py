"""A file of docs/ as HTML. Nothing of HTML that stands in it is passed on."""

import posixpath
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from trunkline.pages.help.library import Book, Heading, book, is_book, path_of

TABLE = '<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>\n'


class _Drawn(RendererHTML):
    """Tables and examples can be moved sideways by keyboard; the policy of the pages forbids styles."""

    def table_open(self, *_: Any) -> str:
        return TABLE

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"

    def fence(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        return str(Markup('<pre tabindex="0"><code>{}</code></pre>\n').format(tokens[idx].content))

    def code_block(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        return self.fence(tokens, idx)


_markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Drawn).enable("table").disable("image")


@cache
def html_of(name: str) -> Markup:
    """The page of a file, without its title. Raises SettingsError where there is none of that name."""
    one = book(name)
    env: MutableMapping[str, Any] = {}
    tokens = _without_title(_markdown.parse(one.text, env))
    _mark_headings(tokens, one)
    for token in tokens:
        _class_for_style(token)
        token.children = _linked(token.children, one) if token.children else token.children
    return Markup(_markdown.renderer.render(tokens, _markdown.options, env))  # noqa: S704 - it escapes


def _without_title(tokens: list[Token]) -> list[Token]:
    """The frame of the page shows it."""
    is_first = len(tokens) > 3 and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    return tokens[3:] if is_first else tokens


def _mark_headings(tokens: Sequence[Token], one: Book) -> None:
    rest: list[Heading] = [heading for heading in one.headings if heading.level > 1]
    for token in tokens:
        if token.type == "heading_open" and rest:
            token.attrSet("id", rest.pop(0).mark)


def _class_for_style(token: Token) -> None:
    style = str(token.attrs.pop("style", ""))
    if style.endswith("right"):
        token.attrSet("class", "n")


def _linked(children: list[Token], one: Book) -> list[Token]:
    """Links between files lead to pages; those out of docs/ become plain text."""
    kept: list[Token] = []
    is_dropped = False
    for token in children:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""), one)
            is_dropped = not target
            token.attrSet("href", target)
        if not (is_dropped and token.type in ("link_open", "link_close")):
            kept.append(token)
        is_dropped = is_dropped and token.type != "link_close"
    return kept


def _target(href: str, one: Book) -> str:
    """Empty: nowhere that a page could lead to."""
    parts = urlsplit(href)
    if parts.scheme in ("http", "https"):
        return href
    if parts.scheme or parts.netloc:
        return ""
    if not parts.path:
        return href
    name = posixpath.normpath(posixpath.join(posixpath.dirname(one.name), parts.path)).removesuffix(".md")
    mark = f"#{parts.fragment}" if parts.fragment else ""
    return path_of(name) + mark if is_book(name) else ""
