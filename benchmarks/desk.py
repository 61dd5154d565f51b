"""What the pages cost with many tickets in the store against few, through the whole web role, in the same run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from app import build_services
from connector.engine import accept
from connector.engine.services import Services
from connector.engine.work import Engine
from connector.settings import Settings
from connector.web import create_web

from .crowd import COMMON, RARE, fill
from .databases import fresh
from .service import ROOT

Step = Callable[[str], None]
DEEP = "the 20th page"
PAGES = {
    "desk": "/",
    "desk of a team": "/?team=team-3",
    "page 20": DEEP,
    "search, rare word": f"/?text={RARE}",
    "search, common word": f"/?text={COMMON}",
    "search, a key": "/?text=acme/app%2377",
    "parked events": "/parked",
    "readiness": "/readyz",
}
TICKET = "ticket"
NINETEEN_PAGES = 950


@dataclass(frozen=True, slots=True)
class Store:
    """One web role on a store; `own` is a ticket that was really worked, `deep` the desk's 20th page."""

    client: FlaskClient
    own: str
    deep: str


def measure(
    folder: Path, databases: list[str], step: Step, *, few: int = 2_000, many: int = 200_000, looks: int = 40
) -> dict[str, Any]:
    """For each database and page: milliseconds with `few` and with `many` tickets, and their ratio.

    Medians; the two stores are asked in turns. One event in a hundred waits; a thousand are parked in
    either: that page looks at up to 5,000 for their causes, however many tickets there are.
    """
    return {database: _one(folder / database, database, step, few, many, looks) for database in databases}


def steps(databases: list[str]) -> int:
    """How often `measure` calls `step`."""
    return len(databases) * (2 + len(PAGES) + 1)


def _one(folder: Path, database: str, step: Step, few: int, many: int, looks: int) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        small = _store(stack, folder / "few", database, few)
        step(f"{database}: {few:,} tickets stored")
        large = _store(stack, folder / "many", database, many)
        step(f"{database}: {many:,} tickets stored")
        pages = {}
        for name, path in {**PAGES, TICKET: TICKET}.items():
            pages[name] = _compared(small, large, path, looks)
            step(f"{database}: {name}")
    return {"few": few, "many": many, "pages": pages}


def _store(stack: ExitStack, folder: Path, database: str, tickets: int) -> Store:
    folder.mkdir(parents=True, exist_ok=True)
    url = stack.enter_context(fresh(database, folder))
    services = build_services(Settings(data_dir=folder, database_url=url, rules_dir=ROOT / "rules"))
    stack.callback(services.host.close)
    stack.callback(services.store.close)
    fill(services.store, tickets, waiting=tickets // 100, parked=min(1000, tickets // 2))
    own = _worked(services)
    last = services.store.tickets.desk(limit=NINETEEN_PAGES)[-1]
    deep = f"/?{urlencode({'after': services.store.tickets.position(last)})}"
    return Store(create_web(services).test_client(), own, deep)


def _worked(services: Services) -> str:
    """The address of a ticket that was typed and decided by the shipped rules."""
    key = accept.type_ticket(services, "支付失败, nobody can log in", "Please help. " * 40, "dana@x.example")
    engine = Engine(services)
    while lanes := services.store.inbox.claim("bench", 10):
        for lane in lanes:
            if waiting := services.store.inbox.waiting(lane):
                engine.handle(lane, waiting)
            services.store.inbox.release(lane)
    return f"/tickets/local/{key}"


def _compared(small: Store, large: Store, path: str, looks: int) -> dict[str, float]:
    stores = (small, large)
    for store in stores:
        _look(store, path)
    taken = [[_look(store, path) for store in stores] for _ in range(looks)]
    few, many = (median(times) * 1000 for times in zip(*taken, strict=True))
    return {"few_ms": few, "many_ms": many, "ratio": many / few}


def _look(store: Store, path: str) -> float:
    address = {TICKET: store.own, DEEP: store.deep}.get(path, path)
    begun = perf_counter()
    answer = store.client.get(address)
    spent = perf_counter() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return spent
