"""What comes from the plugin process is JSON, and becomes nothing but our own values."""

from __future__ import annotations

import json
import pickle
import socket
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector import (
    AddLabel,
    AssignTo,
    Audience,
    Draft,
    DueBy,
    Fact,
    FactType,
    Link,
    MoveTo,
    Notify,
    Once,
    Person,
    Priority,
    RemoveLabel,
    RouteTo,
    Say,
    SetFact,
    SetField,
    SetPriority,
    SetSeverity,
    WakeAt,
)
from connector.changes import CHANGES
from connector.frozen import frozen
from connector.plugins_host.shape import checked
from connector.plugins_host.wire import Closed, Garbled, from_json, receive, send, to_json

AT = datetime(2026, 3, 2, 10, 0, 0, 123, tzinfo=UTC)
VALUES = (
    SetPriority(Priority.URGENT, because="付款失败", rule="down", rules=("vip", "down")),
    SetSeverity(1),
    RouteTo("payments-cn"),
    AssignTo("ann"),
    AssignTo(None),
    AddLabel("sla::at-risk"),
    RemoveLabel("x"),
    SetField("environment", frozen({"a": [1, 2.5, None, True], "b": {"$": "at", "v": "x"}})),
    DueBy("resolution", AT),
    Say("hello", "Dear Dana,\n…", Audience.PUBLIC, Once.PER_CYCLE, with_why=True),
    MoveTo("done"),
    Link("blocks", "SUP-7"),
    Notify("page", "duty", "wake up"),
    WakeAt(AT, "age"),
    SetFact("a", frozenset({"x", "y"})),
    SetFact("b", timedelta(days=-1, seconds=5)),
    SetFact("c", date(2026, 1, 1)),
    Draft("local", "desk", "Title", requester=Person(email="dana@x.example", teams=frozenset({"a"}))),
    Fact("mood", FactType.WORD, ("calm",)),
)


def test_every_kind_of_change_has_a_sample():
    assert set(CHANGES) <= {type(value) for value in VALUES}


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_survives_the_journey_and_the_check(value):
    assert from_json(to_json([value])) == (value,)
    assert checked(value) == value


scalars = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(max_size=8)
plain = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False) | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(plain)
def test_any_plain_value_comes_back_as_it_was(value):
    assert from_json(to_json(SetFact("a", frozen(value)))) == SetFact("a", frozen(value))


@settings(max_examples=100)
@given(st.binary(max_size=60) | plain.map(lambda v: json.dumps(v, default=str).encode()))
def test_whatever_arrives_is_read_or_refused_and_nothing_else(body):
    try:
        from_json(body)
    except Garbled:
        return


class Bomb:
    def __reduce__(self):
        return exec, ("raise AssertionError('it ran')",)


@pytest.mark.parametrize(
    "body",
    [
        pickle.dumps(Bomb()),
        b'{"$": "Ticket", "v": {}}',
        b'{"$": "SetPriority", "v": {"value": 3, "__class__": "x"}}',
        b'{"$": "SetPriority", "v": [1]}',
        b'{"$": "Priority", "v": 99}',
        b'{"$": "at", "v": "yesterday"}',
        b'{"$": "set", "v": [[1], {"$": "map", "v": {"a": []}}, []]} x',
        b'{"$": ["at"], "v": 1}',
        b'{"v": 1}',
        b"[" * 100_000,
        b'{"$": "span", "v": [99999999999999, 0, 0]}',
        b"9" * 10_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_what_was_not_written_by_us_is_refused(body):
    with pytest.raises(Garbled):
        from_json(body)


def test_what_has_no_place_in_json_does_not_travel():
    with pytest.raises(TypeError, match="object does not travel"):
        to_json(SetFact("a", object()))


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        (SetFact("a", "x\0y"), SetFact("a", "xy")),
        (AddLabel("bad \ud800 half"), AddLabel("bad ? half")),
        (SetFact("a", Priority.HIGH), SetFact("a", "high")),
        (SetFact("a", Audience.PUBLIC), SetFact("a", "public")),
        (SetField("a", [1, {2}]), SetField("a", (1, frozenset({2})))),
        (AddLabel("a", rules=["x"]), AddLabel("a", rules=("x",))),
    ],
)
def test_what_no_database_could_hold_is_cleaned(dirty, clean):
    result = checked(dirty)
    assert result == clean
    to_json(result)


def test_frames_arrive_whole_late_never_and_too_large():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(theirs, b"hello")
        send(theirs, b"")
        assert receive(ours, time.monotonic() + 5) == b"hello"
        assert receive(ours, time.monotonic() + 5) == b""
        theirs.sendall(b"\0\0\0\0\0\0\0\x05hel")
        with pytest.raises(TimeoutError):
            receive(ours, time.monotonic() + 0.05)
        send(theirs, b"x" * 100)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(theirs, b"x" * 100)
        with pytest.raises(Garbled, match="more than 99 bytes"):
            receive(ours, time.monotonic() + 5, 99)
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        with pytest.raises(Closed):
            receive(ours, time.monotonic() + 5)
        with pytest.raises(Closed):
            send(ours, b"x")
