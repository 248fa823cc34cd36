"""A pretend CallRail: the whole reading side of its API on 127.0.0.1, with invented data and no account.

`CallrailSim` serves inside a program or test, `run` until interrupted. What it answers follows the public
v3 reference (text of 2026-05-21); where that is silent it does what other clients have seen.
"""

from trunkline.sims.callrail.faults import FAULT_KINDS, Fault, Faults
from trunkline.sims.callrail.options import (
    DATA_ACCOUNT,
    EMPTY_ACCOUNT,
    OWNER_ZONE,
    CallrailSimOptions,
)
from trunkline.sims.callrail.running import run
from trunkline.sims.callrail.server import CallrailSim
from trunkline.sims.callrail.world import World
from trunkline.sims.serving import Seen

__all__ = [
    "CallrailSim",
    "CallrailSimOptions",
    "DATA_ACCOUNT",
    "EMPTY_ACCOUNT",
    "FAULT_KINDS",
    "Fault",
    "Faults",
    "OWNER_ZONE",
    "Seen",
    "World",
    "run",
]
