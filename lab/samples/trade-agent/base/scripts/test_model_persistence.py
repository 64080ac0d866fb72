#!/usr/bin/env python3
"""Saves a model, loads it, and compares what both do."""

import tempfile
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent, SimulatedVenue

venue = SimulatedVenue(0.05)
prices = [venue.next_price() for _ in range(40)]
agent = SacAgent(seed=23)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "sac_check.pkl"
    agent.save(path)
    loaded = SacAgent.load(path)
if loaded.weights != agent.weights or loaded.act(prices) != agent.act(prices):
    sys.exit("model persistence failed: the loaded model acts differently")
print("model persistence passed")
