#!/usr/bin/env python3
"""Trades a fixed price series and writes reports/sac_backtest.html."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tree this script is in, not an installed package

from src.rl.sac.sac_agent import SacAgent, SimulatedVenue, TradingSession

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=1000)
options = parser.parse_args()

session = TradingSession(SacAgent(), SimulatedVenue(0.05, seed=3))
for _ in range(options.steps):
    session.step()
rows = "".join("<tr><td>%s</td><td>%.4f</td></tr>" % item for item in session.metrics().items())
target = ROOT / "reports" / "sac_backtest.html"
target.parent.mkdir(exist_ok=True)
target.write_text("<table>%s</table>\n" % rows)
print("wrote %s" % target.relative_to(ROOT))
