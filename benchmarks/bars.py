"""What must hold: ratios of one run, and a newcomer's second; each with its limit and what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .accepts import NONE
from .clock import LIBRARY, WALK
from .databases import SQLITE

SAME = 1.25
"""Two medians that differ by no more than a quarter count as the same on a machine with other work to do."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`seen` must be at least, or at most, `limit`."""

    claim: str
    seen: float
    limit: float
    at_least: bool = False

    @property
    def held(self) -> bool:
        return self.seen >= self.limit if self.at_least else self.seen <= self.limit


def bars(parts: dict[str, Any]) -> list[Bar]:
    """The bars of all parts that were measured."""
    found: list[Bar] = []
    for name, of in {
        "accepts": _accepts,
        "counting": _counting,
        "decisions": _decisions,
        "clock": _clock,
        "recount": _recount,
        "choice": _choice,
        "requests": _requests,
        "timers": _timers,
        "hostile": _hostile,
        "typed": _typed,
        "desk": _desk,
    }.items():
        if name in parts:
            found += of(parts[name])
    return found


def _accepts(figures: dict[str, Any]) -> Iterator[Bar]:
    rates = figures["engines"][f"{SQLITE}, group commit"]
    most = max(rates, key=int)
    claim = f"durable accepts/s against {NONE}, SQLite, {most} connections"
    yield Bar(claim, rates[most]["ratio"], 0.5, at_least=True)


def _counting(figures: dict[str, Any]) -> Iterator[Bar]:
    yield Bar("processor time of a durable accept that is counted against one that is not", figures["ratio"], 1.1)


def _decisions(figures: dict[str, Any]) -> Iterator[Bar]:
    most = max(figures, key=int)
    for which in ("new", "same"):
        yield Bar(
            f"time of {int(most):,} conditions against `eval`, {which} ticket",
            figures[most][f"{which}_ticket_ratio"],
            1.0,
        )


def _clock(figures: dict[str, Any]) -> Iterator[Bar]:
    for what in ("open_seconds", "add"):
        one = figures[what]
        times = f"times that `{what}` over a year fits into that of"
        yield Bar(f"{times} {LIBRARY}", one[f"{LIBRARY}_ratio"], 10_000, at_least=True)
        yield Bar(f"{times} a {WALK}", one["walk_ratio"], 500, at_least=True)


def _requests(figures: dict[str, Any]) -> Iterator[Bar]:
    for name, occasions in figures.items():
        plain = name.startswith("Jira") and "service" not in name
        yield Bar(f"reads for an applied decision, {name}", occasions["applied decision"]["reads"], 1)
        what = "writes" if plain else "writes (the note is one)"
        yield Bar(
            f"{what} for an applied decision, {name}", occasions["applied decision"]["writes"], 1 if plain else 2
        )
        yield Bar(f"writes when nothing changes, {name}", occasions["event that changes nothing"]["writes"], 0)


def _hostile(figures: dict[str, Any]) -> Iterator[Bar]:
    quiet, sleeping = (figures[f"{which} plugin"]["p99_ms"] for which in ("quiet", "sleeping"))
    yield Bar("p99 of the acknowledgement beside a sleeping plugin against a quiet one", sleeping / quiet, SAME)


def _typed(figures: dict[str, Any]) -> Iterator[Bar]:
    yield Bar("seconds until a typed ticket shows its decision, p99", figures["p99_ms"] / 1000, 1.0)


def _desk(figures: dict[str, Any]) -> Iterator[Bar]:
    for database, one in figures.items():
        for page, seen in one["pages"].items():
            yield Bar(f"{page} with {one['many']:,} tickets against {one['few']:,}, {database}", seen["ratio"], 3.0)


def _recount(figures: dict[str, Any]) -> Iterator[Bar]:
    for database, one in figures.items():
        claim = f"half of all webhooks while {one['tickets']:,} tickets are counted anew against before, {database}"
        yield Bar(claim, one["p50_ratio"], 3.0)
        yield Bar(
            f"tickets due soonest are counted first, {database}", float(one["due_soonest_first"]), 1, at_least=True
        )


def _choice(figures: dict[str, Any]) -> Iterator[Bar]:
    for database, one in figures.items():
        claim = f"choice among {one['people']:,} people with {one['many']:,} open tickets against {one['few']:,}"
        yield Bar(f"{claim}, {database}", one["ratio"], SAME)


def _timers(figures: dict[str, Any]) -> Iterator[Bar]:
    for database, one in figures.items():
        for which, shown in (("idle", "idle tick"), ("due", "tick with ten due")):
            yield Bar(f"{shown} with {one['pending']:,} timers against none, {database}", one[f"{which}_ratio"], SAME)
