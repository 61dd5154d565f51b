"""Which events the SLA clock counts, in which order, and which cycles they start and stop: one rule, one example."""

from __future__ import annotations

import pytest

from .sla_words import FOUR_HOURS, VIP_HOUR_ELSE_FOUR, asks, at, comment, created, look, merged, reply, sets, some

OPEN = created("10:00")
WAITING = {"pause_when": [{"status": ["waiting"]}]}


def test_what_was_learned_after_known_at_is_not_known():
    late = reply("10:20") | {"recorded_at": at("11:30")}
    assert look("first_response", "12:00", OPEN, late, known_at="11:29:59")["state"] == "running"
    assert look("first_response", "12:00", OPEN, late, known_at="11:30")["state"] == "met"


def test_a_duplicate_does_nothing():
    once = reply("10:20") | {"id": "r"}
    assert look("periodic_update", "10:30", OPEN, once, once)["cycle"] == 1


def test_a_correction_is_the_same_id_recorded_later_wherever_it_stands_in_the_list():
    first = reply("10:20") | {"id": "r"}
    later = reply("10:10") | {"id": "r", "recorded_at": at("11:00")}
    for events in ((first, later), (later, first)):
        assert some(look("first_response", "12:00", OPEN, *events), "stopped_at") == ("10:10:00",)


def test_of_two_recorded_at_once_the_later_in_the_list_counts():
    one = reply("10:20") | {"id": "r", "recorded_at": at("11:00")}
    other = reply("10:40") | {"id": "r", "recorded_at": at("11:00")}
    assert some(look("first_response", "12:00", OPEN, one, other), "stopped_at") == ("10:40:00",)
    assert some(look("first_response", "12:00", OPEN, other, one), "stopped_at") == ("10:20:00",)


def test_a_tombstone_takes_the_event_away():
    sent = reply("10:20") | {"id": "r"}
    gone = sent | {"deleted": True, "recorded_at": at("10:50")}
    assert look("first_response", "12:00", OPEN, gone, sent)["state"] == "running"
    assert look("first_response", "12:00", OPEN, gone, sent, known_at="10:49")["state"] == "met"


def test_what_happened_before_the_ticket_happened_as_it_was_created():
    assert some(look("first_response", "12:00", OPEN, reply("09:00")), "stopped_at", "elapsed_s") == (
        "10:00:00",
        0,
    )


def test_what_happens_after_as_of_has_not_happened():
    assert look("first_response", "10:19:59", OPEN, reply("10:20"))["state"] == "running"
    assert look("first_response", "10:20", OPEN, reply("10:20"))["state"] == "met"


def test_created_comes_first_then_seq_then_id():
    early = sets("10:00", "status", "waiting") | {"seq": -1}
    assert look("resolution", "10:30", OPEN | {"seq": 9}, early, **WAITING)["state"] == "paused"
    wait, go = (sets("10:10", "status", value) | {"seq": 5} for value in ("waiting", "open"))
    assert look("resolution", "10:30", OPEN, wait | {"id": "a"}, go | {"id": "b"}, **WAITING)["state"] == "running"
    assert look("resolution", "10:30", OPEN, wait | {"id": "b"}, go | {"id": "a"}, **WAITING)["state"] == "paused"
    assert look("resolution", "10:30", OPEN, wait | {"seq": 7}, go, **WAITING)["state"] == "paused"


@pytest.mark.parametrize("metric", ["first_response", "next_response", "periodic_update", "resolution", "ownership"])
def test_without_created_nothing_has_started(metric):
    assert look(metric, "12:00", asks("10:00"), reply("10:10")) == {"state": "not_started", "cycle": 0}


def test_a_breach_is_looked_for_after_all_events_of_an_instant_only():
    vip = sets("12:00", "vip", "yes")
    late = look("first_response", "13:00", OPEN, vip, goals=VIP_HOUR_ELSE_FOUR)
    saved = look("first_response", "13:00", OPEN, vip, reply("12:00"), goals=VIP_HOUR_ELSE_FOUR)
    assert some(late, "state", "breached_at") == ("running", "12:00:00")
    assert some(saved, "state", "breached_at", "remaining_s", "due_at") == ("met", None, -3600, "12:00:00")


def test_neither_a_note_nor_the_system_replies():
    events = (comment("10:10", "agent", public=False), comment("10:20", "system"))
    assert look("first_response", "10:30", OPEN, *events)["state"] == "running"


def test_the_first_response_to_a_ticket_an_agent_wrote_counts_from_the_first_word_of_the_customer():
    ticket = created("10:00", by="agent")
    assert look("first_response", "10:30", ticket, comment("10:10", "customer", public=False))["cycle"] == 0
    assert some(look("first_response", "10:30", ticket, asks("10:10"), asks("10:20")), "started_at") == ("10:10:00",)


def test_the_next_response_counts_from_the_oldest_unanswered_comment():
    events = (OPEN, asks("10:05"), reply("10:10"), asks("10:20"), asks("10:30"))
    assert some(look("next_response", "10:40", *events), "cycle", "started_at") == (1, "10:20:00")


