"""Each metric moves when its thing happens, through the real door, engine and trackers' protocols."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from connector import metrics
from connector.errors import StoreUnavailable
from connector.metrics.names import ALL, SHOWN
from connector.store import Incoming
from connector.trackers.counting import REASONS
from connector.trackers.jira import limits
from tests.fakes import Recorded
from tests.fakes.gitlab_rest import Response
from tests.metrics.shown import Sample as Shown
from tests.metrics.shown import samples

from .far import answering
from .inside import Inside, wait_for
from .place import TITLE, Place, a_place
from .samples import Sample, own

BAD = """
from connector import hookimpl

@hookimpl
def propose(ticket):
    raise ValueError("always")
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with a_place(tmp_path, own(), monkeypatch) as found:
        metrics.start(tmp_path / "metrics")
        yield found
        metrics.stop()


@pytest.fixture
def opened() -> Sample:
    return next(s for s in own() if s.name == "opened")


def scrape(running: Inside) -> dict[Shown, float]:
    answer = requests.get(f"{running.url}/metrics", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return dict(samples(answer.text))


def of(found: dict[Shown, float], name: str, **labels: str) -> float:
    """The sum over all series of `name` that have `labels`."""
    wanted = frozenset(labels.items())
    return sum(value for (known, given), value in found.items() if known == name and wanted <= given)


def test_a_webhook_that_is_worked_moves_all_that_it_passes(place: Place, opened: Sample) -> None:
    with place.service() as running:
        before = scrape(running)
        assert place.send(running, opened) == 202
        running.settle(*place.fakes.values())
        found = scrape(running)
    kind = {"tracker": "gitlab", "kind": opened.kind}
    assert of(before, "pointsman_events_accepted_total") == 0
    assert of(found, "pointsman_events_accepted_total", **kind, duplicate="no") == 1
    assert of(found, "pointsman_accept_seconds_count") >= 1
    assert of(found, "pointsman_commit_seconds_count") >= 1
    assert of(found, "pointsman_events_finished_total", tracker="gitlab", outcome="done") >= 1
    assert of(found, "pointsman_plan_seconds_count") >= 1
    assert of(found, "pointsman_plugin_seconds_count", plugin="priority") >= 1
    # Priority, team, assignee; and the note.
    assert of(found, "pointsman_effects_total", tracker="gitlab", state="done") == 4
    assert of(found, "pointsman_transaction_seconds_count") >= 2
    heard = place.fakes["gitlab"].requests
    for method in {recorded.method for recorded in heard}:
        sent = sum(recorded.method == method for recorded in heard)
        assert of(found, "pointsman_tracker_requests_total", tracker="gitlab", method=method) == sent
    assert of(found, "pointsman_tracker_request_seconds_count", tracker="gitlab") == len(heard)
    assert of(found, "pointsman_ready") == of(found, "pointsman_build_info") == 1
    assert of(found, "pointsman_schema_info") == 1


def test_a_delivery_that_comes_again_is_a_duplicate(place: Place, opened: Sample) -> None:
    with place.service(works=False) as running:
        for _ in range(3):
            assert place.send(running, opened, "the same") == 202
        found = scrape(running)
    assert of(found, "pointsman_events_accepted_total", duplicate="no") == 1
    assert of(found, "pointsman_events_accepted_total", duplicate="yes") == 2


def test_what_is_not_for_us_is_ignored_and_no_refusal(place: Place) -> None:
    with place.service(works=False) as running:
        assert place.send(running, next(s for s in own() if s.status == 204)) == 204
        found = scrape(running)
    assert of(found, "pointsman_webhooks_ignored_total", tracker="gitlab") == 1
    assert of(found, "pointsman_webhooks_refused_total") == 0


Refuse = Callable[[Place, Inside, Sample], int]


def unsigned(place: Place, running: Inside, sample: Sample) -> int:
    return running.post("gitlab", sample.body, {}).status_code


def garbled(place: Place, running: Inside, sample: Sample) -> int:
    return place.send(running, replace(sample, body=b"{"))


def unknown(place: Place, running: Inside, sample: Sample) -> int:
    return running.post("nobody", sample.body, {}).status_code


def too_large(place: Place, running: Inside, sample: Sample) -> int:
    return running.post("gitlab", b"x" * (place.settings.body_limit + 1), {}).status_code


def far_too_large(place: Place, running: Inside, sample: Sample) -> int:
    """Announced, and refused by the server before a byte of it came."""
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=30) as wire:
        head = f"POST /hooks/gitlab HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2**40}\r\n\r\n"
        wire.sendall(head.encode())
        return int(wire.recv(100).split()[1])


def not_stored(place: Place, running: Inside, sample: Sample) -> int:
    def full(incoming: Incoming, timeout: float = 10.0) -> Any:
        raise StoreUnavailable("the disk is full")

    running.services.store.inbox.accept = full  # type: ignore[method-assign]
    return place.send(running, sample)


