#!/usr/bin/env python3
"""Exports a model as JSON on standard output."""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent
from src.rl.sac.sac_features import FEATURE_NAMES

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("path")
agent = SacAgent.load(parser.parse_args().path)
print(json.dumps({"alpha": agent.alpha, "window": agent.window, "weights": dict(zip(FEATURE_NAMES, agent.weights))}, indent=2))
