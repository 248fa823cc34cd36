"""A pretend Asterisk manager (AMI) on 127.0.0.1: login, calls with any result, events, failures on demand.

`AmiSim` serves inside a program or test, `run` until interrupted. Messages have the form and the words of
Asterisk's own manager; nothing is ever dialed.
"""

from trunkline.sims.ami.faults import FAULT_KINDS, Fault, Faults
from trunkline.sims.ami.options import RESULTS, AmiSimOptions, Rule, rule_in_words, rules_of
from trunkline.sims.ami.running import run
from trunkline.sims.ami.server import AmiSim
from trunkline.sims.ami.wire import Asked

__all__ = [
    "AmiSim",
    "AmiSimOptions",
    "Asked",
    "FAULT_KINDS",
    "Fault",
    "Faults",
    "RESULTS",
    "Rule",
    "rule_in_words",
    "rules_of",
    "run",
]
