"""Wires everything: the only place where things are constructed. `python app.py serve` runs the service."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

from flask import Flask

from connector.cli import main as command_line
from connector.cli.serve import begin, watch_rules
from connector.cli.wiring import Wiring
from connector.engine.checking import Checking
from connector.engine.clean_up import clean_up
from connector.engine.connected import Connected
from connector.engine.delivery import Deliverer, by_lane
from connector.engine.doctor import EXAMINE_EVERY, Patient, look_after
from connector.engine.reconcile import reconcile_all, start_watermarks
from connector.engine.recount import RECOUNT_EVERY, recount_all
from connector.engine.services import Services
from connector.engine.traced import traced
from connector.engine.weigh import weigh_all
from connector.engine.work import Engine
from connector.env_file import Environment
from connector.errors import PointsmanError, RulesError, SettingsError, StoreUnavailable
from connector.frozen import EMPTY
from connector.notices.apprised import Apprised
from connector.plugins_host import PluginHost
from connector.rulebook import Rulebook, Rules, load
from connector.rulebook.later import ASSIGNS
from connector.settings import Settings, read_settings
from connector.store import Store
from connector.store.pulse import is_there
from connector.trackers import Connection, Tracker
from connector.trackers.admin import Admin
from connector.trackers.gitlab import GitLabTracker
from connector.trackers.gitlab.admin import GitLabAdmin
from connector.trackers.jira import JiraTracker
from connector.trackers.jira.admin import JiraAdmin
from connector.trackers.local import LocalTracker
from connector.trackers.reach import reach
from connector.web import create_probe, create_web
from connector.web.provider import look_at_provider
from connector.words import Words
from connector.worker import Worker

HERE = Path(__file__).resolve().parent
CLEAN_EVERY = timedelta(minutes=10)
LOOK_EVERY = timedelta(minutes=5)
"""At the provider of identities, so that one who cannot be used is known before somebody wants to sign in."""


def clock() -> datetime:
    return datetime.now(UTC)


def environment() -> Environment:
    """The process's environment, and under it `.env` of the working directory."""
    return Environment(os.environ)


def settings() -> Settings:
    return read_settings(environment())


def connections(given: Settings) -> dict[str, Connection]:
    """The default pair, from the settings; one without an address is not connected."""
    found = {}
    if given.gitlab_url:
        found["gitlab"] = Connection(
            "gitlab",
            "gitlab",
            given.gitlab_url,
            given.gitlab_token,
            secrets=given.gitlab_webhook_secret,
            allow_from=given.gitlab_allow_from,
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
            client_secrets=given.jira_client_secret,
            allow_from=given.jira_allow_from,
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
    rules = Rules(given.rules_dir, host, env=environment(), defaults=connections(given), language=given.language)
    store = open_store(given)
    makers: dict[str, Callable[[Connection], Tracker]] = {
        "gitlab": partial(GitLabTracker, clock=clock),
        "jira": partial(JiraTracker, clock=clock),
        "local": lambda connection: LocalTracker(store.issues, name=connection.name, clock=clock),
    }
    trackers: Mapping[str, Tracker] = Connected(makers, lambda: rules.current.connections)
    return Services(given, store, rules, host, trackers, clock)


def patient_of(services: Services) -> Patient:
    """The running service as the doctor sees it."""
    given, store, rules = services.settings, services.store, services.rules
    beside = partial(admin_side, running=services.trackers)
    return Patient(given, store, "", rules, services.host, beside, reach, services.clock)


@contextmanager
def open_patient(given: Settings, *, with_store: bool = True) -> Iterator[Patient]:
    """An installation to examine, with what of it can be opened; nothing is made and nothing is migrated."""
    host = plugin_host(given)
    store, trouble = _store_to_look_at(given) if with_store else (None, "")
    rules = Rules(given.rules_dir, host, env=environment(), defaults=connections(given), language=given.language)
    try:
        yield Patient(given, store, trouble, rules, host, admin_side, reach, clock)
    finally:
        host.close()
        if store is not None:
            store.close()


def _store_to_look_at(given: Settings) -> tuple[Store | None, str]:
    """The store, or why there is none; neither for a database that nobody has made yet."""
    store = None
    try:
        if not is_there(given.database):
            return None, ""
        store = Store.open(given.database, migrate=False)
        store.now()
    except (SettingsError, StoreUnavailable) as error:
        if store is not None:
            store.close()
        return None, str(error)
    return store, ""


def build_worker(services: Services) -> Worker:
    start_watermarks(services)

    periodic: dict[str, tuple[timedelta, Callable[[], Iterable[object] | None]]] = {
        "reconcile": (services.settings.reconcile_every, partial(reconcile_all, services)),
        "sign_in": (LOOK_EVERY, partial(look_at_provider, services)),
        "prune": (CLEAN_EVERY, lambda: clean_up(services, clock())),
        "recount": (RECOUNT_EVERY, lambda: chain(recount_all(services), weigh_all(services))),
        "doctor": (EXAMINE_EVERY, partial(look_after, patient_of(services))),
    }
    handle = by_lane(Engine(services).handle, Deliverer(services, Apprised()).handle)
    return Worker(services.store, traced(services, handle), threads=services.settings.workers, periodic=periodic)


def build_rulebook(given: Settings, folder: Path, assigns: bool = ASSIGNS) -> tuple[Rulebook, PluginHost]:
    host, known = plugin_host(given), connections(given)
    try:
        return load(folder, host, env=environment(), defaults=known, language=given.language, assigns=assigns), host
    except RulesError:
        host.close()
        raise


def rules_with(given: Settings, connection: Connection) -> Rulebook:
    host = plugin_host(given)
    known = {connection.name: connection, **connections(given)}
    try:
        return load(given.rules_dir, host, env=environment(), defaults=known, language=given.language)
    finally:
        host.close()


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


def admin_side(connection: Connection, running: Mapping[str, Tracker] = EMPTY) -> Admin:
    """The administrative side; with that tracker among the `running` ones it shares its limits."""
    beside = running.get(connection.name)
    match connection.kind:
        case "gitlab":
            gate = beside.gate if isinstance(beside, GitLabTracker) else None
            return GitLabAdmin(connection, clock=clock, gate=gate)
        case "jira":
            limits = beside.limits if isinstance(beside, JiraTracker) else None
            return JiraAdmin(connection, clock=clock, limits=limits)
        case _:
            raise PointsmanError(f"`{connection.name}` has no administrative side")


def build_web(services: Services) -> Flask:
    # What is accepted from now on is no history, though the worker should come up later.
    start_watermarks(services)
    return create_web(services, Checking(patient_of(services)).check)


WIRING = Wiring(
    settings=settings,
    store=open_store,
    host=plugin_host,
    services=build_services,
    probe=create_probe,
    web=build_web,
    worker=build_worker,
    rulebook=build_rulebook,
    tracker=reading_tracker,
    admin=admin_side,
    rules_with=rules_with,
    patient=open_patient,
    sender=Apprised,
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
    return build_web(services)


def main() -> int:
    return command_line(sys.argv[1:] or ["serve"], WIRING)


if __name__ == "__main__":
    sys.exit(main())
