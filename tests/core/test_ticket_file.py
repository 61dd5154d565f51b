"""A ticket file says what a person would say, dotted or nested, and mistakes are named."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connector.core.conditions import compile_when
from connector.core.fields import Field, FieldType, Schema, value_of
from connector.core.ticket_file import TicketFileError, read_event, read_ticket, ticket_json
from connector.desk import Desk
from connector.frozen import frozen
from connector.model import Audience, Kind, Person, Pin, Priority, Role, Ticket

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
SCHEMA = Schema().with_(
    {
        "component": Field(FieldType.WORD),
        "customer.tier": Field(FieldType.WORD, frozenset({"gold", "free"})),
        "waited": Field(FieldType.DURATION),
        "vip": Field(FieldType.BOOL),
        "topics": Field(FieldType.SET),
        "seen_at": Field(FieldType.INSTANT),
    }
)
DESK = Desk(people=frozen({"ann": Person(id="ann", name="Ann Li", ids=frozen({"jira": ["ann@desk.example"]}))}))


def read(**document):
    return read_ticket({key.replace("__", "."): value for key, value in document.items()}, SCHEMA)


def test_dotted_and_nested_names_are_the_same():
    dotted = read(requester__email="dana@big.example", requester__name="Dana", customer__tier="gold")
    nested = read(requester={"email": "dana@big.example", "name": "Dana"}, customer={"tier": "gold"})
    assert dotted == nested
    assert dotted.requester == Person(name="Dana", email="dana@big.example")
    assert dotted.facts == {"customer.tier": "gold"}


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"title": "x"}, "title", "x"),
        ({"text": "支付失败"}, "text", "支付失败"),
        ({"title": "a", "body": "b"}, "text", "a\nb"),
        ({"type": "incident"}, "type", "incident"),
        ({"status": "pending"}, "status", "pending"),
        ({"priority": "High"}, "priority", "high"),
        ({"severity": 2}, "severity", 2),
        ({"severity": "2"}, "severity", 2),
        ({"labels": ["a", "b"]}, "labels", frozenset({"a", "b"})),
        ({"labels": "a"}, "labels", frozenset({"a"})),
        ({"component": "payments"}, "component", "payments"),
        ({"project": "SUP"}, "project", "SUP"),
        ({"key": "SUP-42"}, "project", "SUP"),
        ({"key": "acme/support#12"}, "project", "acme/support"),
        ({"channel": "mail"}, "channel", "mail"),
        ({"language": "zh"}, "language", "zh"),
        ({"team": "frontline"}, "team", "frontline"),
        ({"assignee": "ann"}, "assignee", "ann"),
        ({"assignee": None}, "assignee", None),
        ({"requester": "dana@big.example"}, "requester.domain", "big.example"),
        ({"requester": "Dana"}, "requester.name", "Dana"),
        ({"requester.domain": "big.example"}, "requester.domain", "big.example"),
        ({"customer.seats": 900}, "customer.seats", 900),
        ({"customer.seats": "900"}, "customer.seats", 900),
        ({"created": "2026-03-01T10:00:00+08:00"}, "created", datetime(2026, 3, 1, 2, tzinfo=UTC)),
        ({"updated": "2026-03-01"}, "updated", datetime(2026, 3, 1, tzinfo=UTC)),
        ({"reopen_count": 2}, "reopen_count", 2),
        ({"attachments": 1}, "attachments", 1),
        ({"event.kind": "updated"}, "event.kind", "updated"),
        ({"event.by": "agent"}, "event.by", "agent"),
        ({"waited": "3h"}, "waited", "3h"),
        ({"vip": True}, "vip", True),
        ({"topics": ["card"]}, "topics", frozenset({"card"})),
        ({"seen_at": "2026-03-01"}, "seen_at", datetime(2026, 3, 1, tzinfo=UTC)),
        ({"facts": {"customer.tier": "gold"}}, "customer.tier", "gold"),
    ],
    ids=str,
)
def test_a_field_is_read(given, name, value):
    assert value_of(read_ticket(given, SCHEMA), name) == value


def test_an_age_stands_for_itself_where_nobody_knows_what_time_it_is():
    ticket = read_ticket({"age": "3d"}, SCHEMA)
    assert compile_when({"age": ">= 3d"}, SCHEMA)(ticket)
    assert not compile_when({"age": "> 3d"}, SCHEMA)(ticket)


def test_age_counts_back_from_now():
    assert read_ticket({"age": "3d"}, SCHEMA, NOW).created == NOW - timedelta(days=3)


def test_comments_history_memory_and_pins_are_read():
    ticket = read(
        comments=[
            "hello",
            {"id": 7, "text": "hi", "by": "agent", "person": "ann", "public": True, "at": "2026-03-01"},
        ],
        history=[{"slot": "priority", "was": "low", "value": "high", "by": "bo", "at": "2026-03-01"}],
        ours={"priority": "low", "label:sla": True},
        pins={"team": "bo", "assignee": {"by": "ann", "at": "2026-03-01"}},
    )
    assert [(c.id, c.text, c.audience, c.author.role) for c in ticket.comments] == [
        ("comments[0]", "hello", None, None),
        ("7", "hi", Audience.PUBLIC, Role.AGENT),
    ]
    assert (ticket.history[0].value, ticket.history[0].by.person) == ("high", "bo")
    assert ticket.ours == {"priority": "low", "label:sla": True}
    assert ticket.pins["team"] == Pin(by="bo")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"titel": "x"}, "unknown key `titel` in the ticket file (did you mean `title`?)"),
        ({"componnet": "x"}, "did you mean `component`?"),
        (
            {"customer": {"teir": "x"}},
            "unknown key `customer.teir` in the ticket file (did you mean `customer.tier`?)",
        ),
        ({"requester": {"emial": "x"}}, "did you mean `email`?"),
        ({"requester.emial": "x"}, "did you mean `email`?"),
        ({"requester": "a@b.example", "requester.name": "x"}, "both given"),
        ({"requester": {"email": "a@b.example", "domain": "c.example"}}, "another domain"),
        ({"event.at": "x"}, "unknown key `event.at`"),
        ({"pool.wait": "1h"}, "not in this version"),
        ({"priority": "hgih"}, "did you mean `high`?"),
        ({"priority": 1}, "`priority` has no value"),
        ({"severity": 9}, "from 1 to 4"),
        ({"severity": True}, "from 1 to 4"),
        ({"status": "opne"}, "did you mean `open`?"),
        ({"channel": "email"}, "did you mean `mail`?"),
        ({"created": "soon"}, "wants an instant"),
        ({"age": "3"}, "wants a length of time"),
        ({"title": ["x"]}, "wants a text"),
        ({"text": "x", "body": "y"}, "give those instead"),
        ({"labels": {"a": 1}}, "wants a text"),
        ({"reopen_count": -1}, "0 or more"),
        ({"waited": "long"}, "is a duration"),
        ({"vip": "yes"}, "true or false"),
        ({"comments": "x"}, "wants a list"),
        ({"comments": [1]}, "wants a comment"),
        ({"comments": [{"txt": "x"}]}, "did you mean `text`?"),
        ({"history": [{"was": 1}]}, "needs a `slot`"),
        ({"ours": []}, "wants an object"),
        ([], "a JSON object"),
        (None, "a JSON object"),
    ],
    ids=str,
)
def test_a_mistake_is_named(given, text):
    with pytest.raises(TicketFileError) as caught:
        read_ticket(given, SCHEMA)
    assert len(caught.value.problems) == 1
    assert text in caught.value.problems[0]


def test_all_mistakes_come_at_once():
    with pytest.raises(TicketFileError) as caught:
        read(titel="x", priority="hgih", severity=9)
    assert len(caught.value.problems) == 3


def test_a_file_nested_without_end_is_refused():
    deep = {}
    for _ in range(100):
        deep = {"raw": deep}
    with pytest.raises(TicketFileError, match="deeper"):
        read_ticket(deep, SCHEMA)


TICKET = Ticket(
    tracker="jira", id="10042", key="SUP-42", project="SUP", requester=Person(name="Dana", email="d@b.example")
)


def test_without_an_event_the_requester_has_just_created_the_ticket():
    event = read_event(None, TICKET, DESK, NOW)
    assert (event.kind, event.by, event.at, event.actor.email) == (Kind.CREATED, Role.CUSTOMER, NOW, "d@b.example")
    assert (event.tracker, event.ticket, event.key, event.project) == ("jira", "10042", "SUP-42", "SUP")


def test_a_command_is_an_agents_comment():
    event = read_event(
        {"kind": "commented", "by": "agent", "person": "ann", "text": "@pointsman why"}, TICKET, DESK, NOW
    )
    assert (event.actor.person, event.actor.account, event.by) == ("ann", "ann@desk.example", Role.AGENT)
    assert event.comment is not None
    assert (event.comment.text, event.comment.audience) == ("@pointsman why", Audience.INTERNAL)
    assert event.comment.author == event.actor


def test_a_customers_comment_is_public_and_by_the_requester():
    event = read_event({"text": "any news?"}, TICKET, DESK, NOW)
    assert event.kind is Kind.COMMENTED
    assert event.comment is not None
    assert (event.comment.audience, event.comment.author.name) == (Audience.PUBLIC, "Dana")


def test_somebody_who_is_not_of_the_desk_has_no_person():
    event = read_event({"kind": "commented", "by": "agent", "person": "eve", "text": "x"}, TICKET, DESK, NOW)
    assert (event.actor.account, event.actor.person) == ("eve", "")


def test_a_timer_is_nobodys_doing():
    assert read_event({"kind": "timer", "note": "age"}, TICKET, DESK, NOW).by is Role.SYSTEM


def test_changes_of_the_event_are_read():
    event = read_event({"changes": [{"slot": "status", "was": "done", "value": "open"}]}, TICKET, DESK, NOW)
    assert event.kind is Kind.UPDATED
    assert (event.changes[0].was, event.changes[0].at) == ("done", NOW)


def test_the_event_of_the_ticket_file_is_the_default():
    ticket = read_ticket({"event.kind": "updated", "event.by": "agent"}, SCHEMA)
    event = read_event(None, ticket, DESK, NOW)
    assert (event.kind, event.by) == (Kind.UPDATED, Role.AGENT)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"kind": "comented"}, "did you mean `commented`?"),
        ({"knid": "created"}, "did you mean `kind`?"),
        ({"by": "costumer"}, "did you mean `customer`?"),
        ({"at": "now"}, "wants an instant"),
        ({"public": "yes", "text": "x"}, "true or false"),
        ([], "a JSON object"),
    ],
    ids=str,
)
def test_a_mistake_in_an_event_is_named(given, text):
    with pytest.raises(TicketFileError, match=text.replace("?", r"\?")):
        read_event(given, TICKET, DESK, NOW)


def test_a_written_ticket_is_a_ticket_file():
    ticket = read(
        key="SUP-1", title="x", priority="high", component="web", customer__tier="gold", waited="3h", ours={"a": 1}
    )
    assert ticket.priority is Priority.HIGH
    assert read_ticket(json.loads(json.dumps(ticket_json(ticket))), SCHEMA) == ticket
