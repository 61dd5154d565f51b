"""One lane's waiting events, from inbox to record: one read, a plan for each event that needs one, written back."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial

from .. import metrics, traces
from ..changes import Say, SetFact
from ..core.ticket_file import event_from_json
from ..errors import Gone, PluginError, PointsmanError, TrackerError, described
from ..frozen import EMPTY
from ..model import Audience, Event, Kind
from ..plan import Plan
from ..rulebook import Rulebook
from ..store import EffectRow, Lane, StoredPlan, Waiting
from ..trackers import Tracker
from .backfill_turns import met_before, wanted_still
from .counted import Counted, counted, written
from .delivery import enqueue
from .give_back import crossed
from .gone import DELETED, GONE, bury, is_there, leave, meaning
from .history import UNNAMED
from .learn import comment_row, learn, our_comment
from .loads import keep_load, until_there_is_room, weigh, with_records
from .look import Look, creation_missed, look_at
from .notices import notice
from .planning import HELD, plan_for, refuse_over_budget
from .record import Drawn, as_write, effect_rows, plan_row, ticket_row
from .services import Services, ticket_of
from .turns import turns_of
from .wakes import set_timers
from .writeback import Carried, applied, carry

log = logging.getLogger(__name__)


class RulesMissing(PointsmanError):
    """There are no rules to decide by yet; the events wait."""


class PlanRefused(PointsmanError):
    """The tracker refused a plan for good; its events are parked, those behind it wait for a new look."""


class Engine:
    """Works the events of one ticket at a time; the worker calls `handle` with a lane it holds."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def handle(self, lane: Lane, waiting: tuple[Waiting, ...]) -> None:
        """Work `waiting` (one ticket, oldest first) and finish them; raise `TrackerError` to be called again."""
        name, ticket_id = ticket_of(lane.key)
        tracker = self.services.trackers.get(name)
        if tracker is None:
            raise TrackerError(f"work {name}", detail="this tracker is not connected", sent=False)
        events = tuple((row.id, event_from_json(row.event)) for row in waiting)
        if any(event.kind is Kind.DELETED for _, event in events):
            bury(self.services, lane, [row.id for row in waiting], DELETED)
            return
        try:
            self._look_and_work(lane, tracker, ticket_id, events)
        except PlanRefused as refused:
            log.warning("events_failed", extra={"lane": lane.key, "error": str(refused)})
        except Gone as gone:
            if is_there(self.services, tracker, ticket_id):
                # Something else was missing, such as its project or its history: that may be mended.
                raise TrackerError(gone.call, status=404, sent=False, detail="not found") from gone
            bury(self.services, lane, [row.id for row in waiting], GONE)

    def _look_and_work(
        self, lane: Lane, tracker: Tracker, ticket_id: str, events: tuple[tuple[int, Event], ...]
    ) -> None:
        events = wanted_still(self.services, lane, events)
        if not events:
            return
        missed = any(event.kind is Kind.RECONCILED for _, event in events)
        look = look_at(self.services, tracker, ticket_id, catch_up=missed)
        look, finished = self._resume(lane, look)
        events = tuple((id_, event) for id_, event in events if id_ not in finished)
        if not events:
            return
        if look.file is None and self.services.rules.broken:
            raise RulesMissing("no rule file could be loaded: see `pointsman check`")
        if look.file is None:
            leave(self.services, lane, look, [id_ for id_, _ in events])
            return
        self._work(lane, look, events)

    def _resume(self, lane: Lane, look: Look) -> tuple[Look, frozenset[int]]:
        """Carry a plan that an earlier try left open to its end before anything new is planned.

        Returns the ids of the events that are finished with it.
        """
        stored = self.services.store.plans.open_plan(look.tracker.name, look.ticket.id)
        if stored is None:
            return look, frozenset()
        event = event_from_json(stored.row.event)
        look = self._carry(lane, look, stored, event, retried=True)
        return look, frozenset(stored.row.event_ids)

    def _work(self, lane: Lane, look: Look, events: tuple[tuple[int, Event], ...]) -> None:
        look, known = learn(self.services, lane, look, events)
        turns = turns_of(known)
        if first := creation_missed(self.services, look, known):
            turns.insert(0, (first, ()))
        for event, ids in turns:
            look = self._turn(lane, look, event, ids)

    def _turn(self, lane: Lane, look: Look, event: Event, ids: tuple[int, ...]) -> Look:
        """Plan for one event, store the plan, write it back, record what came of it."""
        return until_there_is_room(partial(self._try_turn, lane, replace(look, shadow=event.shadow), event, ids))

    def _try_turn(self, lane: Lane, look: Look, event: Event, ids: tuple[int, ...], full: frozenset[str]) -> Look:
        """Raise `Full`, and store nothing, if whom the plan chose has no room any more."""
        book = self.services.rules.current
        look = with_records(self.services, look, book.desk, full)
        drawn = self._draw(look, book, event, ids)
        plan = drawn.plan
        if look.live:
            memory = look.memory.decided(plan, drawn.at)
            look = replace(look, memory=memory.stands_for(c for c in plan.stands if c not in plan.changes))
        elif not look.shadow:
            # What a plugin keeps with the ticket it keeps in shadow, too: else a rung would act at every look.
            kept = (change for change in plan.stands if isinstance(change, SetFact))
            look = replace(look, memory=look.memory.stands_for(kept))
        look, clocks = counted(self.services, look, book, drawn)
        effects = self._store_plan(lane, look, book, drawn, clocks, full)
        if not look.shadow and any(decision.reason == HELD for decision in plan.decisions):
            told = f"{look.tracker.name} {look.ticket.key}: {HELD}; one plan follows within the hour"
            notice(self.services, "held", lane.key, told)
        if not effects:
            return replace(look, ticket=look.memory.on(look.ticket))
        stored = self.services.store.plans.open_plan(look.tracker.name, look.ticket.id)
        assert stored is not None
        look = self._carry(lane, look, stored, event, retried=False)
        self._tell(look, event, plan)
        return look

    def _draw(self, look: Look, book: Rulebook, event: Event, ids: tuple[int, ...]) -> Drawn:
        services, now = self.services, self.services.clock()
        assert look.file is not None
        refuse = refuse_over_budget(services.store, look.ticket, now)
        orders = tuple(crossed(services.store, look.ticket)) if look.live else ()
        language = services.settings.language
        with metrics.timed(metrics.names.PLAN_SECONDS), traces.span("plan", tracker=look.tracker.name):
            plan = plan_for(services.host, look.file, look.ticket, event, book.desk, now, refuse, orders, language)
        return Drawn(plan, event, ids, now)

    def _store_plan(
        self, lane: Lane, look: Look, book: Rulebook, drawn: Drawn, clocks: Counted, full: frozenset[str]
    ) -> tuple[EffectRow, ...]:
        """Store the plan with all that follows from it; its effects. Without any, its events are done."""
        services, event = self.services, drawn.event
        names = services.words(look.tracker.name).names
        effects = effect_rows(drawn, look, services.settings.language, names) if look.live else ()
        state = "shadow" if not look.live else ("open" if effects else "empty")
        row = plan_row(drawn, look, book, self._digests(look), state)
        with services.store.fenced(lane) as work:
            number = work.add_plan(row, effects)
            if not look.shadow:
                # Cycles before timers, as everybody who sets both locks them.
                clocks.keep(work, look)
                set_timers(work, lane, look, drawn.plan, drawn.at)
                enqueue(work, look, book, drawn)
            if event.comment and event.kind is not Kind.COMMENT_EDITED:
                work.put_comment(comment_row(look, event, event.comment, ours=False, worked=True))
            met = not look.shadow or met_before(work, look)
            ticket = ticket_row(look, look.ticket, look.memory, number, met=met)
            work.put_ticket(ticket)
            keep_load(work, look, book, ticket, drawn.plan, full)
            if event.backfill:
                work.backfill_planned(event.backfill, look.ticket.id, number, done=not effects)
            if not effects:
                work.finish(drawn.events)
        return effects

    def _tell(self, look: Look, event: Event, plan: Plan) -> None:
        """Plugins that ask for it hear that the plan was written back; what they make of it is their own affair."""
        for name in look.file.plugins if look.file else ():
            # The host counts and logs a failure. The event is finished: raised, it would hold up those behind it.
            with suppress(PluginError):
                if self.services.host.has(name, "applied"):
                    self.services.host.applied(name, event=event, ticket=look.ticket, plan=plan)

    def _digests(self, look: Look) -> dict[str, str]:
        assert look.file is not None
        return {name: self.services.host.digest(name) for name in look.file.plugins}

    def _carry(self, lane: Lane, look: Look, stored: StoredPlan, event: Event, *, retried: bool) -> Look:
        carried = carry(self.services, look, stored, event.chain, retried=retried)
        look = self._store_outcome(lane, stored, event, carried)
        if carried.error is None:
            return look
        error = meaning(self.services, look, carried.error)
        if isinstance(error, Gone) or not error.permanent or not stored.row.event_ids:
            raise error
        with self.services.store.fenced(lane) as work:
            for id_ in stored.row.event_ids:
                work.park(id_, described(error))
        raise PlanRefused(described(error)) from error

    def _store_outcome(self, lane: Lane, stored: StoredPlan, event: Event, carried: Carried) -> Look:
        look, error = carried.look, carried.error
        rows = {row.key: row for row in stored.effects}
        done = tuple(as_write(rows[key]) for key in carried.done if rows[key].op != "Note")
        memory = look.memory.stands_for(write.change for write in done).taken(
            (rows[key].slot for key in carried.dropped), stored.at
        )
        if carried.note_id is not None:
            memory = replace(memory, note_id=carried.note_id, note_digest=carried.note_digest or "")
        ticket = applied(look.ticket, done)
        look = replace(
            look, memory=memory, ticket=replace(memory.on(ticket), note_id=memory.note_id or ticket.note_id)
        )
        us = look.tracker.me().account if carried.comments else ""
        said = {write.key: write.change for write in done if isinstance(write.change, Say)}
        with self.services.store.fenced(lane) as work:
            for key, response in carried.done.items():
                work.effect_done(key, response)
            for key, why in carried.dropped.items():
                work.effect_failed(key, "dropped", why)
            for key, why in carried.refused.items():
                answer = {"status": carried.statuses[key]} if key in carried.statuses else EMPTY
                work.effect_failed(key, "refused", why, answer)
            for key, (comment, digest) in carried.comments.items():
                audience = said[key].audience if key in said else Audience.INTERNAL
                row = our_comment(look, comment, audience, us, work.now)
                work.put_comment(replace(row, digest=digest, effect_key=key, id=comment or UNNAMED + digest))
            now = ticket_row(look, ticket, memory, stored.id)
            work.put_ticket(now)
            look = written(self.services, work, look)
            if error is None or error.permanent:
                weigh(work, self.services.rules.current, now)
            if error is None:
                work.close_plan(stored.id, "done")
                work.finish(stored.row.event_ids)
                if event.backfill:
                    work.backfill_planned(event.backfill, look.ticket.id, stored.id, done=True)
            elif error.permanent:
                work.close_plan(stored.id, "failed")
                if event.comment:
                    work.put_comment(comment_row(look, event, event.comment, ours=False, worked=False))
        return look
