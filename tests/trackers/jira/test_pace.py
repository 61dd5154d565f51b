"""Writes to one issue stay within Jira's own limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.trackers.jira.pace import IssuePace

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_the_twenty_first_write_in_two_seconds_waits_for_the_first_to_age():
    pace = IssuePace()
    assert all(pace.take("1", START + timedelta(milliseconds=n)) is None for n in range(20))

    assert pace.take("1", START + timedelta(seconds=1)) == timedelta(seconds=1)
    assert pace.take("1", START + timedelta(seconds=2)) is None


def test_the_hundred_and_first_write_in_thirty_seconds_waits():
    pace = IssuePace()
    assert all(pace.take("1", START + timedelta(seconds=n / 5)) is None for n in range(100))

    assert pace.take("1", START + timedelta(seconds=22)) == timedelta(seconds=8)
    assert pace.take("1", START + timedelta(seconds=30)) is None


def test_a_refused_write_is_not_counted():
    pace = IssuePace()
    for n in range(20):
        pace.take("1", START + timedelta(milliseconds=n))
    for _ in range(50):
        assert pace.take("1", START + timedelta(seconds=1)) is not None

    assert pace.take("1", START + timedelta(seconds=2)) is None


def test_issues_do_not_wait_for_each_other():
    pace = IssuePace()
    for n in range(20):
        pace.take("1", START + timedelta(milliseconds=n))

    assert pace.take("2", START + timedelta(milliseconds=30)) is None
