"""Stands in for Stable-Baselines3; the agent brings its own learning and only asks whether this is there."""

from stable_baselines3.sac import SAC

__all__ = ["SAC"]
__version__ = "2.3.2"
