"""One service before five kinds of project: GitLab, plain and service projects of Jira Cloud and Data Center."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from connector.settings import Settings
from tests.engine.line import write_rules
from tests.fakes import Recorded
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

from .inside import Inside

RULES = """
version: 1
applies_to: {gitlab: [acme/support], jira: [SUP, HELP], jira-dc: [SUP, HELP]}
mode: live
plugins: [priority, routing, replies, commands]
priority:
  levels: {urgent: 50, high: 25, normal: 10, low: 0}
  signals:
    - {id: down, when: {title: {contains_any: [outage]}}, score: 50, because: "Text says: {hits}"}
routing:
  - {id: rest, team: frontline, assignee: ann}
replies:
  - {id: hello, on: created, audience: public, say: {en: "We have your request."}}
  - {id: hint, on: created, say: {en: "Look at the logs first."}}
"""
NAMES = """
priority:
  urgent: {jira: Highest, gitlab: "priority::1"}
  high:   {jira: High,    gitlab: "priority::2"}
  normal: {jira: Medium,  gitlab: "priority::3"}
  low:    {jira: Low,     gitlab: "priority::4"}
team:
  frontline: {jira: label team-frontline, gitlab: "team::frontline"}
  backend:   {jira: label team-backend, gitlab: "team::backend"}
"""
PEOPLE = """
people:
  ann: {name: Ann, ids: {gitlab: [ann], jira: [ann]}, teams: [frontline]}
  bo:  {name: Bo, ids: {gitlab: [bo], jira: [bo]}, teams: [backend]}
"""
TRACKERS = """
jira-dc: {{kind: jira, flavor: dc, url: "{url}", token: {{env: DC_TOKEN}}, secret: {{env: DC_SECRET}}}}
"""
TEXTS = {"We have your request.": True, "Look at the logs first.": False, "Pointsman · why": False}
"""First line of what the rules say about a new ticket → whether customers may read it."""


@dataclass
class Far:
    """One kind of project at its tracker, seen from outside; `held` are webhooks kept back by `keep`."""

    kind: str
    name: str
    fake: Any
    project: str
    running: Inside
    held: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)

    @property
    def service(self) -> bool:
        return self.project == "HELP"

    @property
    def plain(self) -> bool:
        return self.name != "gitlab" and not self.service

    def add(self, title: str = "An outage of the shop", by: str = "dana", **more: Any) -> str:
        return self.fake.add(project=self.project, title=title, by=by, **more)

    def new(self, title: str = "An outage of the shop", **more: Any) -> str:
        """A ticket that has been worked, echoes included."""
        ticket = self.add(title, **more)
        self.settle()
        return ticket

    def settle(self) -> None:
        self.running.settle(self.fake)

    def keep(self) -> None:
        """From now on webhooks wait in `held`."""
        self.fake.flush()
        self.fake.hooks = lambda headers, body: self.held.append((headers, body))

    def pass_on(self) -> None:
        """Deliver what was held, and let webhooks through again."""
        self.fake.flush()
        held, self.held = self.held, []
        self.fake.hooks = self.running.hook(self.name)
        for headers, body in held:
            self.fake.hooks(headers, body)
        self.settle()

    def held_of(self, action: Any) -> list[tuple[dict[str, str], bytes]]:
        """The webhooks of what `action` does, kept back."""
        action()
        self.fake.flush()
        held, self.held = self.held, []
        return held

    def post(self, *deliveries: tuple[dict[str, str], bytes]) -> None:
        for headers, body in deliveries:
            assert self.running.post(self.name, body, headers).status_code in (202, 204)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Events come in, and nobody works them until the end."""
        assert self.running.worker
        self.running.worker.stop()
        yield
        self.running.worker = app.build_worker(self.running.services)
        self.running.worker.start()

    def about(self, ticket: str, since: int = 0) -> list[str]:
        """The requests about `ticket`, as `VERB tail-of-path`."""
        api = "/api/v4" if self.name == "gitlab" else "/rest/api/2"
        place = f"/projects/{ticket.replace('/', '/issues/')}" if self.name == "gitlab" else f"/issue/{ticket}"
        return [
            f"{r.method} {r.path.removeprefix(api).removeprefix(place)}"
            for r in self.fake.requests[since:]
            if r.path.removeprefix(api).startswith(place)
        ]

    def writes(self, ticket: str) -> list[Recorded]:
        return self.fake.writes(ticket)

    def comments(self, ticket: str) -> list[dict[str, Any]]:
        return self.fake.state(ticket)["comments"]

    def note(self, ticket: str) -> dict[str, Any]:
        (note,) = [c for c in self.comments(ticket) if "Pointsman · why" in c["text"]]
        return note

    def level(self, ticket: str) -> str:
        return str(self.fake.state(ticket)["priority"])

    def team(self, ticket: str) -> set[str]:
        return {label for label in self.fake.state(ticket)["labels"] if label.startswith("team")}

    def at_level(self, number: int) -> str:
        return f"priority::{number}" if self.name == "gitlab" else ("Highest", "High", "Medium", "Low")[number - 1]


@contextmanager
def answering(fake: Any, change: Callable[[Recorded], Any]) -> Iterator[None]:
    """`change` answers a request in the tracker's place; where it gives None the tracker answers itself."""
    usual = fake.answer
    fake.answer = lambda recorded: change(recorded) or usual(recorded)
    try:
        yield
    finally:
        fake.answer = usual


KINDS = ("gitlab", "cloud", "cloud-service", "dc", "dc-service")


@dataclass
class Five:
    running: Inside
    fakes: Mapping[str, Any]

    def far(self, kind: str) -> Far:
        name = {"gitlab": "gitlab", "cloud": "jira", "dc": "jira-dc"}[kind.partition("-")[0]]
        project = "acme/support" if name == "gitlab" else "HELP" if kind.endswith("service") else "SUP"
        return Far(kind, name, self.fakes[name], project, self.running)


@contextmanager
def five(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    rules: str = RULES,
    people: str = PEOPLE,
    names: str = NAMES,
    **more: Any,
) -> Iterator[Five]:
    """The service runs and what it writes echoes back to it; the trackers' faults are the test's to set."""
    with FakeGitLab() as gitlab, FakeJira("cloud") as cloud, FakeJira("dc") as dc:
        fakes: dict[str, Any] = {"gitlab": gitlab, "jira": cloud, "jira-dc": dc}
        for fake in fakes.values():
            fake.person("ann", name="Ann")
            fake.person("bo", name="Bo")
            fake.person("pointsman", name="Pointsman")
            fake.person("dana", name="Dana", role="customer")
            fake.person("robot", name="Robot", role="system")
        monkeypatch.setenv("DC_TOKEN", dc.token)
        monkeypatch.setenv("DC_SECRET", dc.secret)
        files = {"_names.yaml": names, "_people.yaml": people, "_trackers.yaml": TRACKERS.format(url=dc.url)}
        folder_of_rules = write_rules(folder / "rules", {"support.yaml": rules, **files})
        with Inside(replace(_settings(folder, folder_of_rules, gitlab, cloud), **more)) as running:
            for name, fake in fakes.items():
                fake.hooks = running.hook(name)
            yield Five(running, fakes)
            for fake in fakes.values():
                fake.flush()
                fake.hooks = None
        assert [wrong for fake in fakes.values() for wrong in fake.violations] == []


def _settings(folder: Path, rules: Path, gitlab: FakeGitLab, cloud: FakeJira) -> Settings:
    return Settings(
        data_dir=folder / "var",
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
