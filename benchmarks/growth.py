"""How much room tickets take: decided once, after a further event each, and after the clean-up of what is old."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import build_services
from connector.engine import accept
from connector.engine.services import Services
from connector.engine.work import Engine
from connector.model import Event, Kind
from connector.settings import Settings
from connector.store import upkeep

from .databases import fresh
from .service import ROOT
from .webhooks import bodies

Step = Callable[[str], None]
EVENTS = 6
"""Further events of each ticket, with a webhook's body; they change nothing."""
TEXT = "从今天上午九点开始，所有门店的支付都失败。 The export stops after the third page. " * 12
PER = 10_000


def measure(folder: Path, databases: list[str], step: Step, *, tickets: int = 200) -> dict[str, Any]:
    """For each database: MB for each 10,000 tickets with their first decision, each 10,000 further events, and what
    of both is left when events and inputs are past their time."""
    return {database: _one(folder / database, database, step, tickets) for database in databases}


def steps(databases: list[str]) -> int:
    """How often `measure` calls `step`."""
    return 3 * len(databases)


def _one(folder: Path, database: str, step: Step, tickets: int) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        url = stack.enter_context(fresh(database, folder))
        services = build_services(Settings(data_dir=folder, database_url=url, rules_dir=ROOT / "rules"))
        stack.callback(services.host.close)
        stack.callback(services.store.close)
        empty = _size(url)
        for n in range(tickets):
            accept.type_ticket(services, f"支付失败 {n}: nobody can log in", TEXT, f"dana{n}@x.example", "Dana")
        _work(services)
        first = _size(url)
        step(f"{database}: {tickets:,} tickets")
        for n, body in enumerate(bodies(tickets) * EVENTS):
            event = Event(tracker="local", ticket=str(1 + n % tickets), kind=Kind.UPDATED, at=services.clock())
            services.store.inbox.accept(replace(accept.incoming_of(event, f"u{n}"), body=body))
            if n % tickets == tickets - 1:
                _work(services)
        then = _size(url)
        step(f"{database}: {tickets * EVENTS:,} events")
        later = services.clock() + timedelta(days=9999)
        for remove in (services.store.inbox.prune, services.store.inbox.forget, services.store.plans.prune):
            while remove(later):
                pass
        left = _size(url)
        step(f"{database}: cleaned up")
    mega = PER / tickets / 1e6
    return {
        "tickets": tickets,
        "tickets_mb": (first - empty) * mega,
        "events_mb": (then - first) / EVENTS * mega,
        "left_mb": (left - empty) * mega,
    }


def _work(services: Services) -> None:
    engine = Engine(services)
    while lanes := services.store.inbox.claim("bench", 10):
        for lane in lanes:
            if waiting := services.store.inbox.waiting(lane):
                engine.handle(lane, waiting)
            services.store.inbox.release(lane)


def _size(url: str) -> int:
    upkeep.vacuum(url)
    found = upkeep.sizes(url)
    return sum(table.bytes for table in found.tables)
