"""The process in which third-party plugins run. It has no secret, no client, and nothing to print on.

Requests come pickled from the service, answers go back as JSON. One request at a time. An alarm, set
by the kernel's clock, ends a process whose service has died while a plugin was hanging.
"""

from __future__ import annotations

import pickle
import resource
import signal
import socket
import threading
from typing import Any

from ..errors import PluginError
from ..frozen import EMPTY
from .ask import ask
from .find import Source
from .load import LOAD, Loaded, load
from .wire import Closed, receive, send, to_json

MEMORY = 2 << 30
"""Bytes of address space."""
SPARE = 5.0
"""Seconds after the limit at which the alarm rings; the service kills long before."""


def main(descriptor: int) -> None:
    """Answer requests until the service closes its end."""
    _limit()
    with socket.socket(fileno=descriptor) as sock:
        send(sock, to_json({"ready": True}))
        room = _Room()
        while True:
            try:
                body = receive(sock)
            except Closed:
                return
            send(sock, room.answer(body))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 - when memory runs out, not the service
            file.write("1000")
    except OSError:
        return


class _Room:
    """The plugins that were loaded, and the large values that were sent once and are named since."""

    def __init__(self) -> None:
        self.plugins: dict[str, Loaded] = {}
        self.parcels: dict[str, Any] = {}

    def answer(self, body: bytes) -> bytes:
        number = 0
        try:
            number, seconds, work = pickle.loads(body)  # noqa: S301 - it comes from the service
            signal.setitimer(signal.ITIMER_REAL, seconds + SPARE)
            before = threading.active_count()
            answer = self._work(*work)
            answer["lingers"] = threading.active_count() > before
            return to_json({"number": number, **answer})
        except BaseException as error:
            return to_json({"number": number, "failed": f"{type(error).__name__} while reading the call"})
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _work(self, what: str, *details: Any) -> dict[str, Any]:
        try:
            return self._load(*details) if what == LOAD else self._ask(*details)
        except PluginError as error:
            return {"raised": error.cause}

    def _load(self, source: Source) -> dict[str, Any]:
        self.plugins.pop(source.name, None)
        plugin = load(source)
        facts = ask(plugin, "facts", EMPTY)
        self.plugins[source.name] = plugin
        told = {hook: sorted(wants) for hook, wants in plugin.wants.items()}
        return {"help": plugin.help, "path": plugin.path, "digest": plugin.digest, "wants": told, "facts": facts}

    def _ask(
        self, name: str, hook: str, arguments: dict[str, bytes | str], forget: tuple[str, ...]
    ) -> dict[str, Any]:
        """An argument is pickled bytes, or the name of one sent before; `(name, bytes)` sends and names it."""
        for digest in forget:
            self.parcels.pop(digest, None)
        values = {argument: self._opened(parcel) for argument, parcel in arguments.items()}
        return {"answer": ask(self.plugins[name], hook, values)}

    def _opened(self, parcel: Any) -> Any:
        match parcel:
            case str():
                return self.parcels[parcel]
            case bytes():
                return pickle.loads(parcel)  # noqa: S301 - it comes from the service
            case digest, content:
                value = self.parcels[digest] = pickle.loads(content)  # noqa: S301 - likewise
                return value
