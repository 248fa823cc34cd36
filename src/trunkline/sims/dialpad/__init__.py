"""A pretend Dialpad: offices, groups, users, calls and stats of its API on 127.0.0.1, with invented data.

`DialpadSim` serves inside a program or test, `run` until interrupted. What it answers follows the
published API description (revision of 2026-03-31) and captures of real accounts; where both are silent
(bodies of 401, 403 and 429, headers of 429, columns of some exports) it makes a guess, and the modules
that guess say so.
"""

from trunkline.sims.dialpad.faults import FAULT_KINDS, Fault, Faults
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.running import run
from trunkline.sims.dialpad.server import DialpadSim
from trunkline.sims.dialpad.sign_ins import OAuthOptions
from trunkline.sims.dialpad.world import World
from trunkline.sims.serving import Seen

__all__ = [
    "DialpadSim",
    "DialpadSimOptions",
    "FAULT_KINDS",
    "Fault",
    "Faults",
    "OAuthOptions",
    "Seen",
    "World",
    "run",
]
