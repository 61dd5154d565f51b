"""The sections of the built-in plugins: one module each says what may stand there."""

from __future__ import annotations

from collections.abc import Mapping

from ..shapes import Reader
from . import commands, customers, escalation, language, priority, replies, routing, sla

SECTIONS: Mapping[str, Reader] = {
    "customers": customers.section,
    "language": language.section,
    "priority": priority.section,
    "routing": routing.section,
    "sla": sla.section,
    "escalation": escalation.section,
    "replies": replies.section,
    "commands": commands.section,
}
