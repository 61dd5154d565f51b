"""A desk in Jira's words and look-ups that are answered without a server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connector.frozen import FrozenDict
from connector.model import Ticket
from connector.trackers import Composed, NoteWrite, Stamp, Write
from connector.trackers.jira.issue import Lens, ticket_of
from connector.trackers.jira.lookups import FieldInfo, UserInfo
from connector.trackers.jira.texts import Desk
from connector.trackers.jira.writer import compose
from connector.words import Place, PlaceKind, Words

from .samples import cloud_user

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def names(*values: str) -> tuple[Place, ...]:
    return tuple(Place(PlaceKind.NAME, value) for value in values)


WORDS = Words(
    priority=FrozenDict(urgent=names("Highest"), high=names("High"), normal=names("Medium"), low=names("Low")),
    severity=FrozenDict({1: (Place(PlaceKind.LABEL, "sev-1"),), 2: (Place(PlaceKind.LABEL, "sev-2"),)}),
    team=FrozenDict(
        frontline=(Place(PlaceKind.COMPONENT, "Frontline"),),
        payments=(Place(PlaceKind.COMPONENT, "Payments"),),
        security=(Place(PlaceKind.LABEL, "team-security"),),
        search=(Place(PlaceKind.FIELD, "Search", "Team"),),
        night=(Place(PlaceKind.GROUP, "night"),),
    ),
    status=FrozenDict(new=names("To Do"), open=names("Open", "In Progress"), done=names("Done", "Closed")),
    fields=FrozenDict(
        environment=Place(PlaceKind.FIELD, "*", "Environment"),
        affected=Place(PlaceKind.FIELD, "*", "Affected users"),
        regions=Place(PlaceKind.FIELD, "*", "Regions"),
        due_at=Place(PlaceKind.FIELD, "*", "SLA due"),
        owner=Place(PlaceKind.FIELD, "*", "Owner"),
        tier=Place(PlaceKind.LABEL, "tier-*"),
        component=Place(PlaceKind.COMPONENT, "*"),
    ),
    people=FrozenDict(ann=("ann@desk.example", "557058:ann"), bo=("bo@desk.example",)),
    names=FrozenDict(ann="Ann Li", bo="Bo", cy="Cy"),
    teams=frozenset({"frontline", "payments", "security", "search", "night"}),
)
FIELDS = (
    FieldInfo("environment", "Environment", "string"),
    FieldInfo("customfield_1", "Team", "option"),
    FieldInfo("customfield_2", "Affected users", "number"),
    FieldInfo("customfield_3", "Regions", "array", "option"),
    FieldInfo("customfield_4", "Owner", "user"),
    FieldInfo("customfield_5", "SLA due", "datetime"),
    FieldInfo("labels", "Labels", "array", "string"),
)
IDS = FrozenDict({info.name.casefold(): info.id for info in FIELDS})


class Known:
    """Look-ups with fixed answers; `asked` counts those that would cost a request."""

    def __init__(self, *, cloud: bool = True, service: bool = False) -> None:
        self._cloud, self._service = cloud, service
        self.asked: list[str] = []

    def cloud(self) -> bool:
        return self._cloud

    def service(self, project: str) -> bool:
        self.asked.append(f"project {project}")
        return self._service

    def account(self, given: str) -> str:
        if "@" not in given:
            return given
        self.asked.append(given)
        return {"bo@desk.example": "557058:bo" if self._cloud else "bo"}.get(given, "")

    def user(self, account: str) -> UserInfo:
        self.asked.append(account)
        return UserInfo(active=account == "557058:dee")

    def field(self, name: str) -> FieldInfo | None:
        return next((info for info in FIELDS if info.name.casefold() == name.casefold()), None)

    def transitions(self, issue: str, project: str, type: str, status: str) -> tuple[tuple[str, str], ...]:
        return (("11", "In Progress"), ("31", "Closed"), ("41", "Done"))


def a_ticket(*, service: bool | None = False, said: tuple[str, ...] = (), **fields: Any) -> Ticket:
    """A ticket as it comes out of a read."""
    shown = {
        "summary": "Payment fails",
        "project": {"key": "SUP"},
        "issuetype": {"id": "3", "name": "Task"},
        "status": {"name": "To Do"},
        "priority": {"name": "Medium"},
        "reporter": cloud_user("qm:dana", "customer"),
        "labels": [],
        "components": [],
        "created": "2026-11-20T09:00:00.000+0000",
        "updated": "2026-11-20T09:00:00.000+0000",
        **fields,
    }
    issue = {"id": "10042", "key": "SUP-42", "fields": shown, "properties": {"pointsman": {"said": list(said)}}}
    lens = Lens("jira", "https://jira.example", fields=IDS, service=bool(service), me="us")
    ticket = ticket_of(issue, WORDS, lens)
    if service is None:
        object.__setattr__(ticket, "raw", FrozenDict(ticket.raw).without("service"))
    return ticket


def composed(
    ticket: Ticket,
    *changes: Any,
    note: NoteWrite | None = None,
    said: tuple[str, ...] = (),
    known: Known | None = None,
    visibility: str = "",
    properties: bool = True,
) -> Composed:
    """What is sent for `changes`; the effect of each is keyed by its slot."""
    writes = tuple(Write(change.slot, change) for change in changes)
    desk = Desk(visibility, properties)
    return compose(ticket, writes, note, Stamp("p1", said), WORDS, known or Known(), desk)
