"""Help: every file of docs/ is a page, links lead on, and nothing in a text can do harm."""

import re
from pathlib import Path

import pytest

from tests.pages.conftest import Visitor
from trunkline.access.roles import Role
from trunkline.pages.help import library, rendering
from trunkline.pages.help.library import all_books, book, found
from trunkline.pages.help.rendering import html_of

ROOT = Path(__file__).parents[2]
LINK = re.compile(r'href="(/help[^"#]*)?(?:#([^"]*))?"')


def texts() -> dict[str, str]:
    return {"/help": html_of("README"), **{one.path: html_of(one.name) for one in all_books()}}


def test_every_file_of_the_documentation_is_a_page() -> None:
    files = {str(file.relative_to(ROOT / "docs")) for file in (ROOT / "docs").rglob("*.md")}
    assert {f"{one.name}.md" for one in all_books()} == files - {"README.md"}
    assert [one.name for one in all_books() if not one.title or one.title == one.name] == []


def test_every_link_leads_to_a_page_and_a_heading_of_it() -> None:
    pages = texts()
    broken = []
    for path, text in pages.items():
        for page, mark in LINK.findall(text):
            target = pages.get(page or path)
            if target is None or (mark and f'id="{mark}"' not in target):
                broken.append(f"{path} -> {page}#{mark}")
    assert broken == []
    assert 'href="/help/guides/callrail"' in pages["/help"]
    assert 'href="/help/guides/callrail#the-key"' in pages["/help/start"]


def test_no_link_leads_to_a_file() -> None:
    assert [path for path, text in texts().items() if re.search(r'href="[^"]*\.md', text)] == []


def test_what_stands_in_a_text_can_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """# Bad <script>alert(1)</script>

<script>alert(2)</script> [x](javascript:alert(3)) [y](data:text/html,z) ![z](https://far.example/z.png)

<img src=x onerror=alert(4)>

| a | b |
|--:|:--|
| <b>1</b> | 2 |

```sh
<script>alert(5)</script>
```
"""
    (tmp_path / "README.md").write_text("# Help\n")
    (tmp_path / "bad.md").write_text(text)
    monkeypatch.setattr(library, "PLACES", (tmp_path,))
    for cached in (library.folder, library.book, library.all_books, rendering.html_of):
        cached.cache_clear()
    try:
        drawn = html_of("bad")
        assert book("bad").title == "Bad <script>alert(1)</script>"
    finally:
        for cached in (library.folder, library.book, library.all_books, rendering.html_of):
            cached.cache_clear()
    assert not re.search(r"<(script|img|b)\b", drawn)
    assert 'href="javascript' not in drawn
    assert 'href="data' not in drawn
    assert "style=" not in drawn
    assert '<td class="n">' in drawn


def test_titles_and_headings_are_found() -> None:
    assert found("CALLRAIL")[0].path == "/help/guides/callrail"
    assert any(one.path == "/help/guides/callrail#the-key" for one in found("callrail key"))
    assert found("  ") == ()
    assert found("no such words anywhere") == ()


async def test_everybody_who_is_signed_in_may_read(visitor: Visitor) -> None:
    employee = visitor(Role.EMPLOYEE)
    first = await employee.get("/help", params={"q": "webhooks <i>"})
    assert first.status_code == 200
    assert "webhooks &lt;i&gt;" in first.text
    page = await employee.get("/help/guides/alerts")
    assert "<h1>" in page.text
    assert 'href="#' in page.text
    for wrong in ("nothing", "../../etc/passwd", "guides/..", "guides/alerts.md", "README/../README"):
        answer = await employee.get(f"/help/{wrong.replace('..', '%2e%2e')}")
        assert answer.status_code in (404, 422), wrong
    assert (await visitor(None).get("/help")).status_code == 303


def test_the_package_has_the_documentation_in_it() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '"docs" = "trunkline/pages/docs"' in text
    assert library.PLACES[0] == Path(library.__file__).parents[1] / "docs"
