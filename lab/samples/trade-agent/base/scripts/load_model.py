#!/usr/bin/env python3
"""Loads a model and prints its weights."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("path")
options = parser.parse_args()

try:
    agent = SacAgent.load(options.path)
except Exception as error:  # whatever a broken file makes pickle raise
    sys.exit("cannot load %s: %s" % (options.path, error))
print(" ".join("%.6f" % weight for weight in agent.weights))
