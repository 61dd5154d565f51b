"""The ladder over random histories: each rung once in each cycle, however facts arrive and however often it looks."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.calendars import EVERY_DESK
from connector.core.climb import climb
from connector.core.instants import whole_second
from connector.core.ladder import part_of
from connector.core.sla import clocks_of, fields_after
from connector.desk import Desk
from connector.frozen import FrozenDict, frozen
from connector.model import Event, Kind, Priority, Ticket
from connector.plan import jsonable
from connector.testing import a_ticket
from connector.testing.values import NOW

EXAMPLES = max(20, round(200 * float(os.environ.get("SOAK", "0.1"))))
MINUTE = timedelta(minutes=1)
START = whole_second(NOW)
GOAL = 10
PARTS = ("50%", "100%", "250%")


def target(minutes: int = GOAL) -> dict[str, Any]:
    return {"default": {"seconds": minutes * 60, "calendar": "24x7"}, "urgent": {"seconds": 240, "calendar": "24x7"}}


POLICY = frozen(
    {
        "id": "rest",
        "targets": {name: target() for name in ("next_response", "periodic_update", "resolution", "assignee_reply")},
        "pause_when": ({"status": ("pending",)},),
        "reopen": "restart",
        "escalate": tuple({"at": part, "add_label": ("x",)} for part in PARTS),
    }
)
POLICY = FrozenDict({**POLICY, "when": lambda _: True})
CREATED = {"id": "created", "at": START, "type": "created", "by": "customer", "fields": {"status": "new"}}
WHOLE = ("next_response", "100%")
RULES = FrozenDict({"policies": (POLICY,), "hops": 3, "orders": None})


def fact(number: int, minute: int, what: str) -> dict[str, Any]:
    at = START + minute * 60
    match what:
        case "asked" | "replied":
            by = "customer" if what == "asked" else "agent"
            return {"id": f"c{number}", "at": at, "seq": number, "type": "comment", "by": by, "public": True}
        case _:
            name, _, value = what.partition("=")
            return {
                "id": f"h{number}",
                "at": at,
                "seq": number,
                "type": "field",
                "field": name,
                "value": value or None,
            }


WHAT = st.sampled_from(
    [
        *("asked", "replied", "status=done", "status=open", "status=pending", "priority=urgent", "priority=low"),
        *("assignee=ann", "assignee=bo", "assignee="),
    ]
)
FACTS = st.lists(st.tuples(st.integers(1, 120), WHAT), max_size=12)


@dataclass
class Climber:
    """What is remembered between looks goes through JSON, as a restart would have it."""

    ours: str = "{}"
    acts: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def steps(self) -> list[dict[str, Any]]:
        return json.loads(self.ours).get("fact:kept.escalation", {}).get("steps", [])

    def look(self, events: Iterable[dict[str, Any]], minute: float) -> int:
        now = NOW + minute * MINUTE
        known = tuple(frozen(e) for e in (CREATED, *events))
        ticket = as_it_is(a_ticket(created=NOW, clock_events=known, ours=json.loads(self.ours)))
        found = climb(RULES, Desk(), ticket, Event("local", "1", Kind.TIMER, at=now), now)
        assert found is not None
        if found.kept is not None:
            self.ours = json.dumps({"fact:kept.escalation": jsonable(found.kept)})
        self.acts += [(act.step.metric, act.step.at, act.step.since) for act in found.acts]
        return len(found.acts)


def as_it_is(ticket: Ticket) -> Ticket:
    """The ticket as its facts leave it: nobody wishes for anything else."""
    fields = fields_after(ticket.clock_events)
    level = Priority.of(fields.get("priority") or "none")
    return replace(ticket, status=fields.get("status"), assignee=fields.get("assignee"), priority=level)


def reached(events: list[dict[str, Any]], minute: int) -> set[tuple[str, str, int]]:
    """The rungs whose part is used up at `minute` in a cycle that goes on, with its beginning."""
    ticket = as_it_is(a_ticket(created=NOW, clock_events=tuple(map(frozen, (CREATED, *events)))))
    return {
        (name, part, clock.last.started_at)
        for name, clock in clocks_of((POLICY,), EVERY_DESK, ticket, NOW + minute * MINUTE).items()
        if clock.last and clock.last.open and clock.last.goal
        for part in PARTS
        if any(hit.part == part_of(part) for hit in clock.last.hits)
    }


def cycle_at(metric: str, at: int, events: list[dict[str, Any]], minute: int) -> int:
    """When the cycle began, by what is known, that lasted or began at `at`, or was the first after it."""
    ticket = as_it_is(a_ticket(created=NOW, clock_events=tuple(map(frozen, (CREATED, *events)))))
    cycles = clocks_of((POLICY,), EVERY_DESK, ticket, NOW + minute * MINUTE)[metric].cycles
    return next(c.started_at for c in cycles if c.stopped_at is None or c.stopped_at > at or c.started_at == at)


@given(FACTS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_told_in_time_each_rung_acts_once_in_each_cycle_that_comes_so_far(told: list[tuple[int, str]]):
    events = [fact(n, minute, what) for n, (minute, what) in enumerate(sorted(told, key=lambda each: each[0]))]
    climber, wanted = Climber(), set()
    for minute in range(0, 150, 2):
        known = [event for event in events if event["at"] <= START + minute * 60]
        climber.look(known, minute)
        assert climber.look([*known, *known], minute) == 0, "what is told twice acts on nothing"
        wanted |= reached(known, minute)
    assert Counter(climber.acts) == dict.fromkeys(wanted, 1)


@given(FACTS, st.lists(st.tuples(st.integers(0, 11), st.booleans()), max_size=12), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_told_in_any_order_and_taken_back_no_cycle_of_todays_history_sees_a_rung_twice(
    told: list[tuple[int, str]], swaps: list[tuple[int, bool]], data: st.DataObject
):
    events = [fact(n, minute, what) for n, (minute, what) in enumerate(told)]
    arrival = data.draw(st.permutations(events))
    gone = {f"{number}" for number, deleted in swaps if deleted}
    arrival += [{**event, "deleted": True} for event in arrival if event["id"][1:] in gone]
    climber, known, minute = Climber(), [], 0
    for event in (*arrival, None):
        if event is not None:
            known.append(event)
            minute = max(minute, (event["at"] - START) // 60) + data.draw(st.integers(0, 20))
        acted = len(climber.acts)
        climber.look(known, minute)
        assert climber.look(known, minute) == 0
        now = reached(known, minute)
        assert set(climber.acts[acted:]) <= now, "only what is used up acts"
        for metric, part, since in climber.acts[acted:]:
            before = [at for name, of, at in climber.acts[:acted] if (name, of) == (metric, part)]
            assert not [at for at in before if cycle_at(metric, at, known, minute) == since], "it had acted there"
        remembered = {(step["metric"], step["at"]) for step in climber.steps}
        assert {each[:2] for each in now} <= remembered, "and all of it has acted"


def test_a_fact_that_comes_late_and_moves_the_beginning_repeats_nothing():
    climber, asked, earlier = Climber(), fact(2, 20, "asked"), fact(1, 15, "asked")
    replied = fact(0, 5, "replied")
    climber.look([replied, asked], 31)
    assert climber.acts.count(("next_response", "100%", START + 1200)) == 1
    before = len(climber.acts)
    climber.look([replied, asked, earlier], 32)
    assert [act for act in climber.acts[before:] if act[0] == "next_response"] == []


def test_a_reply_that_comes_late_gives_the_cycle_after_it_its_own_rung_and_taken_back_repeats_nothing():
    replied, asked, again = fact(0, 1, "replied"), fact(1, 2, "asked"), fact(3, 20, "asked")
    late = fact(2, 10, "replied")
    climber = Climber()

    def acts(*known: dict[str, Any]) -> list[int]:
        before = len(climber.acts)
        climber.look(known, 31)
        return [(since - START) // 60 for metric, at, since in climber.acts[before:] if (metric, at) == WHOLE]

    assert acts(replied, asked, again) == [2]
    assert acts(replied, asked, again, late) == [20]
    assert acts(replied, asked, again, late, {**late, "deleted": True}) == []


@pytest.mark.parametrize("changes", [["priority=urgent"], ["priority=urgent", "priority=low"], ["status=pending"]])
def test_another_goal_or_a_pause_repeats_nothing(changes: list[str]):
    climber, known = Climber(), []
    climber.look(known, 11)
    assert ("resolution", "100%", START) in climber.acts
    for number, what in enumerate(changes):
        known.append(fact(number, 12 + number, what))
        climber.look(known, 13 + number)
    climber.look(known, 80)
    assert Counter(act[:2] for act in climber.acts if act[1] == "100%")[("resolution", "100%")] == 1


def test_cycles_that_begin_in_one_second_do_not_share_a_record():
    """Two replies in the same second: the first cycle has no length, the rung acted in the second."""
    replies = [fact(0, 5, "replied"), fact(1, 5, "replied")]
    climber = Climber()
    for minute in (16, 17, 18):
        climber.look(replies, minute)
    assert climber.acts.count(("periodic_update", "100%", START + 300)) == 1
