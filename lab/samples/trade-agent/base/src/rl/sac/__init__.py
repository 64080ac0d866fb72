"""Soft actor-critic trading agent."""

__version__ = "0.1.0"
