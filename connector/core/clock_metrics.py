"""When a cycle of each metric starts, stops and goes on: the table of cycles and K1 to K3 of `docs/sla.md`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from .calendars import Calendar
from .clock_cycle import Cycle
from .clock_policy import MetricPolicy
from .clock_story import Signal, Step


@dataclass(slots=True)
class Run:
    """The cycles of one metric so far. `asked`: a customer wrote publicly; `answered`: somebody replied or solved."""

    policy: MetricPolicy
    calendars: Mapping[str, Calendar]
    cycles: list[Cycle] = field(default_factory=list)
    by_agent: bool = False
    asked: bool = False
    answered: bool = False

    @property
    def current(self) -> Cycle | None:
        """The open cycle."""
        return self.cycles[-1] if self.cycles and self.cycles[-1].open else None

    def start(self, step: Step) -> None:
        """A new cycle at `step`, if none is open."""
        if self.current is None:
            self.cycles.append(Cycle(self.policy, self.calendars, step.at))

    def stop(self) -> None:
        """Judge the open cycle, if there is one."""
        if self.current is not None:
            self.current.stop()


def run(
    metric: str, policy: MetricPolicy, calendars: Mapping[str, Calendar], steps: Iterable[Step], as_of: int
) -> tuple[Cycle, ...]:
    """All cycles of `metric` after the steps, their time passed to `as_of`."""
    going = Run(replace(policy, counts_in=COUNTED.get(metric, ())), calendars)
    turn = METRICS[metric]
    for step in steps:
        last = going.cycles[-1] if going.cycles else None
        if last is not None and not last.cancelled:
            last.pass_to(step.at)
        if step.signal is Signal.MERGED:
            _cancel(going)
            break
        turn(going, step)
        going.asked = going.asked or step.signal is Signal.ASKED
        going.answered = going.answered or step.signal in (Signal.REPLIED, Signal.SOLVED)
        cycle = going.current
        if cycle is not None:
            cycle.take(step.fields)
            if step.last:
                cycle.look()
    cycle = going.current
    if cycle is not None:
        cycle.pass_to(as_of)
        cycle.look()
    return tuple(going.cycles)


def _cancel(going: Run) -> None:
    cycle = going.current
    if cycle is not None:
        cycle.stop()
        cycle.cancelled = True


def _first_response(going: Run, step: Step) -> None:
    match step.signal:
        case Signal.CREATED if step.by == "agent":
            going.by_agent = True
        case Signal.CREATED if not step.done:
            going.start(step)
        case Signal.ASKED if going.by_agent and not going.asked and not step.done:
            going.start(step)
        case Signal.REPLIED | Signal.SOLVED:
            going.stop()


def _next_response(going: Run, step: Step) -> None:
    match step.signal:
        case Signal.ASKED if going.answered:
            going.start(step)
        case Signal.REPLIED | Signal.SOLVED:
            going.stop()


def _periodic_update(going: Run, step: Step) -> None:
    match step.signal:
        case Signal.REPLIED:
            going.stop()
            if not step.done:
                going.start(step)
        case Signal.SOLVED:
            going.stop()
        case Signal.REOPENED if going.cycles:
            going.start(step)


def _resolution(going: Run, step: Step) -> None:
    match step.signal:
        case Signal.CREATED if not step.done:
            going.start(step)
        case Signal.SOLVED:
            going.stop()
        case Signal.REOPENED if not going.cycles or going.policy.reopen == "restart":
            going.start(step)
        case Signal.REOPENED if going.policy.reopen == "resume":
            going.cycles[-1].resume()


def _ownership(going: Run, step: Step) -> None:
    _held(going, step, "team", Signal.TEAM)


def _assignee_reply(going: Run, step: Step) -> None:
    """As ownership, of the assignee; their public reply stops it, or any agent's where nobody knows whose it is."""
    if step.signal is Signal.REPLIED and step.person in ("", step.fields.get("assignee")):
        going.stop()
    _held(going, step, "assignee", Signal.ASSIGNEE)


def _held(going: Run, step: Step, field: str, changed: Signal) -> None:
    if step.signal in (changed, Signal.SOLVED):
        going.stop()
    if step.signal in (Signal.CREATED, Signal.REOPENED, changed) and step.fields.get(field) and not step.done:
        going.start(step)


METRICS: Mapping[str, Callable[[Run, Step], None]] = {
    "first_response": _first_response,
    "next_response": _next_response,
    "periodic_update": _periodic_update,
    "resolution": _resolution,
    "ownership": _ownership,
    "agent_work": _resolution,
    "requester_wait": _resolution,
    "assignee_reply": _assignee_reply,
}
COUNTED: Mapping[str, tuple[str, ...]] = {"agent_work": ("new", "open"), "requester_wait": ("new", "open", "on_hold")}
"""The status words in which these count; they stand still in every other. Without a status a ticket is new."""
