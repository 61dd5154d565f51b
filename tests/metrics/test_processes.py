"""Several processes of one host count together, whatever becomes of them and of their files."""

from __future__ import annotations

import json
import logging
import os
import struct
import threading
from pathlib import Path

import pytest

from connector import metrics
from connector.metrics import Meter, names
from connector.metrics.names import SHORT
from connector.metrics.shelf import DEPARTED, LITTER, Shelf
from connector.metrics.sums import ROOM

from .conftest import Processes
from .shown import counted, text_of_meter

IGNORED = "pointsman_webhooks_ignored_total"
COUNT = "metrics.count(names.IGNORED, 'gitlab', by={})"


def ignored(meter: Meter) -> float:
    return counted(meter, IGNORED, tracker="gitlab")


def pages(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.db"))


def test_whoever_is_asked_shows_the_sum_of_all(meter: Meter, processes: Processes):
    metrics.count(names.IGNORED, "gitlab")
    for number in (10, 100):
        processes.start(COUNT.format(number))
    assert ignored(meter) == 111


def test_what_a_killed_process_counted_is_kept_and_its_page_goes(meter: Meter, processes: Processes):
    one = processes.start(COUNT.format(10) + "\nmetrics.observe(names.PLAN_SECONDS, 0.2)")
    two = processes.start(COUNT.format(100) + "\nmetrics.observe(names.PLAN_SECONDS, 2)")
    for process in (one, two):
        process.kill()
        process.wait()
        assert ignored(meter) == 110
    assert len(pages(meter._shelf.folder)) == 1
    assert counted(meter, "pointsman_plan_seconds_count") == 2
    assert counted(meter, "pointsman_plan_seconds_sum") == pytest.approx(2.2)
    assert counted(meter, "pointsman_plan_seconds_bucket", le="0.25") == 1


def test_a_gauge_is_the_greatest_of_those_that_live(meter: Meter, processes: Processes):
    metrics.kept(names.QUARANTINED, 0, "vip")
    other = processes.start("metrics.kept(names.QUARANTINED, 1, 'vip')")
    assert counted(meter, "pointsman_plugin_quarantined", plugin="vip") == 1
    other.kill()
    other.wait()
    assert counted(meter, "pointsman_plugin_quarantined", plugin="vip") == 0


def test_the_folder_does_not_grow_with_restarts(meter: Meter, processes: Processes):
    for _ in range(3):
        one = processes.start(COUNT.format(1))
        one.communicate("")
        meter.collect()
    names_ = {path.name for path in meter._shelf.folder.iterdir()}
    assert len(names_) == 3
    assert {DEPARTED, "lock"} < names_
    assert ignored(meter) == 3


def test_a_process_with_the_number_of_a_dead_one_is_another(folder: Path, processes: Processes):
    # In a container every process has the number 1 and the same host name.
    for process in (
        processes.start("metrics.kept(names.QUARANTINED, 1, 'vip')\n" + COUNT.format(1)),
        processes.start(COUNT.format(2)),
    ):
        process.kill()
        process.wait()
    stale = [path.rename(folder / f"host-{os.getpid()}-{n:08x}.db") for n, path in enumerate(pages(folder))]
    meter = metrics.start(folder)
    try:
        assert ignored(meter) == 3
        assert counted(meter, "pointsman_plugin_quarantined", plugin="vip") == 0
        assert not any(path.exists() for path in stale)
    finally:
        metrics.stop()


def test_a_kill_between_adding_up_and_removing_counts_nothing_twice(meter: Meter, processes: Processes):
    one = processes.start(COUNT.format(10))
    page = next(path for path in pages(meter._shelf.folder) if f"-{one.pid}-" in path.name)
    content = page.read_bytes()
    one.kill()
    one.wait()
    assert ignored(meter) == 10
    page.write_bytes(content)  # as if the kill had come before it was removed
    assert ignored(meter) == 10
    assert not page.exists()
    assert ignored(meter) == 10


def test_many_that_ask_at_once_while_others_die_all_see_the_sum(meter: Meter, processes: Processes):
    others = [processes.start(COUNT.format(10)) for _ in range(3)]
    seen: list[float] = []
    more = [Shelf(meter._shelf.folder) for _ in range(4)]

    def ask(shelf: Shelf) -> None:
        for _ in range(20):
            sums, odd = shelf.gather()
            assert odd == []
            seen.append(sum(value for key, value in sums.items() if IGNORED in key))

    threads = [threading.Thread(target=ask, args=(shelf,)) for shelf in more]
    for thread in threads:
        thread.start()
    for other in others:
        other.kill()
    for thread in threads:
        thread.join()
    assert set(seen) == {30.0}
    assert len(seen) == 80


def torn(content: bytes) -> bytes:
    (used,) = struct.unpack_from("i", content)
    return struct.pack("i", used + 100) + content[4:]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("foreign.db", b"SQLite format 3\x00" + bytes(4096)),
        ("empty.db", b""),
        ("counter_17.db", b"\xff" * ROOM),
        ("endless.db", struct.pack("=iii", ROOM, 0, -24) + bytes(ROOM - 12)),
        ("negative.db", struct.pack("i", -1) + bytes(ROOM - 4)),
        (DEPARTED, b'{"added": [], "sums": {"a": '),
        (DEPARTED, b"[]"),
        (DEPARTED, b'{"added": 1, "sums": {}}'),
        (DEPARTED, b'{"added": [], "sums": {"a": "x"}}'),
        (DEPARTED, b'{"added": [], "sums": {"a": NaN}}'),
        (DEPARTED, b"\xff\xfe"),
    ],
)
def test_a_torn_or_foreign_file_is_put_aside_and_told(
    folder: Path, name: str, content: bytes, caplog: pytest.LogCaptureFixture
):
    folder.mkdir()
    (folder / name).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        meter = metrics.start(folder)
    try:
        assert [r.file for r in caplog.records if r.getMessage() == "metrics_unreadable"] == [name]
        assert name in metrics.trouble()
        metrics.count(names.IGNORED, "gitlab")
        assert ignored(meter) == 1
        assert f"{name}.broken" in metrics.trouble()
        (folder / f"{name}.broken").unlink()
        meter.collect()
        assert metrics.trouble() == ""
    finally:
        metrics.stop()


