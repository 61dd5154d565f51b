"""Notes on a confidential GitLab issue: public ones and internal ones come by the same hook."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.gitlab_rest import Response

from .far import Far, Five, answering, five


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with pytest.MonkeyPatch.context() as patch, five(tmp_path_factory.mktemp("five"), patch) as opened:
        yield opened


@pytest.fixture
def far(desk: Five) -> Far:
    return desk.far("gitlab")


def confidential(far: Far) -> str:
    ticket = far.new()
    far.fake.edit(ticket, "bo", confidential=True)
    far.settle()
    return ticket


def said(far: Far, ticket: str, *, public: bool, confidential: bool | None = None) -> str:
    """Somebody writes a note; GitLab's hook, of a release that does not name `internal` there, is delivered."""
    made: list[str] = []
    far.keep()
    for headers, body in far.held_of(lambda: made.append(far.fake.comment(ticket, "dana", "Any news?", public))):
        document = json.loads(body)
        del document["object_attributes"]["internal"]
        if confidential is not None:
            document["issue"]["confidential"] = confidential
        far.post(signed(far, headers, json.dumps(document).encode()))
    far.settle()
    far.pass_on()
    return made[0]


def signed(far: Far, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    key = b64decode(far.fake.secret.removeprefix("whsec_"))
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return {**headers, "webhook-signature": f"v1,{digest}"}, body


def audience(far: Far, ticket: str, comment: str) -> str:
    rows = far.running.services.store.tickets.comments("gitlab", ticket)
    return next(row.audience for row in rows if row.id == comment)


@pytest.mark.parametrize("public", [True, False])
def test_who_may_read_it_is_asked_once_where_the_hook_does_not_say(far: Far, public: bool) -> None:
    ticket = confidential(far)
    before = len(far.fake.requests)
    comment = said(far, ticket, public=public)
    assert audience(far, ticket, comment) == ("public" if public else "internal")
    assert far.about(ticket, before) == ["GET ", f"GET /notes/{comment}"]


def test_what_the_tracker_does_not_say_either_is_internal(far: Far) -> None:
    ticket = confidential(far)

    def hidden(recorded: Any) -> Response | None:
        return Response(404, {"message": "404 Not found"}) if "/notes/" in recorded.path else None

    with answering(far.fake, hidden):
        comment = said(far, ticket, public=True)
    assert audience(far, ticket, comment) == "internal"


def test_on_an_open_issue_a_confidential_hook_is_internal_without_asking(far: Far) -> None:
    ticket = far.new()
    before = len(far.fake.requests)
    comment = said(far, ticket, public=False)
    assert audience(far, ticket, comment) == "internal"
    assert far.about(ticket, before) == ["GET "]


def test_a_note_of_the_support_bot_is_the_customers_and_orders_nothing(far: Far) -> None:
    ticket = far.new()
    far.fake.person("support-bot", name="Support Bot")
    comment = far.fake.comment(ticket, "support-bot", "@pointsman priority low\ndana@customer.example wrote")
    far.settle()
    rows = far.running.services.store.tickets.comments("gitlab", ticket)
    assert next(row.by_role for row in rows if row.id == comment) == "customer"
    assert far.level(ticket) == "priority::1"
