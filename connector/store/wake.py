"""Who waits for work learns of it at once: an event inside the process, NOTIFY between processes on PostgreSQL.

A message says only that there may be something; a poll every second is the safety net (and all there is between
processes on SQLite), so a lost one costs a second.
"""

from __future__ import annotations

import logging
import threading
from enum import StrEnum

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database

log = logging.getLogger("pointsman.store")

CHANNEL = "pointsman"
POLL_SECONDS = 1.0
STOP_SECONDS = 0.25


class Topic(StrEnum):
    """What there may be: events to work, or an earlier timer than the one waited for."""

    WORK = "work"
    TIMERS = "timers"


class Wake:
    """One per store. Each topic has one waiter at a time; a call between two waits is not lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._events = {topic: threading.Event() for topic in Topic}
        self._listener: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def call(self, *topics: Topic) -> None:
        """Wake the waiters of this process; call it after the commit."""
        for topic in topics:
            self._events[topic].set()

    def announce(self, connection: Connection, *topics: Topic) -> None:
        """Let the commit of this transaction wake the waiters of other processes."""
        if self._database.is_sqlite:
            return
        for topic in topics:
            connection.execute(sa.select(sa.func.pg_notify(CHANNEL, topic.value)))

    def wait(self, topic: Topic, timeout: float) -> None:
        """Return when there may be something, at the latest after `timeout` seconds or one poll."""
        self._listen()
        self._events[topic].wait(min(timeout, POLL_SECONDS))
        self._events[topic].clear()

    def close(self) -> None:
        self._closed.set()
        self.call(*Topic)
        if self._listener is not None:
            self._listener.join()

    def _listen(self) -> None:
        if self._database.is_sqlite or self._listener is not None:
            return
        with self._lock:
            if self._listener is None and not self._closed.is_set():
                self._listener = threading.Thread(target=self._run, name="store-listener", daemon=True)
                self._listener.start()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._hear()
            except psycopg.Error as error:
                log.warning("listener_lost", extra={"error": type(error).__name__})
                self._closed.wait(POLL_SECONDS)

    def _hear(self) -> None:
        url = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self.call(*Topic)  # whatever was said before we listened
            while not self._closed.is_set():
                for message in connection.notifies(timeout=STOP_SECONDS):
                    self.call(*(topic for topic in Topic if topic.value == message.payload))
