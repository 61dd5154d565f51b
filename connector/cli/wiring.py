"""What the commands need built; `app.py` is the only place that knows how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from ..engine.services import Services
from ..plugins_host import PluginHost
from ..rulebook import Rulebook
from ..settings import Settings
from ..store import Store
from ..trackers import Tracker
from ..words import Words
from ..worker import Worker


@dataclass(frozen=True, slots=True)
class Wiring:
    """`settings()` reads the environment. `store`, `services`, `web` and `worker` construct; close what you opened.

    `rulebook(settings, folder)` loads rules without touching a database, with the host that knows their
    plugins; it raises `RulesError`. `tracker(settings, name)` gives a connection, or a bare tracker of the
    kind `name`, for reading only, with its words.
    """

    settings: Callable[[], Settings]
    store: Callable[[Settings], Store]
    host: Callable[[Settings], PluginHost]
    services: Callable[[Settings], Services]
    web: Callable[[Services], Flask]
    worker: Callable[[Services], Worker]
    rulebook: Callable[[Settings, Path], tuple[Rulebook, PluginHost]]
    tracker: Callable[[Settings, str], tuple[Tracker, Words]]
