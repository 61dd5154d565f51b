"""How the SLA clock counts within a cycle, to the second: goals that change, hits, breaches and due instants."""

from __future__ import annotations

import pytest

from .sla_words import HOUR, VIP_HOUR_ELSE_FOUR, created, look, reply, sets, some

OPEN = created("10:00")
PAUSING = {"pause_when": [{"status": ["waiting"]}]}


def waits(time: str):
    return sets(time, "status", "waiting")


def goes_on(time: str):
    return sets(time, "status", "open")


def test_every_second_counts():
    ticket = (created("10:00:07"), waits("10:00:59"), goes_on("10:13:01"))
    running = look("resolution", "10:20:30", *ticket, thresholds=[0.5], **PAUSING)
    assert some(running, "elapsed_s", "remaining_s") == (52 + 449, 3600 - 501)
    assert some(running, "due_at", "thresholds") == ("11:12:09", {"0.5": "10:42:09"})
    assert some(running, "paused") == ([["10:00:59", "10:13:01"]],)


def test_a_goal_is_used_up_in_the_second_it_is():
    ticket = created("10:00:07")
    assert look("resolution", "11:00:06", ticket)["breached_at"] is None
    assert some(look("resolution", "11:00:07", ticket), "breached_at", "remaining_s") == ("11:00:07", 0)


def test_office_hours_end_to_the_second():
    goals = [{"goal_s": 90, "calendar": "office"}]
    assert look("resolution", "16:59:59", created("16:59:13"), goals=goals)["due_at"] == "2026-03-03T09:00:43Z"
    assert look("resolution", "16:59:59", created("16:58:30"), goals=goals)["due_at"] == "2026-03-02T17:00:00Z"


def test_a_threshold_between_two_seconds_is_hit_at_the_later():
    warned = look("resolution", "10:00:10", OPEN, goals=[{"goal_s": 61, "calendar": "always"}], thresholds=[0.5])
    assert some(warned, "thresholds") == ({"0.5": "10:00:31"},)


def test_the_first_goal_whose_fields_all_match_applies():
    goals = [
        {"when": {"tier": ["gold"], "labels": ["down", "slow"]}, "goal_s": 60, "calendar": "always"},
        {"when": {"tier": ["gold"]}, "goal_s": 120, "calendar": "always"},
        *HOUR,
    ]
    for fields, goal in (
        ({"tier": "gold", "labels": ["x", "slow"]}, 60),
        ({"tier": "gold", "labels": []}, 120),
        ({"labels": ["down"]}, 3600),
    ):
        assert look("resolution", "10:00:30", created("10:00", **fields), goals=goals)["goal_s"] == goal


@pytest.mark.parametrize(
    ("on_change", "elapsed"), [("carry", 7200 + 600), ("recount", 10800 + 600), ("restart", 600)]
)
def test_a_goal_that_moves_to_another_calendar_carries_recounts_or_restarts(on_change, elapsed):
    goals = [
        {"when": {"vip": ["yes"]}, "goal_s": 36000, "calendar": "always"},
        {"goal_s": 36000, "calendar": "office"},
    ]
    moved = look(
        "resolution", "18:10", created("15:00"), sets("18:00", "vip", "yes"), goals=goals, on_change=on_change
    )
    assert moved["elapsed_s"] == elapsed


@pytest.mark.parametrize(("on_change", "elapsed"), [("carry", 1800), ("recount", 2400), ("restart", 1800)])
def test_a_goal_lost_and_found_again_is_no_change_and_only_recount_counts_the_time_between(on_change, elapsed):
    goals = [{"when": {"vip": ["yes"]}, **HOUR[0]}]
    events = (created("10:00", vip="yes"), sets("10:20", "vip", "no"), sets("10:30", "vip", "yes"))
    without = look("resolution", "10:25", *events, goals=goals, on_change=on_change, thresholds=[0.25])
    assert some(without, "state", "goal_s", "elapsed_s", "remaining_s", "due_at") == (
        "inactive",
        None,
        1200,
        None,
        None,
    )
    again = look("resolution", "10:40", *events, goals=goals, on_change=on_change, thresholds=[0.25])
    assert some(again, "elapsed_s", "thresholds") == (elapsed, {"0.25": "10:15:00"})


