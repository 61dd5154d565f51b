"""A GitLab, a Jira Cloud and a Jira Data Center beside one service, with the tickets that the samples are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.settings import Settings
from tests.engine.line import write_rules
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

from .inside import Inside
from .samples import Sample

RULES = """
version: 1
applies_to: {scope}
mode: live
plugins: [priority, routing, replies, commands]
priority:
  levels: {{urgent: 50, high: 25, normal: 10, low: 0}}
  signals:
    - {{id: down, when: {{title: {{contains_any: [outage]}}}}, score: 50, because: "Text says: {{hits}}"}}
routing:
  - {{id: rest, team: frontline, assignee: ann}}
"""
NAMES = """
priority:
  urgent: {jira: Highest, gitlab: "priority::1"}
  high:   {jira: High,    gitlab: "priority::2"}
  normal: {jira: Medium,  gitlab: "priority::3"}
  low:    {jira: Low,     gitlab: "priority::4"}
team:
  frontline: {jira: label team-frontline, gitlab: "team::frontline"}
"""
PEOPLE = "people:\n  ann: {name: Ann, ids: {gitlab: [ann], jira: [ann]}, teams: [frontline]}\n"
TRACKERS = """
jira-dc: {{kind: jira, flavor: dc, url: "{url}", token: {{env: DC_TOKEN}}, secret: {{env: DC_SECRET}}}}
"""
TITLE = "An outage of the shop"
PLACED = {"gitlab": ("priority::1", "team::frontline"), "jira": ("Highest", "team-frontline")}


@dataclass
class Place:
    """Three fake trackers by connection name, and the settings that connect a service to them."""

    fakes: dict[str, Any]
    settings: Settings

    @contextmanager
    def service(self, **more: Any) -> Iterator[Inside]:
        """The service runs; what it writes echoes back to it."""
        works = more.pop("works", True)
        with Inside(replace(self.settings, **more), works=works) as running:
            for name, fake in self.fakes.items():
                fake.hooks = running.hook(name)
            try:
                yield running
            finally:
                for fake in self.fakes.values():
                    fake.flush()
                    fake.hooks = None

    def send(self, running: Inside, sample: Sample, id: str = "") -> int:
        secret = self.fakes[sample.tracker].secret
        return running.post(sample.tracker, sample.body, sample.headers(secret, id)).status_code

    def writes(self) -> int:
        return sum(len(fake.writes()) for fake in self.fakes.values())

    def violations(self) -> list[str]:
        return [wrong for fake in self.fakes.values() for wrong in fake.violations]

    def shown(self, sample: Sample) -> dict[str, Any]:
        """What stands at the tracker: `priority`, `team` (is its label there), `assignee`, `notes` of ours."""
        state = self.fakes[sample.tracker].state(sample.ticket)
        _, team = PLACED["gitlab" if sample.tracker == "gitlab" else "jira"]
        notes = [c for c in state["comments"] if "Pointsman · why" in c["text"]]
        return {
            "priority": state["priority"],
            "team": team in state["labels"],
            "assignee": state["assignee"],
            "notes": len(notes),
        }


def wanted(sample: Sample) -> dict[str, Any]:
    """What must stand there once the ticket has been worked."""
    priority, _ = PLACED["gitlab" if sample.tracker == "gitlab" else "jira"]
    return {"priority": priority, "team": True, "assignee": "ann", "notes": 1}


@contextmanager
def a_place(
    folder: Path, samples: Iterable[Sample], monkeypatch: pytest.MonkeyPatch, database: str = ""
) -> Iterator[Place]:
    """Tickets stand where the samples say they do, except those whose deletion a sample tells."""
    with FakeGitLab() as gitlab, FakeJira("cloud") as cloud, FakeJira("dc") as dc:
        fakes: dict[str, Any] = {"gitlab": gitlab, "jira": cloud, "jira-dc": dc}
        projects = _plant(fakes, [sample for sample in samples if sample.ticket])
        for fake in fakes.values():
            fake.person("ann", name="Ann", role="agent")
        monkeypatch.setenv("DC_TOKEN", dc.token)
        monkeypatch.setenv("DC_SECRET", dc.secret)
        scope = "{" + ", ".join(f"{name}: [{', '.join(sorted(of))}]" for name, of in projects.items() if of) + "}"
        files = {"_names.yaml": NAMES, "_people.yaml": PEOPLE, "_trackers.yaml": TRACKERS.format(url=dc.url)}
        rules = write_rules(folder / "rules", {"support.yaml": RULES.format(scope=scope), **files})
        yield Place(fakes, _settings(folder, rules, gitlab, cloud, database))


def _settings(folder: Path, rules: Path, gitlab: FakeGitLab, cloud: FakeJira, database: str) -> Settings:
    return Settings(
        data_dir=folder / "var",
        database_url=database,
        rules_dir=rules,
        gitlab_url=gitlab.url,
        gitlab_token=gitlab.token,
        gitlab_webhook_secret=(gitlab.secret,),
        jira_url=cloud.url,
        jira_user="pointsman@desk.example",
        jira_token=cloud.token,
        jira_webhook_secret=(cloud.secret,),
        jira_flavor="cloud",
        reconcile_every=timedelta(hours=1),
    )


def _plant(fakes: dict[str, Any], samples: list[Sample]) -> dict[str, set[str]]:
    """Plant every ticket once; the projects of each connection. A body may name its ticket by the id alone."""
    projects: dict[str, set[str]] = {name: set() for name in fakes}
    gone = {(s.tracker, s.ticket) for s in samples if s.kind == "deleted"}
    planted = set(gone)
    for sample in sorted(samples, key=lambda s: s.key is None):
        place = (sample.tracker, sample.ticket)
        key = sample.key or f"SUP-{str(sample.ticket)[-2:]}"
        projects[sample.tracker].add(sample.project or key.rpartition("-")[0])
        if place in planted:
            continue
        planted.add(place)
        if sample.tracker == "gitlab":
            number, _, iid = str(sample.ticket).partition("/")
            fakes["gitlab"].plant(int(number), sample.project, int(iid), title=TITLE)
        else:
            fakes[sample.tracker].plant(sample.ticket, key, title=TITLE)
    return projects
