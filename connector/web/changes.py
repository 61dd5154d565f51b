"""The record of changes: who did what here, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request

from ..core.receivers import receiver_of
from ..store import HIGHEST, AuditRow
from .flows import Flows
from .typed import clean
from .visitor import Standing, needs

PAGE = 50
WORD_LIMIT = 100
SECTION = "change"
_TICKET = frozenset({"lane", "tracker", "ticket"})


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One line. `tracker` and `ticket` are '' for what was done to no ticket; a notice has a receiver instead."""

    at: datetime
    actor: str
    what: str
    event: int | None
    tracker: str
    ticket: str
    details: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, row: AuditRow) -> ChangeView:
        detail = row.detail if isinstance(row.detail, Mapping) else {}
        lane = row.lane or str(detail.get("lane") or "")
        if receiver := receiver_of(lane):
            detail = {"receiver": receiver, **detail}
            return cls(row.at, row.actor, row.what, row.inbox_id, "", "", tuple(_details(detail)))
        tracker, _, ticket = lane.partition(":")
        if not lane and "ticket" in detail:
            tracker, ticket = str(detail.get("tracker", "")), str(detail["ticket"])
        return cls(row.at, row.actor, row.what, row.inbox_id, tracker, ticket, tuple(_details(detail)))


def blueprint(flows: Flows) -> Blueprint:
    """`GET /changes`, for agents and admins."""
    pages = Blueprint("changes", __name__)

    @pages.get("/changes")
    @needs(Standing.AGENT)
    def show() -> str:
        who, what = (_word(name) for name in ("who", "what"))
        people = request.args.get("by") == "people"
        before = _number(request.args.get("before", ""))
        found = flows.audit.newest(PAGE + 1, before=before, who=who, what=what, people=people)
        wishes = {"who": who or None, "what": what or None, "by": "people" if people else None}
        return render_template(
            "changes.html",
            rows=[ChangeView.of(row) for row in found[:PAGE]],
            next=found[PAGE - 1].id if len(found) > PAGE else None,
            words=list(g.texts.section(SECTION)),
            wishes=wishes,
            filtered=any(wishes.values()),
            started=before is not None,
            now=flows.now(),
        )

    return pages


def _details(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in detail.items():
        if name in _TICKET or value in (None, "", (), {}):
            continue
        yield name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _word(name: str) -> str:
    return clean(request.args.get(name, "")).strip()[:WORD_LIMIT]


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    return number if number is None or number <= HIGHEST else None
