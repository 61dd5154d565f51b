"""A tracker full of old issues, met for the first time by a backfill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.engine.backfill import Mode, Progress, Wish, begin, confirm
from connector.engine.backfill_listing import read_list
from connector.engine.backfill_report import report
from connector.engine.backfill_working import work_off
from connector.errors import TrackerError
from connector.store import BackfillRow
from connector.testing import FakeTracker, FixedClock
from connector.trackers.gitlab import GitLabTracker
from connector.trackers.jira import JiraTracker
from tests.engine.line import Line, a_line
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

RULES = """
version: 1
applies_to: {local: [desk], gitlab: [acme/support], jira: [SUP]}
mode: live
explain: off
plugins: [priority, routing, replies]
priority:
  levels: {urgent: 50, high: 25, normal: 10, low: 0}
  signals:
    - {id: down, when: {title: {contains_any: [outage]}}, score: 50, because: "Text says: {hits}"}
routing:
  - {id: rest, team: frontline}
replies:
  - {id: hello, on: created, audience: public, say: {en: "We have your request."}}
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
FILES = {"desk.yaml": RULES, "_names.yaml": NAMES}
PLACES = ("gitlab", "cloud", "dc", "local")
URGENT = {"gitlab": "priority::1", "jira": "Highest", "local": "urgent"}


class Local:
    """The local tracker with the hands of the fakes."""

    kind = "local"

    def __init__(self, clock: FixedClock) -> None:
        self.tracker = FakeTracker(clock=clock)
        self.violations: list[str] = []

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, *, project: str, title: str) -> str:
        return self.tracker.add(title, project=project)

    def edit(self, ticket: str, by: str, **fields: Any) -> None:
        self.tracker.edit(ticket, by, **fields)

    def writes(self, ticket: str | None = None) -> list[Any]:
        return [call for call in self.tracker.writes if ticket is None or f"/{ticket}/" in f"{call.path}/"]

    def state(self, ticket: str) -> dict[str, Any]:
        found = self.tracker.ticket(ticket)
        return {"priority": found.priority.word, "comments": self.tracker.texts(ticket)}


@dataclass
class OldDesk:
    """`far` holds the issues `tickets`, all older than the line."""

    far: Any
    clock: FixedClock
    tickets: list[str]
    line: Line = field(init=False)

    @property
    def name(self) -> str:
        return str(self.far.kind)

    @property
    def project(self) -> str:
        return {"gitlab": "acme/support", "jira": "SUP", "local": "desk"}[self.name]

    def add(self, title: str) -> str:
        self.clock.forward(timedelta(minutes=1))
        return str(self.far.add(project=self.project, title=title))

    def close(self, ticket: str) -> None:
        self.far.edit(ticket, "ann", status={"gitlab": "closed", "jira": "Done", "local": "done"}[self.name])

    def urgent(self, ticket: str) -> bool:
        return bool(self.far.state(ticket)["priority"] == URGENT[self.name])

    def trackers(self) -> dict[str, Any]:
        if self.name == "local":
            return {"local": self.far.tracker}
        made = GitLabTracker if self.name == "gitlab" else JiraTracker
        return {self.name: made(self.far.connection(), clock=self.clock)}

    @contextmanager
    def opened(self, folder: Path, url: str = "", files: dict[str, str] | None = None) -> Iterator[OldDesk]:
        """The service before it; opened again, it is the service after a restart."""
        connections = {} if self.name == "local" else {self.name: self.far.connection()}
        given = {**FILES, **(files or {})}
        with a_line(
            folder, self.trackers(), url=url, files=given, clock=self.clock, connections=connections
        ) as self.line:
            yield self

    def begin(self, mode: Mode = "shadow", **wish: Any) -> BackfillRow:
        return begin(self.line.services, Wish(self.name, **wish), mode, "cli:ann")

    def listed(self, run: BackfillRow, watch: Hands) -> BackfillRow:
        run = read_list(self.line.services, run, watch)
        return confirm(self.line.services, run, "cli:ann", "--yes") if run.state == "asking" else run

    def run(self, mode: Mode = "shadow", watch: Hands | None = None, **wish: Any) -> dict[str, Any]:
        """A whole backfill; its report."""
        return self.finish(self.begin(mode, **wish), watch)

    def finish(self, run: BackfillRow, watch: Hands | None = None) -> dict[str, Any]:
        watch = watch or Hands(self)
        run = self.listed(run, watch)
        run = work_off(self.line.services, run, watch, lambda: None)
        return report(self.line.services, run)


class Hands:
    """A watch whose pauses are filled with work: the workers' share of the time. `meanwhile` may do anything."""

    def __init__(self, desk: OldDesk, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.desk, self.meanwhile = desk, meanwhile
        self.seen: list[Progress] = []

    def step(self, run: BackfillRow, progress: Progress) -> None:
        self.seen.append(progress)

    def pause(self, seconds: float) -> bool:
        self.desk.clock.forward(timedelta(seconds=seconds))
        self.meanwhile()
        work(self.desk.line)
        return True


def work(line: Line) -> None:
    """Work what is ready as a worker does: what fails is tried again later."""
    while lanes := line.store.inbox.claim("test", 10):
        for lane in lanes:
            waiting = line.store.inbox.waiting(lane)
            try:
                if waiting:
                    line.engine.handle(lane, waiting)
            except TrackerError as error:
                at = line.services.clock() + timedelta(seconds=error.retry_after or 2)
                with line.store.fenced(lane) as done:
                    if error.permanent:
                        done.park(waiting[0].id, "TrackerError")
                    else:
                        done.retry([one.id for one in waiting], at, "TrackerError")
            line.store.inbox.release(lane)


@contextmanager
def an_old_desk(place: str, tickets: int, *, outages: int = 3) -> Iterator[OldDesk]:
    """`tickets` issues, of which every `outages`-th one is an outage."""
    clock = FixedClock()
    far: Any = {"gitlab": FakeGitLab, "local": Local}.get(place) or (lambda clock: FakeJira(place, clock))
    with far(clock) as fake:
        desk = OldDesk(fake, clock, [])
        desk.tickets = [desk.add("an outage" if n % outages == 0 else "a question") for n in range(tickets)]
        clock.forward(timedelta(hours=1))
        yield desk
        assert fake.violations == []
