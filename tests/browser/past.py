"""Six weeks of judged SLA clocks, which no test can wait for: what the report shows of the team of the example."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from connector.store import CycleRow, Store
from connector.store.cycles import exchange

from .world import HOSTILE

TEAMS = ("payments", "frontline", "backend", "支付与结算团队", HOSTILE[0], None)
GOALS = {"first_response": 4 * 3600, "resolution": 40 * 3600}


def put_past(store: Store, now: datetime) -> None:
    """Let there have been these weeks."""
    with store.begin() as work:
        exchange(store._database, work.connection, (), judged(now))


def judged(now: datetime) -> Iterator[CycleRow]:
    """Ever more is met from week to week; of two teams there are few."""
    random = Random(7)
    for number in range(240):
        days = random.uniform(0, 42)
        metric, goal = random.choice([*GOALS.items()])
        used = int(goal * random.lognormvariate(-0.9 + days / 60, 0.7))
        stopped = (now - timedelta(days=days)).replace(microsecond=0)
        open_ = days < 2 and number % 3 == 0
        breached = stopped - timedelta(seconds=used - goal) if used > goal or open_ else None
        yield CycleRow(
            tracker="gitlab",
            ticket=f"past/{number}",
            metric=metric,
            number=1,
            state="running" if open_ else "missed" if used > goal else "met",
            rules="past",
            counted_at=now,
            started_at=stopped - timedelta(seconds=3 * used),
            stopped_at=None if open_ else stopped,
            policy="premium" if number % 3 else "standard",
            calendar="cn-office",
            zone="Asia/Shanghai",
            goal_s=goal,
            elapsed_s=used,
            breached_at=breached,
            breach_at=breached,
            priority=random.choice(("urgent", "high", "normal", "low")),
            tier=random.choice(("gold", "silver", None)),
            channel="mail" if number % 4 else "form",
            team=TEAMS[min(int(random.expovariate(0.6)), 5)],
            project="acme/support",
            applies="support",
            is_over=True,
        )
