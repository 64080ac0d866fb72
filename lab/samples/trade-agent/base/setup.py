"""The package trade-agent-sac; its version is the one in src/rl/sac/__init__.py."""

import re
from pathlib import Path

from setuptools import find_packages, setup

INIT = Path(__file__).parent / "src" / "rl" / "sac" / "__init__.py"
VERSION = re.search(r'^__version__ = "(.+)"$', INIT.read_text(), re.M).group(1)

setup(
    name="trade-agent-sac",
    version=VERSION,
    description="Soft actor-critic trading agent",
    packages=find_packages(include=["src", "src.*"]),
    python_requires=">=3.9",
)
