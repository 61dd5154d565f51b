"""Notices on their way: into the inbox with the plan that wants them, and from there to their receivers.

A receiver has a lane of its own for each address, so that one who is down holds up no ticket and nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..core.durations import show_duration
from ..core.mention import with_names
from ..core.neutral import neutral
from ..core.receivers import NOTICE, address_of, notice_lane, receiver_of
from ..core.wording import shown
from ..errors import NoticeError, described
from ..notices import Sender
from ..plan import jsonable
from ..rulebook import Rulebook
from ..store import Incoming, Lane, Waiting, Work
from .look import Look
from .record import Drawn
from .services import Services, lane_of

log = logging.getLogger(__name__)
Handle = Callable[[Lane, tuple[Waiting, ...]], None]
LATE = timedelta(hours=1)
"""A notice that is older when it is sent says how old it is."""
_LATE = {"en": "Late: this was so {age} ago ({at}).", "zh": "迟到的通知：这是 {age} 前（{at}）的情况。"}


def enqueue(work: Work, look: Look, book: Rulebook, drawn: Drawn) -> None:
    """Put the notices of a live plan into the inbox, in its own transaction; each goes there once per ticket."""
    if look.live:
        # By lane, so that two plans never wait for each other's.
        for incoming in sorted(_incoming(look, book, drawn), key=lambda one: one.lane):
            work.enqueue(incoming)


def _incoming(look: Look, book: Rulebook, drawn: Drawn) -> Iterator[Incoming]:
    ticket = look.ticket
    for notice in drawn.plan.notices:
        event = {
            "title": neutral(" ".join(filter(None, (ticket.key, ticket.title)))),
            "text": with_names(notice.text, book.desk.names),
            "url": ticket.url,
            "at": jsonable(drawn.at),
        }
        # Without an address it is parked, and can be replayed once there is one.
        for number in range(1, max(1, len(book.addresses.get(notice.to, ()))) + 1):
            lane = notice_lane(notice.to, number)
            delivery = f"{lane_of(look.tracker.name, ticket.id)}/{notice.slot}/{receiver_of(lane)}"
            yield Incoming(source=NOTICE, delivery=delivery, lane=lane, kind=NOTICE, event=event)


def ticket_told(delivery: str) -> str:
    """The lane of the ticket that a notice is about, by the name under which it was delivered."""
    return delivery.partition("/notify:")[0]


class Deliverer:
    """Works the lanes of notices; the worker calls `handle` with one it holds."""

    def __init__(self, services: Services, sender: Sender) -> None:
        self._services, self._sender = services, sender

    def handle(self, lane: Lane, waiting: tuple[Waiting, ...]) -> None:
        """Send `waiting`, oldest first, each recorded at once; raise `NoticeError` for what is to be tried again.

        What a receiver refuses is parked, and does not hold up what waits behind it. After two that found nobody
        the rest wait: it is not the notice then, but the receiver.
        """
        failed: NoticeError | None = None
        for row in waiting:
            try:
                self._send(lane, row)
            except NoticeError as error:
                if error.permanent:
                    self._park(lane, row, error)
                elif failed:
                    raise
                else:
                    failed = error
        if failed:
            raise failed

    def _send(self, lane: Lane, row: Waiting) -> None:
        to, number = address_of(lane.key)
        addresses = self._services.rules.current.addresses.get(to, ())
        if number > len(addresses):
            raise NoticeError(receiver_of(lane.key), addressless=True)
        title, body = message(row.event, self._services.clock(), self._services.settings.language)
        self._sender.send(receiver_of(lane.key), addresses[number - 1], title, body)
        # Killed here, it is sent again: see docs/decisions/0020.
        self._record(lane, row)

    def _record(self, lane: Lane, row: Waiting) -> None:
        with self._services.store.fenced(lane) as work:
            work.finish([row.id])
        log.info("notice_sent", extra={"receiver": receiver_of(lane.key), "number": row.id})

    def _park(self, lane: Lane, row: Waiting, error: NoticeError) -> None:
        with self._services.store.fenced(lane) as work:
            work.park(row.id, described(error))
        log.warning("notice_refused", extra={"receiver": error.to, "status": error.status, "number": row.id})


def by_lane(tickets: Handle, notices: Handle) -> Handle:
    """Each lane to whom it is for."""

    def handle(lane: Lane, waiting: tuple[Waiting, ...]) -> None:
        (notices if receiver_of(lane.key) else tickets)(lane, waiting)

    return handle


def message(event: Mapping[str, Any], now: datetime, language: str) -> tuple[str, str]:
    """Title and text of a notice as its receiver gets them at `now`."""
    at = datetime.fromisoformat(event["at"])
    age = now - at
    late = _LATE[language].format(age=show_duration(age, language), at=shown(at, language)) if age > LATE else ""
    return event["title"], "\n".join(filter(None, (late, event["text"], event["url"])))
