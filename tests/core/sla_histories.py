"""Random tickets for the SLA clock: a seed gives a policy, calendars, events and the moment one looks at them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .sla_calendars import CALENDARS
from .sla_minutes import MINUTE, instant, second
from .sla_simulator import simulate

METRICS = ("first_response", "next_response", "periodic_update", "resolution", "ownership")
ERAS = ("2026-02-12", "2026-03-05", "2026-03-16", "2026-03-26", "2026-04-03", "2026-10-22", "2026-10-29")
"""Days from which tickets come: before the Spring Festival and before each change of a clock."""
LENGTHS = (1, 8, 30, 30, 72, 72, 150, 300)
"""Hours a history lasts."""
GOALS = (1200, 2400, 3600, 3600, 7200, 7200, 14400, 28800, 54000, 108000)
"""Seconds of which each of `THRESHOLDS` is whole minutes."""
THRESHOLDS = (0.25, 0.5, 0.75, 0.8, 0.9, 1.0, 1.5)
FIELDS: dict[str, tuple[Any, ...]] = {
    "status": ("new", "open", "open", "waiting", "done", "done", "closed", None),
    "priority": ("P1", "P2", "P3", None),
    "labels": ([], ["vip"], ["blocked"], ["vip", "blocked"], ["x"], None),
    "team": ("a", "a", "b", None),
}


@dataclass(frozen=True)
class History:
    """The arguments of one evaluation; `seed` makes it again."""

    seed: int
    policy: dict[str, Any]
    calendars: dict[str, Any]
    events: list[dict[str, Any]]
    as_of: str
    known_at: str | None

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.policy, self.calendars, self.events, self.as_of, self.known_at


def history(seed: int) -> History:
    """The same history for the same seed, now and on any machine."""
    dice = random.Random(seed)
    start = second(f"{dice.choice(ERAS)}T00:00:00Z") + MINUTE * dice.randrange(72 * 60)
    end = start + MINUTE * dice.randrange(1, 60 * dice.choice(LENGTHS) + 1)
    moments = [start, end, *(minute(dice, start, end) for _ in range(dice.randrange(1, 16)))]
    names = dice.sample(sorted(CALENDARS), dice.choice((1, 2, 2, 3)))
    calendars = {name: CALENDARS[name] for name in names}
    policy = {
        "done_status": dice.choice((["done"], ["done", "closed"], ["closed", "done", "solved"])),
        "metrics": {name: metric(dice, name, names) for name in dice.sample(METRICS, dice.randrange(2, 6))},
    }
    events = [created(dice, start)]
    events += [happening(dice, f"e{number}", dice.choice(moments)) for number in range(dice.randrange(3, 30))]
    if dice.random() < 0.25:
        events += [{**event, "at": instant(start - MINUTE * dice.randrange(600))} for event in events[1:3]]
    events += [amended(dice, dice.choice(events), moments) for _ in range(dice.choice((0, 0, 0, 1, 2, 4)))]
    as_of = instant(dice.choice(moments) if dice.random() < 0.3 else minute(dice, start, end + 4 * 3600))
    known_at = instant(minute(dice, start, end)) if dice.random() < 0.2 else None
    assert as_of is not None
    if dice.random() < 0.6:
        due = due_instant(dice, policy, calendars, events, as_of)
        events += [happening(dice, f"d{number}", due) for number in range(dice.randrange(4))]
        as_of = instant(due + MINUTE * dice.choice((0, 0, 0, 1, 90, 1500)))
    dice.shuffle(events)
    return History(seed, policy, calendars, events, as_of, known_at)


def minute(dice: random.Random, start: int, end: int) -> int:
    return start + MINUTE * dice.randrange(0, max(1, (end - start) // MINUTE))


def metric(dice: random.Random, name: str, calendars: Sequence[str]) -> dict[str, Any]:
    """One to three goals, the last often for every ticket; everything else now and then."""
    lengths = dice.sample(GOALS, 2)
    goals: list[dict[str, Any]] = [
        {"when": match(dice), "goal_s": dice.choice(lengths), "calendar": dice.choice(calendars)}
        for _ in range(dice.choice((0, 1, 2, 3)))
    ]
    if not goals or dice.random() < 0.5:
        goals.append({"goal_s": dice.choice(lengths), "calendar": dice.choice(calendars)})
    config: dict[str, Any] = {"goals": goals}
    if dice.random() < 0.6:
        config["pause_when"] = [{"status": ["waiting"]}, match(dice)][: dice.choice((1, 1, 2))]
    if dice.random() < 0.7:
        config["on_change"] = dice.choice(("carry", "recount", "recount", "restart"))
    if dice.random() < 0.5:
        config["breach_sticky"] = dice.random() < 0.4
    if dice.random() < 0.5:
        config["thresholds"] = sorted(dice.sample(THRESHOLDS, dice.randrange(1, 4)))
    if name == "resolution" and dice.random() < 0.7:
        config["reopen"] = dice.choice(("resume", "restart", "ignore"))
    return config


def match(dice: random.Random) -> dict[str, list[Any]]:
    """One or two fields, one or two values each."""
    values = {
        "status": ("new", "open", "waiting", "done"),
        "priority": ("P1", "P2", "P3"),
        "labels": ("vip", "blocked", "x"),
        "team": ("a", "b"),
    }
    fields = dice.choices(("priority", "labels", "team", "status"), (6, 2, 1, 1), k=dice.choice((1, 1, 1, 2)))
    return {field: dice.sample(values[field], dice.choice((1, 2))) for field in fields}


def created(dice: random.Random, at: int) -> dict[str, Any]:
    fields = {field: dice.choice(values) for field, values in FIELDS.items() if dice.random() < 0.8}
    if dice.random() < 0.7:
        fields["status"] = dice.choice(("new", "open"))
    by = dice.choice(("customer", "customer", "agent"))
    event = {"id": "made", "at": instant(at), "type": "created", "by": by, "fields": fields}
    return event | ({"seq": dice.randrange(6)} if dice.random() < 0.5 else {})


def happening(dice: random.Random, name: str, at: int) -> dict[str, Any]:
    """A comment, a changed field or, rarely, a merge; with seq or without."""
    event: dict[str, Any] = {"id": name, "at": instant(at)}
    if dice.random() < 0.7:
        event["seq"] = dice.randrange(6)
    if dice.random() < 0.3:
        event["recorded_at"] = instant(at + MINUTE * dice.randrange(600))
    kind = dice.random()
    if kind < 0.4:
        event |= {"type": "comment", "by": dice.choices(("customer", "agent", "system"), (4, 3, 1))[0]}
        if dice.random() < 0.5:
            event["public"] = dice.random() < 0.7
    elif kind < 0.98:
        field = dice.choices(tuple(FIELDS), (5, 5, 2, 2))[0]
        event |= {"type": "field", "field": field, "value": dice.choice(FIELDS[field])}
    else:
        event |= {"type": "merged_into", "target": "T-9"}
    return event


def amended(dice: random.Random, event: dict[str, Any], moments: Sequence[int]) -> dict[str, Any]:
    """The same id again: a duplicate, a correction told at once or later, or a tombstone."""
    again = dict(event)
    kind = dice.random()
    if kind < 0.3:
        return again
    at = dice.choice(moments)
    if kind < 0.45 and event["type"] != "created":
        again["deleted"] = True
    elif event["type"] == "created":
        again |= {"at": instant(at), "fields": created(dice, at)["fields"]}
    else:
        again = happening(dice, event["id"], at)
    again["recorded_at"] = instant(max(at, second(event["at"])) + MINUTE * dice.choice((0, 0, 5, 60, 600)))
    return again


def due_instant(dice: random.Random, policy: Any, calendars: Any, events: Any, as_of: str) -> int:
    """The second at which something falls due as things stand at `as_of`, or that of `as_of` itself."""
    found = []
    for outcome in simulate(policy, calendars, events, as_of).values():
        found += [outcome.get("due_at"), *(outcome.get("thresholds") or {}).values()]
    near = [at for at in found if at is not None and second(at) < second(as_of) + 6 * 86400]
    return second(dice.choice(near) if near else as_of)
