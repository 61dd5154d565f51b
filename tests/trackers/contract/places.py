"""One place per tracker where the same scenarios are played: its far end, our words for it, and a person's hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Protocol

from connector.frozen import FrozenDict
from connector.model import Priority
from connector.store import Store
from connector.trackers import Tracker
from connector.trackers.local import LocalTracker
from connector.words import Place, PlaceKind, Words
from tests.trackers.local.shelf import Shelf

PEOPLE = {"ann": ("ann",), "bo": ("bo",)}
NAMES = {"ann": "Ann Li", "bo": "Bo"}
TEAMS = ("frontline", "payments")


class Site(Protocol):
    """What a scenario needs; words are ours, the site translates for the person's hands."""

    tracker: Tracker
    words: Words
    project: str

    def add(self, title: str, body: str = "", by: str = "dana@customer.example") -> str: ...

    def person_sets_priority(self, ticket: str, by: str, priority: Priority) -> None: ...

    def person_labels(self, ticket: str, by: str, *labels: str) -> None: ...

    def person_says(self, ticket: str, by: str, text: str, public: bool) -> str: ...

    def person_deletes_comment(self, ticket: str, comment: str) -> None: ...

    def requests(self) -> int: ...

    def complaints(self) -> list[str]: ...

    def lose_next_answer(self) -> bool: ...

    def close(self) -> None: ...


class Ticking:
    """A clock that moves on by a second with every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class LocalSite:
    """The local tracker over a dict."""

    project = "desk"

    def __init__(self, shelf: Callable[[Callable[[], datetime]], Any] = Shelf) -> None:
        self.clock = Ticking()
        self.shelf = shelf(self.clock)
        self.tracker: Any = LocalTracker(self.shelf, clock=self.clock)
        self.words = Words(people=FrozenDict(PEOPLE), names=FrozenDict(NAMES), teams=frozenset(TEAMS))

    def add(self, title: str, body: str = "", by: str = "dana@customer.example") -> str:
        id, _ = self.shelf.create(self.project, title, body, email=by)
        return id

    def person_sets_priority(self, ticket: str, by: str, priority: Priority) -> None:
        self.shelf.update(ticket, {"priority": priority.word}, self.clock(), by)

    def person_labels(self, ticket: str, by: str, *labels: str) -> None:
        kept = self.shelf.get(ticket).get("labels") or []
        self.shelf.update(ticket, {"labels": sorted({*kept, *labels})}, self.clock(), by)

    def person_says(self, ticket: str, by: str, text: str, public: bool) -> str:
        return self.shelf.add_comment(ticket, text, "public" if public else "internal", by)

    def person_deletes_comment(self, ticket: str, comment: str) -> None:
        assert self.shelf.delete_comment(ticket, comment)

    def requests(self) -> int:
        return 0

    def complaints(self) -> list[str]:
        return []

    def lose_next_answer(self) -> bool:
        return False

    def close(self) -> None:
        pass


class StoredSite(LocalSite):
    """The local tracker over the product's own store, in an SQLite file."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory()
        self.store: Store | None = None
        super().__init__(self._open)

    def close(self) -> None:
        if self.store:
            self.store.close()
        self.folder.cleanup()

    def _open(self, clock: Callable[[], datetime]) -> Any:
        self.store = Store.open(f"sqlite:///{self.folder.name}/store.db", clock=clock)
        return self.store.issues


@dataclass
class Far:
    """What the sites over a fake server share."""

    fake: Any
    tracker: Any
    words: Words
    project: str

    def add(self, title: str, body: str = "", by: str = "dana") -> str:
        return self.fake.add(project=self.project, title=title, body=body, by=by)

    def person_says(self, ticket: str, by: str, text: str, public: bool) -> str:
        return self.fake.comment(ticket, by, text, public=public)

    def person_deletes_comment(self, ticket: str, comment: str) -> None:
        self.fake.delete_comment(ticket, comment, "bo")

    def requests(self) -> int:
        return len(self.fake.requests)

    def complaints(self) -> list[str]:
        return list(self.fake.violations)

    def lose_next_answer(self) -> bool:
        self.fake.faults.script("cut-after")
        return True

    def close(self) -> None:
        self.fake.close()


