"""A tick of the timer loop with a million pending timers against a tick with none, in the same run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import sqlalchemy as sa

from connector.store import Store

from .databases import SQLITE, fresh

Step = Callable[[str], None]
DUE = 10
FILL = {
    SQLITE: """
        INSERT INTO timer (key, name, due_at, payload)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
        SELECT 'gitlab:42/' || i, 'age',
               strftime('%Y-%m-%d %H:%M:%S', '2099-01-01', '+' || i || ' seconds') || '.000000', '{}'
        FROM n""",
    "PostgreSQL": """
        INSERT INTO timer (key, name, due_at, payload)
        SELECT 'gitlab:42/' || i, 'age', TIMESTAMPTZ '2099-01-01 00:00:00+00' + i * INTERVAL '1 second', '{}'
        FROM generate_series(1, :count) AS i""",
}


def measure(
    folder: Path, databases: list[str], step: Step, *, pending: int = 1_000_000, ticks: int = 400, firings: int = 20
) -> dict[str, dict[str, float]]:
    """For each database: microseconds of an idle tick and of one with ten due timers, with `pending` and with none.

    An idle tick asks what is due and what comes next, as the loop does. Ratios are of medians; ticks alternate.
    """
    return {database: _one(folder, database, step, pending, ticks, firings) for database in databases}


def steps(databases: list[str]) -> int:
    """How often `measure` calls `step`."""
    return 3 * len(databases)


def _one(folder: Path, database: str, step: Step, pending: int, ticks: int, firings: int) -> dict[str, float]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        none, full = (_store(stack, folder, database, count) for count in (0, pending))
        step(f"{database}: {pending:,} timers set")
        idle = _alternating(ticks, lambda: _idle(none), lambda: _idle(full))
        step(f"{database}: idle ticks")
        firing = _alternating(firings, lambda: _firing(none), lambda: _firing(full))
        step(f"{database}: ticks with ten due")
    return {
        "pending": pending,
        "idle_none_us": idle[0],
        "idle_us": idle[1],
        "idle_ratio": idle[1] / idle[0],
        "due_none_us": firing[0],
        "due_us": firing[1],
        "due_ratio": firing[1] / firing[0],
    }


def _store(stack: ExitStack, folder: Path, database: str, pending: int) -> Store:
    url = stack.enter_context(fresh(database, folder))
    store = Store.open(url)
    stack.callback(store.close)
    if pending:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text(FILL[database].replace("\n", " ")), {"count": pending})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE timer"))  # PostgreSQL does so by itself before long
        engine.dispose()
    return store


def _alternating(times: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    one(), other()
    pairs: list[tuple[float, float]] = [(one(), other()) for _ in range(times)]
    return median(a for a, _ in pairs) * 1e6, median(b for _, b in pairs) * 1e6


def _idle(store: Store) -> float:
    start = perf_counter()
    fired = store.timers.fire()
    store.timers.wait(0)
    spent = perf_counter() - start
    assert fired == 0, f"{fired} timers fired that were not due"
    return spent


def _firing(store: Store) -> float:
    with store.begin() as work:
        for number in range(DUE):
            work.set_timer(f"gitlab:7/{number}", "wake", work.now - timedelta(seconds=1), {})
    start = perf_counter()
    fired = store.timers.fire()
    spent = perf_counter() - start
    assert fired == DUE, f"{fired} of {DUE} fired"
    return spent
