"""A person's word outranks the machine's: after a restart, after shadow ↔ live, until it is released."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from connector.engine.planning import BUDGET, HELD, reopened_slots
from connector.model import Actor, Comment, FieldChange, Kind, Priority, Role
from connector.rulebook import RuleFile
from connector.testing import FakeTracker, FixedClock, a_ticket, an_event
from tests.engine.line import RULES, Line, a_line, write_rules

BO = Actor("bo", "Bo", Role.AGENT, "bo")
REOPENED = {"desk.yaml": RULES.replace("mode: live", "mode: live\nrelease_on: [command, reopened]")}


def overrule(line: Line, tracker: FakeTracker, clock: FixedClock, id: str, value: str = "low") -> None:
    clock.forward(timedelta(minutes=5))
    was = tracker.ticket(id).priority.word
    tracker.edit(id, "bo", priority=value)
    change = FieldChange("priority", was, value, clock(), BO)
    line.updated(id, actor=BO, changes=(change,))


def test_a_pin_outlives_a_restart(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("outage")
        line.created(id)
        overrule(line, tracker, clock, id)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        line.updated(id)
        assert tracker.ticket(id).priority.word == "low"
        assert line.verdicts(id)["priority"] == "a person changed it since"


def test_a_pin_outlives_shadow_and_live(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("outage")
        line.created(id)
        for mode in ("shadow", "live"):
            write_rules(tmp_path / "rules", {"desk.yaml": RULES.replace("mode: live", f"mode: {mode}")})
            assert line.services.rules.refresh(force=True)
            if mode == "shadow":
                overrule(line, tracker, clock, id)
            line.updated(id)
            assert tracker.ticket(id).priority.word == "low"
            assert line.verdicts(id)["priority"] == "a person changed it since"


def test_the_echo_of_our_own_write_pins_nothing(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("hello")
        line.created(id)
        clock.forward(timedelta(minutes=5))
        us = tracker.me()
        change = FieldChange("priority", "none", "low", clock(), us)
        line.updated(id, actor=us, changes=(change,))
        tracker.edit(id, "bo", title="outage")
        line.updated(id)
        assert tracker.ticket(id).priority.word == "urgent"


def test_a_change_from_long_before_our_write_is_told_late_and_undoes_nothing(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("outage")
        clock.forward(timedelta(minutes=10))
        old = FieldChange("priority", "none", "low", clock(), BO)
        clock.forward(timedelta(minutes=10))
        line.created(id)
        line.updated(id, actor=BO, changes=(old,))
        assert tracker.ticket(id).priority.word == "urgent"
        assert line.plans(id)[0]["effects"] == []


def test_reopening_releases_where_the_rules_say_so(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock, files=REOPENED) as line:
        id = tracker.add("outage")
        line.created(id)
        overrule(line, tracker, clock, id)
        clock.forward(timedelta(minutes=5))
        reopened = FieldChange("status", "done", "open", clock(), BO)
        line.updated(id, actor=BO, changes=(reopened,))
        assert tracker.ticket(id).priority.word == "urgent"


def test_reopening_releases_too_when_later_events_wait_behind_it(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock, files=REOPENED) as line:
        id = tracker.add("outage")
        line.created(id)
        overrule(line, tracker, clock, id)
        clock.forward(timedelta(minutes=5))
        reopened = FieldChange("status", "done", "open", clock(), BO)
        line.deliver(line.event("local", id, actor=BO, changes=(reopened,)))
        clock.forward(timedelta(minutes=1))
        line.deliver(line.event("local", id, actor=BO))
        line.work()
        assert tracker.ticket(id).priority.word == "urgent"


def test_what_a_person_sets_while_reopening_or_after_it_stays_theirs(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock, files=REOPENED) as line:
        id = tracker.add("outage")
        line.created(id)
        clock.forward(timedelta(minutes=5))
        tracker.edit(id, "bo", priority="low")
        reopened = FieldChange("status", "done", "open", clock(), BO)
        line.updated(id, actor=BO, changes=(reopened, FieldChange("priority", "urgent", "low", clock(), BO)))
        assert tracker.ticket(id).priority.word == "low"
        overrule(line, tracker, clock, id, "normal")
        line.updated(id)
        assert tracker.ticket(id).priority.word == "normal"


def test_a_loop_is_held_after_ten_writes_an_hour_and_looked_at_once_more(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("hello")
        line.created(id)
        for turn in range(BUDGET + 3):
            clock.forward(timedelta(seconds=30))
            other = FieldChange("team", "x", "y", clock(), Actor("robot", "Robot", Role.SYSTEM))
            tracker.storage.set(id, {"team": None, "title": "bug" if turn % 2 else "hello"})
            _forget_ours(line, id)
            line.updated(id, changes=(other,))
        newest = line.plans(id)[0]["decisions"]
        assert next(d for d in newest if d["slot"] == "team")["reason"] == HELD
        timer = line.store.timers.get(f"local:{id}", "budget")
        assert timer is not None
        assert timer.due_at == clock() + timedelta(hours=1)


def _forget_ours(line: Line, id: str) -> None:
    """As if the other machine's change had been released: what is tried is the budget, not the pin."""
    with line.store.begin() as work:
        row = work.ticket("local", id)
        assert row is not None
        memory = {**row.memory, "ours": {}, "pins": {}}
        work.put_ticket(replace(row, memory=memory))


def test_a_command_in_shadow_is_not_obeyed_later_when_live(tmp_path: Path) -> None:
    tracker = FakeTracker()
    files = {"desk.yaml": RULES.replace("mode: live", "mode: shadow")}
    with a_line(tmp_path, {"local": tracker}, files=files) as line:
        id = tracker.add("outage")
        line.created(id)
        line.said(id, "@pointsman priority low", id="5")
        write_rules(tmp_path / "rules", {"desk.yaml": RULES})
        line.services.rules.refresh(force=True)
        line.said(id, "@pointsman priority low", id="5")
        assert tracker.ticket(id).priority.word == "urgent"
        assert Kind.COMMENTED.value in {plan["event"]["kind"] for plan in line.plans(id)}


def test_a_reopening_that_only_the_history_tells_releases_too() -> None:
    clock = FixedClock()
    pinned, reopened = clock.forward(timedelta(minutes=5)), clock.forward(timedelta(minutes=5))
    history = (
        FieldChange("priority", "urgent", "low", pinned, BO),
        FieldChange("status", "done", "open", reopened, BO),
        FieldChange("team", "frontline", "backend", clock.forward(timedelta(minutes=5)), BO),
    )
    file = RuleFile("desk", "desk.yaml", release_on=frozenset({"command", "reopened"}))
    ticket = a_ticket(history=history, priority=Priority.LOW)
    assert reopened_slots(file, ticket, an_event("reconciled", "system")) == {"priority": reopened}


def test_an_order_for_what_is_so_already_pins_also_when_other_events_wait_behind_it(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        id = tracker.add("hello")
        line.created(id)
        clock.forward(timedelta(minutes=5))
        ann = Actor("ann", "Ann", Role.AGENT, "ann")
        early = line.event("local", id, Kind.COMMENTED, actor=ann, comment=Comment("1", "@pointsman priority high"))
        clock.forward(timedelta(minutes=5))
        late = line.event("local", id, Kind.COMMENTED, actor=ann, comment=Comment("2", "@pointsman priority low"))
        line.deliver(late)
        line.deliver(line.event("local", id))
        line.work()
        line.deliver(early)
        line.work()
        assert tracker.ticket(id).priority.word == "low"
