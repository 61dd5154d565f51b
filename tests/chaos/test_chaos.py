"""Processes are killed at random; afterwards every acknowledged event was worked once, in order, with one effect."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.store import Store
from tests.databases import fresh_database, kinds

from .desk import FarEnd
from .process import LEASE

SOAK = float(os.environ.get("SOAK", "0.1"))
TICKETS = 12
PROCESSES = 2
EVENTS = max(240, int(2400 * SOAK))
BLOWS = max(6, int(40 * SOAK))
PATIENCE = 60 + 600 * SOAK


class Victims:
    """Processes of one kind, each killed and begun again at will; only those begun here are ever touched."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._seed = 0
        self.running: list[subprocess.Popen[bytes]] = []

    def begin(self, *more: str) -> None:
        self._seed += 1
        command = [sys.executable, "-m", "tests.chaos.process", *self._arguments, *(more or (str(self._seed),))]
        self.running.append(subprocess.Popen(command))

    def kill(self, which: int) -> None:
        victim = self.running.pop(which)
        victim.kill()
        victim.wait()

    def stun(self, which: int, seconds: float) -> None:
        victim = self.running[which]
        victim.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        victim.send_signal(signal.SIGCONT)

    def ended(self) -> bool:
        return all(process.poll() == 0 for process in self.running)

    def kill_all(self) -> None:
        while self.running:
            self.kill(0)


@contextmanager
def victims(*arguments: str) -> Iterator[Victims]:
    some = Victims(*arguments)
    try:
        yield some
    finally:
        some.kill_all()


def rage(workers: Victims, feeder: Victims, store: Store, journal: Path) -> Counter[str]:
    """Kill and stun in the middle of work until it was enough and all work is done; how often each."""
    dice = random.Random(7)
    blows: Counter[str] = Counter()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if blows.total() < BLOWS:
            progress(journal, dice.randrange(1, 2 * EVENTS // BLOWS))
            blows[strike(workers, feeder, dice)] += 1
            continue
        time.sleep(0.1)
        if feeder.ended() and store.inbox.depth().waiting == 0:
            return blows
    pytest.fail(f"not done in {PATIENCE:.0f} s: {store.inbox.depth().waiting} events wait")


def strike(workers: Victims, feeder: Victims, dice: random.Random) -> str:
    fate = dice.random()
    if fate < 0.25 and not feeder.ended():
        feeder.kill(0)
        feeder.begin(str(EVENTS), str(TICKETS))
        return "feeders killed"
    which = dice.randrange(len(workers.running))
    if fate < 0.4:
        # Longer than its lease, so that it comes back as a loser.
        workers.stun(which, LEASE + 1)
        return "workers stunned"
    workers.kill(which)
    workers.begin()
    return "workers killed"


def progress(journal: Path, lines: int) -> None:
    """Wait until that many further events were begun, or nothing happens any more."""
    seen = began(journal)
    deadline = time.monotonic() + 2 * LEASE
    while began(journal) < seen + lines and time.monotonic() < deadline:
        time.sleep(0.005)


def began(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.mark.soak
@pytest.mark.timeout(PATIENCE + 60)
@pytest.mark.parametrize("kind", kinds())
def test_killing_processes_loses_doubles_and_reorders_nothing(kind: str, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    with fresh_database(kind, tmp_path) as url:
        store = Store.open(url)
        with victims("work", url, str(tmp_path)) as workers, victims("feed", url, str(tmp_path)) as feeder:
            feeder.begin(str(EVENTS), str(TICKETS))
            for _ in range(PROCESSES):
                workers.begin()
            blows = rage(workers, feeder, store, tmp_path / "journal")
        check(store, tmp_path)
        runs = began(tmp_path / "journal")
        store.close()
    print(f"{kind}: {EVENTS} events, {dict(blows)}, {runs - EVENTS} runs again")


def check(store: Store, folder: Path) -> None:
    with store._database.read() as connection:
        finished = [
            row.detail
            for row in connection.execute(sa.text("SELECT detail FROM audit WHERE what='finished' ORDER BY id"))
        ]
        effects = Counter(row.state for row in connection.execute(sa.text("SELECT state FROM effect")))
        plans = Counter(row.state for row in connection.execute(sa.text("SELECT state FROM plan")))
        lanes = connection.execute(sa.text("SELECT count(*) FROM lane")).scalar_one()
    acknowledged = {int(n) for file in folder.glob("acknowledged.*") for n in file.read_text().split()}
    assert acknowledged == set(range(EVENTS))
    assert len(finished) == len(set(finished)) == EVENTS
    assert (effects, plans, lanes) == ({"done": EVENTS}, {"done": EVENTS}, 0)
    for ticket in range(TICKETS):
        key = f"t:{ticket}"
        expected = [f"{n:06}" for n in range(EVENTS) if n % TICKETS == ticket]
        assert FarEnd(folder / "far").comments(key) == [f"{key}/{n}" for n in expected]
        assert [line for line in finished if f'"{key}"' in line] == [
            f'{{"lane":"{key}","delivery":"{n}"}}' for n in expected
        ]
        assert store.plans.chain_holds("t", key)
    assert store.inbox.parked() == []
