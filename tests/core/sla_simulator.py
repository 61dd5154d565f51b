"""A naive SLA clock that walks from minute to minute: slow, plain, and sharing nothing with the real one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .sla_cycle import Cycle
from .sla_minutes import MINUTE, Minutes, instant, second

Event = dict[str, Any]


def simulate(
    policy: dict[str, Any],
    calendars: dict[str, Any],
    events: list[Event],
    as_of: str,
    known_at: str | None = None,
) -> dict[str, Any]:
    """The result of every metric of `policy` at `as_of`; all times, goals and thresholds must be whole minutes."""
    now = second(as_of)
    by_minute = defaultdict(list)
    for at, event in history(events, now, known_at):
        assert at % MINUTE == 0
        by_minute[at].append(event)
    if not by_minute:
        return {name: {"state": "not_started", "cycle": 0} for name in policy["metrics"]}
    minutes = {name: Minutes.of(spec) for name, spec in calendars.items()}
    ticket = Ticket(policy, minutes)
    for at in range(min(by_minute), now + 1, MINUTE):
        for event in by_minute.get(at, ()):
            ticket.apply(at, event)
        open_cycles = [cycles[-1] for cycles in ticket.cycles.values() if cycles and cycles[-1].is_open]
        for cycle in open_cycles:
            cycle.look(at)
            if at < now:
                cycle.tick(at)
    return {name: result(cycles, now) for name, cycles in ticket.cycles.items()}


def history(events: list[Event], now: int, known_at: str | None) -> list[tuple[int, Event]]:
    """The events that count with the instant at which they do, in order (E1, E2); empty without a `created`."""
    kept: dict[str, Event] = {}
    for event in events:
        recorded = second(event.get("recorded_at", event["at"]))
        if known_at is not None and recorded > second(known_at):
            continue
        other = kept.get(event["id"])
        if other is None or recorded >= second(other.get("recorded_at", other["at"])):
            kept[event["id"]] = event
    left = [event for event in kept.values() if not event.get("deleted")]
    created = [second(event["at"]) for event in left if event["type"] == "created"]
    if not created:
        return []
    moved = [(max(second(event["at"]), created[0]), event) for event in left]

    def order(item: tuple[int, Event]) -> tuple[int, bool, int, str]:
        at, event = item
        return at, event["type"] != "created", event.get("seq", 0), event["id"]

    return sorted(((at, event) for at, event in moved if at <= now), key=order)


def result(cycles: list[Cycle], now: int) -> dict[str, Any]:
    """The last cycle in full, the earlier ones in short."""
    if not cycles:
        return {"state": "not_started", "cycle": 0}
    *earlier, last = cycles
    known = last.goal is not None and not last.cancelled
    return {
        **last.short(),
        "cycle": len(cycles),
        "remaining_s": last.goal[0] - last.elapsed if last.goal and known else None,
        "due_at": instant(last.due(1.0, now)),
        "paused": last.pauses(now),
        "thresholds": {str(f): instant(last.due(f, now)) for f in last.config.get("thresholds", [])},
        "previous": [cycle.short() for cycle in earlier],
    }


class Ticket:
    """The fields of one ticket and the cycles its events start and stop."""

    def __init__(self, policy: dict[str, Any], minutes: dict[str, Minutes]) -> None:
        self.policy = policy
        self.minutes = minutes
        self.cycles: dict[str, list[Cycle]] = {name: [] for name in policy["metrics"]}
        self.fields: dict[str, Any] = {}
        self.created_by = ""
        self.customer_has_written = False
        self.answered = False
        self.merged = False

    @property
    def done(self) -> bool:
        return self.fields.get("status") in self.policy["done_status"]

    def is_open(self, metric: str) -> bool:
        cycles = self.cycles.get(metric)
        return bool(cycles) and cycles[-1].is_open

    def start(self, metric: str, at: int) -> None:
        """A new cycle, but none while done, next_response excepted (K1)."""
        if metric in self.cycles and (metric == "next_response" or not self.done):
            self.cycles[metric].append(Cycle(self.policy["metrics"][metric], self.minutes, at))

    def stop(self, at: int, *metrics: str, cancelled: bool = False) -> None:
        """Ends what is open; goal and pause stay as they were before the event, since `see` comes later (K2)."""
        for metric in metrics:
            if self.is_open(metric):
                self.cycles[metric][-1].stopped = at
                self.cycles[metric][-1].cancelled = cancelled

    def apply(self, at: int, event: Event) -> None:
        """One event: first what it stops, then what it starts, then goals and pauses of what is open."""
        if self.merged:
            return
        match event["type"]:
            case "created":
                self.create(at, event)
            case "comment" if event.get("public", True) and event["by"] == "agent":
                self.reply(at)
            case "comment" if event.get("public", True) and event["by"] == "customer":
                self.ask(at)
            case "field":
                self.change(at, event["field"], event["value"])
            case "merged_into":
                self.stop(at, *self.cycles, cancelled=True)
                self.merged = True
        for metric, cycles in self.cycles.items():
            if self.is_open(metric):
                cycles[-1].see(self.fields)

    def create(self, at: int, event: Event) -> None:
        self.fields = dict(event["fields"])
        self.created_by = event["by"]
        self.start("resolution", at)
        if self.created_by == "customer":
            self.start("first_response", at)
        if self.fields.get("team") is not None:
            self.start("ownership", at)

    def reply(self, at: int) -> None:
        self.answered = True
        self.stop(at, "first_response", "next_response", "periodic_update")
        self.start("periodic_update", at)

    def ask(self, at: int) -> None:
        if self.created_by == "agent" and not self.customer_has_written:
            self.start("first_response", at)
        self.customer_has_written = True
        if self.answered and not self.is_open("next_response"):
            self.start("next_response", at)

    def change(self, at: int, field: str, value: Any) -> None:
        was, was_done = self.fields.get(field), self.done
        self.fields[field] = value
        if field == "team" and value != was:
            self.stop(at, "ownership")
            if value is not None:
                self.start("ownership", at)
        if self.done and not was_done:
            self.answered = True
            self.stop(at, *self.cycles)
        if was_done and not self.done:
            self.reopen(at)

    def reopen(self, at: int) -> None:
        if self.cycles.get("periodic_update"):
            self.start("periodic_update", at)
        if self.fields.get("team") is not None:
            self.start("ownership", at)
        if "resolution" not in self.cycles:
            return
        how = self.policy["metrics"]["resolution"].get("reopen", "resume")
        if not self.cycles["resolution"] or how == "restart":
            self.start("resolution", at)
        elif how == "resume":
            self.cycles["resolution"][-1].resume(at)
