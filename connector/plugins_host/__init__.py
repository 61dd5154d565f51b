"""Finds, loads and asks plugins: one at a time, by name, isolated and under a time limit."""

from .builtin import BUILTIN
from .health import Condition
from .host import PluginHost
from .info import Origin, PluginInfo

__all__ = ["BUILTIN", "Condition", "Origin", "PluginHost", "PluginInfo"]
