"""Every test that takes `store` runs on both databases, each time on an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from connector.store import Store
from connector.store.schema import timer
from tests.databases import fresh_database, kinds

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture(scope="session", params=kinds())
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for the whole run; `url` empties it."""
    with fresh_database(request.param, tmp_path_factory.mktemp("database")) as url:
        Store.open(url).close()
        yield url


@pytest.fixture
def url(database: str) -> str:
    """A migrated database without rows."""
    empty(database)
    return database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    """A store on the fixed clock."""
    store = Store.open(url, migrate=False, clock=clock)
    yield store
    store.close()


def pending(store: Store) -> int:
    """How many timers are set."""
    with store._database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(timer)).scalar_one()


def empty(url: str) -> None:
    """Delete all rows; numbers go on counting."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        tables = set(sa.inspect(connection).get_table_names()) - {"alembic_version", "counter"}
        for table in sorted(tables):
            connection.execute(sa.text(f'DELETE FROM "{table}"'))
    engine.dispose()
