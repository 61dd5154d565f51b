"""Everybody has a turn before anybody has another; who was not there does not catch up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.core.rotation import LATELY, Turn, median, standings, taken

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TEAM = ("ann", "bo", "cy", "dee")


def turns(**each: int) -> dict[str, Turn]:
    return {person: Turn(turn, NOW) for person, turn in each.items()}


def rotate(state: dict[str, Turn], people: tuple[str, ...], times: int) -> list[str]:
    """Who got each of `times` tickets, if the smallest turn comes first, then who waited longest."""
    given_to = []
    for n in range(times):
        now = NOW + timedelta(seconds=1 + n)
        ranked = standings(state, people, now)
        first = min(people, key=lambda p: (ranked[p], state[p].at if p in state else NOW - LATELY, p))
        state[first] = taken(state, first, now)
        given_to.append(first)
    return given_to


def test_all_have_a_turn_before_anybody_has_another() -> None:
    assert rotate({}, TEAM, 9) == [*TEAM, *TEAM, "ann"]


def test_a_newcomer_is_next_once_and_then_one_of_all() -> None:
    assert rotate(turns(ann=100, bo=100, cy=100), TEAM, 9) == [
        "dee",
        "ann",
        "bo",
        "cy",
        "dee",
        "ann",
        "bo",
        "cy",
        "dee",
    ]


def test_who_returns_does_not_get_all_that_the_others_had_meanwhile() -> None:
    state = turns(ann=100, bo=100, cy=99, dee=12)
    assert rotate(state, TEAM, 8).count("dee") == 2


def test_where_half_of_a_team_was_away_the_other_half_says_where_it_stands() -> None:
    assert median(turns(ann=100, bo=100, cy=10, dee=10).values(), NOW) == 100


def test_turns_of_long_ago_do_not_say_where_a_team_stands() -> None:
    old = {person: Turn(10, NOW - LATELY - timedelta(seconds=1)) for person in ("ann", "bo", "cy")}
    assert median([*old.values(), Turn(50, NOW)], NOW) == 50
    assert median(old.values(), NOW) == 0


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.integers(0, 60))
def test_how_far_somebody_is_behind_does_not_matter(past: list[int], times: int) -> None:
    state = turns(**dict(zip(TEAM, past, strict=True)))
    stands = median(state.values(), NOW)
    behind = [person for person in TEAM if state[person].turn < stands]
    given_to = rotate(state, TEAM, times)
    counts = [given_to.count(person) for person in behind]
    assert max(counts, default=0) - min(counts, default=0) <= 1


@given(st.lists(st.sampled_from(TEAM), max_size=40))
def test_turns_only_go_up(chosen: list[str]) -> None:
    state: dict[str, Turn] = {}
    for person in chosen:
        before = state.get(person, Turn(0, NOW)).turn
        state[person] = taken(state, person, NOW)
        assert state[person].turn > before
