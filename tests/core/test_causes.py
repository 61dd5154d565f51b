"""Events that were given up for one cause are mended together."""

from __future__ import annotations

import pytest

from connector.core.causes import WORDS, Cause, cause_of
from connector.errors import Gone, NoticeError, RulesError, StoreUnavailable, TrackerError, described


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (TrackerError("PUT projects/7/issues/12", status=403, permanent=True), "right"),
        (TrackerError("PUT projects/7/issues/12", status=401), "token"),
        (TrackerError("POST /rest/api/3/issue/10/comment", status=400), "refused"),
        (TrackerError("POST /rest/api/3/issue/10/comment", status=422), "refused"),
        (TrackerError("POST notes: again", status=413), "too_large"),
        (TrackerError("PUT issue", status=409), "conflict"),
        (TrackerError("GET issue", status=302), "redirect"),
        (TrackerError("GET issue", status=429), "limit"),
        (TrackerError("GET issue", status=503), "silent"),
        (TrackerError("GET issue", detail="ConnectTimeout"), "silent"),
        (TrackerError("work gitlab", detail="this tracker is not connected", sent=False), "not_connected"),
        (Gone("GET issue", status=404, permanent=True), "missing"),
        (StoreUnavailable("disk full"), "store"),
        (RulesError(()), "fault"),
        (KeyError("dana@x.example"), "fault"),
    ],
)
def test_an_error_as_it_is_kept_has_one_cause(error, word):
    assert cause_of("gitlab:7/12", described(error)) == Cause(word, "gitlab")
    assert word in WORDS


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (NoticeError("duty", addressless=True), "no_address"),
        (NoticeError("duty"), "no_receiver"),
        (NoticeError("duty", status=503), "no_receiver"),
        (NoticeError("duty", status=429), "no_receiver"),
        (NoticeError("duty", status=404), "turned_away"),
        (NoticeError("duty", status=302), "turned_away"),
        (StoreUnavailable("disk full"), "store"),
    ],
)
def test_what_came_of_a_notice_is_a_cause_of_its_receiver(error, word):
    cause = cause_of("notice:duty", described(error))

    assert (cause, cause.key) == (Cause(word, "notice", "duty"), f"{word}@notice:duty")
    assert word in WORDS


@pytest.mark.parametrize("error", ["", "x", "TrackerError", "TrackerError: : ", "TrackerError: PUT: 999", "\x00:\n"])
def test_whatever_stands_there_is_a_cause(error):
    assert cause_of("", error).word in WORDS


def test_two_tickets_that_were_refused_alike_share_a_cause():
    errors = [f"TrackerError: PUT projects/7/issues/{n}: 403" for n in (1, 2)]

    assert len({cause_of(f"gitlab:7/{n}", error) for n, error in enumerate(errors)}) == 1
