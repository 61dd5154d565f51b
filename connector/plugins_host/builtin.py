"""The plugins shipped with this program; every other file in `plugins/` was dropped there by an admin."""

from __future__ import annotations

BUILTIN = frozenset({"customers", "language", "priority", "routing", "sla", "escalation", "replies", "commands"})

RESERVED = frozenset(
    {"version", "applies_to", "mode", "plugins", "lists", "assign", "tests", "explain", "release_on"}
)
"""Top-level words of a rule file: no plugin can be called so, since its section would not be its own."""
