"""What the pages ask of the rest of the house: five questions, so that a page can be tried without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ..engine import accept, why
from ..engine.health import Health
from ..engine.services import Services


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows behind the routes.

    `webhook(tracker, path_secret, headers, body)` gives the HTTP status; `type_ticket(title, body,
    email)` the new ticket's key; `ticket_page(tracker, key)` what is known of a ticket, None for an
    unknown one; `desk(team=, status=, text=, limit=)` rows in working order; `ready()` whether we can
    accept, and the warnings; `now()` the time.
    """

    webhook: Callable[[str, str | None, Mapping[str, str], bytes], int]
    type_ticket: Callable[[str, str, str], str]
    ticket_page: Callable[[str, str], Any]
    desk: Callable[..., Sequence[Any]]
    ready: Callable[[], tuple[bool, Sequence[Any]]]
    teams: Callable[[], Sequence[str]]
    now: Callable[[], datetime]


def flows_of(services: Services) -> Flows:
    """The real ones."""
    return Flows(
        webhook=partial(accept.webhook, services),
        type_ticket=partial(accept.type_ticket, services),
        ticket_page=partial(why.ticket_page, services),
        desk=services.store.tickets.desk,
        ready=Health(services).ready,
        teams=lambda: sorted({team for words in services.rules.current.words.values() for team in words.teams}),
        now=services.clock,
    )
