"""What the pages ask of the rest of the house, so that a page can be tried without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ..core.sla_query import Query
from ..engine import accept, dry, identity, why
from ..engine.book import BookWords, FileWords, book_words, file_text
from ..engine.checking import Checked
from ..engine.clock_desk import PressingClock, clock_wish, pressing
from ..engine.clocks import clocks_now
from ..engine.connections import ConnectionWords, connection_words, missing_connections
from ..engine.health import Health
from ..engine.installation import About, SettingGroup, about, setting_groups
from ..engine.marks import Choices, choices, marks
from ..engine.measures import Measures
from ..engine.parking import Parking
from ..engine.plugin_words import PluginWords, ask_again, plugin_words
from ..engine.services import Services
from ..engine.sla_report import Reports, reports_now
from ..frozen import EMPTY
from ..store import Audit, ClockWish, Door, TicketRow, Tokens
from .access import Address
from .visitor import visitor


def everybody(tracker: str, address: Address | None) -> None:
    """No address is kept out."""


def uncounted(tracker: str, status: int) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows behind the routes.

    Of the desk: `position(row)` is where a page ended, `choices()` what it can be filtered by, `marks(rows)` what is
    special about each, `pressing(rows)` the clock of each that presses most; `clock_wish(query)` is what `clocks=` of
    `desk` takes; `parking` knows the parked events.
    `webhook(tracker, path_secret, headers, body)` gives the HTTP status; `type_ticket(title, body,
    email)` the new ticket's key; `ticket_page(tracker, key, whole)` what is known of a ticket,
    `plans(tracker, key, limit, before)` its plans alone, `clocks(tracker, key, as_of, known_at)` its SLA clocks,
    all None for an unknown one;
    `sla_report(span, only, dimensions, restated=)` the SLA report by each of the dimensions;
    `desk(team=, status=, text=, limit=)` rows in working order; `ready()` whether we can accept, and the warnings;
    `now()` the time. `tokens` knows the API tokens, `door` who guessed wrong and
    which sessions are over, `audit` what was done by whom;
    `try_ticket(ticket, event)` is a decision without consequences, of two parsed JSON files;
    `provider_trouble(why)` keeps why the provider of identities cannot be used, '' for that it can.
    Of the installation: `book(language)` is the rule book in words, `rule_file(name)` a file and its text,
    `plugins()`, `connections()`, `missing_connections()`, `setting_groups()` and `about()` what there is;
    `metrics()` is what Prometheus scrapes;
    `admit(tracker, address)` raises `Rejected` where webhooks of the tracker may not come from that address;
    `refused(tracker, status)` counts a webhook that was turned away before it was read;
    `ask_again(plugin)` ends a quarantine everywhere, `check(connection)` has the doctor look now.
    """

    webhook: Callable[[str, str | None, Mapping[str, str], bytes], int]
    type_ticket: Callable[[str, str, str], str]
    ticket_page: Callable[..., Any]
    clocks: Callable[..., Any]
    sla_report: Callable[..., Reports]
    plans: Callable[..., Sequence[Mapping[str, Any]] | None]
    desk: Callable[..., Sequence[Any]]
    ready: Callable[[], tuple[bool, Sequence[Any]]]
    position: Callable[[TicketRow], str]
    choices: Callable[[], Choices]
    marks: Callable[[Sequence[TicketRow]], Mapping[tuple[str, str], frozenset[str]]]
    clock_wish: Callable[[Query], ClockWish]
    pressing: Callable[[Sequence[TicketRow]], Mapping[tuple[str, str], PressingClock]]
    parking: Parking
    now: Callable[[], datetime]
    tokens: Tokens
    door: Door
    audit: Audit
    provider_trouble: Callable[[str], None]
    try_ticket: Callable[[Any, Any], Mapping[str, Any]]
    book: Callable[[str], BookWords]
    rule_file: Callable[[str], tuple[FileWords, str] | None]
    plugins: Callable[[], Sequence[PluginWords]]
    ask_again: Callable[[str], bool]
    connections: Callable[[], Sequence[ConnectionWords]]
    missing_connections: Callable[[], Sequence[tuple[str, str]]]
    check: Callable[[str], Checked]
    setting_groups: Callable[[], Sequence[SettingGroup]]
    about: Callable[[], About]
    metrics: Callable[[], bytes]
    admit: Callable[[str, Address | None], None] = everybody
    refused: Callable[[str, int], None] = uncounted

    def record(self, what: str, detail: Mapping[str, Any] = EMPTY) -> None:
        """Add to the audit that the visitor of the request at hand did `what`; `detail` holds no customers' words.

        What the store records by itself (`replayed`, `discarded`, tokens) is given the actor `visitor().name`.
        """
        self.audit.add(visitor().name, what, detail)


def flows_of(services: Services, check: Callable[[str], Checked]) -> Flows:
    """The real ones; `check` has the doctor look at a connection."""
    health = Health(services)
    return Flows(
        webhook=partial(accept.webhook, services),
        admit=partial(accept.admit, services),
        refused=partial(accept.count_refusal, services),
        type_ticket=partial(accept.type_ticket, services),
        ticket_page=partial(why.ticket_page, services),
        clocks=partial(clocks_now, services),
        sla_report=partial(reports_now, services),
        plans=partial(why.plans_of, services.store),
        desk=services.store.tickets.desk,
        ready=health.ready,
        position=services.store.tickets.position,
        choices=partial(choices, services),
        marks=partial(marks, services),
        clock_wish=partial(clock_wish, services),
        pressing=partial(pressing, services),
        parking=Parking(services),
        now=services.clock,
        tokens=services.store.tokens,
        door=services.store.door,
        audit=services.store.audit,
        provider_trouble=partial(identity.note_trouble, services),
        try_ticket=partial(dry.try_now, services),
        book=partial(book_words, services),
        rule_file=partial(file_text, services),
        plugins=partial(plugin_words, services),
        ask_again=partial(ask_again, services),
        connections=partial(connection_words, services),
        missing_connections=partial(missing_connections, services),
        check=check,
        setting_groups=partial(setting_groups, services.settings),
        about=partial(about, services),
        metrics=Measures(services, health.ready).text,
    )
