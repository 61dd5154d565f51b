"""The API below `/api/v1/`: what the console shows and does, for programs."""

from __future__ import annotations

from flask import Flask

from ..flows import Flows
from . import changes, connections, parked, plugins, ready, reports, rules, settings, tickets, tokens, trying
from .document import document_of, install

PARTS = (
    tickets.part,
    reports.part,
    trying.part,
    parked.part,
    rules.part,
    plugins.part,
    connections.part,
    ready.part,
    settings.part,
    tokens.part,
    changes.part,
)

__all__ = ["add_api", "document_of"]


def add_api(app: Flask, flows: Flows) -> None:
    """Add every operation and their document to `app`."""
    install(app, tuple(part(flows) for part in PARTS))
