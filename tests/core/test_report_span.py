"""Which time a report is about: days of UTC or instants, 28 days unless somebody says otherwise."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.instants import text_of, whole_second
from connector.core.report_span import WrongSpan, read_span

NOW = datetime(2026, 3, 30, 15, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "span"),
    [
        ("", "", ("2026-03-03T00:00:00Z", "2026-03-30T15:20:07Z")),
        ("2026-02-01", "2026-02-28", ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")),
        ("2026-03-30", "2026-03-30", ("2026-03-30T00:00:00Z", "2026-03-30T15:20:07Z")),
        ("", "2026-02-28", ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")),
        ("2026-03-29", "", ("2026-03-29T00:00:00Z", "2026-03-30T15:20:07Z")),
        ("2026-03-01T08:00:00+08:00", "2026-03-02T00:00:00Z", ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")),
        ("2026-03-01", "2027-01-01", ("2026-03-01T00:00:00Z", "2026-03-30T15:20:07Z")),
        ("0001-01-01", "", ("1970-01-01T00:00:00Z", "2026-03-30T15:20:07Z")),
    ],
)
def test_a_day_is_meant_as_a_whole_and_nothing_lies_ahead(since: str, until: str, span: tuple[str, str]) -> None:
    found = read_span(since, until, NOW)
    assert (text_of(found.since), text_of(found.until)) == span


@pytest.mark.parametrize(
    ("since", "until", "where", "why"),
    [
        ("yesterday", "", "from", "unreadable"),
        ("2026-02-31", "", "from", "unreadable"),
        ("2026-03-01T09:00:00", "", "from", "unreadable"),
        ("", "9999-12-31", "until", "unreadable"),
        ("", "0001-01-01T00:00:00+23:59", "from", "backwards"),
        ("", "20260301", "until", "unreadable"),
        ("2026-03-10", "2026-03-09", "from", "backwards"),
        ("2026-04-01", "", "from", "backwards"),
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "from", "backwards"),
        ("", "0001-01-01T00:00:00Z", "from", "backwards"),
        ("", "2026-03-01T00:00:00+24:00", "until", "unreadable"),
    ],
)
def test_what_makes_no_span_is_told_with_its_place(since: str, until: str, where: str, why: str) -> None:
    with pytest.raises(WrongSpan) as caught:
        read_span(since, until, NOW)
    assert (caught.value.where, caught.value.why) == (where, why)
    assert "2026-03-02T09:00:00Z" in str(caught.value) or "is not before" in str(caught.value)


@given(st.text(max_size=30), st.text(max_size=30) | st.datetimes().map(lambda at: f"{at.isoformat()}Z"))
def test_whatever_is_typed_gives_a_span_that_is_over_or_a_sentence(since: str, until: str) -> None:
    with contextlib.suppress(WrongSpan):
        found = read_span(since, until, NOW)
        assert 0 <= found.since < found.until <= whole_second(NOW)
