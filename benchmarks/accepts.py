"""Durable accepts per second at the real endpoint, against the same endpoint without storage, in the same run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .databases import SQLITE, fresh
from .load import Taken, send
from .service import endpoint
from .webhooks import PROJECT, SECRET, bodies, requests

RULES = f"""
version: 1
applies_to: {{gitlab: [{PROJECT}]}}
mode: live
plugins: [priority, routing]
"""
NONE = "no storage"
Step = Callable[[str], None]


def measure(
    folder: Path,
    databases: list[str],
    step: Step,
    *,
    connections: tuple[int, ...] = (1, 16, 64),
    rounds: int = 3,
    seconds: float = 3.0,
    warm_up: float = 1.0,
    tickets: int = 500,
) -> dict[str, Any]:
    """`{"engines": {engine: {connections: figures}}, "disk": …}`; the rounds of all engines alternate.

    Figures: `rate` a second, `p50_ms`, `p99_ms`, `refused`. `step` is told what was done. `ratio` is the rate
    against that without storage.
    """
    taken = {(engine, c): Taken() for engine in engines(databases) for c in connections}
    syncs: list[float] = []
    contents = bodies(tickets)
    with ExitStack() as stack:
        ports = {engine: _start(stack, folder, engine) for engine in engines(databases)}
        for port in ports.values():
            send(port, requests(contents), 4, warm_up)
        for _ in range(rounds):
            syncs.append(fdatasyncs(folder, seconds / 3))
            step("disk")
            for c in connections:
                for engine, port in ports.items():
                    taken[engine, c] += send(port, requests(contents), c, seconds)
                    step(f"{engine}, {c} connections")
    return {"engines": _figures(taken), "fdatasync_per_s": sum(syncs) / len(syncs)}


def steps(databases: list[str], connections: tuple[int, ...] = (1, 16, 64), rounds: int = 3) -> int:
    """How often `measure` calls `step`."""
    return rounds * (1 + len(connections) * len(engines(databases)))


def engines(databases: list[str]) -> list[str]:
    """Names of the ways to store, the one without storage first."""
    return [NONE, *(f"{database}, {how}" for database in databases for how in ("commit per request", "group commit"))]


def fdatasyncs(folder: Path, seconds: float) -> float:
    """How often a second the disk under `folder` can be told to keep 8 KiB that were just written."""
    path, block = folder / "sync", os.urandom(8192)
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        count, start = 0, time.perf_counter()
        while time.perf_counter() < start + seconds:
            os.pwrite(handle, block, (count % 256) * len(block))
            os.fdatasync(handle)
            count += 1
        return count / (time.perf_counter() - start)
    finally:
        os.close(handle)
        path.unlink()


def _start(stack: ExitStack, folder: Path, engine: str) -> int:
    database, _, how = engine.partition(", ")
    way = {"": "none", "commit per request": "each", "group commit": "group"}[how]
    place = folder / engine.replace(", ", "-").replace(" ", "-")
    rules = place / "rules"
    rules.mkdir(parents=True)
    (rules / "support.yaml").write_text(RULES, encoding="utf-8")
    url = stack.enter_context(fresh(database if how else SQLITE, place))
    return stack.enter_context(endpoint(place, way, settings_for(rules, url)))


def settings_for(rules: Path, url: str) -> Mapping[str, str]:
    """What an endpoint needs that verifies the webhooks of `webhooks`."""
    return {
        "DATABASE_URL": url,
        "RULES_DIR": str(rules),
        "GITLAB_URL": "https://gitlab.example",
        "GITLAB_TOKEN": "a-token",
        "GITLAB_WEBHOOK_SECRET": SECRET,
    }


def _figures(taken: Mapping[tuple[str, int], Taken]) -> dict[str, dict[str, dict[str, float]]]:
    shown: dict[str, dict[str, dict[str, float]]] = {}
    for (engine, c), one in taken.items():
        bare = taken[NONE, c].rate
        shown.setdefault(engine, {})[str(c)] = {
            "rate": one.rate,
            "ratio": one.rate / bare if bare else 0.0,
            "p50_ms": one.quantile(0.50) * 1000,
            "p99_ms": one.quantile(0.99) * 1000,
            "refused": one.refused,
        }
    return shown
