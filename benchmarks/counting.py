"""What counting costs: processor time of a durable accept with and without it, in turns, and one scrape."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import app
from connector import metrics
from connector.engine.health import Health
from connector.engine.measures import Measures
from connector.metrics import names
from connector.settings import Settings
from connector.web import create_web

from .accepts import RULES
from .webhooks import SECRET, bodies, requests

Step = Callable[[str], None]
COUNTS = 2_000


def measure(folder: Path, step: Step, *, rounds: int = 20, accepts: int = 50) -> dict[str, Any]:
    """Medians over `rounds` of µs for an accept, `with_us` and `without_us`; µs for a count; ms for a scrape."""
    rules = folder / "rules"
    rules.mkdir(parents=True)
    (rules / "support.yaml").write_text(RULES, encoding="utf-8")
    given = Settings(
        data_dir=folder / "var",
        rules_dir=rules,
        gitlab_url="https://gitlab.example",
        gitlab_token="a-token",
        gitlab_webhook_secret=(SECRET,),
    )
    services = app.build_services(given)
    client, stream = create_web(services).test_client(), requests(bodies(20))
    taken: dict[bool, list[float]] = {True: [], False: []}
    try:
        _accepts(client, stream, accepts)
        for number in range(rounds * 2):
            counting = number % 2 == 0
            if counting:
                metrics.start(given.data_dir / "metrics")
            else:
                metrics.stop()
            taken[counting].append(_accepts(client, stream, accepts) / accepts * 1e6)
            step("with counting" if counting else "without")
        metrics.start(given.data_dir / "metrics")
        count = _seconds(lambda: [metrics.count(names.IGNORED, "gitlab") for _ in range(COUNTS)]) / COUNTS
        # Nothing is remembered between two scrapes: the clock moves on by a minute each time.
        measures = Measures(services, Health(services).ready, iter(range(0, 10**9, 60)).__next__)
        scrape = statistics.median(_seconds(measures.text) for _ in range(5))
        step("scrapes")
    finally:
        metrics.stop()
        services.store.close()
        services.host.close()
    ours, bare = (statistics.median(taken[which]) for which in (True, False))
    return {
        "with_us": ours,
        "without_us": bare,
        "ratio": ours / bare,
        "count_us": count * 1e6,
        "scrape_ms": scrape * 1000,
    }


def steps(rounds: int = 20) -> int:
    """How often `measure` calls `step`."""
    return rounds * 2 + 1


def _accepts(client: Any, stream: Iterator[bytes], number: int) -> float:
    """Seconds of processor time, of all threads, for that many webhooks."""
    asked = [_parsed(next(stream)) for _ in range(number)]
    begun = time.process_time()
    for headers, body in asked:
        answer = client.post("/hooks/gitlab", data=body, headers=headers)
        if answer.status_code != 202:
            raise RuntimeError(f"a webhook was answered {answer.status_code}")
    return time.process_time() - begun


def _parsed(request: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
    return {name: value for name, _, value in lines if name not in ("Host", "Content-Length")}, body


def _seconds(does: Callable[[], object]) -> float:
    begun = time.process_time()
    does()
    return time.process_time() - begun
