"""The names by which everything of the pretend floor is told from rows of others."""

MARK = "trunkline sim floor"
"""Stands in a column of every row that others could have made under the same name."""
SOURCE = MARK
"""The source of its leads."""

SERVER_ID, SERVER_IP = "floor", "192.0.2.60"
"""Its own server, in the range of addresses that belong to nobody."""

SALES, SERVICE = "FLOORSAL", "FLOORSRV"
"""Campaigns, and user groups of the same names."""
CAMPAIGNS = (SALES, SERVICE)

SALES_LINE, SUPPORT = "FLOOR_SALES", "FLOOR_SUPPORT"
IN_GROUPS = (SALES_LINE, SUPPORT)
CAMPAIGN_OF = {SALES_LINE: SALES, SUPPORT: SERVICE}

DIDS = {"7735550198": SALES_LINE, "7735550199": SUPPORT}
"""Numbers that callers dial, each with its in-group: fictional ones, in an area where no lead lives."""

PROSPECTS, CALLERS = 9_605_001, 9_605_002
"""The lists of leads to call, and of people who called."""
LISTS = {PROSPECTS: SALES, CALLERS: SERVICE}

AUTO_DIALER, QUEUE = "VDAD", "VDCL"
"""Who has a call that no agent has."""

FIRST_SESSION = 8_600_051


def agent_name(number: int) -> str:
    """The user of an agent, counted from 0."""
    return f"floor{number + 1:02d}"
