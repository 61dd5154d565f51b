"""One process counts, and Prometheus reads it."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import metrics
from connector.metrics import Meter, names
from connector.metrics.names import ALL, SHOWN, Kind
from connector.metrics.sums import ROOM, Unreadable, add, key_of, lasting, read_page

from .shown import counted, samples, text_of_meter

ACCEPTED = ("pointsman_events_accepted_total", {"tracker": "gitlab", "kind": "created", "duplicate": "no"})


def accept(number: int = 1) -> None:
    metrics.count(names.ACCEPTED, "gitlab", "created", "no", by=number)


def test_nobody_counts_before_it_is_started():
    accept()
    assert metrics.running() is None
    assert metrics.trouble() == ""


def test_what_is_counted_is_shown(meter: Meter):
    accept(2)
    accept()
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 3


def test_a_duration_falls_into_its_bucket_and_all_greater_ones(meter: Meter):
    for seconds in (0.001, 0.02, 0.3, 100.0):
        metrics.observe(names.PLAN_SECONDS, seconds)
    bucket = "pointsman_plan_seconds_bucket"
    assert [counted(meter, bucket, le=le) for le in ("0.001", "0.01", "0.025", "0.5", "5.0", "+Inf")] == [
        *(1, 1, 2, 3, 3, 4)
    ]
    assert counted(meter, "pointsman_plan_seconds_count") == 4
    assert counted(meter, "pointsman_plan_seconds_sum") == pytest.approx(100.321)


def test_a_clock_that_went_back_counts_as_no_time(meter: Meter):
    metrics.observe(names.TIMER_LATENESS, -5.0)
    assert counted(meter, "pointsman_timer_lateness_seconds_sum") == 0
    assert counted(meter, "pointsman_timer_lateness_seconds_count") == 1


def test_a_block_is_timed_however_it_ends(meter: Meter):
    with pytest.raises(ZeroDivisionError), metrics.timed(names.PLAN_SECONDS):
        raise ZeroDivisionError
    assert counted(meter, "pointsman_plan_seconds_count") == 1


def test_what_has_no_labels_shows_zero_before_it_is_met(meter: Meter):
    assert ("pointsman_plan_seconds_count", frozenset()) in samples(text_of_meter(meter))


def test_every_metric_is_announced_with_its_help(meter: Meter):
    text = text_of_meter(meter)
    for metric in ALL:
        name = f"{metric.name}_total" if metric.kind is Kind.COUNTER else metric.name
        assert f"# HELP {name} {metric.help}\n# TYPE {name} {metric.kind}\n" in text


def test_names_and_units_are_as_prometheus_asks():
    shown = [metric.name for metric in (*ALL, *SHOWN)]
    assert len(shown) == len(set(shown))
    for metric in ALL:
        assert not metric.name.endswith("_total")
        assert metric.name.startswith("pointsman_")
        assert (metric.kind is Kind.HISTOGRAM) <= metric.name.endswith("_seconds")
        assert list(metric.buckets) == sorted(set(metric.buckets))


def test_hostile_label_values_stay_one_value(meter: Meter):
    name = 'a"b\\c\nd{e="f"} 1 é\x00'
    metrics.count(names.IGNORED, name)
    assert counted(meter, "pointsman_webhooks_ignored_total", tracker=name) == 1


def test_labels_that_a_metric_has_not_are_a_mistake_of_the_programmer(meter: Meter):
    with pytest.raises(ValueError, match="has the labels"):
        metrics.count(names.IGNORED, "gitlab", "more")


def test_threads_lose_no_count(meter: Meter):
    threads = [threading.Thread(target=lambda: [accept() for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 4000


def test_series_beyond_the_room_of_a_page_are_told_and_the_others_go_on(meter: Meter):
    accept()
    for number in range(ROOM // 50):
        metrics.count(names.IGNORED, f"{number:050}")
    assert "more series" in metrics.trouble()
    accept()
    (page,) = meter._shelf.folder.glob("*.db")
    assert page.stat().st_size == ROOM
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 2


def test_a_page_has_its_room_on_the_disk_from_the_start(meter: Meter):
    # A file with holes would kill its process where the disk is full by the time it writes there.
    (page,) = meter._shelf.folder.glob("*.db")
    assert page.stat().st_blocks * 512 >= ROOM


def test_only_its_owner_may_look_into_the_folder(meter: Meter):
    assert meter._shelf.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_removed_is_made_anew(meter: Meter):
    accept(5)
    for path in meter._shelf.folder.iterdir():
        path.unlink()
    meter._shelf.folder.rmdir()
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 0
    accept()
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 1
    assert metrics.trouble() == ""


def test_a_folder_that_cannot_be_made_is_told_and_counting_begins_when_it_can(tmp_path: Path):
    (tmp_path / "metrics").write_text("a file where the folder should be")
    meter = metrics.start(tmp_path / "metrics")
    try:
        accept()
        assert meter.collect() == []
        assert metrics.trouble() == "File exists"
        (tmp_path / "metrics").unlink()
        accept()
        meter.collect()
        assert metrics.trouble() == ""
        accept()
        assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 1
    finally:
        metrics.stop()


def test_a_disk_without_room_is_told_and_nothing_is_shown_as_zero(meter: Meter, monkeypatch: pytest.MonkeyPatch):
    accept()
    monkeypatch.setattr("connector.metrics.shelf.Shelf.gather", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    assert meter.collect() == []
    assert metrics.trouble() == "full"


def test_a_fork_counts_for_itself(meter: Meter):
    accept(2)
    child = os.fork()
    if child == 0:
        accept(10)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    accept()
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 13


def test_a_fork_while_another_thread_counts_does_not_wait_for_it(meter: Meter):
    with meter._lock:
        child = os.fork()
        if child == 0:
            accept(10)
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert counted(meter, ACCEPTED[0], **ACCEPTED[1]) == 10


keys = st.sampled_from(
    [
        key_of(names.IGNORED, "pointsman_webhooks_ignored_total", ("gitlab",)),
        key_of(names.QUARANTINED, "pointsman_plugin_quarantined", ("vip",)),
        key_of(names.PLAN_SECONDS, "pointsman_plan_seconds_bucket", (), "0.5"),
    ]
)
pages = st.lists(st.dictionaries(keys, st.integers(0, 100).map(float)), max_size=5)


@given(pages, pages)
def test_the_order_in_which_processes_die_changes_no_sum(some: list[dict[str, float]], more: list[dict[str, float]]):
    def total(each: list[dict[str, float]]) -> dict[str, float]:
        sums: dict[str, float] = {}
        for page in each:
            add(sums, page)
        return sums

    departed = lasting(total(some))
    add(departed, lasting(total(more)))
    assert departed == lasting(total([*more, *some]))
    assert all("quarantined" not in key for key in departed)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_hang_or_break_the_reader(tmp_path_factory: pytest.TempPathFactory, head: bytes):
    path = tmp_path_factory.mktemp("page") / "x.db"
    path.write_bytes(head + bytes(ROOM - len(head)))
    try:
        read = read_page(path)
    except Unreadable:
        return
    assert all(math.isfinite(value) for value in read.values())
