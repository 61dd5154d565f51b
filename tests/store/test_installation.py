"""Migrations, faults of the database, and facts about the installation."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from connector.errors import SettingsError, StoreUnavailable
from connector.store import Accepted, Incoming, Store, status, upgrade
from connector.store.database import Database, masked
from connector.store.inbox.accept import Ready
from connector.store.migrations import newest
from connector.store.pulse import is_there
from connector.store.schema import metadata
from tests.databases import fresh_database, kinds

from .conftest import Clock

SOON = 10.0


@pytest.fixture(params=kinds())
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which nothing is."""
    with fresh_database(request.param, tmp_path) as url:
        yield url


def incoming(delivery: str) -> Incoming:
    return Incoming("t", delivery, "t:1", "updated", {"title": "x"})


def test_the_migrations_arrive_at_the_schema(new: str) -> None:
    Store.open(new).close()
    engine = sa.create_engine(new)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_processes_that_start_together_migrate_once(new: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: Store.open(new), range(4)))
    assert not stores[0].inbox.accept(incoming("a")).duplicate
    assert stores[3].inbox.accept(incoming("a")).duplicate
    for store in stores:
        store.close()


def test_status_shows_revision_and_rows_and_upgrade_makes_them(new: str) -> None:
    assert (status(new).revision, status(new).rows) == (None, ())
    assert upgrade(new) == newest()
    shown = status(new)
    assert (shown.revision, dict(shown.rows)["inbox"]) == (newest(), 0)


