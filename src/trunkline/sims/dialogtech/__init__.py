"""A pretend DialogTech: its click-to report on 127.0.0.1, with invented clicks and no account.

`DialogtechSim` serves inside a program or test, `run` until interrupted. Parameters and both bodies follow
the public page (Click-to Report, API 1.0); where that is silent it does what other clients have seen.
"""

from trunkline.sims.dialogtech.faults import FAULT_KINDS, Fault, Faults
from trunkline.sims.dialogtech.options import EMPTY_ANSWERS, OWNER_ZONE, DialogtechSimOptions
from trunkline.sims.dialogtech.running import run
from trunkline.sims.dialogtech.server import DialogtechSim
from trunkline.sims.dialogtech.world import World
from trunkline.sims.serving import Seen

__all__ = [
    "DialogtechSim",
    "DialogtechSimOptions",
    "EMPTY_ANSWERS",
    "FAULT_KINDS",
    "Fault",
    "Faults",
    "OWNER_ZONE",
    "Seen",
    "World",
    "run",
]
