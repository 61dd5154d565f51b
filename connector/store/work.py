"""`Work`: all that one transaction of the flows may write, so that an event's outcome commits as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.engine import Connection

from ..core.clock_facts import Fact as FactRow
from ..frozen import EMPTY
from ..metrics.names import EFFECTS, FINISHED, Metric
from . import audit, backfill_marks, cycles, effects, facts, history, ledger, loads, plans, stale, tickets, timers
from .cycle_row import CycleRow
from .database import Database
from .inbox import endings, lanes
from .inbox.accept import add, ready
from .load_rows import CLAIMED, TAKEN, Name, Share
from .meta import reserve
from .rows import Accepted, CommentRow, EffectRow, HistoryRow, Incoming, Lane, PlanRow, TicketRow, TimerRow
from .stale import Stale
from .wake import Topic


class Work:
    """One open transaction. With a lane it may end events; it holds the lane's row until the commit."""

    def __init__(self, database: Database, connection: Connection, lane: Lane | None) -> None:
        self.connection = connection
        self.topics: set[Topic] = set()
        self._database = database
        self._lane = lane
        self._ended = False
        self.tally: Counter[tuple[Metric, str]] = Counter()
        if lane is not None:
            lanes.verify(connection, lane)
        self.now: datetime = database.now(connection)

    # The inbox

    def finish(self, ids: Iterable[int]) -> None:
        """The events are done. With the commit the lane is gone if nothing is left in it; else it stays ours."""
        ended = tuple(ids)
        endings.finish(self.connection, self._held, ended, self.now)
        self.tally[FINISHED, "done"] += len(ended)
        self._ended = True

    def retry(self, ids: Iterable[int], at: datetime, error: str) -> None:
        """One more failed try for the events; the lane is given back and ready at `at`."""
        again = tuple(ids)
        endings.retry(self.connection, self._held, again, self.now, at, error)
        self.tally[FINISHED, "retried"] += len(again)
        self._ended = True

    def park(self, id: int, error: str) -> None:
        """Nobody works the event until a person replays it; the lane goes on with the next one."""
        endings.park(self.connection, self._held, id, self.now, error)
        self.tally[FINISHED, "parked"] += 1
        self._ended = True

    def enqueue(self, incoming: Incoming) -> Accepted:
        """Store a further event in this transaction."""
        self.topics.add(Topic.WORK)
        return add(self._database, self.connection, [ready(incoming)], self.now)[0]

    # Timers

    def set_timer(self, key: str, name: str, due_at: datetime, payload: Mapping[str, Any] = EMPTY) -> None:
        """Set or move a timer of the lane `key`; when due it is an event `payload` plus `kind note at delivery`."""
        timers.put(self._database, self.connection, key, name, due_at, payload)
        self.topics.add(Topic.TIMERS)

    def set_timers(self, rows: Iterable[TimerRow]) -> None:
        """Set or move many timers."""
        timers.put_all(self._database, self.connection, rows)
        self.topics.add(Topic.TIMERS)

    def with_timer(self, name: str, keys: Iterable[str]) -> set[str]:
        """Those lanes of `keys` for which the timer `name` is set."""
        return timers.pending(self.connection, name, keys)

    def reserve(self, name: str, length: timedelta) -> datetime:
        """The beginning of a span of `length` that overlaps none that was given for `name` before."""
        return reserve(self._database, self.connection, name, length, self.now)

    def cancel_timer(self, key: str, name: str) -> None:
        timers.drop(self.connection, key, name)

    def cancel_timers(self, key: str) -> None:
        """Cancel all timers of the lane `key`."""
        timers.drop(self.connection, key)

    # Tickets, history

    def ticket(self, tracker: str, id: str) -> TicketRow | None:
        return tickets.get(self.connection, tracker, id)

    def put_ticket(self, row: TicketRow) -> None:
        """Store the ticket, or replace what was known of it; a key that changed becomes an alias."""
        tickets.put(self._database, self.connection, row, self.now)

    def alias(self, tracker: str, alias: str, id: str) -> None:
        tickets.put_alias(self._database, self.connection, tracker, alias, id)

    def add_history(self, tracker: str, id: str, rows: Iterable[HistoryRow]) -> tuple[tuple[int, HistoryRow], ...]:
        """Store those of `rows` that are new; these, each with its number."""
        return history.add(self.connection, tracker, id, rows)

    def history(self, tracker: str, id: str) -> tuple[tuple[int, HistoryRow], ...]:
        """All changes, oldest first, each with its number."""
        return history.numbered(self.connection, tracker, id)

    def add_facts(self, tracker: str, id: str, rows: Iterable[FactRow]) -> tuple[FactRow, ...]:
        """Append those of `rows` that say something else than the latest fact of their source, as learned now."""
        return facts.add(self.connection, tracker, id, rows, self.now)

    def comment(self, tracker: str, id: str, comment_id: str) -> CommentRow | None:
        return next(iter(history.comments(self.connection, tracker, id, comment_id)), None)

    def put_comment(self, row: CommentRow) -> None:
        history.put_comment(self._database, self.connection, row)

    # SLA clocks

    def put_cycles(self, tracker: str, id: str, rows: Iterable[CycleRow], *, is_over: bool) -> tuple[CycleRow, ...]:
        """Store `rows` as all cycles of the ticket; what was finished stays as it was judged. As they are stored."""
        return cycles.put(self._database, self.connection, tracker, id, rows, is_over=is_over)

    def unchanged(self, counted: Iterable[Stale]) -> list[Stale]:
        """Those of `counted` whose cycles are still as they were read; nobody else writes them until the end."""
        were = {each.name: each for each in counted}
        now = stale.read_all(self.connection, sorted(were), lock=True)
        return [each for name, each in were.items() if now[name] == each.rows]

    def exchange_cycles(self, was: Iterable[CycleRow], rows: Iterable[CycleRow]) -> None:
        """Store `rows` in place of those that were read, of many tickets at once."""
        cycles.exchange(self._database, self.connection, was, rows)

    def bury_cycles(self, tracker: str, id: str) -> None:
        """The ticket is gone: nothing of it runs any more; what was finished stays."""
        cycles.bury(self.connection, tracker, id)

    def cycles(self, names: Iterable[Name]) -> dict[Name, tuple[CycleRow, ...]]:
        """All cycles of each of these tickets."""
        return stale.read_all(self.connection, names)

    # Loads

    def put_loads(self, wanted: Mapping[Name, Share | None], why: str = TAKEN) -> None:
        """From now on each of these tickets contributes this to somebody's load; `why` they hold it."""
        ledger.put(self._database, self.connection, wanted, self.now, why)

    def held(self, after: Name, limit: int) -> list[TicketRow]:
        """The next tickets behind `after` that may contribute to a load; nobody else stores them until the end."""
        return loads.page(self.connection, after, limit)

    def claim(self, name: Name, share: Share, capacity: int) -> None:
        """The rules give the ticket to somebody; raise `Full` if they would hold more than `capacity` by it."""
        ledger.put(self._database, self.connection, {name: share}, self.now, CLAIMED, capacity)

    def take_turn(self, team: str, person: str, members: Iterable[str]) -> None:
        """Whom the ticket was claimed for had a turn in the rotation of `team`."""
        loads.take_turn(self._database, self.connection, team, person, members, self.now)

    # Plans and effects

    def add_plan(self, plan: PlanRow, effects: Iterable[EffectRow]) -> int:
        """Store the plan and its effects, linked to the ticket's previous plan; its global number."""
        return plans.add(self._database, self.connection, plan, effects, self.now)

    def effect_done(self, key: str, response: Any = EMPTY) -> None:
        effects.done(self.connection, key, response, self.now)
        self.tally[EFFECTS, "done"] += 1

    def effect_failed(self, key: str, state: Literal["dropped", "refused"], why: str, response: Any = EMPTY) -> None:
        effects.failed(self.connection, key, state, why, response, self.now)
        self.tally[EFFECTS, state] += 1

    def close_plan(self, plan_id: int, state: str = "done") -> None:
        plans.close(self.connection, plan_id, state)

    def close_open_plans(self, tracker: str, id: str, why: str) -> None:
        """Nothing more is sent for the ticket: pending effects are dropped, its open plans done."""
        for number in plans.open_numbers(self.connection, tracker, id):
            effects.drop_pending(self.connection, number, why)
            plans.close(self.connection, number, "done")

    # Backfills

    def backfill_planned(self, run: int, ticket: str, plan: int, *, done: bool) -> None:
        """The run has a plan for the ticket; with `done` it is carried to its end."""
        backfill_marks.planned(self.connection, run, ticket, plan, done=done)

    def backfill_ended(self, tracker: str, ticket: str, state: Literal["gone", "skipped", "stopped"]) -> None:
        """No run gets a plan for the ticket any more."""
        backfill_marks.ended(self.connection, tracker, ticket, state)

    def audit(self, actor: str, what: str, detail: Mapping[str, Any] = EMPTY) -> None:
        """Add a line to the audit; `detail` holds no customers' words."""
        audit.note(self.connection, self.now, actor, what, detail=detail)

    def settle(self) -> None:
        """The end of the transaction: after events ended, a lane in which nothing is pending goes."""
        if self._ended:
            lanes.settle(self.connection, self._held.key)

    @property
    def _held(self) -> Lane:
        if self._lane is None:
            raise TypeError("only a transaction opened by `fenced` can end events")
        return self._lane
