"""Wires everything: the only place where things are constructed. `python app.py serve` runs the service."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask

from connector.cli import main as command_line
from connector.cli.serve import begin, watch_rules
from connector.cli.wiring import Wiring
from connector.engine.connected import Connected
from connector.engine.notices import forget_notices
from connector.engine.reconcile import reconcile_all, start_watermarks
from connector.engine.services import Services
from connector.engine.work import Engine
from connector.errors import PointsmanError, RulesError
from connector.plugins_host import PluginHost
from connector.rulebook import Rulebook, Rules, load
from connector.settings import Settings, read_settings
from connector.store import Store
from connector.trackers import Connection, Tracker
from connector.trackers.gitlab import GitLabTracker
from connector.trackers.jira import JiraTracker
from connector.trackers.local import LocalTracker
from connector.web import create_web
from connector.words import Words
from connector.worker import Worker

HERE = Path(__file__).resolve().parent
PRUNE_AFTER = timedelta(days=90)
FORGET_AFTER = timedelta(days=400)
"""Delivery ids outlive what was delivered, so that a doubled delivery is known for longer."""
CLEAN_EVERY = timedelta(minutes=10)
MOST_BATCHES = 20
"""In one turn, of 500 events each: up to 60,000 events an hour."""


def clock() -> datetime:
    return datetime.now(UTC)


def settings() -> Settings:
    return read_settings(os.environ)


def connections(given: Settings) -> dict[str, Connection]:
    """The default pair, from the settings; one without an address is not connected."""
    found = {}
    if given.gitlab_url:
        found["gitlab"] = Connection(
            "gitlab", "gitlab", given.gitlab_url, given.gitlab_token, secrets=given.gitlab_webhook_secret
        )
    if given.jira_url:
        found["jira"] = Connection(
            "jira",
            "jira",
            given.jira_url,
            given.jira_token,
            user=given.jira_user,
            secrets=given.jira_webhook_secret,
            flavor=given.jira_flavor,
        )
    return found


def plugin_host(given: Settings) -> PluginHost:
    return PluginHost(HERE / "plugins", given.plugins_dir, seconds=given.plugin_seconds)


def open_store(given: Settings) -> Store:
    given.data_dir.mkdir(parents=True, exist_ok=True)
    return Store.open(given.database)


def build_services(given: Settings) -> Services:
    """Everything but the threads; the rules may be wrong, a tracker out of reach: it starts all the same."""
    host = plugin_host(given)
    rules = Rules(given.rules_dir, host, env=os.environ, defaults=connections(given))
    store = open_store(given)
    makers: dict[str, Callable[[Connection], Tracker]] = {
        "gitlab": partial(GitLabTracker, clock=clock),
        "jira": partial(JiraTracker, clock=clock),
        "local": lambda connection: LocalTracker(store.issues, name=connection.name, clock=clock),
    }
    trackers: Mapping[str, Tracker] = Connected(makers, lambda: rules.current.connections)
    return Services(given, store, rules, host, trackers, clock)


def clean_up(services: Services, now: datetime) -> None:
    """Remove events that were finished long ago, delivery ids that nobody will send again, and stale notices.

    In batches, and not all at once: an end of the process waits for it, and the next turn goes on.
    """
    inbox = services.store.inbox
    for remove in (partial(inbox.prune, now - PRUNE_AFTER), partial(inbox.forget, now - FORGET_AFTER)):
        for _ in range(MOST_BATCHES):
            if not remove():
                break
    forget_notices(services)


def build_worker(services: Services) -> Worker:
    start_watermarks(services)

    periodic: dict[str, tuple[timedelta, Callable[[], None]]] = {
        "reconcile": (services.settings.reconcile_every, partial(reconcile_all, services)),
        "prune": (CLEAN_EVERY, lambda: clean_up(services, clock())),
    }
    return Worker(services.store, Engine(services).handle, threads=services.settings.workers, periodic=periodic)


def build_rulebook(given: Settings, folder: Path) -> tuple[Rulebook, PluginHost]:
    host = plugin_host(given)
    try:
        return load(folder, host, env=os.environ, defaults=connections(given)), host
    except RulesError:
        host.close()
        raise


def reading_tracker(given: Settings, name: str) -> tuple[Tracker, Words]:
    try:
        book, host = build_rulebook(given, given.rules_dir)
    except RulesError:
        book, host = Rulebook(), plugin_host(given)
    host.close()
    connection = book.connections.get(name) or Connection(name, name)
    match connection.kind:
        case "gitlab":
            tracker: Tracker = GitLabTracker(connection, clock=clock)
        case "jira":
            tracker = JiraTracker(connection, clock=clock)
        case _:
            raise PointsmanError(f"no tracker `{name}`: name a connection, or gitlab, or jira")
    return tracker, book.words.get(name, Words())


WIRING = Wiring(
    settings=settings,
    store=open_store,
    host=plugin_host,
    services=build_services,
    web=create_web,
    worker=build_worker,
    rulebook=build_rulebook,
    tracker=reading_tracker,
)


def create_app() -> Flask:
    """The web role for a WSGI server that forks first: `gunicorn 'app:create_app()'`; workers run beside it."""
    given = settings()
    begin(given)
    services = build_services(given)
    atexit.register(services.store.close)
    atexit.register(services.host.close)
    stop = threading.Event()
    watch_rules(services, stop)
    atexit.register(stop.set)
    return create_web(services)


def main() -> int:
    return command_line(sys.argv[1:] or ["serve"], WIRING)


if __name__ == "__main__":
    sys.exit(main())
