"""Pages to choose from: a table whose links put a value into a field of the page around them."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

_SCRIPT = """
document.addEventListener("click", function (event) {
  var chosen = event.target.closest("a[data-value]");
  if (!chosen) { return; }
  event.preventDefault();
  var field = parent.document.getElementById(document.body.dataset.field);
  if (field) { field.value = chosen.dataset.value; }
});
"""
SCRIPT_DIGEST = "sha256-" + b64encode(sha256(_SCRIPT.encode()).digest()).decode()
"""What a browser is told to let run, and nothing else."""


@dataclass(frozen=True)
class Choice:
    """One row: the value its link gives, and what stands beside it."""

    value: str
    beside: Sequence[str] = ()


def chooser_page(title: str, field: str, header: Sequence[str], choices: Iterable[Choice]) -> str:
    """The page. Everything in it is escaped; nothing of the request but the field's name is repeated."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    rows = "\n".join(_row(choice) for choice in choices)
    return page(
        title,
        f"<table>\n<tr>{head}</tr>\n{rows}\n</table>\n<script>{_SCRIPT}</script>",
        f' data-field="{escape(field)}"',
    )


def page(title: str, body: str, attributes: str = "") -> str:
    """A whole page around markup."""
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body{attributes}>\n<h1>{escape(title)}</h1>\n{body}\n"
        "</body>\n</html>\n"
    )


def _row(choice: Choice) -> str:
    link = f'<a href="#" data-value="{escape(choice.value)}">{escape(choice.value)}</a>'
    cells = "".join(f"<td>{escape(text)}</td>" for text in choice.beside)
    return f"<tr><td>{link}</td>{cells}</tr>"