@pytest.mark.parametrize(
    ("refuse", "status", "tracker", "reason"),
    [
        (unsigned, 401, "gitlab", "not_genuine"),
        (garbled, 400, "gitlab", "unreadable"),
        (unknown, 404, "", "unknown_tracker"),
        (too_large, 413, "gitlab", "too_large"),
        (far_too_large, 413, "", "too_large"),
        (not_stored, 503, "gitlab", "not_stored"),
    ],
)
def test_a_refusal_is_counted_once_by_its_reason(
    place: Place, opened: Sample, refuse: Refuse, status: int, tracker: str, reason: str
) -> None:
    with place.service(works=False, body_limit=100_000) as running:
        place.settings = replace(place.settings, body_limit=100_000)
        assert refuse(place, running, opened) == status
        found = scrape(running)
    assert of(found, "pointsman_webhooks_refused_total") == 1
    assert of(found, "pointsman_webhooks_refused_total", tracker=tracker, reason=reason) == 1
    assert of(found, "pointsman_events_accepted_total") == 0


def test_who_knocks_from_elsewhere_has_a_reason_of_its_own(place: Place, opened: Sample) -> None:
    with place.service(works=False, gitlab_allow_from=("192.0.2.0/24",)) as running:
        assert place.send(running, opened) == 401
        found = scrape(running)
    assert of(found, "pointsman_webhooks_refused_total", tracker="gitlab", reason="address") == 1
    assert of(found, "pointsman_webhooks_refused_total") == 1


def test_strangers_make_no_series_whatever_they_call_themselves(place: Place, opened: Sample) -> None:
    names = ["nobody", "a" * 5000, "%00", "{tracker}", "%22%0Apointsman_parked%209", "é中", "local", "gitlab/wrong"]
    with place.service(works=False) as running:
        # Warnings come and go by themselves; their codes are few.
        before = {key for key in scrape(running) if not key[0].endswith(("refused_total", "warnings"))}
        for number, name in enumerate(names):
            running.post(f"{name}", opened.body, {"X-Gitlab-Event": f"Hook {number}", "User-Agent": f"a{number}"})
            requests.get(f"{running.url}/{name}?{number}", timeout=30)
        found = scrape(running)
    after = {key for key in found if not key[0].endswith(("refused_total", "warnings"))}
    assert after == before
    refused = {dict(labels)["tracker"] for name, labels in found if name == "pointsman_webhooks_refused_total"}
    assert refused <= {"", "local", "gitlab"}
    text = json.dumps([[name, sorted(labels)] for name, labels in found])
    assert not any(word in text for word in ("nobody", "aaaa", "wrong", "Hook"))


def test_a_limit_of_the_tracker_is_seen_as_answers_waits_and_retries(place: Place, opened: Sample) -> None:
    with place.service() as running:
        place.fakes["gitlab"].faults.script("429")
        place.send(running, opened)
        running.settle(*place.fakes.values())
        found = scrape(running)
    assert of(found, "pointsman_tracker_requests_total", tracker="gitlab", status="429") == 1
    assert of(found, "pointsman_events_finished_total", outcome="retried") >= 1
    assert of(found, "pointsman_retries_total", tracker="gitlab", reason="limit") >= 1


def test_a_request_that_is_put_off_counts_with_the_time_it_has_to_wait(place: Place, opened: Sample) -> None:
    with place.service() as running:
        tracker = running.services.trackers["gitlab"]
        tracker.gate.note(429, {"Retry-After": "2"}, running.services.clock())  # type: ignore[attr-defined]
        place.send(running, opened)
        running.settle(*place.fakes.values())
        found = scrape(running)
    waits = of(found, "pointsman_rate_limit_waits_total", tracker="gitlab", reason="asked to wait")
    assert waits >= 1
    assert 0 < of(found, "pointsman_rate_limit_wait_seconds_total", tracker="gitlab") <= 2 * waits
    assert of(found, "pointsman_tracker_requests_total", status="429") == 0


def test_no_answer_is_status_0_and_a_number_without_meaning_is_other(place: Place, opened: Sample) -> None:
    strange = iter([Response(799, {}), Response(799, {})])

    def change(recorded: Recorded) -> Response | None:
        return next(strange, None) if recorded.method == "GET" else None

    with place.service() as running, answering(place.fakes["gitlab"], change):
        place.fakes["gitlab"].faults.script("cut-after")
        place.send(running, opened)
        running.settle(*place.fakes.values())
        found = scrape(running)
    assert of(found, "pointsman_tracker_requests_total", tracker="gitlab", status="other") == 2
    assert of(found, "pointsman_tracker_requests_total", tracker="gitlab", status="0") == 1
    assert of(found, "pointsman_retries_total", tracker="gitlab", reason="silent") >= 1


