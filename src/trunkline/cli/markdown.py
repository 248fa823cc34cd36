"""Pieces of the generated pages: a page, a table."""

from collections.abc import Iterator, Sequence


def page(title: str, lead: str, parts: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", lead, "", *parts]).rstrip() + "\n"


def table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(titles) + " |"
    yield "|" + " --- |" * len(titles)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
