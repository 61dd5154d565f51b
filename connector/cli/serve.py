"""`serve` and `worker`: run the service until SIGTERM or Ctrl-C, then finish what is under way."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import platform
import signal
import threading
from collections.abc import Callable
from typing import Any

from .. import metrics, traces
from ..engine.presence import Presence
from ..engine.reconcile import reconcile_all
from ..engine.services import Services
from ..errors import StoreUnavailable, described
from ..log import start_logging
from ..serve import WebServer
from ..settings import Settings
from .wiring import Wiring

log = logging.getLogger(__name__)
RELOAD_SECONDS = 1.0


def add(commands: Any) -> None:
    serve = commands.add_parser("serve", help="run the service: web, worker, or both")
    serve.add_argument(
        "--role",
        choices=("all", "web", "worker"),
        default="all",
        help="web accepts and shows only, worker works only",
    )
    serve.set_defaults(run=run)
    worker = commands.add_parser("worker", help="the same as `serve --role worker`")
    worker.set_defaults(run=run, role="worker")


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    begin(settings)
    services = wiring.services(settings)
    stop = threading.Event()
    with contextlib.ExitStack() as closing:
        closing.callback(services.store.close)
        closing.callback(services.host.close)
        watch_rules(services, stop, asked.role)
        closing.callback(stop.set)
        if asked.role != "web":
            worker = wiring.worker(services)
            worker.start()
            closing.callback(worker.stop)
            threading.Thread(target=_reconcile, args=(services,), name="reconcile", daemon=True).start()
        if asked.role == "worker":
            _work(services, wiring, stop)
        else:
            _serve(services, wiring)
    log.info("stopped")
    return 0


def begin(settings: Settings) -> None:
    """Start to count, to trace, and the log, with a line about a setting that does not do what its name says."""
    start_logging(settings.log_level)
    metrics.start(settings.data_dir / "metrics")
    traces.start(os.environ)
    if settings.encryption_key:
        log.warning("encryption_without_effect")


def _work(services: Services, wiring: Wiring, stop: threading.Event) -> None:
    """Wait for the end; meanwhile answer health and metrics on a port of their own, where one is set."""
    settings = services.settings
    log.info("working", extra={"threads": settings.workers})
    if not settings.metrics_port:
        _on_signals(stop.set)
        stop.wait()
        return
    server = WebServer(wiring.probe(services), settings.host, settings.metrics_port, body_limit=settings.body_limit)
    _on_signals(server.stop)
    log.info("serving", extra={"host": settings.host, "port": server.port})
    server.run()


def _serve(services: Services, wiring: Wiring) -> None:
    settings = services.settings
    server = WebServer(wiring.web(services), settings.host, settings.port, body_limit=settings.body_limit)
    _on_signals(server.stop)
    print(_welcome(settings, services, server.port), flush=True)
    log.info("serving", extra={"host": settings.host, "port": server.port})
    server.run()


def _reconcile(services: Services) -> None:
    """Once at every start, whenever the period began; what fails now is looked for again by the periodic job."""
    try:
        reconcile_all(services)
    except Exception as error:
        log.warning("job_failed", extra={"job": "reconcile", "error": described(error)})


def _on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def watch_rules(services: Services, stop: threading.Event, role: str = "web") -> None:
    """Pick up changed rule files and plugins once a second; a mistake leaves the last good ones in force.

    The same thread tells the other processes that this one runs, and how plugins do in it.
    """
    presence = Presence(services, role, platform.node(), os.getpid())

    def watch() -> None:
        _tell(presence)
        while not stop.wait(RELOAD_SECONDS):
            try:
                services.rules.refresh(force=services.host.refresh())
            except Exception:
                log.exception("reload_failed")
            _tell(presence)
        with contextlib.suppress(Exception):  # the store may be closed by now; who is silent counts as ended anyway
            presence.leave()

    threading.Thread(target=watch, name="rules", daemon=True).start()


def _tell(presence: Presence) -> None:
    try:
        presence.tell()
    except StoreUnavailable:
        return  # whoever needs the database more tells of it; the next second tries again
    except Exception as error:
        log.warning("job_failed", extra={"job": "presence", "error": described(error)})


def _welcome(settings: Settings, services: Services, port: int) -> str:
    host = "localhost" if settings.host in ("127.0.0.1", "::1", "0.0.0.0", "::") else settings.host  # noqa: S104
    lines = [
        "Pointsman is running. Next:",
        f"  type a ticket and see what becomes of it     http://{host}:{port}/",
        f"  replay a small day of tickets                .venv/bin/pointsman demo --url http://{host}:{port}",
        f"  change the rules, they reload by themselves  {settings.rules_dir / 'desk.yaml'}",
        "  connect GitLab or Jira                       .venv/bin/pointsman setup, docs/setup.md",
    ]
    if problems := services.rules.problems:
        lines += ["", *map(str, problems), f"{len(problems)} problems; no rules are in force until they are mended."]
    return "\n".join(lines)