def stamp(url: str, revision: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
        connection.execute(sa.text("ALTER TABLE inbox ADD COLUMN later TEXT DEFAULT 'x'"))
    engine.dispose()


def test_a_schema_one_release_ahead_is_worked_with_and_left_alone(new: str) -> None:
    Store.open(new).close()
    stamp(new, "r2_07")
    store = Store.open(new)
    assert not store.inbox.accept(incoming("a")).duplicate
    (lane,) = store.inbox.claim("ann", 1)
    assert len(store.inbox.waiting(lane)) == 1
    store.close()
    assert status(new).revision == "r2_07"


@pytest.mark.parametrize("revision", ["r3_01", "abc"])
def test_a_schema_further_ahead_is_refused_with_a_remedy(new: str, revision: str) -> None:
    Store.open(new).close()
    stamp(new, revision)
    with pytest.raises(SettingsError, match="schema"):
        Store.open(new)


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("nonsense", "sqlite:///"),
        ("postgresql+psycopg://me:secret@db.example:port/x", "DATABASE_URL is no URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://u:secret@h/db", "`mysql` is not supported"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str, remedy: str) -> None:
    with pytest.raises(SettingsError, match=remedy) as refused:
        Store.open(url)
    assert "secret" not in str(refused.value)


def test_passwords_are_masked() -> None:
    assert masked("postgresql+psycopg://u:geheim@h/db") == "postgresql+psycopg://u:***@h/db"
    assert "geheim" not in masked("postgresql+psycopg://u@h/db?password=geheim")


def test_a_server_that_does_not_answer_is_no_crash() -> None:
    with pytest.raises(StoreUnavailable):
        Store.open("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_the_database_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "new.db"
    store = Store.open(f"sqlite:///{file}")
    store.inbox.accept(incoming("a"))
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    store.close()


def test_a_file_that_is_no_database_is_told_and_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(b"something else entirely" * 100)
    with pytest.raises(StoreUnavailable, match="file is not a database: restore a backup, or name another file"):
        Store.open(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        status(f"sqlite:///{file}")


def test_whether_an_address_that_is_none_leads_anywhere_is_left_to_the_store() -> None:
    assert is_there("postgresql+psycopg://me@db.example:port/x")


def test_sqlite_is_as_durable_as_it_can_be(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.read() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]
    database.close()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_locked_database_accepts_nothing_and_recovers(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    store = Store.open(f"sqlite:///{file}?timeout=0.2")
    with locked(file):
        with pytest.raises(StoreUnavailable, match="locked"):
            store.inbox.accept(incoming("a"))
        with pytest.raises(StoreUnavailable):
            store.ping()
    store.ping()
    assert store.inbox.depth().waiting == 0
    assert not store.inbox.accept(incoming("a")).duplicate
    store.close()


def test_a_full_disk_leaves_nothing_half_stored(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'x.db'}")

    @sa.event.listens_for(store._database.engine, "begin")
    def little_room(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreUnavailable, match="full"):
        store.inbox.accept(Incoming("t", "a", "t:1", "updated", {}, body=bytes(2**20)))
    with store._database.read() as connection:
        for table in ("inbox", "payload", "seen", "lane"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    store.close()


def test_an_accept_that_takes_too_long_is_unavailable_and_later_a_duplicate_at_most(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    store = Store.open(f"sqlite:///{file}")
    with locked(file), pytest.raises(StoreUnavailable, match="in time"):
        store.inbox.accept(incoming("a"), timeout=0.1)
    store.inbox.accept(incoming("a"))
    assert store.inbox.depth().waiting == 1
    store.close()


def test_events_that_queue_up_share_one_commit(url: str) -> None:
    store = Store.open(url, migrate=False)
    commits: list[int] = []
    sa.event.listen(store._database.engine, "commit", lambda _: commits.append(1))
    gate = threading.Event()
    writer = store.inbox._writer
    original = writer._store
    taken: list[int] = []

    def gated(batch: Sequence[Ready]) -> list[Accepted]:
        taken.append(len(batch))
        assert gate.wait(SOON)
        return original(batch)

    writer._store = gated
    deadline = time.monotonic() + SOON
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(store.inbox.accept, incoming(str(n))) for n in range(40)]
        while sum(taken) + len(writer._jobs) < 40 and time.monotonic() < deadline:
            time.sleep(0.001)
        gate.set()
        ids = {future.result().id for future in waiting}
    assert len(ids) == 40
    assert len(commits) == len(taken) == 2
    store.close()


def test_one_event_that_cannot_be_stored_does_not_keep_its_neighbours_out(store: Store) -> None:
    original = store.inbox._writer._store

    def picky(batch: list[object]) -> object:
        if any(one.delivery == "bad" for one in batch):  # type: ignore[attr-defined]
            raise TypeError("bad")
        return original(batch)  # type: ignore[arg-type]

    store.inbox._writer._store = picky  # type: ignore[assignment]
    with ThreadPoolExecutor(9) as pool:
        waiting = {name: pool.submit(store.inbox.accept, incoming(name)) for name in ("a", "bad", "b", "c")}
    assert isinstance(waiting["bad"].exception(), StoreUnavailable)
    assert [waiting[name].result().duplicate for name in ("a", "b", "c")] == [False] * 3


def test_too_many_waiting_events_are_turned_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.store.inbox.writer.QUEUE_ROWS", 0)
    with pytest.raises(StoreUnavailable, match="too many"):
        store.inbox.accept(incoming("a"))


def test_a_closed_store_can_be_closed_again(url: str) -> None:
    store = Store.open(url, migrate=False)
    store.inbox.accept(incoming("a"))
    store.close()
    store.close()


def test_what_is_stored_first_under_a_name_stays(store: Store) -> None:
    assert store.meta.get("watermark") is None
    assert store.meta.set_default("watermark", "1") == "1"
    assert store.meta.set_default("watermark", "2") == "1"
    store.meta.set("watermark", "3")
    assert store.meta.get("watermark") == "3"


def test_a_period_belongs_to_one_caller(store: Store, clock: Clock) -> None:
    minute = timedelta(minutes=1)
    assert [store.periodic.claim("sweep", minute) for _ in range(3)] == [True, False, False]
    clock.forward(59)
    assert not store.periodic.claim("sweep", minute)
    clock.forward(1)
    assert [store.periodic.claim("sweep", minute) for _ in range(2)] == [True, False]
    assert store.periodic.claim("other", minute)


@pytest.mark.postgres
def test_an_event_accepted_by_one_process_wakes_another(tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path) as url:
        ours, theirs = Store.open(url), Store.open(url)
        ours.inbox.wait(1)  # begins to listen
        ours.inbox.wait(1)
        waits = []
        for n in range(3):
            time.sleep(0.1)
            began = time.monotonic()
            theirs.inbox.accept(incoming(str(n)))
            ours.inbox.wait(1)
            waits.append(time.monotonic() - began)
        assert min(waits) < 0.8
        ours.close()
        theirs.close()
