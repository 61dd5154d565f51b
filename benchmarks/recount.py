"""All open clocks computed anew after an edit of a calendar, while webhooks are answered by the same process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connector.core.sla_terms import change_to
from connector.engine.recount import in_force
from connector.plugins_host import PluginHost
from connector.rulebook import Rulebook, load
from connector.store import CycleRow, Store
from connector.store.cycle_row import IN_ROW
from connector.store.schema import cycle, fact

from .accepts import settings_for
from .databases import fresh
from .load import Taken, send_paced
from .service import ROOT, endpoint
from .webhooks import PROJECT, bodies, requests

RULES = f"""
version: 1
applies_to: {{gitlab: [{PROJECT}]}}
mode: live
plugins: [sla]
sla:
  - id: rest
    pause_when: {{status: pending}}
    targets: {{first_response: 4h office, resolution: 40h office}}
"""
OFFICE, EDITED = "mon-fri: ['09:00-12:00', '13:30-18:00']", "mon-fri: ['09:00-12:00', '13:30-17:00']"
CALENDARS = "office: {tz: Asia/Shanghai, holidays: CN, week: {%s}}"
EVERY = 0.02
"""A webhook each so many seconds, one after the other."""
AT_ONCE = 5_000
SPREAD = 7919
"""A prime: tickets do not lie in the order of their deadlines."""
Step = Callable[[str], None]


def measure(folder: Path, databases: list[str], step: Step, *, tickets: int, webhooks: int) -> dict[str, Any]:
    """For each database: tickets a second, how long answers took with and without, and whether due soonest was first.

    `webhooks` are sent before, and again and again until all is counted.
    """
    return {database: _one(folder / database, database, step, tickets, webhooks) for database in databases}


def steps(databases: list[str]) -> int:
    """How often `measure` calls `step`."""
    return 3 * len(databases)


def _one(folder: Path, database: str, step: Step, tickets: int, webhooks: int) -> dict[str, Any]:
    rules = folder / "rules"
    rules.mkdir(parents=True)
    (rules / "support.yaml").write_text(RULES, encoding="utf-8")
    (rules / "_calendars.yaml").write_text(CALENDARS % OFFICE, encoding="utf-8")
    with fresh(database, folder) as url:
        store = Store.open(url)
        try:
            due = _fill(store, _book(rules), tickets)
            step(f"{database}: {tickets:,} tickets made")
            sent = requests(bodies(100))
            with endpoint(folder, "group", settings_for(rules, url)) as port:
                send_paced(port, sent, 0.0, webhooks)
                alone = send_paced(port, sent, EVERY, webhooks)
            step(f"{database}: answers alone")
            (rules / "_calendars.yaml").write_text(CALENDARS % EDITED, encoding="utf-8")
            wanted = in_force(_book(rules))
            with endpoint(folder, "recount", settings_for(rules, url)) as port:
                beside, seconds, ordered = _until_counted(store, wanted, port, sent, webhooks, due)
            step(f"{database}: {tickets:,} tickets counted anew")
        finally:
            store.close()
    return {
        "tickets": tickets,
        "seconds": seconds,
        "tickets_per_s": tickets / seconds,
        "due_soonest_first": ordered,
        "refused": alone.refused + beside.refused,
        **_waits("alone", alone),
        **_waits("beside", beside),
        "p50_ratio": beside.quantile(0.5) / alone.quantile(0.5),
        "p99_ratio": beside.quantile(0.99) / alone.quantile(0.99),
    }


def _until_counted(
    store: Store, wanted: Mapping[str, str], port: int, sent: Iterator[bytes], webhooks: int, due: Mapping[str, int]
) -> tuple[Taken, float, bool]:
    """Answers while it goes on, how long it went on, and whether in between what was due first was done first."""
    taken, start, ordered = Taken(), time.perf_counter(), True
    while store.cycles.left(wanted, 1):
        taken += send_paced(port, sent, EVERY, max(1, webhooks // 10))
        ordered = ordered and _in_order(store, set(wanted.values()), due)
    return taken, time.perf_counter() - start, ordered


def _in_order(store: Store, digests: set[str], due: Mapping[str, int]) -> bool:
    """Of the tickets with a look ahead of them none was due later than one that is not counted yet."""
    c = cycle.c
    with store._database.read() as connection:
        done = sa.select(c.ticket).where(c.rules.in_(digests), c.metric == "resolution")
        left = sa.select(c.ticket).where(c.rules.not_in(digests), c.metric == "first_response").order_by(c.due_at)
        last = max((due[id] for id in connection.execute(done).scalars()), default=0)
        first = connection.execute(left.limit(1)).scalar()
    return first is None or last <= due[first]


def _book(rules: Path) -> Rulebook:
    host = PluginHost(ROOT / "plugins", None, entry_points=False)
    try:
        return load(rules, host, env={"GITLAB_TOKEN": "x"}, defaults={})
    finally:
        host.close()


def _fill(store: Store, book: Rulebook, tickets: int) -> dict[str, int]:
    """Open tickets with two clocks each, all in the hours of the desk; each with its place by deadline."""
    (file,) = book.files
    policy = change_to(file.sections["sla"][0])
    now = datetime.now(UTC).replace(microsecond=0)
    places = {str(number): number * SPREAD % tickets for number in range(1, tickets + 1)}
    with store._database.write() as connection:
        for first in range(0, tickets, AT_ONCE):
            some = list(places.items())[first : first + AT_ONCE]
            facts = [each for id, place in some for each in _facts(id, _began(now, place, tickets), policy)]
            cycles = [
                each for id, place in some for each in _cycles(id, _began(now, place, tickets), now, file.clocks)
            ]
            connection.execute(sa.insert(fact), facts)
            connection.execute(sa.insert(cycle), cycles)
    store._database.bare("ANALYZE")
    return places


def _began(now: datetime, place: int, tickets: int) -> datetime:
    return now - timedelta(days=5) + timedelta(days=5) * place / tickets


def _facts(id: str, at: datetime, policy: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    row = {"tracker": "gitlab", "ticket": id, "at": at, "recorded_at": at, "seq": 0, "deleted": False}
    made = {"by": "customer", "fields": {"status": "new", "priority": "none", "labels": []}}
    yield {**row, "source": "created", "type": "created", "data": made}
    yield {**row, "source": "policy0", "type": "field", "data": policy}


def _cycles(id: str, at: datetime, now: datetime, rules: str) -> Iterator[dict[str, Any]]:
    for metric, hours in (("first_response", 4), ("resolution", 40)):
        due = at + timedelta(hours=hours)
        row = CycleRow("gitlab", id, metric, 1, "running", rules, now, at, due_at=due, applies="support")
        yield {name: getattr(row, name) for name in IN_ROW}


def _waits(which: str, taken: Taken) -> dict[str, float]:
    return {f"{which}_p50_ms": taken.quantile(0.5) * 1000, f"{which}_p99_ms": taken.quantile(0.99) * 1000}
