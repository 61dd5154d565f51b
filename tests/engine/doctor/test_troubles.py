"""What the doctor knows of a ticket's project stands on the ticket's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.engine.doctor import CODES, Finding, Level, keep, kept, troubles_of
from connector.engine.doctor.kept import MOST
from connector.engine.doctor.troubles import CONNECTION_WIDE, PROJECT_WIDE
from connector.engine.troubles import troubles
from connector.store import TicketRow
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import Line, a_line

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SUP = TicketRow("jira", "10042", "SUP-42", "SUP")
LACKS = Finding("right_missing", Level.PROBLEM, "jira", "in SUP we may not assign", "grant Assign issues", "SUP")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def line(tmp_path: Path, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {"local": FakeTracker(), "jira": FakeTracker()}, clock=clock) as opened:
        yield opened


def test_a_missing_right_in_this_project_is_told_and_one_elsewhere_is_not(line: Line):
    keep(line.store, "jira", [LACKS, replace(LACKS, project="HELP")], NOW)
    assert list(troubles_of(line.services, SUP)) == [LACKS]


def test_it_stands_among_what_is_in_the_way_of_the_ticket_with_its_remedy(line: Line):
    keep(line.store, "jira", [LACKS], NOW)
    (told,) = [each for each in troubles(line.services, SUP, ()) if each.code == "doctor"]
    assert told.detail == "in SUP we may not assign; grant Assign issues"
    assert told.name == "jira"


def test_what_the_doctor_found_long_ago_is_not_told(line: Line, clock: FixedClock):
    keep(line.store, "jira", [Finding("token_refused", Level.PROBLEM, "jira", "refused", "renew it")], NOW)
    assert len(list(troubles_of(line.services, SUP))) == 1
    clock.forward(timedelta(hours=2))
    assert list(troubles_of(line.services, SUP)) == []


def test_a_tracker_that_was_never_examined_has_no_troubles(line: Line):
    assert kept(line.store, "jira") is None
    assert list(troubles_of(line.services, SUP)) == []


def test_the_codes_that_it_looks_for_exist():
    assert CODES.keys() >= (PROJECT_WIDE | CONNECTION_WIDE)


def test_of_very_many_findings_the_worst_are_kept(line: Line):
    hints = [Finding("shadow", Level.HINT, "jira", f"hint {n}", "x") for n in range(MOST)]
    keep(line.store, "jira", [Finding("reachable", Level.OK, "jira", "well"), *hints, LACKS], NOW)
    newest = kept(line.store, "jira")
    assert newest is not None
    assert (len(newest.findings), newest.findings[0], newest.at) == (MOST, LACKS, NOW)
