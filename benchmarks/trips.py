"""Requests to the tracker for one applied decision, counted at trackers that speak the real protocols."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.engine.accept import webhook
from connector.trackers import Tracker
from connector.trackers.gitlab import GitLabTracker
from connector.trackers.jira import JiraTracker
from tests.engine.line import Line, a_line
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

Step = Callable[[str], None]
PLACES = {
    "GitLab": ("gitlab", "", "acme/support"),
    "Jira Cloud": ("jira", "cloud", "SUP"),
    "Jira Cloud, service project": ("jira", "cloud", "HELP"),
    "Jira Data Center": ("jira", "dc", "SUP"),
    "Jira Data Center, service project": ("jira", "dc", "HELP"),
}
RULES = """
version: 1
applies_to: {applies}
mode: live
plugins: [priority, routing]
priority:
  levels: {{urgent: 50, low: 0}}
  signals:
    - {{id: down, when: {{title: {{contains_any: [outage]}}}}, score: 50, because: "Text says: {{hits}}"}}
routing:
  - {{id: bugs, when: {{title: {{contains_any: [outage]}}}}, team: backend}}
  - {{id: rest, team: frontline}}
"""
NAMES = """
priority:
  urgent: {jira: Highest, gitlab: "priority::1"}
  low:    {jira: Low,     gitlab: "priority::4"}
team:
  frontline: {gitlab: "team::frontline", jira: label team-frontline}
  backend: {gitlab: "team::backend", jira: label team-backend}
"""


class Site:
    """One tracker, its line, and the webhooks that wait to be delivered."""

    def __init__(self, fake: Any, kind: str, project: str, line: Line) -> None:
        self.fake, self.kind, self.project, self.line = fake, kind, project, line
        self._mail: list[tuple[dict[str, str], bytes]] = []
        fake.hooks = lambda headers, body: self._mail.append((headers, body))

    def count(self, do: Callable[[], None]) -> dict[str, int]:
        """What the tracker was asked while all webhooks of `do` were worked: `reads`, `writes`."""
        do()
        self.deliver()
        before = len(self.fake.requests)
        self.line.work()
        asked = [request.method for request in self.fake.requests[before:]]
        return {"reads": asked.count("GET"), "writes": len(asked) - asked.count("GET")}

    def deliver(self) -> None:
        self.fake.flush()
        mail, self._mail[:] = list(self._mail), []
        for headers, body in mail:
            given = {name.lower(): value for name, value in headers.items()}
            webhook(self.line.services, self.kind, None, given, body)


def measure(folder: Path, step: Step, *, tickets: int = 10) -> dict[str, dict[str, dict[str, float]]]:
    """For each tracker and occasion the mean number of `reads` and `writes` over `tickets` tickets."""
    shown = {}
    for name, (kind, flavor, project) in PLACES.items():
        shown[name] = _one(folder / name.replace(" ", "-").replace(",", ""), kind, flavor, project, tickets)
        step(name)
    return shown


def steps() -> int:
    """How often `measure` calls `step`."""
    return len(PLACES)


def _one(folder: Path, kind: str, flavor: str, project: str, tickets: int) -> dict[str, dict[str, float]]:
    fake: Any = FakeGitLab() if kind == "gitlab" else FakeJira(flavor)
    with fake:
        fake.person("ann", name="Ann Li", role="agent")
        fake.person("dana", name="Dana", role="customer")
        connection = fake.connection(kind)
        tracker: Tracker = (GitLabTracker if kind == "gitlab" else JiraTracker)(connection, clock=_now)
        files = {"desk.yaml": RULES.format(applies=f"{{{kind}: [{project}]}}"), "_names.yaml": NAMES}
        folder.mkdir(parents=True)
        with a_line(folder, {kind: tracker}, files=files, clock=_now, connections={kind: connection}) as line:
            site = Site(fake, kind, project, line)
            _ticket(site)  # what is asked once per process and project
            counted = [_ticket(site) for _ in range(tickets)]
        if fake.violations:
            raise AssertionError(f"the tracker complains: {fake.violations[:3]}")
    return {
        occasion: {what: sum(one[occasion][what] for one in counted) / tickets for what in ("reads", "writes")}
        for occasion in counted[0]
    }


def _ticket(site: Site) -> dict[str, dict[str, int]]:
    """The life of one ticket, from the customer's words to ten edits at once."""
    fake = site.fake
    made: list[str] = []

    def edit(title: str) -> None:
        fake.edit(made[0], "dana", title=title)

    def open_it() -> None:
        made.append(fake.add(project=site.project, title="the export", by="dana"))

    def edit_ten_times() -> None:
        for n in range(10):
            edit(f"the export, {n}")

    counted = {"first contact": site.count(open_it)}
    site.count(lambda: None)
    counted["applied decision"] = site.count(lambda: edit("outage of the export"))
    counted["echo of our own write"] = site.count(lambda: None)
    counted["event that changes nothing"] = site.count(lambda: edit("outage of the exports"))
    counted["ten events waiting together"] = site.count(edit_ten_times)
    site.count(lambda: None)
    return counted


def _now() -> datetime:
    return datetime.now(UTC)
