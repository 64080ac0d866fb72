#!/usr/bin/env python3
"""Runs the same session twice; every price, order and weight must be the same."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent, SimulatedVenue, TradingSession


def run():
    session = TradingSession(SacAgent(seed=5), SimulatedVenue(0.05, seed=9))
    for _ in range(300):
        session.step()
    return session.prices, session.position, session.agent.weights, list(session.orders)


if run() != run():
    sys.exit("deterministic behaviour failed: two runs with the same seeds differ")
print("deterministic behaviour passed")
