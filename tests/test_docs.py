"""Documentation cannot go stale: generated pages are compared, and nothing public goes unnamed."""

import re
from pathlib import Path

from trunkline.cli import COMMANDS, reference
from trunkline.connectors import connector, connector_names

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")
HOST = re.compile(r"https?://([A-Za-z0-9.-]*[A-Za-z0-9])")
HOSTS_OF_OURS = {
    *("127.0.0.1", "localhost", "json-schema.org"),
    *("apidocs.callrail.com", "api.callrail.com"),
    *("apidocs.dialogtech.com", "secure.dialogtech.com"),
    *("developers.dialpad.com", "dialpad.com", "sandbox.dialpad.com"),
}


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def test_generated_pages_are_as_the_declarations_write_them() -> None:
    stale = [
        n for n, text in reference.pages().items() if (DOCS / "reference" / n).read_text("utf-8") != text
    ]
    assert stale == [], "run `make docs`"


def test_every_generated_page_on_disk_is_still_generated() -> None:
    on_disk = {str(p.relative_to(DOCS / "reference")) for p in (DOCS / "reference").rglob("*.md")}
    assert on_disk == set(reference.pages())


def test_every_command_has_a_guide_that_shows_it() -> None:
    written = "\n".join(p.read_text("utf-8") for p in pages() if "reference" not in p.parts)
    assert [name for name in COMMANDS if f"trunkline {name}" not in written] == []


def test_every_connector_is_linked_from_the_readme_or_a_guide() -> None:
    written = "\n".join(p.read_text("utf-8") for p in pages() if "reference" not in p.parts)
    assert [n for n in connector_names() if f"reference/connectors/{n}.md" not in written] == []


def test_every_report_and_option_is_described() -> None:
    silent = [
        f"{name}.{report.name}.{option.name}"
        for name in connector_names()
        for report in connector(name).reports
        for option in report.options
        if not option.help
    ]
    assert silent == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages()
        for target, _ in LINK.findall(page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_texts_name_no_host_but_those_of_the_subject() -> None:
    texts = [*pages(), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci" / "run"]
    named = {(host, str(p.relative_to(ROOT))) for p in texts for host in HOST.findall(p.read_text("utf-8"))}
    strange = {(host, page) for host, page in named if host not in HOSTS_OF_OURS and "example" not in host}
    assert strange == set()


def test_the_changelog_has_an_unreleased_part() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text("utf-8")
