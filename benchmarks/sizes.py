"""How much is measured: the full run, a quick look, and the smallest run in which every part still works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Seconds, rounds and counts of every part."""

    connections: tuple[int, ...] = (1, 16, 64)
    rounds: int = 4
    seconds: float = 3.0
    warm_up: float = 1.0
    lanes: int = 500
    count_rounds: int = 20
    count_accepts: int = 50
    rules: tuple[int, ...] = (1, 50, 1_000)
    texts: int = 15
    looks: int = 5
    clock_rounds: int = 15
    clock_looks: int = 200
    trips: int = 10
    latency_tickets: int = 60
    pending: int = 1_000_000
    ticks: int = 400
    firings: int = 40
    open_tickets: int = 100_000
    beside: int = 500
    people: int = 500
    held_tickets: int = 50_000
    choices: int = 100
    few_tickets: int = 2_000
    many_tickets: int = 200_000
    page_looks: int = 40
    grown_tickets: int = 200
    hostile_rounds: int = 4
    hostile_count: int = 150


FULL = Sizes()
QUICK = Sizes(
    rounds=2, seconds=1.5, texts=7, trips=3, latency_tickets=10, pending=200_000, ticks=100, firings=15,
    open_tickets=5_000, beside=100, many_tickets=20_000, page_looks=15, grown_tickets=50,
    held_tickets=10_000, choices=40,
    hostile_rounds=2, hostile_count=50, count_rounds=8, clock_rounds=5, clock_looks=50,
)  # fmt: skip
TINY = Sizes(
    connections=(1, 4), rounds=1, seconds=0.2, warm_up=0.1, lanes=5, rules=(1, 20), texts=2, looks=1, trips=1,
    many_tickets=60, page_looks=1, latency_tickets=1, pending=500, ticks=3, firings=2,
    clock_rounds=1, clock_looks=2, open_tickets=40, beside=10, people=5, held_tickets=60, choices=2,
    count_rounds=1, count_accepts=3, few_tickets=20, grown_tickets=4, hostile_rounds=1, hostile_count=5,
)  # fmt: skip