def test_a_torn_page_of_a_living_process_is_told_and_the_others_are_shown(meter: Meter, processes: Processes):
    one = processes.start(COUNT.format(10))
    processes.start(COUNT.format(100))
    page = next(path for path in pages(meter._shelf.folder) if f"-{one.pid}-" in path.name)
    page.write_bytes(page.read_bytes()[:-1])
    assert ignored(meter) == 100
    assert page.name in metrics.trouble()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_left_alone(folder: Path, make):
    folder.mkdir()
    make(folder / "odd.db")
    meter = metrics.start(folder)
    metrics.count(names.IGNORED, "gitlab")
    assert ignored(meter) == 1
    metrics.stop()


def test_series_of_other_releases_are_not_shown(folder: Path):
    folder.mkdir()
    sums = {
        json.dumps(["pointsman_gone", "pointsman_gone_total", {}, ""]): 1.0,
        json.dumps([names.IGNORED.name, IGNORED, {"tracker": "gitlab", "more": "x"}, ""]): 1.0,
        json.dumps([names.PLAN_SECONDS.name, "pointsman_plan_seconds_bucket", {"le": "0.777"}, ""]): 1.0,
        json.dumps([names.IGNORED.name, IGNORED, {"tracker": "gitlab"}, ""]): 7.0,
    }
    assert 0.777 not in SHORT
    (folder / DEPARTED).write_text(json.dumps({"added": [], "sums": sums}))
    meter = metrics.start(folder)
    try:
        text = text_of_meter(meter)
        assert ignored(meter) == 7
        assert not [word for word in ("pointsman_gone", "more=", "0.777") if word in text]
    finally:
        metrics.stop()


def test_a_page_that_was_begun_and_never_used_is_removed_after_an_hour(meter: Meter):
    old, fresh = meter._shelf.folder / "old.new", meter._shelf.folder / "fresh.new"
    for path in (old, fresh):
        path.write_bytes(b"")
    then = old.stat().st_mtime - LITTER - 1
    os.utime(old, (then, then))
    meter.collect()
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_process_that_holds_the_folder_for_ever_stops_nobody(
    meter: Meter, processes: Processes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connector.metrics.shelf.PATIENCE", 0.05)
    holds = "import fcntl; f = open(sys.argv[1] + '/lock'); fcntl.flock(f, fcntl.LOCK_EX)"
    holder = processes.start(holds)
    assert meter.collect() == []
    assert "does not come to an end" in metrics.trouble()
    metrics.count(names.IGNORED, "gitlab")
    holder.kill()
    holder.wait()
    assert ignored(meter) == 1
    assert metrics.trouble() == ""
