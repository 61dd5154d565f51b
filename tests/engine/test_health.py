"""What /readyz says: whether we can accept, and what somebody should look after, each thing by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.cli.serve import begin
from connector.engine.health import Health
from connector.engine.notices import MOST_SHOWN, notice
from connector.errors import StoreUnavailable
from connector.model import Kind
from connector.settings import Settings
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import Line, a_line


class Database:
    """Stands where the store's write check is: counts how often it is asked, and refuses while `full`."""

    def __init__(self) -> None:
        self.asked = 0
        self.full = False

    def ping(self) -> None:
        self.asked += 1
        if self.full:
            raise StoreUnavailable("disk full")


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture
def line(tmp_path: Path, clock: FixedClock, tracker: FakeTracker) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=clock) as opened:
        yield opened


@pytest.fixture
def database(line: Line, monkeypatch: pytest.MonkeyPatch) -> Database:
    stand_in = Database()
    monkeypatch.setattr(line.store, "ping", stand_in.ping)
    return stand_in


def shown(line: Line, code: str, settings: Settings | None = None) -> list[str]:
    ready, remarks = Health(replace(line.services, settings=settings or line.services.settings)).ready()
    assert ready
    return [remark.detail or remark.text for remark in remarks if remark.code == code]


def test_many_who_ask_cost_one_write_a_second(line: Line, database: Database) -> None:
    ticks = Ticks()
    health = Health(line.services, ticks)
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda _: health.ready()[0], range(40)))
    assert answers == [True] * 40
    assert database.asked == 1
    ticks.now += 1
    health.ready()
    assert database.asked == 2


def test_a_database_that_fills_up_or_is_mended_is_known_a_second_later(line: Line, database: Database) -> None:
    ticks = Ticks()
    health = Health(line.services, ticks)
    seen = []
    for database.full in (False, True, False):
        seen.append(health.ready()[0])
        ticks.now += 1
    assert seen == [True, False, True]


def test_what_the_database_said_is_kept_with_the_answer(line: Line, database: Database) -> None:
    database.full = True
    health = Health(line.services, Ticks())
    for _ in range(2):
        ready, (remark,) = health.ready()
        assert (ready, remark.code, remark.detail) == (False, "store", "disk full")
    assert database.asked == 1


def test_two_tickets_that_are_gone_are_both_named(line: Line) -> None:
    line.updated("998")
    line.updated("999")
    assert sorted(text.partition(" is ")[0] for text in shown(line, "gone")) == ["local 998", "local 999"]


def test_what_anybody_may_read_of_a_notice_names_no_ticket(line: Line) -> None:
    line.updated("998")
    notice(line.services, "held", "local:1", "local DESK-1: held")
    line.services.store.meta.set("unreachable/local", "GET /projects/acme: 500")
    told = {remark.code: remark for remark in Health(line.services).ready()[1]}
    assert {told[code].detail for code in ("held", "tracker")} == {"local DESK-1: held", "GET /projects/acme: 500"}
    assert not any(word in told[code].text for word in ("998", "DESK-1", "acme") for code in told)


def test_one_ticket_is_named_once_however_often_it_is_noticed(line: Line, clock: FixedClock) -> None:
    for hour in range(3):
        clock.forward(timedelta(minutes=1))
        notice(line.services, "held", "local:1", f"local 1: held {hour}")
    assert shown(line, "held") == ["local 1: held 2"]


def test_many_notices_are_shown_as_the_newest_and_a_number(line: Line, clock: FixedClock) -> None:
    for n in range(MOST_SHOWN + 5):
        clock.forward(timedelta(seconds=1))
        notice(line.services, "gone", f"local:{n}", f"local {n} is gone")
    texts = shown(line, "gone")
    assert texts[0] == f"local {MOST_SHOWN + 4} is gone"
    assert texts[-1] == "and 5 more"
    assert len(texts) == MOST_SHOWN + 1


def test_as_many_notices_as_are_shown_have_no_number_behind_them(line: Line) -> None:
    for n in range(MOST_SHOWN):
        notice(line.services, "gone", f"local:{n}", f"local {n} is gone")
    assert len(shown(line, "gone")) == MOST_SHOWN


def test_a_notice_is_shown_for_its_time(line: Line, clock: FixedClock) -> None:
    notice(line.services, "held", "local:1", "local 1: held")
    notice(line.services, "gone", "local:1", "local 1 is gone")
    clock.forward(timedelta(minutes=61))
    assert shown(line, "held") == []
    assert shown(line, "gone") == ["local 1 is gone"]
    clock.forward(timedelta(hours=23))
    assert shown(line, "gone") == []


def test_a_late_event_after_a_deletion_warns_nobody(
    line: Line, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = tracker.add("outage")
    line.created(id)
    line.deliver(line.event("local", id, Kind.DELETED))
    line.work()
    monkeypatch.setattr(tracker.storage, "get", lambda _: None)
    line.updated(id)
    assert line.store.inbox.depth().waiting == 0
    assert shown(line, "gone") == []


def test_a_key_for_encryption_is_said_to_do_nothing_yet(line: Line) -> None:
    (text,) = shown(line, "settings", replace(line.services.settings, encryption_key=("k3y",)))
    assert "POINTSMAN_ENCRYPTION_KEY has no effect yet" in text
    assert "k3y" not in text


@pytest.mark.parametrize(("keys", "lines"), [((), 0), (("k3y", "older"), 1)])
def test_the_start_says_once_that_nothing_is_encrypted(
    keys: tuple[str, ...], lines: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    begin(Settings(encryption_key=keys))
    said = capsys.readouterr().err
    assert said.count("encryption_without_effect") == lines
    assert "k3y" not in said


def test_a_public_address_without_a_console_token_is_warned_of(line: Line) -> None:
    public = replace(line.services.settings, public_url="https://desk.example")
    (text,) = shown(line, "settings", public)
    assert "set POINTSMAN_CONSOLE_TOKEN" in text
    assert shown(line, "settings", replace(public, console_token="t0ken")) == []
    assert shown(line, "settings") == []
