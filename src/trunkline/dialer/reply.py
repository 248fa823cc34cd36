"""What a function said, for those who send it on: whole, or a part at a time while it is still being made."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from trunkline.dialer.command import Said
from trunkline.dialer.database import Row
from trunkline.dialer.login import Refusal

LONG_TEXT, LONG_ROWS = 64_000, 1_000
"""Characters of text, or rows, from which on a part of an answer is sent on its way."""


class ReaderGone(Exception):
    """Whoever was reading the answer has gone away, or does not read on."""


@dataclass
class Reply:
    """What goes back: the text in pieces, whether it is a page, and for JSON what was said."""

    pieces: list[str] = field(default_factory=list)
    is_html: bool = False
    said: list[Said] = field(default_factory=list)
    refusal: str = ""
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    characters: int = 0
    """Of the pieces of tables."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_long(self) -> bool:
        return self.characters >= LONG_TEXT or len(self.rows) >= LONG_ROWS

    def refuse(self, refusal: Refusal) -> None:
        self.refusal = refusal.text
        self.pieces.append(f"ERROR: {refusal.text}\n")

    def add_text(self, text: str) -> None:
        """Add a part of a table."""
        self.pieces.append(text)
        self.characters += len(text)

    def taken(self) -> str:
        """The text so far, which is not kept."""
        text = self.text
        self.pieces.clear()
        self.characters = 0
        return text

    def rows_taken(self) -> list[Row]:
        """The rows so far, which are not kept."""
        rows, self.rows = self.rows, []
        return rows


class Reader(Protocol):
    """Takes a long answer while it is made."""

    async def take(self, reply: Reply) -> None:
        """Take what there is so far out of the reply, and come back when there is room for more.

        Raises ReaderGone where nobody wants it.
        """
