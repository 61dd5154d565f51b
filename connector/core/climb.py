"""What the ladder does now: which rungs act, what they hold, who is told at once, and what waits for the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..desk import Desk
from ..frozen import EMPTY, FrozenDict
from ..model import Event, Priority, Ticket
from .instants import moment_of, seconds_of, whole_second
from .ladder import (
    KEPT_ACKS,
    OF_HOLDER,
    Due,
    Held,
    Ladder,
    Rung,
    Step,
    acknowledged,
    as_held,
    cycle_of,
    due_rungs,
    held,
    ladder_of,
)
from .orders import ACK, ordered_at
from .outlook import Outlook, outlook

ASSIGNEE, LEAD = "assignee", "team-lead"


@dataclass(frozen=True, slots=True)
class Act:
    """A rung that acts now: what it does, and what is remembered of it."""

    rung: Rung
    step: Step


@dataclass(frozen=True, slots=True)
class Climb:
    """One look at a ticket's ladder.

    `held` is slot → value and the step that holds it, `tells` who is told of which step, `kept` what to remember,
    None if nothing changed. `look_at` is when what waits can be told, or done.
    """

    outlook: Outlook
    acts: tuple[Act, ...] = ()
    held: Mapping[str, Held] = EMPTY
    tells: tuple[tuple[Step, str], ...] = ()
    kept: Mapping[str, Any] | None = None
    look_at: datetime | None = None


def climb(rules: Mapping[str, Any], desk: Desk, ticket: Ticket, event: Event, now: datetime) -> Climb | None:
    """The ladder of the policy that applies to `ticket`; None if none does.

    `rules` are the policies and the settings of the section `escalation`. `ticket` is as the plugins before would
    have it; each rung sees it as those before it leave it.
    """
    policies = rules["policies"]
    found = outlook(policies, desk.calendars, ticket, now)
    if found is None:
        return None
    before, acks = ladder_of(ticket), acks_of(rules, desk, ticket, event)
    holds = dict(held(policies, desk.calendars, ticket, now))
    opens_at = _opens_at(rules.get("quiet_outside"), desk, now)
    ladder, acts, view = before, [], as_held(ticket, holds)
    due_now, later = _in_time(due_rungs(found.policy, found.clocks, before, acks), whole_second(now))
    for due in due_now:
        if event.backfill:
            # What came due before we had a say is not made up for.
            ladder = ladder.with_(_bare(due, found))
            continue
        act = _act(due, view, ladder, found, rules["hops"], desk)
        acts.append(act)
        ladder = ladder.with_(act.step)
        new = {slot: (value, act.step) for slot, value in act.step.sets.items()}
        view, holds = as_held(view, new), holds | new
    steps = [step for step in ladder.steps if step.waits and _goes_on(step, found, acks, holds, ticket)]
    loud = [act.step.rung for act in acts if act.rung.get("in_quiet_hours")]
    told = [step for step in steps if opens_at is None or step.rung in loud]
    ladder = ladder.waiting([step for step in steps if step not in told])
    return Climb(
        found,
        tuple(acts),
        FrozenDict(holds),
        tuple(_tells(told, [act.step.rung for act in acts], view, desk)),
        None if ladder == before else ladder.json(),
        min(filter(None, (opens_at if any(step.waits for step in ladder.steps) else None, later)), default=None),
    )


def _in_time(dues: Iterable[Due], now: int) -> tuple[list[Due], datetime | None]:
    """Those that act now, and when to look again for the others.

    What would end its own cycle in the second in which the target is used up would make it met.
    """
    ready: list[Due] = []
    later: int | None = None
    for due in dues:
        if due.rung["at"] == "100%" and due.hit >= now and _ends_its_cycle(due):
            later = due.hit + 1
        else:
            ready.append(due)
    return ready, None if later is None else moment_of(later)


def _ends_its_cycle(due: Due) -> bool:
    rung = due.rung
    gives = {"team": rung.get("team"), "assignee": rung.get("assign") or rung.get("return_to_team")}
    return bool(gives.get(OF_HOLDER.get(due.metric, ""))) or rung.get("set_status") == "done"


def _bare(due: Due, found: Outlook) -> Step:
    return Step(due.metric, due.rung["at"], due.cycle.started_at, str(found.policy["id"]))


def acks_of(rules: Mapping[str, Any], desk: Desk, ticket: Ticket, event: Event) -> tuple[int, ...]:
    """When agents acknowledged: as remembered, and in the comment at hand, which `commands` may work only later."""
    told = tuple(map(seconds_of, ticket.ours.get(KEPT_ACKS) or ()))
    new = ordered_at(ACK, event, desk, rules.get("orders"))
    return (*told, whole_second(new)) if new else told


def _act(due: Due, view: Ticket, ladder: Ladder, found: Outlook, hops: int, desk: Desk) -> Act:
    """What the rung does to `view`, and what is remembered of it."""
    rung = due.rung
    sets: dict[str, Any] = {}
    takes = stays = ""
    if more := rung.get("raise_priority"):
        sets["priority"] = Priority(min(view.priority + more, Priority.URGENT)).word
    if team := rung.get("team"):
        sets["team"] = team
    if person := _person(rung.get("assign"), replace(view, team=team or view.team), desk):
        sets["assignee"] = person
    elif rung.get("return_to_team") and view.assignee:
        if len(ladder.taken) < hops:
            sets["assignee"], takes = None, view.assignee
        else:
            stays = view.assignee
    step = Step(
        metric=due.metric,
        at=rung["at"],
        since=due.cycle.started_at,
        policy=str(found.policy["id"]),
        sets=FrozenDict(sets),
        waits=tuple(_receivers(rung, takes, first=bool(stays) and not ladder.told)),
        takes=takes,
        stays=stays,
    )
    return Act(rung, step)


def _receivers(rung: Rung, takes: str, *, first: bool) -> Iterator[str]:
    """Whom to tell; who loses the ticket is told by name. When it stays for the `first` time, the lead too."""
    told = tuple(takes if takes and name == ASSIGNEE else name for name in rung.get("notify") or ())
    yield from told
    if first and LEAD not in told:
        yield LEAD


def _goes_on(step: Step, found: Outlook, acks: Iterable[int], holds: Mapping[str, Held], ticket: Ticket) -> bool:
    """Is there still something to be told: is its cycle open, or ended by nothing but the step itself?"""
    clock = found.clocks.get(step.metric)
    cycle = cycle_of(step.since, clock.cycles) if clock else None
    if cycle is None or acknowledged(cycle, acks) is not None:
        return False
    slot = OF_HOLDER.get(step.metric, "")
    ended_it = slot in step.sets and slot in holds and holds[slot][1] == step
    return cycle.open or (ended_it and ticket.status != "done")


def _tells(
    told: Sequence[Step], new: Sequence[tuple[str, str]], view: Ticket, desk: Desk
) -> Iterator[tuple[Step, str]]:
    """Each step with each that hears of it; of what has waited one hears of the highest step of a metric only."""
    named = [(step, who) for step in told for name in step.waits if (who := _person(name, view, desk))]
    for step, who in dict.fromkeys(named):
        higher = (other.metric == step.metric and other.part > step.part for other, to in named if to == who)
        if step.rung in new or not any(higher):
            yield step, who


def _opens_at(name: str | None, desk: Desk, now: datetime) -> datetime | None:
    """When notices may go out again; None while they may."""
    calendar = desk.calendars.get(name) if name else None
    if calendar is None or calendar.is_open(whole_second(now)):
        return None
    at = calendar.turns_after(whole_second(now))
    return None if at is None else moment_of(at)


def _person(name: str | None, view: Ticket, desk: Desk) -> str | None:
    """Whom `assignee`, `team-lead` or a name means on this ticket; None for nobody."""
    if name == ASSIGNEE:
        return view.assignee
    return desk.leads.get(view.team or "") if name == LEAD else name
