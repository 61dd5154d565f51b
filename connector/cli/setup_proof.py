"""The proof of a set-up: an event is sent, arrives by the normal door, and a decision is made.

A service that runs already takes it; where none does, one is started for as long as the proof takes.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests

from ..engine.services import Services
from ..engine.setup.proof import Proof, proof_since
from ..engine.setup.remedies import Stop, rejected
from ..engine.setup.steps import Prove
from ..engine.setup.wanted import Wanted
from ..errors import SettingsError, TrackerError
from ..serve import WebServer
from ..settings import Settings
from ..store import Store
from ..trackers.admin import Admin
from .serve import watch_rules
from .terminal import harmless
from .wiring import Wiring

EVERY = 0.1
KNOWS_WITHIN = 15.0
"""Seconds within which a running service has read its changed files."""

Say = Callable[[str], None]


def prove(wiring: Wiring, wanted: Wanted, admin: Admin, step: Prove, secret: str, seconds: int, say: Say) -> bool:
    """Have an event sent and wait for its decision; False, with what to do said, if it does not come in time."""
    settings = wiring.settings()
    store = wiring.store(settings)
    try:
        with _service(wiring, settings, say) as local:
            _knows(local, wanted, admin, secret)
            _reachable(wanted, say)
            return _proven(store, wanted, admin, step, seconds, say)
    except Stop as stop:
        say(f"✗ {stop}")
        return False
    finally:
        store.close()


def await_secret(settings: Settings, wanted: Wanted, admin: Admin, secret: str) -> None:
    """Wait until a service that runs accepts `secret`: what the tracker signs with it must not be refused."""
    if _answers(f"{_local(settings)}/healthz"):
        _knows(_local(settings), wanted, admin, secret)


def _local(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


@contextlib.contextmanager
def _service(wiring: Wiring, settings: Settings, say: Say) -> Iterator[str]:
    """The address of the service here: the one that runs, else one that lives as long as the block."""
    local = _local(settings)
    if _answers(f"{local}/healthz"):
        yield local
        return
    say(f"  no service runs at {local}: one is started for the proof")
    services, stop = wiring.services(settings), threading.Event()
    with contextlib.ExitStack() as closing:
        closing.callback(services.store.close)
        closing.callback(services.host.close)
        if services.rules.problems:
            raise Stop("the rule files have mistakes:\n  " + "\n  ".join(map(str, services.rules.problems)))
        server = _server(wiring, services)
        serving = threading.Thread(target=server.run, name="setup", daemon=True)
        watch_rules(services, stop)
        closing.callback(stop.set)
        worker = wiring.worker(services)
        worker.start()
        closing.callback(worker.stop)
        serving.start()
        closing.callback(serving.join)
        closing.callback(server.stop)
        yield local


def _server(wiring: Wiring, services: Services) -> WebServer:
    settings = services.settings
    try:
        return WebServer(wiring.web(services), settings.host, settings.port, body_limit=settings.body_limit)
    except SettingsError as error:
        raise Stop(f"{error} (POINTSMAN_PORT)") from None


def _knows(local: str, wanted: Wanted, admin: Admin, secret: str) -> None:
    """Wait until the service takes what `secret` proves: a delivery about nothing tells, and leaves no trace."""
    end = time.monotonic() + KNOWS_WITHIN
    while (status := _asked(f"{local}/hooks/{wanted.name}", *admin.sample(secret))) in (0, 401, 404):
        if time.monotonic() > end:
            lacks = (
                f"does not know `{wanted.name}`"
                if status == 404
                else "refuses us: it has another secret, or its list of allowed networks lacks this host"
            )
            raise Stop(
                f"the service at {local} {lacks}: restart it where {wanted.env_file} and {wanted.trackers_file} are, "
                "and run the same again"
            )
        time.sleep(EVERY)


def _reachable(wanted: Wanted, say: Say) -> None:
    if not _answers(f"{wanted.public_url}/healthz"):
        say(f"! {wanted.public_url}/healthz does not answer from here; the tracker may see what we do not")


def _proven(store: Store, wanted: Wanted, admin: Admin, step: Prove, seconds: int, say: Say) -> bool:
    after = store.pulse.newest()
    _have_sent(wanted, admin, step, say)
    ticket = step.issue.ticket if step.issue and step.call else ""
    try:
        found = _waited(lambda: proof_since(store, wanted.name, after, ticket), seconds)
    finally:
        _clear(admin, step)
    if found is None:
        say(
            f"✗ no event came within {seconds} seconds{'' if step.call else ', if something was changed meanwhile'}: "
            f"does {wanted.hook_url} lead here, through every proxy? "
            f"The tracker's page for webhooks tells what it got as an answer."
        )
        return False
    say("✓ the event arrived, and was genuine")
    if not found.done:
        say(f"✗ it was not worked yet{': ' + found.troubled if found.troubled else ''}: `pointsman parked`, doctor")
        return False
    if found.plan is None:
        say(f"✗ nothing was decided about {found.key}: does a rule file apply to it? `pointsman check`")
        return False
    say(harmless(f"✓ the first decision: {found.key} {_told(found.plan)}"))
    say(f"  why: pointsman why {wanted.name} {found.key}, or {_page(wanted, found)}")
    return True


def _have_sent(wanted: Wanted, admin: Admin, step: Prove, say: Say) -> None:
    if step.call is None:
        ask = f"change {step.issue.key}" if step.issue else f"open an issue of {step.project}, or change one,"
        say(f"  now {ask} in the tracker: its event is waited for")
        return
    try:
        admin.send(step.call)
    except TrackerError as error:
        raise Stop(rejected(error, wanted)) from None
    if step.issue:
        say(f"  the tracker was asked for an event. If none comes, change {step.issue.key} there by hand")


def _clear(admin: Admin, step: Prove) -> None:
    """Remove the property; one that is left behind is seen by nobody, and is no reason to fail."""
    if step.undo:
        with contextlib.suppress(TrackerError):
            admin.send(step.undo)


def _waited(ask: Callable[[], Proof | None], seconds: int) -> Proof | None:
    end = time.monotonic() + seconds
    found = ask()
    while not (found and found.done and found.plan) and time.monotonic() < end:
        time.sleep(EVERY)
        found = ask() or found
    return found


def _page(wanted: Wanted, found: Proof) -> str:
    return f"{wanted.public_url}/tickets/{quote(wanted.name)}/{quote(found.key)}"


def _told(plan: Mapping[str, Any]) -> str:
    """What was decided, on one line."""
    decided = [d for d in plan["decisions"] if d["change"] != "SetFact"]
    words = [f"{d['slot']} = {d['value']} ({d['because'] or d['rule']})" for d in decided]
    return f"({plan['mode']}): {'; '.join(words) if words else 'nothing to change'}"


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=3, allow_redirects=False).status_code == 200
    except requests.RequestException:
        return False


def _asked(url: str, headers: Mapping[str, str], body: bytes) -> int:
    try:
        return requests.post(url, data=body, headers=dict(headers), timeout=5, allow_redirects=False).status_code
    except requests.RequestException:
        return 0