def test_recount_counts_all_time_but_the_paused_and_the_solved():
    goals = [{"when": {"vip": ["yes"]}, **HOUR[0]}]
    events = (OPEN, waits("10:05"), goes_on("10:10"), sets("10:15", "status", "done"), goes_on("10:25"))
    found = look(
        "resolution", "10:40", *events, sets("10:35", "vip", "yes"), goals=goals, on_change="recount", **PAUSING
    )
    assert found["elapsed_s"] == (5 + 5 + 10 + 5) * 60


def test_a_changed_goal_forgets_the_thresholds_that_were_hit():
    changed = look(
        "resolution",
        "10:50",
        created("10:00", vip="yes"),
        sets("10:40", "vip", "no"),
        goals=VIP_HOUR_ELSE_FOUR,
        thresholds=[0.5],
    )
    assert some(changed, "thresholds") == ({"0.5": "12:00:00"},)


def test_a_stop_exactly_at_the_due_instant_is_met():
    met = look("first_response", "12:00", OPEN, reply("11:00"))
    assert some(met, "state", "breached_at", "due_at", "remaining_s") == ("met", None, "11:00:00", 0)
    assert some(look("first_response", "12:00", OPEN, reply("11:00:01")), "state") == ("missed",)


def test_a_goal_used_up_as_the_clock_pauses_is_no_breach_until_it_runs_again():
    events = (OPEN, waits("11:00"), goes_on("11:30"))
    paused = look("resolution", "11:29", *events, **PAUSING)
    assert some(paused, "state", "remaining_s", "breached_at", "due_at") == ("paused", 0, None, None)
    assert some(look("resolution", "11:30", *events, **PAUSING), "breached_at", "due_at") == ("11:30:00", "11:30:00")


def test_a_closed_calendar_still_counts():
    closed = look("resolution", "20:00", created("16:00"), goals=[{"goal_s": 3600, "calendar": "office"}])
    assert some(closed, "state", "breached_at", "paused") == ("running", "17:00:00", [])


def test_a_goal_lowered_below_what_is_used_is_breached_at_once_even_while_paused():
    events = (OPEN, waits("11:30"), sets("12:00", "vip", "yes"))
    late = look("resolution", "12:30", *events, goals=VIP_HOUR_ELSE_FOUR, **PAUSING)
    assert some(late, "state", "breached_at", "due_at") == ("paused", "12:00:00", "12:00:00")


@pytest.mark.parametrize(
    ("sticky", "breached", "state"),
    [
        ({}, "11:00:00", "missed"),
        ({"breach_sticky": True}, "11:00:00", "missed"),
        ({"breach_sticky": False}, None, "met"),
    ],
)
def test_a_breach_stays_when_the_goal_is_relaxed_unless_it_is_not_sticky(sticky, breached, state):
    events = (created("10:00", vip="yes"), sets("11:30", "vip", "no"), reply("12:00"))
    found = look("first_response", "13:00", *events, goals=VIP_HOUR_ELSE_FOUR, **sticky)
    assert some(found, "breached_at", "state", "due_at") == (breached, state, "14:00:00")


def test_due_is_the_hit_or_where_it_will_be_or_would_have_been():
    assert look("resolution", "10:10", OPEN)["due_at"] == "2026-03-02T11:00:00Z"
    assert look("resolution", "12:00", OPEN)["due_at"] == "2026-03-02T11:00:00Z"
    assert look("first_response", "12:00", OPEN, reply("10:10"))["due_at"] == "2026-03-02T11:00:00Z"
    assert look("resolution", "12:00", OPEN, waits("10:10"), **PAUSING)["due_at"] is None
    assert look("first_response", "12:00", OPEN, waits("10:10"), reply("10:20"), **PAUSING)["due_at"] is None
    assert look("resolution", "12:00", OPEN, goals=[{"goal_s": 60, "calendar": "never"}])["due_at"] is None


def test_pauses_that_touch_are_one_and_empty_ones_are_none():
    events = (OPEN, waits("10:05"), goes_on("10:05"), waits("10:10"), goes_on("10:20"), waits("10:20"))
    paused = look("resolution", "10:30", *events, **PAUSING)
    assert some(paused, "paused") == ([["10:10:00", None]],)
    assert some(look("resolution", "10:10", *events, **PAUSING), "paused") == ([["10:10:00", None]],)
    solved = (sets("10:25", "status", "done"), waits("10:40"), goes_on("10:45"))
    assert some(look("resolution", "10:50", *events, *solved, **PAUSING), "paused") == ([["10:10:00", "10:45:00"]],)
