"""A stand-in for the reinforcement learning library that the trade agent's requirements name: pure Python, without torch."""

import re
from pathlib import Path

from setuptools import setup

INIT = Path(__file__).parent / "stable_baselines3" / "__init__.py"
VERSION = re.search(r'^__version__ = "(.+)"$', INIT.read_text(), re.M).group(1)

setup(name="stable_baselines3", version=VERSION, packages=["stable_baselines3"], python_requires=">=3.9")
