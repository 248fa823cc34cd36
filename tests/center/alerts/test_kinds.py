"""What is declared stands in the guide."""

import re
from pathlib import Path

from trunkline.center.alerts.channels import SENDERS
from trunkline.center.alerts.kinds import KINDS

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "alerts.md").read_text("utf-8")


def test_the_guide_names_every_kind_and_every_option() -> None:
    assert re.findall(r"^\| `(\w+)`", GUIDE, re.MULTILINE) == list(KINDS)
    flags = {option.flag for sender in SENDERS.values() for option in sender.options}
    assert {flag for flag in flags if not re.search(rf"{flag}\b", GUIDE)} == set()
