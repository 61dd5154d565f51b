"""Commands and comments at each tracker: whose are obeyed, and what is said back to whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .far import KINDS, Far, Five, five


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with pytest.MonkeyPatch.context() as patch, five(tmp_path_factory.mktemp("five"), patch) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def far(request: pytest.FixtureRequest, desk: Five) -> Far:
    return desk.far(request.param)


ORDER = "@pointsman priority high"
IDENTIFIER = "X-Atlassian-Webhook-Identifier"


STRANGERS = [
    *(("gitlab", who) for who in ("dana", "robot", "stranger")),
    *((kind, who) for kind in ("cloud", "cloud-service") for who in ("dana", "robot")),
    *(("dc-service", who) for who in ("dana", "robot", "stranger")),
]
"""Data Center has no account types: in a service project the agents' role tells, in a plain one nothing does."""


@pytest.mark.parametrize(("kind", "who"), STRANGERS)
def test_customers_and_machines_get_silence(desk: Five, kind: str, who: str) -> None:
    far = desk.far(kind)
    ticket = far.new()
    before = len(far.writes(ticket))
    far.fake.comment(ticket, who, f"{ORDER}\n@pointsman nonsense")
    far.settle()
    assert far.level(ticket) == far.at_level(1)
    assert len(far.writes(ticket)) == before


def test_an_agents_order_is_obeyed_once_however_often_it_is_told(far: Far) -> None:
    ticket = far.new()
    before = len(far.writes(ticket))
    far.keep()
    told = far.held_of(lambda: far.fake.comment(ticket, "ann", f"{ORDER}\n@pointsman priorty low"))
    far.post(*told)
    far.settle()
    written = len(far.writes(ticket))
    without_id = [({k: v for k, v in h.items() if k != IDENTIFIER}, b) for h, b in told if far.name != "gitlab"]
    far.post(*without_id, *told)
    far.settle()
    far.pass_on()
    assert far.level(ticket) == far.at_level(2)
    assert before < written == len(far.writes(ticket))
    answers = [c for c in far.comments(ticket) if "did you mean" in c["text"]]
    assert len(answers) == 1
    assert answers[0]["public"] is far.plain


def test_an_edited_comment_orders_nothing(far: Far) -> None:
    ticket = far.new()
    comment = far.fake.comment(ticket, "ann", "I am looking at it.")
    far.settle()
    far.fake.edit_comment(ticket, comment, "ann", ORDER)
    far.settle()
    assert far.level(ticket) == far.at_level(1)


def test_an_order_given_by_the_account_of_our_token_is_a_persons(far: Far) -> None:
    ticket = far.new()
    far.fake.comment(ticket, "pointsman", ORDER)
    far.settle()
    assert far.level(ticket) == far.at_level(2)


def test_a_persons_release_gives_the_slot_back(far: Far) -> None:
    ticket = far.new()
    far.fake.comment(ticket, "ann", "@pointsman priority low")
    far.settle()
    assert far.level(ticket) == far.at_level(4)
    far.fake.comment(ticket, "bo", "@pointsman release priority")
    far.settle()
    assert far.level(ticket) == far.at_level(1)


def test_take_and_route_write_the_value_and_keep_it(far: Far) -> None:
    ticket = far.new()
    far.fake.comment(ticket, "bo", "@pointsman take\n@pointsman route backend")
    far.settle()
    far.fake.edit(ticket, "ann", title="Another outage")
    far.settle()
    assert far.fake.state(ticket)["assignee"] == "bo"
    assert {label.replace("::", "-") for label in far.team(ticket)} == {"team-backend"}
    assert (
        "left alone: assignee (Bo changed it)" in far.note(ticket)["text"] or "by command" in far.note(ticket)["text"]
    )
