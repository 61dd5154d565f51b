"""All parts one after the other, in one run: what each measures, and how many steps it takes."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from . import (
    accepts,
    choice,
    clock,
    counting,
    databases,
    decisions,
    desk,
    growth,
    hostile,
    latency,
    recount,
    timers,
    trips,
    typed,
)
from .sizes import Sizes

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """`measure(folder, step)` gives figures and calls `step` `steps` times."""

    steps: int
    measure: Callable[[Path, Step], Any]


def parts(sizes: Sizes, found: list[str]) -> dict[str, Part]:
    """Every part by name, at the given sizes, on the databases `found`."""
    return {
        "accepts": Part(
            accepts.steps(found, sizes.connections, sizes.rounds),
            lambda folder, step: accepts.measure(
                folder,
                found,
                step,
                connections=sizes.connections,
                rounds=sizes.rounds,
                seconds=sizes.seconds,
                warm_up=sizes.warm_up,
                tickets=sizes.lanes,
            ),
        ),
        "counting": Part(
            counting.steps(sizes.count_rounds),
            lambda folder, step: counting.measure(
                folder, step, rounds=sizes.count_rounds, accepts=sizes.count_accepts
            ),
        ),
        "decisions": Part(
            decisions.steps(sizes.rules),
            lambda folder, step: decisions.measure(
                folder, step, sizes=sizes.rules, tickets=sizes.texts, looks=sizes.looks
            ),
        ),
        "clock": Part(
            clock.steps(sizes.clock_rounds),
            lambda folder, step: clock.measure(folder, step, rounds=sizes.clock_rounds, looks=sizes.clock_looks),
        ),
        "recount": Part(
            recount.steps(found),
            lambda folder, step: recount.measure(
                folder, found, step, tickets=sizes.open_tickets, webhooks=sizes.beside
            ),
        ),
        "choice": Part(
            choice.steps(found),
            lambda folder, step: choice.measure(
                folder, found, step, people=sizes.people, tickets=sizes.held_tickets, choices=sizes.choices
            ),
        ),
        "requests": Part(trips.steps(), lambda folder, step: trips.measure(folder, step, tickets=sizes.trips)),
        "typed": Part(
            typed.steps(sizes.latency_tickets),
            lambda folder, step: typed.measure(folder, step, tickets=sizes.latency_tickets),
        ),
        "latency": Part(
            latency.steps(sizes.latency_tickets),
            lambda folder, step: latency.measure(folder, found, step, tickets=sizes.latency_tickets),
        ),
        "timers": Part(
            timers.steps(found),
            lambda folder, step: timers.measure(
                folder, found, step, pending=sizes.pending, ticks=sizes.ticks, firings=sizes.firings
            ),
        ),
        "desk": Part(
            desk.steps(found),
            lambda folder, step: desk.measure(
                folder, found, step, few=sizes.few_tickets, many=sizes.many_tickets, looks=sizes.page_looks
            ),
        ),
        "growth": Part(
            growth.steps(found),
            lambda folder, step: growth.measure(folder, found, step, tickets=sizes.grown_tickets),
        ),
        "hostile": Part(
            hostile.steps(sizes.hostile_rounds),
            lambda folder, step: hostile.measure(
                folder, step, rounds=sizes.hostile_rounds, count=sizes.hostile_count
            ),
        ),
    }


def run(folder: Path, sizes: Sizes, found: list[str], names: Iterable[str], *, quiet: bool = False) -> dict[str, Any]:
    """The parts `names` at `sizes`: `{"at", "machine", "sizes", "parts": {name: figures}}`."""
    chosen = {name: part for name, part in parts(sizes, found).items() if name in set(names)}
    started, load = datetime.now(UTC), os.getloadavg()[0]
    figures = {}
    with tqdm(total=sum(part.steps for part in chosen.values()), disable=quiet, unit="step") as bar:
        for name, part in chosen.items():

            def step(what: str, name: str = name) -> None:
                bar.set_description(f"{name}: {what}")
                bar.update()

            figures[name] = part.measure(folder / name, step)
    return {
        "at": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds()),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "load_before": round(load, 1),
            "load_after": round(os.getloadavg()[0], 1),
            **databases.versions(),
        },
        "sizes": {name: list(size) if isinstance(size, tuple) else size for name, size in asdict(sizes).items()},
        "parts": figures,
    }
