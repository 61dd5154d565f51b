"""Several connections of one kind, each with its own secret, words and limits; and issues that move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.settings import Settings
from connector.trackers.gitlab import session
from tests.engine.line import write_rules
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

from .far import PEOPLE, RULES
from .inside import Inside

SCOPE = "{gitlab-eu: [acme/support], gitlab-us: [acme/support], help: [SUP]}"
NAMES = """
priority:
  urgent: {jira: Highest, gitlab: "priority::1", gitlab-us: "P::critical::1"}
  high:   {jira: High,    gitlab: "priority::2", gitlab-us: "P::critical::2"}
  normal: {jira: Medium,  gitlab: "priority::3", gitlab-us: "P::normal"}
  low:    {jira: Low,     gitlab: "priority::4", gitlab-us: "P::low"}
team:
  frontline: {jira: component Frontline, gitlab: "frontline"}
  backend:   {jira: component Payments, gitlab: "backend"}
"""
TRACKERS = """
gitlab-eu: {{kind: gitlab, url: "{eu}", token: {{env: EU}}, secret: {{env: EU_HOOK}}}}
gitlab-us: {{kind: gitlab, url: "{us}", token: {{env: US}}, secret: {{env: US_HOOKS}}}}
help:
  {{kind: jira, flavor: dc, url: "{dc}", token: {{env: J}}, secret: {{env: JH}},
    internal_visibility: role Developers}}
"""


@dataclass
class Three:
    running: Inside
    eu: FakeGitLab
    us: FakeGitLab
    dc: FakeJira

    def settle(self) -> None:
        self.running.settle(self.eu, self.us, self.dc)


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    with FakeGitLab() as eu, FakeGitLab() as us, FakeJira("dc") as dc:
        us.secret = "whsec_c2Vjb25kIG9uZQ=="
        known = {"EU": eu.token, "EU_HOOK": eu.secret, "US": us.token, "J": dc.token, "JH": dc.secret}
        for name, value in {**known, "US_HOOKS": f"whsec_bmV3ZXN0,{us.secret}"}.items():
            monkeypatch.setenv(name, value)
        for fake in (eu, us, dc):
            for who in ("ann", "bo"):
                fake.person(who, name=who.title())
            fake.person("dana", name="Dana", role="customer")
        text = RULES.replace("{gitlab: [acme/support], jira: [SUP, HELP], jira-dc: [SUP, HELP]}", SCOPE)
        trackers = TRACKERS.format(eu=eu.url, us=us.url, dc=dc.url)
        files = {"support.yaml": text, "_names.yaml": NAMES, "_people.yaml": PEOPLE, "_trackers.yaml": trackers}
        rules = write_rules(tmp_path / "rules", files)
        with Inside(
            Settings(data_dir=tmp_path / "var", rules_dir=rules, reconcile_every=timedelta(hours=1))
        ) as running:
            for fake, name in ((eu, "gitlab-eu"), (us, "gitlab-us"), (dc, "help")):
                fake.hooks = running.hook(name)
            yield Three(running, eu, us, dc)
            for fake in (eu, us, dc):
                fake.flush()
                fake.hooks = None
        assert [wrong for fake in (eu, us, dc) for wrong in fake.violations] == []


def test_each_connection_is_written_in_its_own_words(three: Three) -> None:
    here = three.eu.add(project="acme/support", title="An outage", by="dana")
    there = three.us.add(project="acme/support", title="An outage", by="dana")
    three.settle()
    assert three.eu.state(here)["labels"] == {"priority::1", "frontline"}
    assert three.us.state(there)["labels"] == {"P::critical::1", "frontline"}
    assert here == there, "both are project 1000, issue 1: their lanes are their own"


def test_a_hook_with_the_secret_of_another_connection_is_refused(three: Three) -> None:
    held: list[Any] = []
    three.eu.hooks = lambda headers, body: held.append((headers, body))
    three.eu.add(project="acme/support", title="An outage", by="dana")
    three.eu.flush()
    ((headers, body),) = held
    assert three.running.post("gitlab-us", body, headers).status_code == 401
    assert three.running.post("gitlab", body, headers).status_code == 404
    assert three.running.post("gitlab-eu", body, headers).status_code == 202
    three.settle()


def test_of_nested_scopes_all_siblings_up_to_the_last_colons_go_and_of_plain_words_only_teams(three: Three) -> None:
    labels = ("P::critical::2", "P::normal", "P::critical", "backend", "vip", "Frontline-office")
    ticket = three.us.add(project="acme/support", title="An outage", by="dana", labels=labels)
    three.settle()
    shown = three.us.state(ticket)["labels"]
    assert {"P::critical::1", "frontline", "vip", "Frontline-office"} <= shown
    assert not shown & {"P::critical::2", "P::normal", "backend"}


def test_internal_texts_of_a_plain_project_are_restricted_where_the_connection_says_to_whom(three: Three) -> None:
    ticket = three.dc.add(project="SUP", title="An outage", by="dana")
    three.settle()
    three.dc.edit(ticket, "bo", title="All is well")
    three.settle()
    shown = {c["text"].splitlines()[0].strip("*"): c["visibility"] for c in three.dc.state(ticket)["comments"]}
    developers = {"type": "role", "value": "Developers"}
    assert shown == {
        "We have your request.": None,
        "Look at the logs first.": developers,
        "Pointsman · why": developers,
    }
    assert three.dc.state(ticket)["components"] == {"Frontline"}


def test_an_issue_that_moves_keeps_its_lane_and_is_found_under_both_keys(three: Three) -> None:
    ticket = three.dc.add(project="SUP", title="An outage", by="dana")
    three.settle()
    written = len(three.dc.writes(ticket))
    issue = three.dc.world.issues[ticket]
    old, issue.key = issue.key, "SUP-900"
    three.dc.world.keys["SUP-900"] = ticket
    moved = {"field": "Key", "from": None, "fromString": old, "to": None, "toString": "SUP-900"}
    shown = {"id": ticket, "key": "SUP-900", "fields": {"project": {"key": "SUP"}}}
    body = {"webhookEvent": "jira:issue_updated", "timestamp": 1_790_000_000_000, "issue": shown}
    body |= {"user": {"name": "bo", "displayName": "Bo"}, "changelog": {"id": "1", "items": [moved]}}
    path = f"help/{three.dc.secret}".replace(" ", "%20")
    assert three.running.post(path, json.dumps(body).encode(), {}).status_code == 202
    three.settle()
    tickets = three.running.services.store.tickets
    assert [getattr(tickets.find("help", key), "id", None) for key in (old, "SUP-900")] == [ticket, ticket]
    assert len(three.dc.writes(ticket)) == written


@pytest.mark.parametrize("name", ["gitlab-eu", "help"])
def test_a_tracker_that_does_not_answer_keeps_nobody_waiting_and_loses_nothing(
    three: Three, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(session, "READ_SECONDS", 0.3)
    three.running.services.trackers["help"]._client._timeout = (1.0, 0.3)
    fake: Any = three.eu if name == "gitlab-eu" else three.dc
    project = "acme/support" if name == "gitlab-eu" else "SUP"
    fake.faults.stall_seconds = 1.0
    fake.faults.script("stall", "stall")
    ticket = fake.add(project=project, title="An outage", by="dana")
    three.settle()
    texts = [c["text"].splitlines()[0] for c in fake.state(ticket)["comments"]]
    assert len(texts) == len(set(texts)) == 3
    assert fake.state(ticket)["priority"] in ("priority::1", "Highest")
