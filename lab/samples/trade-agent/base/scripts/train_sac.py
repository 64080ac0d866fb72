#!/usr/bin/env python3
"""Trains an agent on the simulated venue and writes models/sac_<name>.pkl."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import load_config, session_from

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--config", default=str(ROOT / "configs" / "sac_config.json"))
parser.add_argument("--steps", type=int, default=2000)
parser.add_argument("--name", default="trained")
options = parser.parse_args()

session = session_from(load_config(options.config))
for _ in range(options.steps):
    session.step()
target = ROOT / "models" / ("sac_%s.pkl" % options.name)
target.parent.mkdir(exist_ok=True)
session.agent.save(target)
print("trained %d steps, wrote %s" % (options.steps, target.relative_to(ROOT)))
