"""YAML → checked rules; every problem with file:line:column and the likely remedy."""

from __future__ import annotations

from .book import Mode, Rulebook, RuleFile
from .catalog import PluginCatalog
from .holder import Rules
from .loader import empty_book, load

__all__ = ["Mode", "PluginCatalog", "RuleFile", "Rulebook", "Rules", "empty_book", "load"]
