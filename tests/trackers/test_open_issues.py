"""The open issues of a tracker as a list: all of them, whatever happens while it is read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.errors import TrackerError
from connector.testing import FakeTracker
from connector.trackers import Search, Tracker
from connector.trackers.gitlab import GitLabTracker
from connector.trackers.gitlab.listing import read_query
from connector.trackers.jira import JiraTracker
from connector.trackers.jira.listing import jql
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PROJECTS = {"gitlab": "acme/support", "jira": "SUP"}


class Moving:
    """A clock that moves on by `step` with every look at it."""

    def __init__(self, step: timedelta = timedelta(seconds=20)) -> None:
        self.now, self.step = START, step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@pytest.fixture(params=["gitlab", "cloud", "dc"])
def far(request: pytest.FixtureRequest) -> Iterator[Any]:
    clock = Moving()
    with FakeGitLab(clock) if request.param == "gitlab" else FakeJira(request.param, clock) as fake:
        fake.clock = clock
        yield fake
        assert fake.violations == []


def tracker_of(fake: Any) -> Tracker:
    made = GitLabTracker if fake.kind == "gitlab" else JiraTracker
    return made(fake.connection(), clock=fake.clock)


def search_of(fake: Any, **more: Any) -> Search:
    return Search((PROJECTS[fake.kind],), **more)


def close(fake: Any, ticket: str) -> None:
    fake.edit(ticket, "ann", status="closed" if fake.kind == "gitlab" else "Done")


def test_every_open_issue_is_listed_and_no_closed_one(far: Any) -> None:
    tickets = [far.add(project=PROJECTS[far.kind], title=f"no {n}") for n in range(230)]
    far.add(project="acme/other" if far.kind == "gitlab" else "OPS", title="of another project")
    for ticket in tickets[::10]:
        close(far, ticket)
    found = list(tracker_of(far).open_issues(search_of(far)))
    assert sorted({one.id for one in found}) == sorted(set(tickets) - set(tickets[::10]))
    assert {one.project for one in found} == {PROJECTS[far.kind]}
    assert [one.created for one in found] == sorted(one.created for one in found if one.created)


def test_an_issue_that_is_closed_while_the_list_is_read_hides_no_other(far: Any) -> None:
    tickets = [far.add(project=PROJECTS[far.kind], title=f"no {n}") for n in range(250)]
    listed = set()
    for n, one in enumerate(tracker_of(far).open_issues(search_of(far))):
        listed.add(one.id)
        if n < 8:
            close(far, tickets[n])
    assert set(tickets[8:]) <= listed


def test_many_issues_of_one_instant_are_all_listed(far: Any) -> None:
    far.clock.step = timedelta(0)
    tickets = [far.add(project=PROJECTS[far.kind], title=f"no {n}") for n in range(250)]
    far.clock.step = timedelta(seconds=1)
    assert {one.id for one in tracker_of(far).open_issues(search_of(far))} == set(tickets)


def test_a_list_goes_on_where_it_was_broken_off(far: Any) -> None:
    tickets = [far.add(project=PROJECTS[far.kind], title=f"no {n}") for n in range(120)]
    first = [one for _, one in zip(range(50), tracker_of(far).open_issues(search_of(far)), strict=False)]
    rest = list(tracker_of(far).open_issues(search_of(far, created_after=first[-1].created)))
    assert {one.id for one in first} | {one.id for one in rest} == set(tickets)
    assert len(rest) <= 71


def test_age_narrows_the_list_to_the_second(far: Any) -> None:
    tickets = [far.add(project=PROJECTS[far.kind], title=f"no {n}") for n in range(12)]
    every = {one.id: one.created for one in tracker_of(far).open_issues(search_of(far))}
    early, late = every[tickets[4]], every[tickets[8]]
    wanted = search_of(far, created_after=early, created_before=late)
    assert [one.id for one in tracker_of(far).open_issues(wanted)] == tickets[4:9]


def test_only_what_moved_lately_is_listed(far: Any) -> None:
    tickets = [far.add(project=PROJECTS[far.kind], title=f"no {n}") for n in range(6)]
    far.clock.now += timedelta(hours=1)
    since = far.clock.now
    far.edit(tickets[2], "ann", title="moved")
    found = tracker_of(far).open_issues(search_of(far, updated_after=since))
    assert [one.id for one in found] == [tickets[2]]


def test_a_query_narrows_the_list(far: Any) -> None:
    far.add(project=PROJECTS[far.kind], title="plain")
    bug = far.add(project=PROJECTS[far.kind], title="marked", labels=["bug"])
    query = "bug" if far.kind == "gitlab" else 'labels = "bug"'
    assert [one.id for one in tracker_of(far).open_issues(search_of(far, query=query))] == [bug]


def test_a_project_that_is_not_there_ends_the_list_before_it_begins() -> None:
    with FakeGitLab() as fake:
        fake.add(project="acme/support", title="one")
        found = tracker_of_plain(fake).open_issues(Search(("acme/support", "acme/no")))
        with pytest.raises(TrackerError) as raised:
            next(iter(found))
    assert raised.value.status == 404


def tracker_of_plain(fake: FakeGitLab) -> Tracker:
    return GitLabTracker(fake.connection(), clock=lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("label=bug", "did you mean `labels`?"),
        ("state=all", "`state` does not narrow"),
        ("order_by=title", "`order_by` does not narrow"),
        ("per_page=1", "`per_page` does not narrow"),
    ],
)
def test_a_parameter_that_gitlab_would_ignore_or_that_is_ours_is_refused(query: str, said: str) -> None:
    with pytest.raises(TrackerError) as raised:
        read_query(query)
    assert said in raised.value.detail
    assert raised.value.permanent


def test_labels_and_parameters_are_told_apart() -> None:
    assert read_query("bug, ui") == {"labels": "bug, ui"}
    assert read_query("labels=a,b&milestone=May 1") == {"labels": "a,b", "milestone": "May 1"}


@pytest.mark.parametrize(
    "query",
    [
        "labels = bug ORDER BY key",
        "labels = bug) OR (project = SECRET",
        "labels = bug OR (priority = High",
        'labels = "bug',
        "labels = 'bug",
    ],
)
def test_jql_that_would_leave_its_brackets_is_refused(query: str) -> None:
    with pytest.raises(TrackerError) as raised:
        jql(Search(("SUP",), query), START)
    assert raised.value.permanent


@pytest.mark.parametrize(
    "query", ['summary ~ "order by )"', "summary ~ 'a \\' ('", "a = b AND (c = d OR e in (f, g))"]
)
def test_jql_with_brackets_inside_of_words_is_taken(query: str) -> None:
    assert f"({query})" in jql(Search(("SUP",), query), START)


def test_the_words_of_a_search_in_jira() -> None:
    search = Search(
        ("SUP", "OPS"), "", START - timedelta(days=2), START - timedelta(days=1), START - timedelta(hours=1)
    )
    assert jql(search, START) == (
        'project in ("SUP", "OPS") AND statusCategory != Done AND created >= "-2882m" AND created <= "-1438m"'
        ' AND updated >= "-62m" ORDER BY created ASC, key ASC'
    )
    assert "created <=" not in jql(replace(search, created_before=START), START)


def test_the_local_tracker_lists_what_is_not_done() -> None:
    clock = Moving()
    local = FakeTracker(clock=clock)
    first, done, last = (local.add(title) for title in ("first", "done", "last"))
    local.edit(done, "ann", status="done")
    assert [one.id for one in local.open_issues(Search(("desk",)))] == [first, last]
    with pytest.raises(TrackerError):
        list(local.open_issues(Search(("desk",), "bug")))
