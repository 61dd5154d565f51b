"""What one decision costs at each tracker, who may read what it says, and that its echoes die out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .far import KINDS, TEXTS, Far, Five, five


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with pytest.MonkeyPatch.context() as patch, five(tmp_path_factory.mktemp("five"), patch) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def far(request: pytest.FixtureRequest, desk: Five) -> Iterator[Far]:
    yield desk.far(request.param)
    for fake in desk.fakes.values():
        fake.faults.clear()


REQUESTS = {
    "gitlab": ["GET ", "PUT ", "POST /notes", "POST /notes", "POST /notes"],
    "plain": ["GET ", "PUT "],
    "service": ["GET ", "PUT ", "POST /comment", "POST /comment", "POST /comment"],
}


def test_a_decision_costs_one_read_one_write_and_where_texts_are_apart_a_call_for_each(far: Far) -> None:
    far.new()
    far.keep()
    before = len(far.fake.requests)
    made: list[str] = []
    far.post(*far.held_of(lambda: made.append(far.add())))
    far.settle()
    wanted = REQUESTS["plain" if far.plain else "service" if far.service else "gitlab"]
    assert far.about(made[0], before) == wanted
    assert len(far.fake.requests) - before == len(wanted)
    far.pass_on()


def test_each_text_reaches_its_audience_and_nobody_else(far: Far) -> None:
    ticket = far.new()
    shown = {c["text"].splitlines()[0].strip("*"): c["public"] for c in far.comments(ticket)}
    # A plain project has no customers: there nothing is restricted unless `internal_visibility` says so.
    assert shown == (dict.fromkeys(TEXTS, True) if far.plain else TEXTS)


def test_echoes_in_any_order_and_twice_write_nothing(far: Far) -> None:
    far.keep()
    made: list[str] = []
    far.post(*far.held_of(lambda: made.append(far.add())))
    far.settle()
    (ticket,) = made
    written = len(far.writes(ticket))
    echoes = far.held_of(lambda: None)
    assert echoes
    far.post(*echoes[::-1], *echoes)
    far.settle()
    far.pass_on()
    assert len(far.writes(ticket)) == written


def test_ten_waiting_events_cost_one_read_and_no_write(far: Far) -> None:
    ticket = far.new("Hello")
    before, written = len(far.fake.requests), len(far.writes(ticket))
    with far.idle():
        for turn in range(10):
            far.fake.edit(ticket, "bo", title=f"Hello {turn}")
        far.fake.flush()
        assert far.running.waiting() == 10
    far.settle()
    assert far.about(ticket, before) == ["GET "]
    assert len(far.writes(ticket)) == written
