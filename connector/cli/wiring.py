"""What the commands need built; `app.py` is the only place that knows how."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import Flask

from ..engine.doctor import Patient
from ..engine.services import Services
from ..notices import Sender
from ..plugins_host import PluginHost
from ..rulebook import Rulebook
from ..settings import Settings
from ..store import Store
from ..trackers import Tracker
from ..trackers.admin import Admin
from ..words import Connection, Words
from ..worker import Worker


@dataclass(frozen=True, slots=True)
class Wiring:
    """`settings()` reads the environment. `store`, `services`, `web`, `probe` and `worker` construct; close what you
    opened. `probe` answers health and metrics alone, for a process without pages.

    `rulebook(settings, folder)` loads rules without touching a database, with the host that knows their
    plugins; it raises `RulesError`; with `assigns=True` the rules may choose people. `tracker(settings, name)`
    gives a connection, or a bare tracker of the kind `name`, for reading only, with its words. `admin` gives the
    administrative side of any connection; `rules_with` loads the rules as if a further connection were there; it
    raises `RulesError`.
    `patient(settings)` opens what of an installation can be opened, to be examined; `with_store=False` leaves the
    database alone. `sender` sends notices.
    """

    settings: Callable[[], Settings]
    store: Callable[[Settings], Store]
    host: Callable[[Settings], PluginHost]
    services: Callable[[Settings], Services]
    web: Callable[[Services], Flask]
    probe: Callable[[Services], Flask]
    worker: Callable[[Services], Worker]
    rulebook: Callable[..., tuple[Rulebook, PluginHost]]
    tracker: Callable[[Settings, str], tuple[Tracker, Words]]
    admin: Callable[[Connection], Admin]
    rules_with: Callable[[Settings, Connection], Rulebook]
    patient: Callable[..., AbstractContextManager[Patient]]
    sender: Callable[[], Sender]
