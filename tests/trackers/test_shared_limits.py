"""What a tracker told one of us to wait for, the other obeys too: its worker and its doctor share the limits."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import app
from connector.errors import TrackerError
from connector.trackers.gitlab.tracker import GitLabTracker
from connector.trackers.jira.tracker import JiraTracker
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira


@pytest.mark.parametrize(
    ("fake", "maker"), [(FakeGitLab, GitLabTracker), (FakeJira, JiraTracker)], ids=["gitlab", "jira"]
)
def test_a_tracker_that_was_told_to_wait_is_not_asked_by_the_doctor_either(
    fake: Callable[[], Any], maker: Callable[..., Any]
) -> None:
    with fake() as there:
        tracker = maker(there.connection(), clock=lambda: datetime.now(UTC))
        doctor = app.admin_side(there.connection(), {tracker.name: tracker})
        there.faults.random(random.Random(0), {"429": 1.0}, writes_only=False)
        with pytest.raises(TrackerError):
            tracker.probe()
        sent = len(there.requests)
        with pytest.raises(TrackerError) as caught:
            doctor.account()
        assert (caught.value.status, caught.value.sent, len(there.requests)) == (429, False, sent)