class GitLabSite(Far):
    """The GitLab tracker over a fake GitLab."""

    LEVELS: ClassVar = {p.word: f"priority::{p.word}" for p in Priority if p}

    def __init__(self) -> None:
        from connector.trackers.gitlab import GitLabTracker
        from tests.fakes.gitlab_server import FakeGitLab

        def label(value: str) -> tuple[Place, ...]:
            return (Place(PlaceKind.LABEL, value),)

        fake = FakeGitLab()
        _settle_people(fake)
        words = Words(
            priority=FrozenDict({word: label(value) for word, value in self.LEVELS.items()}),
            severity=FrozenDict({n: label(f"severity::{n}") for n in range(1, 5)}),
            team=FrozenDict({team: label(f"team::{team}") for team in TEAMS}),
            status=FrozenDict(
                {"open": (Place(PlaceKind.STATE, "opened"),), "done": (Place(PlaceKind.STATE, "closed"),)}
            ),
            fields=FrozenDict({"environment": Place(PlaceKind.LABEL, "env::*")}),
            people=FrozenDict(PEOPLE),
            names=FrozenDict(NAMES),
            teams=frozenset(TEAMS),
        )
        tracker = GitLabTracker(fake.connection("gitlab"), clock=lambda: datetime.now(UTC))
        super().__init__(fake, tracker, words, "acme/support")

    def person_sets_priority(self, ticket: str, by: str, priority: Priority) -> None:
        kept = {label for label in self.fake.state(ticket)["labels"] if not label.startswith("priority::")}
        self.fake.edit(ticket, by, labels=sorted(kept | {self.LEVELS[priority.word]}))

    def person_labels(self, ticket: str, by: str, *labels: str) -> None:
        self.fake.edit(ticket, by, labels=sorted({*self.fake.state(ticket)["labels"], *labels}))


class JiraSite(Far):
    """The Jira tracker over a fake Jira: `flavor` is `cloud` or `dc`, `desk` a service project."""

    LEVELS: ClassVar = {"urgent": "Highest", "high": "High", "normal": "Medium", "low": "Low"}

    def __init__(self, flavor: str, desk: bool = False) -> None:
        from connector.trackers.jira import JiraTracker
        from tests.fakes.jira_server import FakeJira

        fake = _jira(FakeJira, flavor)
        _settle_people(fake)
        words = Words(
            priority=FrozenDict({word: (Place(PlaceKind.NAME, name),) for word, name in self.LEVELS.items()}),
            severity=FrozenDict({n: (Place(PlaceKind.LABEL, f"severity-{n}"),) for n in range(1, 5)}),
            team=FrozenDict({team: (Place(PlaceKind.LABEL, f"team-{team}"),) for team in TEAMS}),
            status=FrozenDict({"open": (Place(PlaceKind.NAME, "Open"),), "done": (Place(PlaceKind.NAME, "Done"),)}),
            people=FrozenDict(PEOPLE),
            names=FrozenDict(NAMES),
            teams=frozenset(TEAMS),
        )
        tracker = JiraTracker(fake.connection("jira"), clock=lambda: datetime.now(UTC))
        super().__init__(fake, tracker, words, "HELP" if desk else "SUP")

    def person_sets_priority(self, ticket: str, by: str, priority: Priority) -> None:
        self.fake.edit(ticket, by, priority=self.LEVELS[priority.word])

    def person_labels(self, ticket: str, by: str, *labels: str) -> None:
        self.fake.edit(ticket, by, labels=sorted({*self.fake.state(ticket)["labels"], *labels}))


def _jira(make: Any, flavor: str) -> Any:
    return make(flavor=flavor)


def _settle_people(fake: Any) -> None:
    for account, name in NAMES.items():
        fake.person(account, name=name, role="agent", email=f"{account}@desk.example")
    fake.person("dana", name="Dana", role="customer", email="dana@customer.example")


SITES = {
    "local": LocalSite,
    "local-stored": StoredSite,
    "gitlab": GitLabSite,
    "jira-cloud": lambda: JiraSite("cloud"),
    "jira-dc": lambda: JiraSite("dc"),
    "jira-desk": lambda: JiraSite("cloud", desk=True),
}


def site(name: str) -> Iterator[Any]:
    """The place called `name`, closed at the end."""
    made = SITES[name]()
    try:
        yield made
    finally:
        made.close()
