"""The pages over flows that answer from memory."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from connector.core.sla_counting import Judged
from connector.core.sla_report import Restated, Tally
from connector.engine.clock_desk import PressingClock
from connector.engine.marks import Choices
from connector.settings import Settings
from connector.store.desk import Position
from connector.web import build
from connector.web.flows import Flows
from tests.fakes.desk import FakeAudit, FakeDoor, FakeTokens
from tests.fakes.installation import FakeInstallation
from tests.fakes.parking import FakeParking

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class House:
    """Flows with a memory: what was asked of them, and what they are to answer or raise."""

    def __init__(self) -> None:
        self.now = NOW
        self.hooks: list[tuple] = []
        self.typed: list[tuple[str, str, str]] = []
        self.rows: list = []
        self.asked: list[dict] = []
        self.pages: dict = {}
        self.plans: dict = {}
        self.clocks: dict = {}
        self.cycles: list[Judged] = []
        self.restated = Restated(0, {})
        self.reports: list[tuple] = []
        self.answer: int | Exception = 202
        self.readiness = (True, [])
        self.provider_troubles: list[str] = []
        self.tokens = FakeTokens()
        self.door = FakeDoor()
        self.audit = FakeAudit()
        self.installation = FakeInstallation()
        self.parking = FakeParking()
        self.choices = Choices(
            ("gitlab", "local"), ("acme/support",), ("billing", "frontline"), ("ann", "bo"), clocks=True
        )
        self.marked: dict[tuple[str, str], frozenset[str]] = {}
        self.pressing: dict[tuple[str, str], PressingClock] = {}

    def webhook(self, *given):
        self.hooks.append(given)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def type_ticket(self, title, body, email):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.typed.append((title, body, email))
        return f"DESK-{len(self.typed)}"

    def desk(self, **wishes):
        self.asked.append(wishes)
        places = [Position.of(row).written() for row in self.rows]
        start = places.index(wishes["after"]) + 1 if wishes.get("after") in places else 0
        return self.rows[start : start + wishes["limit"]]

    def sla_report(self, span, only, dimensions, restated=False):
        self.reports.append((span, only, dimensions, restated))
        if isinstance(self.answer, Exception):
            raise self.answer
        told = self.restated if restated else None
        cycles = [each for each in self.cycles if only.metric in (None, each.metric)]
        tally = Tally(span, dimensions)
        tally.add(cycles)
        return {by: tally.report(by, told) for by in dimensions}

    def flows(self) -> Flows:
        return Flows(
            webhook=self.webhook,
            type_ticket=self.type_ticket,
            ticket_page=lambda tracker, key, whole=False: self.pages.get((tracker, key)),
            clocks=lambda tracker, key, as_of=None, known=None: self.clocks.get((tracker, key)),
            sla_report=self.sla_report,
            plans=lambda tracker, key, limit=20, before=None: self.plans.get((tracker, key)),
            desk=self.desk,
            ready=lambda: self.readiness,
            position=lambda row: Position.of(row).written(),
            choices=lambda: self.choices,
            marks=lambda rows: self.marked,
            clock_wish=lambda query: query,
            pressing=lambda rows: self.pressing,
            parking=self.parking,
            now=lambda: self.now,
            tokens=self.tokens,
            door=self.door,
            audit=self.audit,
            provider_trouble=self.provider_troubles.append,
            try_ticket=lambda ticket, event: {"applies": None},
            metrics=lambda: b"",
            **self.installation.flows(),
        )

    def client(self, **settings):
        app = build(Settings(secret_key=("test-key",), **settings), self.flows())
        return Browser(app)


class Browser:
    """A test client whose address and headers can be chosen, and that fills in form tokens as a browser does."""

    def __init__(self, app) -> None:
        self.app = app
        self.client = app.test_client()

    def get(self, path, remote="127.0.0.1", host="localhost", **given):
        return self._ask("get", path, remote, host, given)

    def post(self, path, remote="127.0.0.1", host="localhost", **given):
        return self._ask("post", path, remote, host, given)

    def token(self, path="/", **given) -> str:
        """The hidden token of the form on the page at `path`."""
        return re.search(r'name="csrf" value="([^"]+)"', self.get(path, **given).text)[1]

    def _ask(self, method, path, remote, host, given):
        headers = {"Host": host, **given.pop("headers", {})}
        ask = getattr(self.client, method)
        return ask(path, headers=headers, environ_overrides={"REMOTE_ADDR": remote}, **given)


@pytest.fixture
def house():
    return House()


@pytest.fixture
def browser(house):
    return house.client()


@pytest.fixture
def warning():
    return lambda code, text, detail="": SimpleNamespace(code=code, text=text, detail=detail)
