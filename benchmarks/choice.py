"""Who gets a ticket, among 500 people: with 50,000 open tickets against 50, in the same run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

from connector.core.candidates import Method, Need, Prefer, candidates, chosen
from connector.desk import Agent, Desk
from connector.engine.loads import records
from connector.store import Share, Store
from connector.store.load_rows import UNIT

from .databases import fresh

Step = Callable[[str], None]
FEW = 50
BATCH = 500
TEAM = "frontline"
AT_HAND = ("gitlab", "new")


def measure(
    folder: Path, databases: list[str], step: Step, *, people: int = 500, tickets: int = 50_000, choices: int = 100
) -> dict[str, dict[str, float]]:
    """For each database: milliseconds of a choice with `FEW` open tickets and with `tickets`.

    A choice reads what all people hold, ranks them, and claims the best one's slot. The ratio is of medians; choices
    alternate.
    """
    return {database: _one(folder, database, step, people, tickets, choices) for database in databases}


def steps(databases: list[str]) -> int:
    """How often `measure` calls `step`."""
    return 2 * len(databases)


def _one(folder: Path, database: str, step: Step, people: int, tickets: int, choices: int) -> dict[str, float]:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"p{number}" for number in range(people)]
    agents = {name: Agent(id=name, teams=frozenset({TEAM}), capacity=tickets) for name in names}
    desk = Desk(people=agents, teams=frozenset({TEAM}))
    with ExitStack() as stack:
        few, many = (_store(stack, folder, database, names, count) for count in (FEW, tickets))
        step(f"{database}: {tickets:,} tickets held")
        _choose(few, desk), _choose(many, desk)
        pairs = [(_choose(few, desk), _choose(many, desk)) for _ in range(choices)]
        step(f"{database}: choices")
    few_ms, many_ms = (median(one) * 1000 for one in zip(*pairs, strict=True))
    return {
        "people": people,
        "few": FEW,
        "many": tickets,
        "few_ms": few_ms,
        "many_ms": many_ms,
        "ratio": many_ms / few_ms,
    }


def _store(stack: ExitStack, folder: Path, database: str, names: list[str], tickets: int) -> Store:
    store = Store.open(stack.enter_context(fresh(database, folder)))
    stack.callback(store.close)
    for first in range(0, max(tickets, len(names)), BATCH):
        with store.begin() as work:
            held = {("gitlab", str(n)): Share(names[n % len(names)], UNIT) for n in range(first, first + BATCH)}
            work.put_loads(held)
            # Everybody has had something, also where little is open.
            work.put_loads(dict.fromkeys(list(held)[max(0, tickets - first) :]))
    return store


def _choose(store: Store, desk: Desk) -> float:
    start = perf_counter()
    known = records(desk, store.loads.of(desk.people, without=AT_HAND), now := store.now())
    found = candidates(desk.people.values(), Need(TEAM), known, int(now.timestamp()), Method.BALANCED, tuple(Prefer))
    best = chosen(found, Method.BALANCED)
    assert best is not None
    with store.begin() as work:
        work.claim(AT_HAND, Share(best.person, UNIT), UNIT * int(desk.people[best.person].capacity))
        work.take_turn(TEAM, best.person, desk.people)
    spent = perf_counter() - start
    with store.begin() as work:
        work.put_loads({AT_HAND: None})
    return spent
