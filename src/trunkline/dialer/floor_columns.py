"""Columns that several functions show of agents at work."""

from trunkline.dialer.columns import Column, Holds

LEAD_ID = Column("lead_id", "The lead that the agent has in hand; 0: none.", Holds.INTEGER)
CAMPAIGN_ID = Column("campaign_id", "The campaign that the agent works in.")
CALLS_TODAY = Column("calls_today", "The calls that the agent has had today.", Holds.INTEGER)
FULL_NAME = Column("full_name", "The agent's full name.")
USER_GROUP = Column("user_group", "The agent's user group.")
USER_LEVEL = Column("user_level", "The agent's level.", Holds.INTEGER)
PAUSE_CODE = Column("pause_code", "Why the agent last paused, or LOGIN.")
SESSION_ID = Column("session_id", "The number of the agent's session.")
SUB_STATUS_MEANING = (
    "What the agent is doing more exactly: DEAD, DISPO, 3-WAY, PARK, RING or PREVIEW; empty where "
    "there is nothing more to say."
)
AGENTS_COUNTED = (
    Column("agents_logged_in", "Agents at work.", Holds.INTEGER),
    Column("agents_in_calls", "Those of them in a call.", Holds.INTEGER),
    Column("agents_waiting", "Those that wait for a call.", Holds.INTEGER),
    Column("agents_paused", "Those that pause.", Holds.INTEGER),
)
AGENTS_DEAD = Column("agents_in_dead_calls", "Those whose caller is gone.", Holds.INTEGER)
AGENTS_DISPO = Column("agents_in_dispo", "Those that end a call.", Holds.INTEGER)
