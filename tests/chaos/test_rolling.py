"""All processes are replaced one after the other, and some are killed, under load and on a newer schema."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.store import Store, status
from tests.databases import fresh_database, kinds
from tests.engine.line import write_rules
from tests.soak.crowd import Crowd
from tests.soak.postman import Postman
from tests.soak.service import Service
from tests.soak.test_journey import NAMES, PEOPLE, RULES, a_side, settled, wrong

SOAK = float(os.environ.get("SOAK", "0.1"))
TICKETS = max(24, round(300 * SOAK))
PACE = 1.5
SETTLE = float(os.environ.get("SETTLE", "180"))
AHEAD = "r2_01"
FLEETS = {"sqlite": {"webs": 1, "workers": 1}, "postgresql": {"webs": 2, "workers": 2}}


class Roller:
    """While it is entered, replaces one process after the other; instead of every second some other one is killed."""

    def __init__(self, service: Service, seed: int) -> None:
        self._service, self._dice = service, random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.rounds = 0

    def __enter__(self) -> Roller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        turn = 0
        while not self._stop.is_set():
            for index in range(len(self._service)):
                turn += 1
                if turn % 2 == 0:
                    self._service.kill_one(self._dice)
                    self._service.wait_until_ready()
                else:
                    self._service.replace(index)
            self.rounds += 1


def step_ahead(url: str) -> None:
    """What the next release's migration does: a column, a table and an index more, under its name."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE inbox ADD COLUMN later TEXT DEFAULT 'x'",
            "ALTER TABLE ticket ADD COLUMN later TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE effect ADD COLUMN later BIGINT",
            "CREATE TABLE later (id BIGINT PRIMARY KEY)",
            "CREATE INDEX plan_later ON plan (at)",
            f"UPDATE alembic_version SET version_num = '{AHEAD}'",
        ):
            connection.execute(sa.text(statement))
    engine.dispose()


def given_up(url: str) -> int:
    """How many accepted events are parked. Others may have come in since all was worked: reconcile looks again."""
    store = Store.open(url, migrate=False)
    try:
        return store.inbox.count_parked()
    finally:
        store.close()


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ahead", [False, True], ids=["same schema", "schema one step ahead"])
@pytest.mark.parametrize("database", kinds())
def test_replacing_one_process_after_the_other_loses_and_doubles_nothing(
    database: str, ahead: bool, tmp_path: Path
) -> None:
    side = a_side("gitlab")
    rules = write_rules(tmp_path / "rules", {"support.yaml": RULES, "_names.yaml": NAMES, "_people.yaml": PEOPLE})
    for person in ("ann", "bo"):
        side.fake.person(person, name=person.title(), role="agent")
    side.fake.person("customer", name="Customer", role="customer")
    with fresh_database(database, tmp_path) as url, side.fake:
        env = {"POINTSMAN_DATABASE_URL": url, "POINTSMAN_RULES_DIR": str(rules), "POINTSMAN_RECONCILE_EVERY": "5s"}
        service = Service(tmp_path, {**env, **side.env()}, **FLEETS[database])
        postman = Postman(*(f"{one}/hooks/gitlab" for one in service.urls), again=True, seed=1)
        postman.calm = True
        side.fake.hooks = postman
        crowd = Crowd(side.fake, side.project, side.words.__getitem__, seed=3, pace=PACE)
        if ahead:
            step_ahead(url)
        with Roller(service, seed=5) as roller:
            crowd.act(TICKETS)
        left = settled(side, crowd.told, url, SETTLE)
        codes = service.stop()
        parked = given_up(url)
        revision = status(url).revision
    print(f"{database}: {TICKETS} tickets, {roller.rounds} rounds, {service.kills} kills, answers {postman.statuses}")
    assert not left, "\n".join(left[:20]) + "\n" + service.log_text()[-3000:]
    assert not wrong(side, crowd.told)
    assert parked == 0
    assert side.fake.violations == []
    # A worker that was told to end before it had begun to listen ends by the signal itself.
    assert set(codes) <= {0, -signal.SIGTERM}
    assert roller.rounds > 0
    assert service.kills > 0
    assert (revision == AHEAD) is ahead
