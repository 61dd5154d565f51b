"""The published matrix is the code's: each change, each kind of event, and exactly the endpoints that are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.changes import CHANGES, AddLabel, AssignTo, Link, MoveTo, Say, SetPriority
from connector.errors import TrackerError
from connector.frozen import FrozenDict
from connector.messages import Draft
from connector.model import Actor, Audience, Kind, Priority
from connector.trackers import NoteWrite, Stamp, Write
from connector.trackers.jira import JiraTracker
from connector.words import Place, PlaceKind
from tests.fakes.gitlab_rest import Rest as GitLabRest
from tests.fakes.gitlab_world import World
from tests.fakes.jira_rest import _ROUTES as JIRA_ROUTES
from tests.trackers.contract.places import GitLabSite, JiraSite

from .pages import quoted, rows, section, text_of

PAGE = text_of("docs/capabilities.md")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LINES = ("Pointsman · why", "- priority urgent: Outage (+50) = 50")
API = {"gitlab": "/api/v4", "jira": "/rest/api/2"}


def listed(heading: str) -> list[list[str]]:
    return [[quoted(cells[0])[0], *cells[1:]] for cells in rows(section(PAGE, heading))]


GITLAB = frozenset(row[0] for row in listed("### GitLab"))
JIRA = {row[0]: {"cloud": row[1] == "yes", "dc": row[2] == "yes"} for row in listed("### Jira")}


def test_every_change_has_its_row():
    assert [quoted(cells[0])[0] for cells in rows(section(PAGE, "## Changes")) if "`Say`" not in cells[0]] == [
        change.__name__ for change in CHANGES if change is not Say
    ]
    assert PAGE.count("| `Say`, ") == 2


def test_every_kind_of_event_has_its_row():
    assert [quoted(cells[0])[0] for cells in rows(section(PAGE, "## Events"))] == [kind.value for kind in Kind]


@pytest.mark.parametrize("heading", ["## Events", "## Changes", "## What differs"])
def test_every_row_speaks_of_every_tracker(heading):
    assert {len(cells) for cells in rows(section(PAGE, heading))} == {6}


def shape(method: str, path: str) -> tuple[str, str]:
    """A listed address, or a pattern of a fake, with every variable part alike."""
    return method, re.sub(r"\(\?P<\w+>[^)]*\)|\([^)]*\)|:\w+|<\w+>", "*", path).replace(
        "properties/pointsman", "properties/*"
    )


def shapes(addresses: Any) -> set[tuple[str, str]]:
    return {shape(*address.split(" ", 1)) for address in addresses}


def test_the_fake_gitlab_answers_what_is_listed_and_nothing_else():
    world = World(lambda: NOW)
    routes = GitLabRest(world, world.user("pointsman"), [], lambda *_: None).routes
    assert shapes(GITLAB) == {shape(method, pattern.pattern) for method, pattern, _ in routes}


def test_the_fake_jira_answers_what_is_listed_and_nothing_else():
    assert shapes(JIRA) == {shape(method, pattern) for method, pattern, _ in JIRA_ROUTES}


def test_the_page_of_jira_lists_the_same_addresses():
    table = section(text_of("docs/trackers/jira.md"), "## Requests")
    named: set[str] = set()
    for cells in rows(table):
        for address in quoted(cells[0]):
            method, path = address.split(" ", 1) if " " in address else ("GET", address)
            named.add(f"{method} {path.partition('?')[0].replace('…', '/project/<key>')}")
    assert shapes(named) == shapes(JIRA)


# What is really sent.


@contextmanager
def open_site(make: Callable[[], Any]) -> Iterator[Any]:
    site = make()
    try:
        yield site
        assert site.complaints() == []
    finally:
        site.close()


def carry(site: Any, tracker: Any, ticket: str, *changes: Any, note: NoteWrite | None = None) -> None:
    seen = tracker.fetch(ticket, site.words)
    writes = tuple(Write(f"{ticket}/{change.slot}", change) for change in changes)
    for call in tracker.compose(seen, writes, note, Stamp("1", ("hello",)), site.words).calls:
        tracker.send(call)


def a_day(site: Any, tracker: Any) -> None:
    """Whatever the engine asks of a tracker, once."""
    words, project = site.words, site.project
    tracker.probe()
    tracker.me()
    ticket, other = site.add("Payment fails"), site.add("Another one")
    key = tracker.fetch(other, words).key
    tracker.past(ticket, words)
    for account in ("ann", "dana", "somebody-new"):
        tracker.role(Actor(account=account), project, words)
    say = Say(key="hello", text="We are on it.", audience=Audience.PUBLIC)
    wishes = (SetPriority(Priority.URGENT), AssignTo("ann"), AddLabel("billing"), say, MoveTo("done"))
    carry(site, tracker, ticket, *wishes, Link("relates_to", key), note=NoteWrite("n1", LINES))
    marks = tracker.marks(ticket, words)
    assert {"hello", "note"} <= marks
    notes = [c for c in tracker.comments(ticket, words) if "Pointsman" in c.text]
    assert tracker.audience(ticket, notes[0].id) in (notes[0].audience, None)
    carry(site, tracker, ticket, AddLabel("later"), note=NoteWrite("n2", (*LINES, "- more"), notes[0].id))
    assert list(tracker.changed((project,), datetime.now(UTC) - timedelta(hours=1), words))
    for _ in range(2):
        tracker.create(Draft(tracker.name, project, "From a form", "It broke"), "draft-1", words)


def called(site: Any, api: str, addresses: Any) -> set[str]:
    """The listed addresses that the recorded requests went to; fails for a request that none of them covers."""
    patterns = {
        address: (method, re.compile(re.escape(api) + re.sub(r":\w+", "[^/]+", path)))
        for address in addresses
        for method, path in [address.split(" ", 1)]
    }
    found = set()
    for request in site.fake.requests:
        fitting = [
            a for a, (method, path) in patterns.items() if method == request.method and path.fullmatch(request.path)
        ]
        assert fitting, f"{request.method} {request.path} is not listed in docs/capabilities.md"
        found.update(fitting)
    return found


def test_gitlab_is_called_at_the_listed_addresses_and_at_each_of_them():
    with open_site(GitLabSite) as site:
        a_day(site, site.tracker)
        site.fake.grow_old()
        ticket = site.add("On an old release")
        with pytest.raises(TrackerError):
            carry(site, site.tracker, ticket, Say(key="hint", text="look at the logs"))
        assert called(site, API["gitlab"], GITLAB) == GITLAB


@pytest.mark.parametrize("flavor", ["cloud", "dc"])
def test_jira_is_called_at_the_listed_addresses_and_at_each_of_them(flavor):
    met = set()
    for desk in (False, True):
        with open_site(lambda desk=desk: a_jira(flavor, desk)) as site:
            a_day(site, a_tracker(site))
            what_is_rare(site, a_tracker(site))
            met |= called(site, API["jira"], JIRA)
    assert met == {address for address, where in JIRA.items() if where[flavor]}


def a_jira(flavor: str, desk: bool) -> JiraSite:
    """With a custom field, an address to look up, and a group among the agents."""
    site = JiraSite(flavor, desk=desk)
    people = FrozenDict(ann=("ann@desk.example",), bo=("bo",))
    fields = FrozenDict(environment=Place(PlaceKind.FIELD, "*", "Environment"))
    site.words = replace(site.words, fields=fields, people=people)
    site.fake.world.agents["helpers"] = {"helper"}
    return site


def a_tracker(site: JiraSite) -> JiraTracker:
    """A fresh one whose connection does not say which flavour it has."""
    return JiraTracker(replace(site.fake.connection("jira"), flavor=""), clock=lambda: datetime.now(UTC))


def what_is_rare(site: JiraSite, tracker: JiraTracker) -> None:
    """A history of several pages, an issue that does not say of which type its project is, marks that get lost."""
    ticket = site.add("Much has happened")
    for number in range(120):
        site.fake.edit(ticket, "bo", title=f"Version {number}")
    tracker.past(ticket, site.words)
    seen = tracker.fetch(ticket, site.words)
    silent = replace(seen, raw=FrozenDict({k: v for k, v in seen.raw.items() if k != "service"}))
    write = Write("hello", Say(key="hello", text="We are on it.", audience=Audience.PUBLIC))
    assert a_tracker(site).compose(silent, (write,), None, Stamp("1"), site.words).calls
    if site.project == "HELP":
        site.fake.rest.keeps_marks = False
        with pytest.raises(TrackerError):
            carry(site, tracker, site.add("On a server that drops marks"), Say(key="hint", text="look at the logs"))
