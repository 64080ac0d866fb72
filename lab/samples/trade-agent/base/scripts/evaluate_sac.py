#!/usr/bin/env python3
"""Evaluates a model: mean reward over the steps asked for."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent, SimulatedVenue, TradingSession

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model")
parser.add_argument("--steps", type=int, default=1000)
options = parser.parse_args()

session = TradingSession(SacAgent.load(options.model), SimulatedVenue(0.05))
for _ in range(options.steps):
    session.step()
print("mean reward %.5f over %d steps" % (sum(session.gains) / options.steps, options.steps))
