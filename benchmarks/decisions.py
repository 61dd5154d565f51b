"""Whole decisions per second: every built-in plugin asked, `decide`, one plan; and what rules cost against `eval`."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from connector.engine.planning import plan_for
from connector.frozen import EMPTY
from connector.model import Actor, Event, Kind, Person, Role, Ticket
from connector.plugins_host import PluginHost
from connector.rulebook import Rulebook, load

from . import conditions
from .conditions import NOW, TIERS
from .service import ROOT

Step = Callable[[str], None]
PLUGINS = ("customers", "language", "priority", "routing", "replies", "commands")
NAMES = """
fields:
  component: {jira: component, gitlab: "component::*"}
team:
  frontline: {gitlab: "team::frontline"}
"""


def measure(
    folder: Path, step: Step, *, sizes: Sequence[int] = conditions.SIZES, tickets: int = 7, looks: int = 5
) -> dict[str, dict[str, float]]:
    """For each number of rules what `conditions.measure` says, and `decision_us`, `decisions_per_s`.

    The rules of a decision are the same conditions, as signals of `priority`; every ticket is new.
    """
    shown = {}
    for size in sizes:
        figures = conditions.measure((size,), tickets, looks)[str(size)]
        step(f"{size} conditions")
        spent = _decisions(folder / f"rules-{size}", size, tickets)
        step(f"{size} rules, whole decisions")
        shown[str(size)] = {**figures, "decision_us": spent * 1e6, "decisions_per_s": 1 / spent}
    return shown


def steps(sizes: Sequence[int] = conditions.SIZES) -> int:
    """How often `measure` calls `step`."""
    return 2 * len(sizes)


def _decisions(folder: Path, size: int, tickets: int) -> float:
    """Seconds of processor time for one decision, the median of `tickets` never seen before."""
    chance = random.Random(20260302)
    _write(folder, [conditions._rule(chance, at) for at in range(size)])
    host = PluginHost(ROOT / "plugins", entry_points=False)
    try:
        book = load(folder, host, env={})
        _timed(host, book, _ticket(chance, 0))
        return median(_timed(host, book, _ticket(chance, n)) for n in range(1, tickets + 1))
    finally:
        host.close()


def _timed(host: PluginHost, book: Rulebook, ticket: Ticket) -> float:
    event = Event(
        "gitlab",
        ticket.id,
        Kind.CREATED,
        key=ticket.key,
        project="desk",
        at=NOW,
        actor=Actor("c", "C", Role.CUSTOMER),
    )
    gc.disable()
    start = process_time()  # of all threads: plugins are asked in threads of their own
    plan = plan_for(host, book.files[0], ticket, event, book.desk, NOW)
    spent = process_time() - start
    gc.enable()
    if plan.failures or not plan.decisions:
        raise AssertionError(f"the decision went wrong: {plan.failures}")
    return spent


def _ticket(chance: random.Random, number: int) -> Ticket:
    """A ticket of the conditions' benchmark, whose facts the plugins have yet to find."""
    made = conditions._ticket(chance)
    tier = chance.choice(TIERS)
    who = Person(email=f"dana@{tier}.example", name="Dana")
    return replace(
        made, id=str(number), key=f"#{number}", project="desk", tracker="gitlab", requester=who,
        created=NOW - timedelta(hours=1), facts=EMPTY,
    )  # fmt: skip


def _write(folder: Path, rules: Sequence[conditions.Rule]) -> None:
    """A rule file with one signal for each of `rules`; JSON is YAML."""
    signals = [
        {"id": f"s{at}", "when": dict(rule.when), "score": 1, "because": f"signal {at}"}
        for at, rule in enumerate(rules)
    ]
    sections: dict[str, Any] = {
        "version": 1,
        "applies_to": {"gitlab": ["desk"]},
        "mode": "live",
        "plugins": list(PLUGINS),
        "priority": {"levels": {"urgent": 50, "high": 25, "normal": 1, "low": 0}, "signals": signals},
        "routing": [{"id": "rest", "team": "frontline"}],
    }
    customers = [{"match": f"*@{tier}.example", "tier": tier, "seats": 100 * n} for n, tier in enumerate(TIERS, 1)]
    folder.mkdir(parents=True)
    (folder / "desk.yaml").write_text(json.dumps(sections, ensure_ascii=False), encoding="utf-8")
    (folder / "_customers.yaml").write_text(json.dumps(customers), encoding="utf-8")
    (folder / "_names.yaml").write_text(NAMES, encoding="utf-8")
