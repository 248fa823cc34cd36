"""Named SQL statements, read from the files in `sql/`.

A statement stands under `-- name: it` (or `-- name: it @duckdb` where engines must differ) and a
sentence. `{pieces}` are filled with quoted identifiers or with other statements, values are bound.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_HEAD = re.compile(r"^-- name: (\w+)(?: @(\w+))?\s*$", re.MULTILINE)
_PIECE = re.compile(r"\{(\w+)\}")


class Sql(str):
    """SQL text made from a statement file or a quoted identifier; the only text that is ever run."""

    __slots__ = ()


def quoted(*names: str) -> Sql:
    """An identifier, or several joined by dots: `quoted("datasets", "calls")`."""
    return Sql(".".join('"' + name.replace('"', '""') + '"' for name in names))


def listed(pieces: Iterable[Sql], by: str = ", ") -> Sql:
    return Sql(by.join(pieces))


def fill(template: str, pieces: Mapping[str, str]) -> Sql:
    """The template with its pieces; a piece that is not Sql is taken for an identifier and quoted."""

    def piece(match: re.Match[str]) -> str:
        value = pieces[match[1]]
        return value if isinstance(value, Sql) else quoted(value)

    return Sql(_PIECE.sub(piece, template))


class Statements:
    """The statements of one engine."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self._texts = _texts(dialect)

    def __call__(self, name: str, /, **pieces: str) -> Sql:
        return fill(self._texts[name], pieces)


@cache
def _texts(dialect: str) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    special: dict[str, str] = {}
    for file in sorted(_sql_files(), key=lambda f: f.name):
        for name, variant, text in _parsed(file.read_text(encoding="utf-8")):
            if variant in ("", dialect):
                chosen = special if variant else texts
                if name in chosen:
                    raise ValueError(f"statement {name} stands twice in the files")
                chosen[name] = text
    return {**texts, **special}


def _sql_files() -> list[Traversable]:
    return [f for f in files("trunkline.warehouse").joinpath("sql").iterdir() if f.name.endswith(".sql")]


def _parsed(text: str) -> Iterable[tuple[str, str, str]]:
    heads = list(_HEAD.finditer(text))
    ends = [h.start() for h in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        body = text[head.end() : end].strip().splitlines()
        lines = [line for line in body if not line.startswith("--")]
        yield head[1], head[2] or "", "\n".join(lines).strip().rstrip(";")
