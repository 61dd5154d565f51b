"""Signals add up, the sum picks the level, one override bounds it, and the reason shows the arithmetic."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import Priority
from connector.testing import a_ticket, proposals
from plugins import priority

LEVELS = {"urgent": 80, "high": 50, "normal": 20, "low": 0}


def signal(name: str, score: float, **more):
    return {"id": name, "when": {"labels": {"has": name}}, "score": score, "because": name.upper(), **more}


def decided(rules, *labels, **ticket):
    (change,) = proposals(priority, a_ticket(labels=labels, **ticket), rules)
    return change


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (100, "urgent"),
        (80, "urgent"),
        (79, "high"),
        (50, "high"),
        (20, "normal"),
        (19.5, "low"),
        (0, "low"),
        (-5, "low"),
    ],
)
def test_the_level_is_the_highest_threshold_not_above_the_sum(score, level):
    assert decided({"levels": LEVELS, "signals": [signal("a", score)]}, "a").value.word == level


def test_below_all_thresholds_it_is_the_lowest_level():
    rules = {"levels": {"urgent": 90, "normal": 40}, "signals": [signal("a", 10)]}
    assert decided(rules, "a").value is Priority.NORMAL


def test_fractions_that_add_up_to_a_threshold_reach_it():
    rules = {"levels": {"high": 0.8, "low": 0}, "signals": [signal("a", 0.7), signal("b", 0.1)]}
    change = decided(rules, "a", "b")
    assert (change.value, change.because) == (Priority.HIGH, "A (+0.7); B (+0.1) = 0.8")


def test_a_signal_scores_once_however_many_words_hit():
    rules = {
        "signals": [
            {
                "id": "down",
                "when": {"text": {"contains_any": ["outage", "宕机"]}},
                "score": 25,
                "because": "Says {hits}",
            }
        ]
    }
    change = decided(rules, title="Outage, outage, OUTAGE", body="宕机")
    assert (change.value, change.because) == (Priority.NORMAL, "Says outage, 宕机 (+25) = 25")


def test_the_last_signal_that_scored_is_the_rule_and_all_are_listed():
    rules = {"signals": [signal("a", 30), signal("b", 25), signal("c", 1), signal("d", 5)]}
    change = decided(rules, "a", "b", "d")
    assert (change.rule, change.rules) == ("d", ("a", "b", "d"))
    assert change.because == "A (+30); B (+25); D (+5) = 60"


def test_negative_scores_show_their_sign():
    assert decided({"signals": [signal("a", 30), signal("b", -5)]}, "a", "b").because == "A (+30); B (-5) = 25"


def test_a_signal_without_a_reason_shows_its_id():
    assert decided({"signals": [signal("a", 5, because=None)]}, "a").because == "a (+5) = 5"


OVERRIDES = [
    {"id": "security", "when": {"labels": {"has": "security"}}, "at_least": "urgent", "because": "Security report"},
    {"id": "cap", "when": {"labels": {"has": "free"}}, "at_most": "normal", "because": "Free plan"},
]


def test_a_floor_lifts_and_decides():
    change = decided({"signals": [signal("a", 25)], "overrides": OVERRIDES}, "a", "security")
    assert (change.value, change.rule, change.rules) == (Priority.URGENT, "security", ("a", "security"))
    assert change.because == "A (+25) = 25; Security report (at least urgent)"


def test_a_ceiling_lowers_and_decides():
    change = decided({"signals": [signal("a", 90)], "overrides": OVERRIDES}, "a", "free")
    assert (change.value, change.rule) == (Priority.NORMAL, "cap")
    assert change.because == "A (+90) = 90; Free plan (at most normal)"


def test_the_first_override_that_matches_wins():
    assert decided({"signals": [], "overrides": OVERRIDES}, "free", "security").value is Priority.URGENT


def test_an_override_that_changes_nothing_did_not_decide():
    change = decided({"signals": [signal("a", 90)], "overrides": OVERRIDES}, "a", "security")
    assert (change.rule, change.rules, change.because) == ("a", ("a",), "A (+90) = 90")


def test_without_a_section_there_is_no_opinion():
    assert proposals(priority, a_ticket(), None) == []


def test_a_customers_words_in_a_reason_cannot_act():
    rules = {"signals": [{"id": "x", "score": 1, "because": "From {requester.name}"}]}
    assert "@all" not in decided(rules, requester="@all@x.example").because


@given(st.lists(st.integers(-100, 100), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_signals_never_changes_the_level(scores: list[int], rng: random.Random):
    signals = [signal(f"s{i}", score) for i, score in enumerate(scores)] or [signal("s0", 0)]
    labels = [one["id"] for one in signals]
    shuffled = rng.sample(signals, len(signals))
    assert decided({"signals": signals}, *labels).value is decided({"signals": shuffled}, *labels).value


@given(st.integers(-50, 150), st.integers(0, 100))
def test_one_more_positive_signal_never_lowers_the_level(score: int, more: int):
    rules = {"signals": [signal("a", score), signal("b", more)]}
    assert decided(rules, "a", "b").value >= decided(rules, "a").value
