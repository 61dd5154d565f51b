"""One check by itself: what raises or hangs becomes a finding, and the others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from connector.engine.doctor import CODES, Finding, Level
from connector.engine.doctor.findings import found, from_json
from connector.engine.doctor.rounds import Check, carefully
from connector.errors import StoreUnavailable, TrackerError


def check(run) -> Check:
    return Check("gitlab", "the clock", run)


def raising(error: Exception) -> Check:
    def run() -> Iterator[Finding]:
        yield found("parked", "gitlab", "said before", "x")
        raise error

    return check(run)


@pytest.mark.parametrize(
    ("error", "said", "helps"),
    [
        (TrackerError("GET /x", status=403), "forbidden", "the right to see it"),
        (TrackerError("GET /x", status=429), "asks us to wait", "in some minutes"),
        (TrackerError("GET /x", status=502), "GET /x: 502", "the tracker's log"),
        (TrackerError("GET /x"), "no answer", "try again"),
        (StoreUnavailable("disk full"), "disk full", "about the database"),
        (KeyError("what a customer wrote"), "KeyError", "report it"),
    ],
)
def test_a_check_that_raises_tells_what_it_wanted_and_keeps_what_it_found(error, said, helps):
    first, last = carefully(raising(error), 10.0)
    assert first.text == "said before"
    assert (last.code, last.where) == ("unchecked", "gitlab")
    assert "the clock could not be checked" in last.text
    assert said in last.text
    assert helps in last.remedy
    assert "customer" not in last.text


def test_a_check_that_hangs_is_left_behind():
    release = threading.Event()

    def hang() -> Iterator[Finding]:
        release.wait()
        yield from ()

    try:
        (only,) = carefully(check(hang), 0.05)
    finally:
        release.set()
    assert only.code == "unchecked"
    assert "no answer within" in only.text


def test_what_others_wrote_is_one_line_that_a_terminal_does_not_obey():
    finding = found("parked", "gitlab", "a\x1b[2J\nb" + "x" * 900, "c\r")
    assert finding.text.startswith("a [2J b")
    assert len(finding.text) <= 400
    assert finding.remedy == "c "


def test_a_finding_is_the_same_after_it_was_kept_as_json():
    finding = found("right_missing", "jira", "may not", "grant", project="SUP", spot="a.yaml:1:2")
    assert from_json(finding.as_json()) == finding
    assert finding.level is Level.PROBLEM


def test_every_code_has_a_level_that_matters():
    assert set(CODES.values()) == {Level.HINT, Level.WARNING, Level.PROBLEM}
