#!/usr/bin/env python3
"""Trades 500 steps with the configuration of this tree; orders must be taken."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import load_config, session_from

session = session_from(load_config(ROOT / "configs" / "sac_config.json"))
for _ in range(500):
    session.step()
health = session.health()
if health["status"] != "ok":
    sys.exit("smoke test failed: %s" % health["reason"])
print("smoke test passed: 500 steps, %.2f%% of orders rejected" % session.error_percent())
