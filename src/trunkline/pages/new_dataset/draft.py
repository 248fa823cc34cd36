"""What somebody has chosen so far for a new dataset, as a text that goes with addresses and forms.

It holds no secret and is trusted with nothing: whatever comes of it is checked as if it had been typed.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData

from trunkline.connectors import connector as connector_named
from trunkline.declare import Report
from trunkline.errors import SettingsError
from trunkline.pages.option_form import given_in

CREDENTIALS, DETAILS, SCHEDULING, NAME = "credentials", "details", "scheduling", "name"
STEPS = (CREDENTIALS, DETAILS, SCHEDULING, NAME)
LONGEST_TEXT, MOST_BYTES = 30_000, 200_000
TIMING = "t."
ABOUT = ("name", "description", "tags")


@dataclass(frozen=True)
class Draft:
    """The choices of all panes. `dataset` names the one that is changed, where none is made."""

    connector: str = ""
    account: str = ""
    report: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    timing: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    dataset: str = ""

    @property
    def text(self) -> str:
        packed = zlib.compress(json.dumps(asdict(self), separators=(",", ":")).encode(), 9)
        return urlsafe_b64encode(packed).decode()

    def path(self, step: str) -> str:
        """The address of a pane with all that is chosen."""
        return f"/datasets/new?{urlencode({'step': step, 'draft': self.text})}"

    def declared_report(self) -> Report | None:
        """The chosen report; None while there is none."""
        if not (self.connector and self.report):
            return None
        try:
            found = connector_named(self.connector).report(self.report)
        except SettingsError:
            return None
        return found if found and found.listed else None

    def with_account(self, name: str, connector: str) -> "Draft":
        """Another account has other companies and users, so what was chosen of them is forgotten."""
        if name == self.account:
            return self
        kept = self if connector == self.connector else Draft(timing=self.timing, about=self.about)
        report = kept.declared_report()
        live = {o.name for o in report.options if o.choices_from or o.choices_by} if report else set()
        options = {name: value for name, value in kept.options.items() if name not in live}
        return replace(kept, account=name, connector=connector, options=options)


def draft_from(text: str) -> Draft:
    """What a text holds; an empty draft where it is none of ours."""
    if not text or len(text) > LONGEST_TEXT:
        return Draft()
    try:
        raw = zlib.decompressobj().decompress(urlsafe_b64decode(text), MOST_BYTES)
        told = json.loads(raw)
        connector, account, report, dataset = (
            str(told.get(name, "")) for name in ("connector", "account", "report", "dataset")
        )
        timing, about = (_texts(told.get(name)) for name in ("timing", "about"))
        return Draft(connector, account, report, _options(told.get("options")), timing, about, dataset)
    except (ValueError, TypeError, AttributeError, zlib.error):
        return Draft()


def _texts(raw: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(raw or {}).items()}


def _options(raw: Any) -> dict[str, Any]:
    return {
        str(name): tuple(str(one) for one in value) if isinstance(value, list) else str(value)
        for name, value in dict(raw or {}).items()
    }


def draft_of(form: FormData) -> Draft:
    """The draft of a form, with what its panes say now."""
    draft = draft_from(_text(form, "draft"))
    if "report" in form:
        draft = replace(draft, report=_text(form, "report"))
        report = draft.declared_report()
        draft = replace(draft, options=given_in(report.options, form) if report else {})
    if f"{TIMING}kind" in form:
        timing = {}
        for name in form:
            if name.startswith(TIMING):
                timing[name.removeprefix(TIMING)] = ",".join(str(one) for one in form.getlist(name)).strip()
        draft = replace(draft, timing=timing)
    if any(name in form for name in ABOUT):
        draft = replace(draft, about={name: _text(form, name) for name in ABOUT})
    return draft


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
