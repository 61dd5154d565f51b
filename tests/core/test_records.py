"""What is stored of tickets and events reads back as it was."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.fields import Schema
from connector.core.json_values import value_from_json, value_json
from connector.core.ticket_file import event_from_json, event_json, read_ticket, ticket_from_json, ticket_json
from connector.frozen import frozen
from connector.model import Actor, Audience, Comment, Event, FieldChange, Kind, Person, Pin, Priority, Role, Ticket
from connector.plan import jsonable

TEXT = st.text("ab支付 \n@#$", max_size=6)
NAME = st.text("abc.:$", min_size=1, max_size=4)
INSTANT = st.builds(
    lambda seconds, zone: datetime.fromtimestamp(seconds, zone),
    st.floats(0, 4e9).map(lambda seconds: round(seconds, 3)),
    st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | INSTANT
    | st.dates()
    | st.timedeltas(timedelta(-9), timedelta(9)),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(NAME, inner, max_size=2)
        | st.frozensets(TEXT, max_size=2)
        | st.builds(lambda value: {"$set": value}, inner)
    ),
    max_leaves=4,
).map(frozen)
WORDS = st.frozensets(TEXT, max_size=2)
VALUES = st.dictionaries(NAME, VALUE, max_size=2).map(frozen)
INSTANTS = st.dictionaries(NAME, INSTANT, max_size=2).map(frozen)
ROLE = st.none() | st.sampled_from(Role)
ACTOR = st.builds(Actor, account=TEXT, name=TEXT, role=ROLE, person=TEXT, email=TEXT)
COMMENT = st.builds(
    Comment, id=TEXT, text=TEXT, audience=st.none() | st.sampled_from(Audience), author=ACTOR, at=st.none() | INSTANT
)
CHANGE = st.builds(FieldChange, slot=NAME, was=VALUE, value=VALUE, at=INSTANT, by=ACTOR, id=TEXT)
EVENT = st.builds(
    Event,
    tracker=TEXT,
    ticket=TEXT,
    kind=st.sampled_from(Kind),
    key=st.none() | TEXT,
    project=st.none() | TEXT,
    at=st.none() | INSTANT,
    actor=ACTOR,
    comment=st.none() | COMMENT,
    changes=st.lists(CHANGE, max_size=2).map(tuple),
    chain=TEXT,
    delivery=TEXT,
    note=TEXT,
)
PERSON = st.builds(
    Person,
    id=TEXT,
    name=TEXT,
    email=TEXT,
    teams=WORDS,
    ids=st.dictionaries(NAME, st.lists(TEXT, max_size=2), max_size=1).map(frozen),
)
TICKET = st.builds(
    Ticket,
    tracker=TEXT,
    id=TEXT,
    title=TEXT,
    type=st.none() | TEXT,
    priority=st.sampled_from(Priority),
    severity=st.none() | st.integers(1, 4),
    requester=PERSON,
    labels=WORDS,
    created=st.none() | INSTANT,
    due=st.none() | st.dates(),
    confidential=st.booleans(),
    fields=VALUES,
    facts=VALUES,
    comments=st.lists(COMMENT, max_size=1).map(tuple),
    history=st.lists(CHANGE, max_size=1).map(tuple),
    deadlines=INSTANTS,
    ours=VALUES,
    pins=st.dictionaries(NAME, st.builds(Pin, by=TEXT, at=st.none() | INSTANT), max_size=1).map(frozen),
    released=INSTANTS,
    said=WORDS,
    marks=WORDS,
    event=st.none() | EVENT,
)


def through_json(value):
    return json.loads(json.dumps(value, allow_nan=False))


@given(VALUE)
def test_a_value_reads_back_as_it_was(value):
    assert value_from_json(through_json(value_json(value))) == value


@given(EVENT)
@settings(max_examples=40)
def test_an_event_reads_back_as_it_was(event):
    assert event_from_json(through_json(event_json(event))) == event


@given(TICKET)
@settings(max_examples=40)
def test_a_stored_ticket_reads_back_as_it_was(ticket):
    again = ticket_from_json(through_json(jsonable(ticket_json(ticket))))
    assert again == ticket
    assert again.event == ticket.event


def test_a_ticket_file_with_everything_reads_back_as_it_was():
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    ann = Actor("ann", "Ann", Role.AGENT, "ann", "ann@desk.example")
    ticket = Ticket(
        tracker="jira",
        id="10042",
        key="SUP-42",
        project="SUP",
        url="https://jira.example/browse/SUP-42",
        title="支付失败",
        body="x",
        type="incident",
        status="open",
        priority=Priority.URGENT,
        severity=1,
        team="frontline",
        assignee="ann",
        requester=Person("", "Dana", "d@b.example", "dana", frozenset({"a"}), "lead", frozen({"jira": ["d"]})),
        organisations=frozenset({"jira-org:ACME"}),
        channel="mail",
        language="zh-Hans",
        labels=frozenset({"a", "b"}),
        created=at,
        updated=at + timedelta(hours=1),
        due=date(2026, 3, 2),
        reopen_count=1,
        attachments=2,
        confidential=True,
        fields=frozen({"component": "web"}),
        facts=frozen({"customer.tier": "gold", "customer.since": at}),
        comments=(Comment("1", "hi", Audience.PUBLIC, ann, at),),
        comment_count=1,
        links=frozenset({"blocks:SUP-1"}),
        history=(FieldChange("priority", None, "high", at, ann, "9"),),
        deadlines=frozen({"resolution": at}),
        ours=frozen({"priority": "high"}),
        pins=frozen({"team": Pin("bo", at)}),
        released=frozen({"assignee": at}),
        said=frozenset({"ack"}),
        marks=frozenset({"note"}),
        note_id="77",
        raw=frozen({"id": 1}),
        event=Event("jira", "10042", Kind.COMMENTED, "SUP-42", "SUP", at, ann, Comment("1", "hi", None, ann, at)),
        as_of=at,
    )
    document = through_json(ticket_json(ticket))
    assert ticket_from_json(document) == ticket
    again = read_ticket(document, Schema())
    assert again == ticket
    assert (again.event, again.as_of) == (ticket.event, ticket.as_of)


def test_a_row_of_a_newer_release_is_read():
    assert ticket_from_json({"id": "1", "mood": "sunny"}) == Ticket(id="1")


def test_what_holds_its_default_takes_no_room():
    assert ticket_json(Ticket(tracker="local")) == {}
