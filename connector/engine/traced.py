"""The work on a ticket as one span, linked to the requests that brought its events."""

from __future__ import annotations

from collections.abc import Callable

from .. import traces
from ..store import Lane, Waiting
from .services import Services, ticket_of

Handle = Callable[[Lane, tuple[Waiting, ...]], None]


def traced(services: Services, handle: Handle) -> Handle:
    """`handle` within a span of its own, where anybody traces."""

    def work(lane: Lane, waiting: tuple[Waiting, ...]) -> None:
        if not traces.running():
            handle(lane, waiting)
            return
        ids = [row.id for row in waiting]
        brought = services.store.inbox.headers(ids)
        tries = max((row.attempts for row in waiting), default=0)
        with traces.span("work", brought, tracker=ticket_of(lane.key)[0], events=ids, tries=tries):
            handle(lane, waiting)

    return work
