"""A confirmed backfill is worked off through the inbox, a few tickets at a time: what happens now goes first."""

from __future__ import annotations

from collections.abc import Callable

from ..model import Event, Kind
from ..store import BackfillRow, Flight
from ..store.backfills import delivery_of, queue
from .accept import incoming_of
from .backfill import Interrupted, Watch, again, progress_of
from .services import Services

SHARE = 4
"""One in so many of the workers' hands may be at a backfill's ticket."""
MOST_FAILING = 20
"""So many may wait for another try before no more are begun: the tracker is out of reach, not one ticket odd."""
LOOK_SECONDS = 0.1
TOLD_EVERY = 10
PATIENCE = 30
"""After so many looks at which nothing had moved nobody is at work: the command helps out itself."""


def work_off(services: Services, run: BackfillRow, watch: Watch, help_out: Callable[[], None]) -> BackfillRow:
    """Work `run` until it is done, or stopped by somebody; raise `Interrupted` if the watch leaves.

    `help_out` is called once, if no worker takes the events up.
    """
    idle, looks, helping, before = 0, 0, False, Flight()
    while True:
        services.store.backfills.settle(run)
        run = again(services, run)
        flight = services.store.backfills.flight(run)
        if run.state == "working" and not _feed(services, run, flight) and not flight.queued:
            services.store.backfills.move(run.id, ("working",), "done", run.by, {"tickets": run.listed})
            run = again(services, run)
        if run.state != "working":
            watch.step(run, progress_of(services, run))
            return run
        stuck = flight.queued > flight.failing and flight == before
        idle, before = (idle + 1 if stuck else 0), flight
        if idle >= PATIENCE and not helping:
            helping = True
            help_out()
        if looks % TOLD_EVERY == 0:
            held = flight.next_try if flight.failing == flight.queued else None
            watch.step(run, progress_of(services, run, held))
        looks += 1
        if not watch.pause(LOOK_SECONDS):
            raise Interrupted("left while working")


def share_of(workers: int) -> int:
    """How many of so many hands a backfill may keep busy."""
    return max(2, workers // SHARE)


def _feed(services: Services, run: BackfillRow, flight: Flight) -> int:
    """Queue as many more tickets as there is room for; how many."""
    most = share_of(services.settings.workers)
    room = 0 if flight.failing >= MOST_FAILING else most - (flight.queued - flight.failing)
    tickets = services.store.backfills.next(run.id, room) if room > 0 else []
    if tickets:
        incoming = {ticket: incoming_of(_look(run, ticket), delivery_of(run.id, ticket)) for ticket in tickets}
        with services.store.begin() as work:
            queue(work, run.id, incoming)
    return len(tickets)


def _look(run: BackfillRow, ticket: str) -> Event:
    """Nothing happened to the ticket: it is looked at, as after a pause of the webhooks."""
    return Event(
        tracker=run.tracker,
        ticket=ticket,
        kind=Kind.RECONCILED,
        delivery=delivery_of(run.id, ticket),
        backfill=run.id,
        shadow=run.mode != "live",
    )
