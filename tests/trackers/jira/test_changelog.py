"""Changelogs in Jira's words → changes of slots in ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.frozen import FrozenDict
from connector.model import Actor
from connector.trackers.jira.changelog import behind, changes_of
from connector.words import Place, PlaceKind, Words

from .samples import item

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def named(value: str) -> tuple[Place, ...]:
    return (Place(PlaceKind.NAME, value),)


WORDS = Words(
    priority=FrozenDict(urgent=named("Highest"), high=named("High"), low=named("Low")),
    severity=FrozenDict({1: (Place(PlaceKind.LABEL, "sev-1"),), 2: (Place(PlaceKind.FIELD, "S2", "Severity"),)}),
    team=FrozenDict(
        payments=(Place(PlaceKind.COMPONENT, "Payments"),),
        security=(Place(PlaceKind.LABEL, "team-security"),),
        search=(Place(PlaceKind.FIELD, "Search", "Team"),),
    ),
    status=FrozenDict(open=(Place(PlaceKind.NAME, "Open"), Place(PlaceKind.NAME, "In Progress")), done=named("Done")),
    fields=FrozenDict(
        environment=Place(PlaceKind.FIELD, "*", "Environment"),
        region=Place(PlaceKind.LABEL, "region-*"),
        component=Place(PlaceKind.COMPONENT, "*"),
    ),
    people=FrozenDict(ann=("557058:ann",), bo=("bo",)),
    names=FrozenDict(ann="Ann Li", bo="Bo"),
)


def slots(*items, aliases=None):
    log = {"id": "9001", "items": list(items)}
    return {c.slot: (c.was, c.value) for c in changes_of(log, AT, Actor("x"), WORDS, aliases or {})}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (item("priority", "Low", "Highest"), {"priority": ("low", "urgent")}),
        (item("priority", "Low", "Blocker"), {"priority": ("low", "none")}),
        (item("status", "To Do", "In Progress"), {"status": (None, "open")}),
        (item("Status", "Open", "In Progress"), {}),
        (item("duedate", None, "2026-12-01 00:00:00.0", to="2026-12-01"), {"due": (None, "2026-12-01")}),
        (item("assignee", None, "Ann Li", to="557058:ann"), {"assignee": (None, "ann")}),
        (item("assignee", "Bo", None, **{"from": "bo"}), {"assignee": ("bo", None)}),
        (item("assignee", None, "Cy", to="557058:cy"), {"assignee": (None, "557058:cy")}),
        (item("labels", "a b", "b c"), {"label:a": (True, False), "label:c": (False, True)}),
        (
            item("labels", "sev-1 region-eu", "team-security"),
            {
                "label:sev-1": (True, False),
                "label:region-eu": (True, False),
                "label:team-security": (False, True),
                "severity": (1, None),
                "team": (None, "security"),
                "field:region": ("eu", None),
            },
        ),
        (item("Component", None, "Payments"), {"team": (None, "payments"), "field:component": (None, "Payments")}),
        (item("Team", "Other", "Search", fieldtype="custom"), {"team": (None, "search")}),
        (item("Severity", "S1", "S2"), {"severity": (None, 2)}),
        (item("environment", "test", "prod"), {"field:environment": ("test", "prod")}),
        (item("Rank", "", "ranked higher"), {}),
        (item("summary", "a", "b"), {}),
        (item("resolution", None, "Done"), {}),
    ],
)
def test_an_item_changes_the_slots_that_rules_may_write(changed, expected):
    assert slots(changed) == expected


def test_data_center_names_a_user_by_key_and_the_event_tells_the_account():
    changed = item("assignee", None, "Somebody", to="JIRAUSER10203")

    assert slots(changed, aliases={"JIRAUSER10203": "bo"}) == {"assignee": (None, "bo")}


def test_a_key_nobody_explains_is_known_by_the_name_shown_if_one_person_has_it():
    assert slots(item("assignee", None, "Bo", to="JIRAUSER10203")) == {"assignee": (None, "bo")}
    assert slots(item("assignee", None, "Zed", to="JIRAUSER9")) == {"assignee": (None, "JIRAUSER9")}


def test_a_change_is_known_again_by_its_changelog_and_slot():
    log = {"id": "9001", "items": [item("priority", "Low", "High")]}
    hook = changes_of(log, AT, Actor("x"), WORDS)
    history = changes_of({**log, "author": {}, "created": "…"}, AT, Actor("x"), WORDS)

    assert [c.id for c in hook] == ["9001:priority"] == [c.id for c in history]


def test_without_an_instant_there_is_no_change():
    assert changes_of({"id": "1", "items": [item("priority", "Low", "High")]}, None, Actor(), WORDS) == ()


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [("env-*", "env-prod", "prod"), ("*", "Payments", "Payments"), ("env-*", "env-", None), ("env", "env", None)],
)
def test_the_star_of_a_pattern_stands_for_the_value(pattern, name, expected):
    assert behind(pattern, name) == expected
