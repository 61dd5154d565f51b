"""Thresholds of many clocks, and their rungs, come due on a service that is killed in between: each once, and soon.

The lateness is printed, not judged: what else the machine does decides it.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
import requests

from connector.store import Store
from tests.databases import fresh_database, kinds
from tests.engine.line import write_rules

from .service import Service

SOAK = float(os.environ.get("SOAK", "0.1"))
TICKETS = max(60, round(2_000 * SOAK))
PACE = 20.0 if SOAK < 1 else 5.0
"""Tickets a second; at full size so few that the lateness is that of timers, not of a full queue."""
RULES = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [sla, escalation]
sla:
  - id: rest
    targets: {resolution: 10m 24x7}
    warn_at: [1%]
    escalate: [{at: 1%, add_label: climbed, say: "At {at}."}]
"""
TIMER = "sla"
WARNED, CLIMBED = "label:sla::at-risk", "label:climbed"


def typed(url: str, number: int) -> bool:
    """Type a ticket; a process that was just killed may not answer."""
    try:
        return (
            requests.post(f"{url}/api/v1/tickets", json={"title": f"Ticket {number}"}, timeout=10).status_code == 201
        )
    except requests.RequestException:
        return False


def type_all(service: Service, dice: random.Random | None) -> int:
    """Type the tickets at the pace; with `dice` three processes are killed meanwhile. How many were taken."""
    start, taken = time.monotonic(), []
    with ThreadPoolExecutor(8) as people:
        for number in range(TICKETS):
            time.sleep(max(0.0, start + number / PACE - time.monotonic()))
            taken.append(people.submit(typed, service.url, number))
            if dice and number % (TICKETS // 3) == TICKETS // 6:
                service.kill_one(dice)
        return sum(each.result() for each in taken)


def labelled(store: Store, slot: str) -> dict[str, int]:
    """Ticket → how often the label was written: that it is at risk, or that the rung acted."""
    return {
        row.key: sum(
            effect.slot == slot and effect.op == "AddLabel" and effect.state == "done"
            for plan in store.plans.of_ticket(row.tracker, row.id, limit=50)
            for effect in plan.effects
        )
        for row in store.tickets.desk(limit=10_000)
    }


def lateness(store: Store) -> list[float]:
    """Seconds from the instant of each timer to the plan that followed from it, the shortest first."""
    late = []
    for row in store.tickets.desk(limit=10_000):
        for plan in store.plans.of_ticket(row.tracker, row.id, limit=50):
            event = plan.row.event
            if event.get("note") == TIMER:
                late.append((plan.at - datetime.fromisoformat(event["at"])).total_seconds())
    return sorted(late)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("killed", [True, False] if SOAK >= 1 else [True])
@pytest.mark.parametrize("database", kinds())
def test_every_threshold_is_seen_once_though_processes_die(database: str, killed: bool, tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "rules", {"desk.yaml": RULES})
    with fresh_database(database, tmp_path) as url:
        env = {"POINTSMAN_DATABASE_URL": url, "POINTSMAN_RULES_DIR": str(rules)}
        service = Service(tmp_path, env, workers=2)
        store = Store.open(url, migrate=False)
        try:
            taken = type_all(service, random.Random(7) if killed else None)
            end = time.monotonic() + 180
            # What a killed worker held is worked again when its lease has run out: all that was taken is waited for.
            while sum(map(bool, labelled(store, CLIMBED).values())) < taken and time.monotonic() < end:
                time.sleep(1)
            codes = service.stop()
            counts, late = Counter(labelled(store, WARNED).values()), lateness(store)
            climbed = Counter(labelled(store, CLIMBED).values())
        finally:
            store.close()
    p50, p99 = (late[min(len(late) - 1, int(len(late) * part))] for part in (0.5, 0.99))
    shown = {"database": database, "thresholds": len(late), "kills": service.kills, "typed": taken}
    print(json.dumps({**shown, "p50_s": round(p50, 3), "p99_s": round(p99, 3), "worst_s": round(late[-1], 3)}))
    assert set(counts) == {1}, counts
    assert set(climbed) == {1}, climbed
    assert sum(counts.values()) >= taken
    assert codes == [0] * len(codes)
