#!/usr/bin/env python3
"""Checks that this interpreter and the trading environment can run the agent."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

problems = []
if sys.version_info < (3, 9):
    problems.append("Python %d.%d is too old, 3.9 is needed" % sys.version_info[:2])
try:
    from src.rl.sac.sac_agent import SacAgent, SimulatedVenue

    venue = SimulatedVenue(0.05)
    prices = [venue.next_price() for _ in range(20)]
    action = SacAgent().act(prices)
    if not -1.0 <= action <= 1.0:
        problems.append("action %r is outside of -1..1" % action)
    venue.submit(1, 100.0)
except Exception as error:
    problems.append("the agent cannot run here: %s: %s" % (type(error).__name__, error))
if problems:
    sys.exit("environment not compatible:\n  " + "\n  ".join(problems))
print("environment compatible: Python %d.%d" % sys.version_info[:2])
