"""Metrics that count by status words and by who is assigned: agent work, the wait of a requester, a reply."""

from __future__ import annotations

from typing import Any

import pytest

from .sla_words import comment, created, look, merged, reply, sets, some

NEW = created("10:00", status="new")


def status(time: str, word: str | None) -> dict[str, Any]:
    return sets(time, "status", word)


def given_to(time: str, person: str | None) -> dict[str, Any]:
    return sets(time, "assignee", person)


def says(time: str, person: str, public: bool = True) -> dict[str, Any]:
    return {**comment(time, "agent", public), "person": person}


@pytest.mark.parametrize(
    ("word", "agents", "requester"),
    [
        ("new", 30, 30),
        ("open", 30, 30),
        ("on_hold", 10, 30),
        ("pending", 10, 10),
        ("triaged", 10, 10),
        (None, 30, 30),
    ],
)
def test_the_words_in_which_agents_work_and_the_requester_waits(word: str | None, agents: int, requester: int):
    """Ten minutes new, then twenty in `word`."""
    ticket = (NEW, status("10:10", word))
    assert look("agent_work", "10:30", *ticket)["elapsed_s"] == agents * 60
    assert look("requester_wait", "10:30", *ticket)["elapsed_s"] == requester * 60


def test_the_time_that_does_not_count_is_a_pause():
    found = look("agent_work", "10:40", NEW, status("10:10", "pending"), status("10:25", "open"))
    assert some(found, "state", "elapsed_s", "paused") == ("running", 25 * 60, [["10:10:00", "10:25:00"]])
    assert found["due_at"] == "2026-03-02T11:15:00Z"


def test_a_pause_of_the_policy_counts_beside_them():
    config = {"pause_when": [{"labels": ["blocked"]}]}
    ticket = (NEW, sets("10:10", "labels", ["blocked"]), sets("10:20", "labels", []))
    assert look("requester_wait", "10:30", *ticket, **config)["elapsed_s"] == 20 * 60


@pytest.mark.parametrize("metric", ["agent_work", "requester_wait"])
def test_both_end_with_the_solution_and_go_on_as_the_resolution_does(metric: str):
    ticket = (NEW, status("10:30", "done"), status("10:50", "open"))
    assert some(look(metric, "10:40", *ticket), "state", "elapsed_s") == ("met", 30 * 60)
    assert some(look(metric, "11:00", *ticket), "cycle", "elapsed_s") == (1, 40 * 60)
    again = look(metric, "11:00", *ticket, reopen="restart")
    assert some(again, "cycle", "elapsed_s") == (2, 10 * 60)
    assert look(metric, "11:00", *ticket, reopen="ignore")["state"] == "met"


def test_a_reply_does_not_end_them():
    assert look("agent_work", "10:30", NEW, reply("10:10"))["state"] == "running"


def test_the_clock_of_an_assignee_runs_from_the_assignment_to_their_own_public_word():
    ticket = (NEW, given_to("10:10", "ann"), says("10:15", "ann", public=False), says("10:20", "bo"))
    assert some(look("assignee_reply", "10:30", *ticket), "state", "started_at") == ("running", "10:10:00")
    done = look("assignee_reply", "10:40", *ticket, says("10:35", "ann"))
    assert some(done, "state", "elapsed_s") == ("met", 25 * 60)


def test_an_agent_whom_nobody_knows_by_name_may_be_the_assignee():
    assert look("assignee_reply", "10:30", NEW, given_to("10:10", "ann"), reply("10:20"))["state"] == "met"


def test_the_next_assignee_starts_anew_and_taking_it_away_ends_it():
    ticket = (NEW, given_to("10:10", "ann"), given_to("10:30", "bo"))
    found = look("assignee_reply", "10:40", *ticket)
    assert some(found, "cycle", "started_at", "elapsed_s") == (2, "10:30:00", 10 * 60)
    assert found["previous"][0]["state"] == "met"
    assert look("assignee_reply", "10:50", *ticket, given_to("10:45", None))["state"] == "met"


def test_one_who_is_silent_too_long_has_missed_it():
    late = look("assignee_reply", "11:30", NEW, given_to("10:10", "ann"), says("11:20", "ann"))
    assert some(late, "state", "breached_at") == ("missed", "11:10:00")


def test_who_is_assigned_at_the_creation_and_at_a_reopening_has_to_reply():
    made = created("10:00", assignee="ann")
    assert look("assignee_reply", "10:10", made)["started_at"] == "2026-03-02T10:00:00Z"
    ticket = (made, says("10:05", "ann"), status("10:10", "done"), status("10:30", "open"))
    assert some(look("assignee_reply", "10:40", *ticket), "cycle", "started_at") == (2, "10:30:00")


def test_a_merge_cancels_what_runs():
    assert look("assignee_reply", "10:40", created("10:00", assignee="ann"), merged("10:20"))["state"] == "cancelled"
