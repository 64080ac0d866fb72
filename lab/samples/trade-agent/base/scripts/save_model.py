#!/usr/bin/env python3
"""Saves a fresh agent's model to a file."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("path")
parser.add_argument("--seed", type=int, default=7)
options = parser.parse_args()

SacAgent(seed=options.seed).save(options.path)
print("wrote %s" % options.path)
