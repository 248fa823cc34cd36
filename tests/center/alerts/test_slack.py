"""Messages in Slack's own form."""

import pytest

from tests.center.alerts.office import Office
from tests.center.alerts.receivers import receiver
from trunkline.center.alerts import channels

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_slack_gets_text_in_which_nothing_is_a_link(office: Office) -> None:
    async with receiver("/services/T0/B0/token-of-slack") as slack:
        made = office.channel("team", "slack", url=slack.url)
        office.run(state="failed", error="It broke at <!channel> & <http://x.example|here>.", todo="Mend it.")
        await office.send()
        office.run()
        await office.send()
        opened, over = (p.json["text"].split("\n") for p in slack.posted)
        assert list(slack.posted[0].json) == ["text"]
    assert opened[:3] == [
        "*calls has failed*",
        "calls has failed: It broke at &lt;!channel&gt; &amp; &lt;http://x.example|here&gt;.",
        "Mend it.",
    ]
    assert over[0] == "*Over: calls has failed*"
    assert over[1].startswith("calls has been read again")
    assert over[-1].startswith("Over: 2026-06-15 ")
    assert "token-of-slack" not in str(made.to_json()) + str(channels.get(office.center, "team"))
