"""The whole line in one process: a store, rules, plugins, a tracker, and an engine that works on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.engine.accept import incoming_of
from connector.engine.delivery import Deliverer, Handle, by_lane
from connector.engine.reconcile import start_watermarks
from connector.engine.services import Services
from connector.engine.why import plans_of
from connector.engine.work import Engine
from connector.model import Actor, Comment, Event, Kind, Role
from connector.plugins_host import PluginHost
from connector.rulebook import Rules
from connector.settings import Settings
from connector.store import Store
from connector.testing import FixedClock
from connector.trackers import Connection, Tracker

ROOT = Path(__file__).resolve().parents[2]
RULES = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [customers, language, priority, routing, replies, commands]
lists:
  down: [宕机, outage]
priority:
  levels: {urgent: 50, high: 25, normal: 10, low: 0}
  signals:
    - {id: down, when: {text: {contains_any: "@down"}}, score: 50, because: "Text says: {hits}"}
    - {id: vip, when: {labels: {has: vip}}, score: 25, because: "VIP"}
routing:
  - {id: bugs, when: {title: {contains_any: [bug]}}, team: backend}
  - {id: rest, team: frontline}
replies:
  - {id: hello, on: created, audience: public, say: {en: "Hello {requester.name}.", zh: "您好。"}}
"""
NAMES = """
team: {frontline: {gitlab: "team::frontline", jira: label team-frontline},
       backend: {gitlab: "team::backend", jira: label team-backend}}
"""
PEOPLE = """
people:
  ann: {name: Ann Li, ids: {local: [ann], gitlab: [ann], jira: [ann]}, teams: [frontline]}
  bo: {name: Bo, ids: {local: [bo], gitlab: [bo], jira: [bo]}, teams: [backend]}
"""


def write_rules(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@dataclass
class Line:
    """`services` wired by hand; `work` works everything that is ready, as a worker would."""

    services: Services
    engine: Engine
    told: list[tuple[str, str, str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    @property
    def handle(self) -> Handle:
        """What a worker is given: tickets to the engine, notices to `told`, as (address, title, text)."""
        return by_lane(self.engine.handle, Deliverer(self.services, self).handle)

    def send(self, to: str, address: str, title: str, body: str) -> None:
        self.told.append((address, title, body))

    @property
    def store(self) -> Store:
        return self.services.store

    def event(self, tracker: str, ticket: str, kind: Kind = Kind.UPDATED, **more: Any) -> Event:
        return Event(tracker=tracker, ticket=ticket, kind=kind, at=self.services.clock(), **more)

    def deliver(self, event: Event, delivery: str = "") -> None:
        self.store.inbox.accept(incoming_of(event, delivery or f"d{next(self.numbers)}"))

    def created(self, ticket: str, tracker: str = "local") -> None:
        self.deliver(self.event(tracker, ticket, Kind.CREATED, actor=Actor("c@x.example", "C", Role.CUSTOMER)))
        self.work()

    def updated(self, ticket: str, tracker: str = "local", **more: Any) -> None:
        self.deliver(self.event(tracker, ticket, Kind.UPDATED, **more))
        self.work()

    def said(self, ticket: str, text: str, by: str = "ann", id: str = "", tracker: str = "local") -> None:
        """Somebody comments; the event is delivered and worked."""
        author = Actor(by, by.title(), Role.AGENT, by)
        comment = Comment(id or f"c{next(self.numbers)}", text, author=author, at=self.services.clock())
        self.deliver(self.event(tracker, ticket, Kind.COMMENTED, actor=author, comment=comment))
        self.work()

    def work(self, *, swallow: tuple[type[Exception], ...] = ()) -> int:
        """Work lanes until none is ready; how many were handled."""
        handled = 0
        while lanes := self.store.inbox.claim("test", 10):
            for lane in lanes:
                waiting = self.store.inbox.waiting(lane)
                try:
                    if waiting:
                        self.handle(lane, waiting)
                except swallow:
                    handled += 1
                    self.store.inbox.release(lane, self.services.clock())
                    return handled
                handled += 1
                self.store.inbox.release(lane)
        return handled

    def plans(self, key: str, tracker: str = "local") -> list[Mapping[str, Any]]:
        return plans_of(self.store, tracker, key) or []

    def verdicts(self, key: str, tracker: str = "local") -> dict[str, str]:
        """Slot → verdict of the newest plan."""
        return {d["slot"]: d["verdict"] for d in self.plans(key, tracker)[0]["decisions"]}


@contextmanager
def a_line(
    folder: Path,
    trackers: Mapping[str, Tracker],
    *,
    url: str = "",
    files: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] | None = None,
    plugins: Path | None = None,
    connections: Mapping[str, Connection] | None = None,
) -> Iterator[Line]:
    """A line on the database `url` (default: a SQLite file in `folder`)."""
    given = {"desk.yaml": RULES, "_names.yaml": NAMES, "_people.yaml": PEOPLE, **(files or {})}
    rules_dir = write_rules(folder / "rules", given)
    settings = Settings(data_dir=folder, rules_dir=rules_dir)
    clock = clock or FixedClock()
    host = PluginHost(ROOT / "plugins", plugins, seconds=2.0, entry_points=False, clock=clock)
    rules = Rules(rules_dir, host, env={}, defaults=connections or {}, clock=clock)
    assert not rules.problems, "\n".join(map(str, rules.problems))
    store = Store.open(url or f"sqlite:///{folder / 'line.db'}", clock=clock)
    services = Services(settings, store, rules, host, trackers, clock)
    start_watermarks(services)
    try:
        yield Line(services, Engine(services))
    finally:
        store.close()
        host.close()