def test_what_the_tracker_refuses_for_good_is_an_effect_refused_or_an_event_parked(
    place: Place, opened: Sample
) -> None:
    def refuse(recorded: Recorded) -> Response | None:
        return Response(403, {"message": "403 Forbidden"}) if recorded.method != "GET" else None

    with place.service() as running, answering(place.fakes["gitlab"], refuse):
        place.send(running, opened)
        running.settle(*place.fakes.values())
        # What is read from the database is remembered for a moment.
        wait_for(lambda: of(scrape(running), "pointsman_parked"))
        found = scrape(running)
    assert of(found, "pointsman_parked") == 1
    assert of(found, "pointsman_events_finished_total", tracker="gitlab", outcome="parked") == 1
    assert of(found, "pointsman_effects_total", tracker="gitlab", state="refused") >= 1
    assert of(found, "pointsman_warnings", code="parked") == 1


def test_a_plugin_that_fails_is_counted_and_shown_in_quarantine_until_it_is_mended(
    place: Place, opened: Sample, tmp_path: Path
) -> None:
    (tmp_path / "plugins").mkdir()
    bad = tmp_path / "plugins" / "bad.py"
    bad.write_text(BAD)
    rules = place.settings.rules_dir / "support.yaml"
    rules.write_text(rules.read_text().replace("plugins: [", "plugins: [bad, "))
    with place.service(plugins_dir=tmp_path / "plugins") as running:
        for number in range(3):
            place.send(running, opened, f"d{number}")
            running.settle(*place.fakes.values())
        found = scrape(running)
        assert of(found, "pointsman_plugin_failures_total", plugin="bad") >= 3
        assert of(found, "pointsman_plugin_quarantined", plugin="bad") == 1
        bad.unlink()
        assert running.services.host.refresh()
        assert of(scrape(running), "pointsman_plugin_quarantined", plugin="bad") == 0


def test_what_waits_is_told_by_tickets_events_and_age_and_timers_by_how_late_they_are(
    place: Place, opened: Sample
) -> None:
    with place.service(works=False) as running:
        store = running.services.store
        for number in range(3):
            place.send(running, opened, f"d{number}")
        with store.begin() as work:
            work.set_timer("gitlab:501/7", "age", work.now - timedelta(seconds=42))
        found = scrape(running)
        assert of(found, "pointsman_lanes_waiting") == 1
        assert of(found, "pointsman_events_waiting") == 3
        assert 0 < of(found, "pointsman_oldest_event_seconds") < 60
        assert of(found, "pointsman_timers_overdue") == 1
        assert of(found, "pointsman_clocks_stale") == 0
        assert store.timers.fire() == 1
        found = scrape(running)
        assert of(found, "pointsman_timer_lateness_seconds_count") == 1
        assert 42 <= of(found, "pointsman_timer_lateness_seconds_sum") < 60


def test_without_a_database_what_was_counted_is_shown_and_that_we_are_not_ready(
    place: Place, opened: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.service(works=False) as running:
        place.send(running, opened)

        def gone() -> Any:
            raise StoreUnavailable("gone")

        for part, name in (("store", "ping"), ("inbox", "depth"), ("pulse", "backlog")):
            whose = running.services.store if part == "store" else getattr(running.services.store, part)
            monkeypatch.setattr(whose, name, gone)
        found = scrape(running)
    assert of(found, "pointsman_events_accepted_total") == 1
    assert of(found, "pointsman_warnings", code="store") == 1
    assert ("pointsman_ready", frozenset()) in found
    assert of(found, "pointsman_ready") == 0
    assert "pointsman_lanes_waiting" not in {name for name, _ in found}


def test_a_folder_that_cannot_be_used_stops_nothing_and_readyz_tells(place: Place, opened: Sample) -> None:
    metrics.stop()
    place.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (place.settings.data_dir / "metrics").write_text("no folder")
    metrics.start(place.settings.data_dir / "metrics")
    with place.service() as running:
        assert place.send(running, opened) == 202
        running.settle(*place.fakes.values())
        ready = requests.get(f"{running.url}/readyz", timeout=30)
        found = scrape(running)
    assert ready.status_code == 200
    assert "metrics" in {warning["code"] for warning in ready.json()["warnings"]}
    assert of(found, "pointsman_warnings", code="metrics") == 1
    assert "pointsman_events_accepted_total" not in {name for name, _ in found}


def test_nothing_that_people_wrote_stands_in_a_scrape(place: Place, opened: Sample) -> None:
    with place.service() as running:
        place.send(running, opened)
        running.settle(*place.fakes.values())
        text = requests.get(f"{running.url}/metrics", timeout=30).text
    secrets = [place.fakes["gitlab"].secret, place.settings.gitlab_token]
    assert opened.key
    for word in (TITLE, opened.key, opened.project, "ann", "Dana", "customer", *secrets):
        assert word not in text, word


def test_every_metric_is_tried_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [m.name for m in (*ALL, *SHOWN) if f'"{m.name}' not in source] == []


def test_every_limit_that_jira_names_is_a_reason_to_wait() -> None:
    assert limits.REASONS | {limits.OTHER} == REASONS
