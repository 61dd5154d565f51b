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
    rules: tuple[int, ...] = (1, 50, 1_000)
    texts: int = 15
    looks: int = 5
    trips: int = 10
    latency_tickets: int = 60
    pending: int = 1_000_000
    ticks: int = 400
    firings: int = 40
    hostile_rounds: int = 4
    hostile_count: int = 150


FULL = Sizes()
QUICK = Sizes(
    rounds=2, seconds=1.5, texts=7, trips=3, latency_tickets=10, pending=200_000, ticks=100, firings=15,
    hostile_rounds=2, hostile_count=50,
)  # fmt: skip
TINY = Sizes(
    connections=(1, 4), rounds=1, seconds=0.2, warm_up=0.1, lanes=5, rules=(1, 20), texts=2, looks=1, trips=1,
    latency_tickets=1, pending=500, ticks=3, firings=2, hostile_rounds=1, hostile_count=5,
)  # fmt: skip
