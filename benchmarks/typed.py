"""From sending the form to the page that shows priority, team, assignee and why: what a newcomer waits for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

from .load import quantile
from .service import ROOT, free_port, service

Step = Callable[[str], None]
PATIENCE = 30.0
LOOK = 0.02
TITLES = ("支付失败，全部用户无法登录", "How do I change my logo?", "無法匯出報表", "API answers 502 since 10:40")


def measure(folder: Path, step: Step, *, tickets: int = 40) -> dict[str, Any]:
    """Milliseconds by the shipped rules on SQLite, when idle: `first_ms` after the start, then `p50_ms p99_ms`."""
    port = free_port()
    with service(folder, port, {"RULES_DIR": str(ROOT / "rules"), "RECONCILE_EVERY": "1h"}):
        first, *others = [_typed(port, TITLES[n % len(TITLES)], step) for n in range(tickets + 1)]
    taken = [seconds * 1000 for seconds in others]
    return {"first_ms": first * 1000, "p50_ms": quantile(taken, 0.5), "p99_ms": quantile(taken, 0.99)}


def steps(tickets: int = 40) -> int:
    """How often `measure` calls `step`."""
    return tickets + 1


def _typed(port: int, title: str, step: Step) -> float:
    """Seconds until the page shows the decision."""
    here = f"http://127.0.0.1:{port}"
    body = json.dumps({"title": title, "body": "Thanks", "email": "dana@x.example"}).encode()
    begun = perf_counter()
    sent = Request(f"{here}/tickets", body, {"Content-Type": "application/json"}, method="POST")
    with urlopen(sent, timeout=PATIENCE) as answer:
        page = here + json.load(answer)["url"]
    while b"data-waiting" in _text(page):
        if perf_counter() - begun > PATIENCE:
            raise RuntimeError(f"{page} was never decided")
        time.sleep(LOOK)
    step("tickets")
    return perf_counter() - begun


def _text(url: str) -> bytes:
    with urlopen(url + "?typed=1", timeout=PATIENCE) as answer:
        return bytes(answer.read())
