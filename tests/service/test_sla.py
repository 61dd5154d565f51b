"""A ticket's clocks from the first minute to the reopening, on every tracker with the same verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .far import KINDS, NAMES, Far, Five, five
from .inside import wait_for

RULES = """
version: 1
applies_to: {gitlab: [acme/support], jira: [SUP, HELP], jira-dc: [SUP, HELP]}
mode: live
plugins: [sla]
sla:
  - id: rest
    pause_when: {status: pending}
    targets: {first_response: 5m 24x7, resolution: 72h 24x7}
    warn_at: [2%]
"""
STATUS = """
status:
  open: {jira: [To Do, In Progress], gitlab: opened}
  pending: {jira: Waiting for customer, gitlab: "status::waiting"}
  done: {jira: Done, gitlab: closed}
fields:
  due_at: {jira: 'field "SLA due"'}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with (
        pytest.MonkeyPatch.context() as patch,
        five(tmp_path_factory.mktemp("sla"), patch, rules=RULES, names=NAMES + STATUS) as all_,
    ):
        yield all_


def standing(far: Far, ticket: str) -> set[str]:
    return {label for label in far.fake.state(ticket)["labels"] if label.startswith("sla::")}


def becomes(far: Far, ticket: str, label: str) -> None:
    wait_for(lambda: standing(far, ticket) == {label}, 30, lambda: f"{standing(far, ticket)}, not {label}")
    far.settle()


def in_status(far: Far, ticket: str, word: str) -> None:
    """As an agent changes it: a label or a state on GitLab, a transition in Jira."""
    if far.name != "gitlab":
        jira = {"pending": "Waiting for customer", "open": "In Progress", "done": "Done"}
        far.fake.edit(ticket, "ann", status=jira[word])
        return
    waiting: dict[str, Any] = {"add_labels": {"status::waiting"}} if word == "pending" else {}
    gone: dict[str, Any] = {"remove_labels": {"status::waiting"}} if word != "pending" else {}
    closed = far.fake.state(ticket)["status"] == "closed"
    state = {"status": "closed"} if word == "done" else {"status": "opened"} if closed else {}
    far.fake.edit(ticket, "ann", **waiting, **gone, **state)


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_of_a_ticket_stands_on_it_in_time(running: Five, kind: str) -> None:
    far = running.far(kind)
    ticket = far.new("A question")
    assert "sla::ok" in str(far.writes(ticket)[0].body)
    first = far.fake.state(ticket)["due"]
    assert str(first) in {str((datetime.now(UTC) + timedelta(minutes=m)).date()) for m in (0, 5)}

    becomes(far, ticket, "sla::at-risk")

    in_status(far, ticket, "pending")
    becomes(far, ticket, "sla::paused")

    far.fake.comment(ticket, "ann", "We look at it.", public=True)
    in_status(far, ticket, "open")
    becomes(far, ticket, "sla::ok")
    third_day = {str((datetime.now(UTC) + timedelta(hours=72, minutes=m)).date()) for m in (-5, 5)}
    assert str(far.fake.state(ticket)["due"]) in third_day
    if far.name != "gitlab":
        instant = datetime.fromisoformat(far.fake.state(ticket)["fields"]["customfield_10055"])
        assert timedelta(hours=71) < instant - datetime.now(UTC) <= timedelta(hours=72, minutes=5)

    in_status(far, ticket, "done")
    becomes(far, ticket, "sla::ok")
    in_status(far, ticket, "open")
    becomes(far, ticket, "sla::ok")

    clocks = verdicts(far, ticket)
    assert clocks["sla.first_response.state"] == "met"
    assert clocks["sla.resolution.state"] == "running"


def verdicts(far: Far, ticket: str) -> dict[str, Any]:
    """What the newest plan holds of its clocks."""
    plan = far.running.services.store.plans.of_ticket(far.name, ticket, limit=1)[0]
    decisions = (plan.row.decisions or {}).get("decisions", ())
    return {d["slot"].removeprefix("fact:"): d["value"] for d in decisions if d["slot"].startswith("fact:sla.")}
