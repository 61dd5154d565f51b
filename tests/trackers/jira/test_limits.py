"""A limit of Jira makes wait what it is about, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.trackers.jira.limits import BURST, OTHER, PER_ISSUE, QUOTAS, Limits, endpoint, reason_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
API = "/rest/api/2"
PUT = ("PUT", f"{API}/issue/10042")
REQUESTS = (
    PUT,
    ("PUT", f"{API}/issue/10043"),
    ("GET", f"{API}/issue/10042"),
    ("POST", f"{API}/issue/10042/comment"),
    ("GET", f"{API}/search/jql"),
)


def held_after(reason: str | None, call: tuple[str, str] = PUT) -> list[bool]:
    """Which of `REQUESTS` have to wait after `call` was answered 429."""
    limits = Limits()
    limits.note(*call, 429, {"Retry-After": "30", **({"RateLimit-Reason": reason} if reason else {})}, NOW)
    return [limits.held(*request, NOW) is not None for request in REQUESTS]


@pytest.mark.parametrize(
    ("reason", "held"),
    [
        (None, [True, True, True, True, True]),
        (QUOTAS[0], [True, True, True, True, True]),
        (QUOTAS[1], [True, True, True, True, True]),
        ("a-limit-of-tomorrow", [True, True, True, True, True]),
        (BURST, [True, True, False, False, False]),
        (PER_ISSUE, [True, False, False, True, False]),
    ],
)
def test_each_reason_holds_what_it_is_about(reason, held):
    assert held_after(reason) == held


def test_a_burst_of_reads_holds_reads_of_issues_alone():
    assert held_after(BURST, REQUESTS[2]) == [False, False, True, False, False]


@pytest.mark.parametrize("reason", [QUOTAS[0], BURST, PER_ISSUE])
def test_who_is_held_is_told_by_which_limit_and_for_how_long(reason):
    limits = Limits()
    limits.note(*PUT, 429, {"retry-after": "30", "ratelimit-reason": reason.upper()}, NOW)
    held = limits.held(*PUT, NOW + timedelta(seconds=10))
    assert (held.wait, held.reason) == (timedelta(seconds=20), reason)
    assert limits.held(*PUT, NOW + timedelta(seconds=30)) is None


def test_a_quota_is_waited_for_until_its_reset():
    limits = Limits()
    limits.note(*PUT, 429, {"RateLimit-Reason": QUOTAS[1], "X-RateLimit-Reset": "2026-11-02T09:20:00Z"}, NOW)
    assert limits.held(*REQUESTS[4], NOW).wait == timedelta(minutes=20)


def test_a_word_that_is_no_limit_of_jira_is_not_repeated():
    assert reason_of({"RateLimit-Reason": "jira-burst-based"}) == BURST
    assert reason_of({"RateLimit-Reason": "<script>"}) == ""
    limits = Limits()
    limits.note(*PUT, 429, {"Retry-After": "5", "RateLimit-Reason": "<script>"}, NOW)
    assert limits.held(*PUT, NOW).reason == OTHER


def test_our_own_pace_counts_as_the_limit_of_one_issue():
    limits = Limits()
    held = [limits.held(*PUT, NOW) for _ in range(21)]
    assert held[:20] == [None] * 20
    assert held[20].reason == PER_ISSUE


def test_a_request_that_is_held_is_not_counted_as_a_write():
    limits = Limits()
    limits.note(*PUT, 429, {"Retry-After": "1"}, NOW)
    for _ in range(30):
        assert limits.held(*PUT, NOW) is not None
    assert limits.held(*PUT, NOW + timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/issue/10042", "/issue/SUP-7"),
        ("/issue/10042/comment/31", "/issue/9/comment/4"),
        ("/project/SUP/role/10002", "/project/OPS/role/1"),
    ],
)
def test_one_endpoint_for_all_things_of_a_kind(one, other):
    assert endpoint(API + one) == endpoint(API + other)
    assert endpoint(f"{API}/issue/1/comment") != endpoint(f"{API}/issue/1/transitions")


def test_what_is_kept_does_not_grow_for_ever():
    limits = Limits()
    for number in range(3000):
        limits.note("PUT", f"{API}/issue/{number}", 429, {"RateLimit-Reason": PER_ISSUE}, NOW)
    assert len(limits._some) <= 1000