def test_each_reply_starts_the_next_update_and_a_reopening_does_if_one_had_started():
    solved, reopened = sets("10:30", "status", "done"), sets("10:40", "status", "open")
    updates = look("periodic_update", "10:50", OPEN, reply("10:10"), reply("10:20"), solved, reopened)
    assert [cycle["started_at"][11:16] for cycle in updates["previous"]] == ["10:10", "10:20"]
    assert some(updates, "cycle", "started_at") == (3, "10:40:00")
    assert look("periodic_update", "10:50", OPEN, solved, reopened)["cycle"] == 0


@pytest.mark.parametrize(
    ("reopen", "cycle", "state", "elapsed", "paused"),
    [
        ("resume", 1, "running", 1800, [["10:20:00", "10:40:00"]]),
        ("restart", 2, "running", 600, []),
        ("ignore", 1, "met", 1200, []),
    ],
)
def test_a_reopened_ticket_goes_on_starts_anew_or_stays_solved(reopen, cycle, state, elapsed, paused):
    events = (OPEN, sets("10:20", "status", "done"), sets("10:40", "status", "open"))
    found = look("resolution", "10:50", *events, reopen=reopen)
    assert some(found, "cycle", "state", "elapsed_s", "paused") == (cycle, state, elapsed, paused)


def test_from_one_done_status_to_another_nothing_is_solved_or_reopened():
    events = (OPEN, sets("10:20", "status", "done"), sets("10:40", "status", "closed"))
    assert some(look("resolution", "10:50", *events, reopen="restart"), "cycle", "stopped_at") == (1, "10:20:00")
    asked = look("next_response", "10:50", *events[:2], asks("10:30"), events[2])
    assert asked["state"] == "running"


def test_ownership_counts_for_each_team_and_the_same_team_again_is_no_change():
    events = (created("10:00", team="a"), sets("10:10", "team", "a"), sets("10:20", "team", None))
    owned = look("ownership", "10:50", *events, sets("10:30", "team", "b"))
    assert some(owned, "cycle", "started_at") == (2, "10:30:00")
    assert some(owned["previous"][0], "started_at", "stopped_at") == ("10:00:00", "10:20:00")


def test_while_done_nothing_starts_but_the_next_response():
    done = (OPEN, sets("10:10", "status", "done"))
    assert look("next_response", "10:30", *done, asks("10:20"))["state"] == "running"
    assert look("periodic_update", "10:30", *done, reply("10:20"))["cycle"] == 0
    assert look("ownership", "10:30", *done, sets("10:20", "team", "a"))["cycle"] == 0


def test_a_ticket_created_done_starts_when_it_is_reopened_but_its_first_response_never_does():
    events = (created("10:00", status="done", team="a"), sets("10:20", "status", "open"), asks("10:25"))
    for metric in ("resolution", "ownership"):
        assert some(look(metric, "10:30", *events), "cycle", "started_at") == (1, "10:20:00")
    assert look("first_response", "10:30", *events)["cycle"] == 0


def test_a_stop_is_judged_by_the_goal_before_it_and_earlier_events_of_the_instant_are_before_it():
    goals = [{"when": {"team": ["b"]}, "goal_s": 60, "calendar": "always"}, *FOUR_HOURS]
    owned = look("ownership", "11:30", created("10:00", team="a"), sets("11:00", "team", "b"), goals=goals)
    assert owned["previous"][0]["goal_s"] == 14400
    assert owned["previous"][0]["state"] == "met"
    vip = look("first_response", "12:00", OPEN, sets("10:30", "vip", "yes"), reply("10:30"), goals=VIP_HOUR_ELSE_FOUR)
    assert some(vip, "state", "goal_s", "due_at") == ("met", 3600, "11:00:00")


def test_a_status_that_pauses_and_solves_does_not_pause_the_stop():
    pause = {"pause_when": [{"status": ["done"]}]}
    solved = look("resolution", "12:00", OPEN, sets("10:30", "status", "done"), **pause)
    assert some(solved, "state", "paused", "due_at") == ("met", [], "11:00:00")


def test_a_merge_cancels_what_is_open_and_ends_the_history():
    events = (OPEN, sets("10:10", "status", "waiting"), merged("10:30"), reply("10:30"))
    gone = look("first_response", "12:00", *events, thresholds=[0.5], **WAITING)
    assert some(gone, "state", "stopped_at", "elapsed_s") == ("cancelled", "10:30:00", 600)
    assert some(gone, "due_at", "remaining_s", "thresholds") == (None, None, {"0.5": None})
    assert some(gone, "paused") == ([["10:10:00", "10:30:00"]],)


def test_a_merge_leaves_what_was_finished_and_nothing_starts_after_it():
    assert look("next_response", "12:00", OPEN, reply("10:20"), merged("10:30"), asks("10:40"))["cycle"] == 0
    assert look("first_response", "12:00", OPEN, reply("10:20"), merged("10:30"))["state"] == "met"
