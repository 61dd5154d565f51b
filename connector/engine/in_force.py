"""Since when a rule file's SLA policies are in force: the same instant for all processes, and after a restart."""

from __future__ import annotations

from datetime import datetime

from ..rulebook import RuleFile
from .services import Services


def in_force_since(services: Services, file: RuleFile) -> datetime:
    """When a process first had the policies of `file` as they are now; from then on what they promise counts."""
    known = services.store.meta.get(_key(file))
    digest, _, since = (known or "").partition(" ")
    if digest == file.clocks:
        return datetime.fromisoformat(since)
    found = services.rules.since or services.clock()
    services.store.meta.set(_key(file), f"{file.clocks} {found.isoformat()}")
    return found


def _key(file: RuleFile) -> str:
    return f"sla/{file.name}"
