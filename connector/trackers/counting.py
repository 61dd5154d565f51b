"""Requests to trackers, as they are counted: by connection, method and status, and those not sent at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from .. import metrics, traces
from ..errors import TrackerError
from ..metrics.names import REQUEST_SECONDS, REQUESTS, WAIT_SECONDS, WAITS

ASKED, OTHER = "asked to wait", "other"
REASONS = frozenset(
    {ASKED, "jira-quota-global-based", "jira-quota-tenant-based", "jira-burst-based", "jira-per-issue-on-write"}
)
"""Why requests are put off, as it is counted."""
STATUSES = frozenset(status.value for status in HTTPStatus)


@dataclass(slots=True)
class Heard:
    """What the tracker answered; 0 until it did."""

    status: int = 0


@contextmanager
def asked(connection: str, method: str) -> Iterator[Heard]:
    """Count one request, which the block sends; a `TrackerError` that it raises tells the status."""
    heard, began = Heard(), time.perf_counter()
    try:
        with traces.span("request", outward=True, tracker=connection, method=method.upper()) as mark:
            try:
                yield heard
            except TrackerError as error:
                heard.status = error.status
                raise
            finally:
                mark.note(status=heard.status)
    finally:
        metrics.observe(REQUEST_SECONDS, time.perf_counter() - began, connection)
        # A tracker may answer any number; few have a meaning.
        status = str(heard.status) if heard.status in STATUSES or not heard.status else OTHER
        metrics.count(REQUESTS, connection, method.upper(), status)


def held_back(connection: str, seconds: float, reason: str = ASKED) -> None:
    """Count a request that was not sent, and for how long: the tracker had asked for silence."""
    known = reason if reason in REASONS else OTHER
    metrics.count(WAITS, connection, known)
    metrics.count(WAIT_SECONDS, connection, known, by=max(0.0, seconds))
