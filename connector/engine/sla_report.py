"""The SLA report of what was judged, and the restated one: the same tickets judged anew by the rules of today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..core.clock_facts import events_of
from ..core.instants import whole_second
from ..core.sla_counting import Dimension, Span, Verdict, verdict
from ..core.sla_report import Report, Restated, Tally
from ..core.sla_terms import POLICY, TERMS, plain_id
from ..errors import PointsmanError
from ..rulebook import Rulebook
from ..store import CycleRow, Only, Store, as_judged
from .cycles import Subject, count, cycle_rows
from .services import Services

PAGE = 500
MOST_AT_ONCE = 500
"""So many tickets are judged anew while somebody waits for a page."""

Reports = Mapping[Dimension, Report]


class TooManyTickets(PointsmanError):
    """More tickets than can be judged anew for a page; the command line takes any number."""

    def __init__(self, tickets: int) -> None:
        super().__init__(f"{tickets} tickets would be judged anew, and {MOST_AT_ONCE} at most can be here")
        self.tickets = tickets


def judged_reports(store: Store, span: Span, only: Only, dimensions: Sequence[Dimension]) -> Reports:
    """By each of `dimensions` the report of the verdicts that were given."""
    tally = Tally(span, dimensions)
    tally.add(store.judged.counted(span, only))
    return {by: tally.report(by) for by in dimensions}


def restated_reports(
    store: Store,
    book: Rulebook,
    span: Span,
    only: Only,
    dimensions: Sequence[Dimension],
    now: datetime,
    step: Callable[[], object] = lambda: None,
) -> Reports:
    """The same of what the rules of today would have judged; `step` is called after each ticket.

    The tickets are those of the report as judged.
    """
    tally, tickets, unjudged = Tally(span, dimensions), 0, 0
    changed: Counter[str] = Counter()
    for tracker, ticket in _tickets(store, span, only):
        was = store.cycles.of(tracker, ticket)
        found = _anew(store, book, was, now) if was else None
        step()
        if found is None:
            unjudged += 1
            continue
        tickets += 1
        tally.add(as_judged(row) for row in _chosen(found, only))
        before, after = (_verdicts(_chosen(rows, only), span) for rows in (was, found))
        for key in before.keys() | after.keys():
            changed[key[0]] += before.get(key) is not after.get(key)
    told = Restated(tickets, dict(changed), unjudged)
    return {by: tally.report(by, told) for by in dimensions}


def reports_now(
    services: Services, span: Span, only: Only, dimensions: Sequence[Dimension], *, restated: bool = False
) -> Reports:
    """Either of them, while somebody waits; raise `TooManyTickets`."""
    store = services.store
    if not restated:
        return judged_reports(store, span, only, dimensions)
    tickets = store.judged.count_tickets(span, only)
    if tickets > MOST_AT_ONCE:
        raise TooManyTickets(tickets)
    return restated_reports(store, services.rules.current, span, only, dimensions, services.clock())


def by_terms_of_today(events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """`events` with the policies named without the versions that they had: each means what it means today."""
    for event in events:
        if event.get("field") != POLICY:
            yield event
            continue
        kept = {name: value for name, value in event.items() if name != TERMS}
        yield {**kept, "value": plain_id(event.get("value"))}


def _tickets(store: Store, span: Span, only: Only) -> Iterator[tuple[str, str]]:
    after = ("", "")
    while page := store.judged.tickets(span, only, after, PAGE):
        yield from page
        after = page[-1]


def _anew(store: Store, book: Rulebook, was: Sequence[CycleRow], now: datetime) -> tuple[CycleRow, ...] | None:
    """All cycles of the ticket by the rules of today; None if nothing is kept of its past."""
    last = was[-1]
    events = [*by_terms_of_today(events_of(store.tickets.facts(last.tracker, last.ticket)))]
    if not events:
        return None
    file, hours = book.file_for(last.tracker, last.project), book.desk.calendars
    if file is None:
        return ()
    of = Subject(last.tracker, last.ticket, last.project, last.tier, last.channel)
    found = cycle_rows(of, file, hours, events, count(file, hours, events, whole_second(now)))
    ticket = store.tickets.get(last.tracker, last.ticket)
    # Of one that is gone nothing runs any more.
    return tuple(row for row in found if not (row.is_open and ticket and ticket.gone))


def _chosen(rows: Iterable[CycleRow], only: Only) -> list[CycleRow]:
    return [row for row in rows if only.metric in (None, row.metric)]


def _verdicts(rows: Iterable[CycleRow], span: Span) -> dict[tuple[str, int], Verdict | None]:
    return {(row.metric, row.number): found for row in rows if (found := verdict(as_judged(row), span))}
