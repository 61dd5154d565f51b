"""Notices: in the inbox with their plan, once; sent from lanes of their own, and lost by no death or silence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from connector.engine.delivery import Deliverer, by_lane, message, ticket_told
from connector.engine.parking import Parking
from connector.engine.work import Engine
from connector.errors import NoticeError
from connector.model import Kind
from connector.notices.apprised import Apprised
from connector.store import Work
from connector.testing import FakeTracker, FixedClock
from connector.testing.values import NOW
from connector.worker import Worker
from tests.databases import fresh_database, kinds
from tests.engine.line import RULES, Line, a_line
from tests.notices.receiver import a_receiver

PLUGIN = '''
"""Tells the one on duty of every outage."""
from connector import Notify, hookimpl, mention


@hookimpl
def propose(ticket):
    if "outage" in ticket.title:
        yield Notify(key="outage", to="duty", text=f"{mention('ann')}, look: outage", because="an outage")
    if "nobody" in ticket.title:
        yield Notify(key="lost", to="dutty", text="?")
'''
DUTY = "json://127.0.0.1:9/duty"
PEOPLE = """
people:
  ann: {name: Ann Li, ids: {local: [ann]}, teams: [frontline]}
notify:
  duty: {url: %s}
"""


class Killed(BaseException):
    pass


@pytest.fixture
def tracker() -> FakeTracker:
    return FakeTracker(clock=FixedClock())


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker) -> Iterator[Line]:
    with a_desk_with(tmp_path, tracker) as line:
        yield line


def a_desk_with(folder: Path, tracker: FakeTracker, *, url: str = DUTY, database: str = "", mode: str = "live"):
    plugins = folder / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "page.py").write_text(PLUGIN, encoding="utf-8")
    rules = RULES.replace("commands]", "commands, page]").replace("mode: live", f"mode: {mode}")
    files = {"desk.yaml": rules, "_people.yaml": PEOPLE % url}
    return a_line(folder, {"local": tracker}, url=database, files=files, clock=tracker.clock, plugins=plugins)


def an_outage(line: Line, tracker: FakeTracker, title: str = "outage") -> str:
    id = tracker.add(title, email="dana@x.example", name="Dana")
    line.deliver(line.event("local", id, Kind.CREATED))
    return id


@pytest.mark.parametrize("kind", kinds())
def test_a_notice_of_a_live_plan_is_told_once_with_the_ticket_it_is_about(tmp_path, tracker, kind) -> None:
    with fresh_database(kind, tmp_path) as url, a_desk_with(tmp_path, tracker, database=url) as line:
        id = an_outage(line, tracker, "outage of @all")
        line.work()
        key = tracker.ticket(id).key

        ((address, title, text),) = line.told
        assert address == DUTY
        assert title.replace("\u2060", "") == f"{key} outage of @all"
        assert "@all" not in title
        assert text.splitlines()[0] == "Ann Li, look: outage"
        assert line.verdicts(id)["notify:outage"] == "apply"
        assert line.plans(id)[0]["decisions"][-1]["value"] == {"to": "duty", "text": "Ann Li, look: outage"}

        line.updated(id)
        assert len(line.told) == 1
        assert line.verdicts(id)["notify:outage"] == "already so"


def test_nothing_of_a_notice_is_written_to_the_ticket(line: Line, tracker: FakeTracker) -> None:
    id = an_outage(line, tracker)
    line.work()

    effects = [effect for plan in line.plans(id) for effect in plan["effects"]]
    assert effects
    assert not any(effect["slot"].startswith("notify") for effect in effects)


def test_a_name_that_nobody_has_is_refused_with_what_to_write(line: Line, tracker: FakeTracker) -> None:
    id = an_outage(line, tracker, "nobody")
    line.work()

    (decision,) = [d for d in line.plans(id)[0]["decisions"] if d["slot"] == "notify:lost"]
    assert decision["verdict"] == "not allowed here"
    assert "under `notify:` in `_people.yaml`" in decision["reason"]
    assert line.told == []


def test_a_file_in_shadow_tells_nobody(tmp_path: Path, tracker: FakeTracker) -> None:
    with a_desk_with(tmp_path, tracker, mode="shadow") as line:
        id = an_outage(line, tracker)
        line.work()

        assert line.verdicts(id)["notify:outage"] == "apply"
        assert line.told == []


def test_a_backfill_that_may_write_nothing_tells_nobody(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("outage")
    line.deliver(line.event("local", id, Kind.CREATED, shadow=True))
    line.work()

    assert line.plans(id)
    assert line.told == []


def test_every_address_of_a_receiver_has_a_lane_of_its_own(tmp_path: Path, tracker: FakeTracker) -> None:
    two = "[json://127.0.0.1:9/a, json://127.0.0.1:9/b]"
    with a_desk_with(tmp_path, tracker, url=two) as line, patch.object(Line, "send", deaf_at("/a")):
        an_outage(line, tracker)
        worker = Worker(line.store, line.handle, threads=1)
        worker.start()
        try:
            until(lambda: bool(line.told) and line.store.inbox.depth().waiting == 1)
        finally:
            assert worker.stop()

        assert [address[-2:] for address, _, _ in line.told] == ["/b"]
        assert [event.error for event in line.store.inbox.troubled("notice:duty")] == ["NoticeError: duty: no answer"]
        assert line.store.inbox.troubled("notice:duty/2") == ()


def deaf_at(end: str) -> Callable[..., None]:
    def send(self: Line, to: str, address: str, title: str, body: str) -> None:
        if address.endswith(end):
            raise NoticeError(to)
        self.told.append((address, title, body))

    return send


def test_killed_after_the_plan_is_stored_the_notice_goes_out_all_the_same(line: Line, tracker: FakeTracker) -> None:
    an_outage(line, tracker)
    with patch.object(Engine, "_carry", side_effect=Killed), pytest.raises(Killed):
        line.work()
    assert line.told == []
    tracker.clock.forward(timedelta(minutes=1))

    line.work()

    assert len(line.told) == 1


def test_killed_before_the_plan_is_stored_nothing_is_there_and_then_it_is_there_once(
    line: Line, tracker: FakeTracker
) -> None:
    an_outage(line, tracker)
    with patch.object(Work, "put_ticket", side_effect=Killed), pytest.raises(Killed):
        line.work()
    assert line.store.inbox.depth().waiting == 1
    tracker.clock.forward(timedelta(minutes=1))

    line.work()

    assert len(line.told) == 1


def test_killed_between_the_sending_and_its_record_it_is_sent_again(line: Line, tracker: FakeTracker) -> None:
    an_outage(line, tracker)
    with patch.object(Deliverer, "_record", side_effect=Killed), pytest.raises(Killed):
        line.work()
    tracker.clock.forward(timedelta(minutes=1))

    line.work()

    assert len(line.told) == 2


def test_a_memory_that_was_lost_does_not_tell_it_again(line: Line, tracker: FakeTracker) -> None:
    id = an_outage(line, tracker)
    line.work()
    row = line.store.tickets.get("local", id)
    with line.store.begin() as work:
        work.put_ticket(replace(row, memory={}))

    line.updated(id)

    assert line.verdicts(id)["notify:outage"] == "apply"
    assert len(line.told) == 1


def test_a_receiver_whose_address_is_gone_is_parked_and_told_once_it_is_back(
    line: Line, tracker: FakeTracker
) -> None:
    people = line.services.rules.folder / "_people.yaml"
    before = people.read_text(encoding="utf-8")
    id = an_outage(line, tracker)
    with patch.object(Engine, "_carry", side_effect=Killed), pytest.raises(Killed):
        line.work()
    people.write_text(before.partition("notify:")[0], encoding="utf-8")
    assert line.services.rules.refresh(force=True)
    tracker.clock.forward(timedelta(minutes=1))
    line.work()

    (parked,) = Parking(line.services).page().events
    assert (parked.cause.key, parked.receiver) == ("no_address@notice:duty", "duty")
    assert (parked.tracker, parked.ticket, parked.key) == ("local", id, tracker.ticket(id).key)

    people.write_text(before, encoding="utf-8")
    assert line.services.rules.refresh(force=True)
    assert Parking(line.services).replay_cause("no_address@notice:duty", "ann") == 1
    line.work()
    assert len(line.told) == 1


def test_what_a_receiver_refuses_is_parked_and_holds_up_nothing(line: Line, tracker: FakeTracker) -> None:
    def send(self: Line, to: str, address: str, title: str, body: str) -> None:
        if "first" in title:
            raise NoticeError(to, status=400)
        self.told.append((address, title, body))

    with patch.object(Line, "send", send):
        an_outage(line, tracker, "outage first")
        an_outage(line, tracker, "outage second")
        line.work()

    assert ["second" in title for _, title, _ in line.told] == [True]
    (cause,) = [cause for cause, _ in Parking(line.services).page().causes]
    assert cause.key == "turned_away@notice:duty"
    assert [row.error for row in line.store.inbox.parked()] == ["NoticeError: duty: 400"]


def test_a_silent_receiver_is_not_asked_for_every_notice_that_waits(line: Line, tracker: FakeTracker) -> None:
    asked = []

    def send(self: Line, to: str, *_: str) -> None:
        asked.append(to)
        raise NoticeError(to)

    for _ in range(5):
        an_outage(line, tracker)
    with patch.object(Line, "send", send):
        line.work(swallow=(NoticeError,))

    assert asked == ["duty", "duty"]


@pytest.mark.parametrize(
    ("age", "language", "first"),
    [
        (timedelta(minutes=59), "en", "look"),
        (timedelta(hours=26), "en", "Late: this was so 1d2h ago (2026-03-02 10:00 UTC)."),
        (timedelta(hours=26), "zh", "迟到的通知：这是 1天2小时 前（2026-03-02 10:00 UTC）的情况。"),
    ],
)
def test_an_old_notice_says_how_old_it_is(age: timedelta, language: str, first: str) -> None:
    event = {"title": "SUP-1", "text": "look", "url": "https://desk.example/1", "at": NOW.isoformat()}

    title, text = message(event, NOW + age, language)

    assert title == "SUP-1"
    assert text.splitlines()[0] == first
    assert text.splitlines()[-2:] == ["look", "https://desk.example/1"]


@pytest.mark.parametrize(
    ("delivery", "ticket"),
    [
        ("local:7/notify:outage/duty", "local:7"),
        ("gitlab:12/7/notify:a/notify:b/duty/2", "gitlab:12/7"),
    ],
)
def test_a_notice_knows_its_ticket(delivery: str, ticket: str) -> None:
    assert ticket_told(delivery) == ticket


def test_a_receiver_that_is_down_holds_up_no_ticket_and_is_told_once_it_is_back(
    tmp_path: Path, tracker: FakeTracker
) -> None:
    """With a worker, Apprise and a receiver as they are."""
    with socket.socket() as taken, a_receiver() as receiver:
        taken.bind(("127.0.0.1", 0))
        nobody = f"json://127.0.0.1:{taken.getsockname()[1]}/x"
        with a_desk_with(tmp_path, tracker, url=nobody) as line:
            deliverer = Deliverer(line.services, Apprised())
            worker = Worker(line.store, by_lane(line.engine.handle, deliverer.handle), threads=2)
            ids = [an_outage(line, tracker) for _ in range(10)]
            worker.start()
            try:
                until(lambda: all(tracker.ticket(id).priority.word == "urgent" for id in ids))
                until(lambda: line.store.inbox.depth().waiting == len(ids))
                people = line.services.rules.folder / "_people.yaml"
                people.write_text(PEOPLE % receiver.url, encoding="utf-8")
                assert line.services.rules.refresh(force=True)
                tracker.clock.forward(timedelta(minutes=2))
                until(lambda: not line.store.inbox.depth().waiting)
            finally:
                assert worker.stop()
            assert len(receiver.told) == len(ids)
            assert line.store.inbox.count_parked() == 0


def until(true: Callable[[], bool]) -> None:
    waits = threading.Event()
    for _ in range(400):
        if true():
            return
        waits.wait(0.05)
    pytest.fail("it never became true")


def test_no_address_stands_in_the_database(tmp_path: Path, tracker: FakeTracker) -> None:
    address = "json://bot:hunter2SECRET@127.0.0.1:9/pathSECRET"
    with a_desk_with(tmp_path, tracker, url=f"'{address}'") as line:
        an_outage(line, tracker)
        line.work()
        assert line.told[0][0] == address

    assert b"SECRET" not in b"".join(path.read_bytes() for path in tmp_path.glob("line.db*"))
