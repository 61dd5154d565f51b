"""The service's end of the plugin process: start it, ask it under a time limit, kill it."""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from time import monotonic
from typing import Any

from ..desk import Desk
from ..frozen import FrozenDict
from .find import Source
from .load import LOAD
from .wire import LARGEST_ANSWER, Closed, Garbled, from_json, receive, send

START_SECONDS = 30.0
"""How long a fresh interpreter may take to say that it is ready."""
KEPT = 64
"""Large values (sections, desks) that the child keeps, so that they are not sent with every call."""

_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]); "
    "from connector.plugins_host.child import main; main(int(sys.argv[1]))"
)


class Died(Exception):
    """The process ended, or answered what cannot be read, while it worked on a call."""


class NotStarted(Exception):
    """No process could be started; that is no plugin's fault."""


class Unsendable(Exception):
    """An argument cannot be pickled, so nothing was sent; that is no plugin's fault either."""


class Undelivered(Exception):
    """The child could not read a call; nor is that a plugin's fault, but a fresh child is needed."""


class TooLate(Exception):
    """No answer came within `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"took longer than {seconds:g} s")


class Process:
    """One child, alive from construction until `kill`. Not thread-safe: its owner asks one thing at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._child = _started(theirs)
        except OSError as error:
            ours.close()
            raise NotStarted(f"the plugin process could not be started: {error.strerror}") from error
        self._sock = ours
        self._owner = os.getpid()
        self._number = 0
        self._sent: OrderedDict[str, None] = OrderedDict()
        self._named: OrderedDict[int, tuple[Any, str, bytes]] = OrderedDict()
        self.loaded: dict[str, Source] = {}
        self.lingering: set[str] = set()
        self._greeted()

    @property
    def ours(self) -> bool:
        """False in a process forked off from the one that started the child."""
        return self._owner == os.getpid()

    @property
    def usable(self) -> bool:
        """Whether the child is ours and still runs."""
        return self.ours and self._child.poll() is None

    def load(self, source: Source, seconds: float) -> Mapping[str, Any]:
        """What the plugin says of itself, or `{"raised": why}`; raises like `ask`."""
        answer = self._exchange((LOAD, source), seconds)
        if "raised" not in answer:
            self.loaded[source.name] = source
        if answer.get("lingers"):
            self.lingering.add(source.name)
        return answer

    def ask(self, name: str, hook: str, arguments: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        """`{"answer": […]}` or `{"raised": why}`; raises `TooLate`, `Died`, `Undelivered` or `Unsendable`."""
        try:
            parcels = {key: self._parcel(value) for key, value in arguments.items()}
        except Exception as error:
            raise Unsendable(f"an argument cannot be sent to the plugin process ({type(error).__name__})") from error
        for parcel in parcels.values():
            if not isinstance(parcel, bytes):
                self._remember(parcel if isinstance(parcel, str) else parcel[0])
        answer = self._exchange(("ask", name, hook, parcels, self._forgotten()), seconds)
        if answer.get("lingers"):
            self.lingering.add(name)
        return answer

    def kill(self) -> None:
        """End the child and whatever it has started; does nothing to a child of another process."""
        with suppress(OSError):
            self._sock.close()
        if not self.ours or self._child.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def _greeted(self) -> None:
        try:
            receive(self._sock, monotonic() + START_SECONDS, LARGEST_ANSWER)
        except (TimeoutError, Closed, Garbled) as error:
            self.kill()
            raise NotStarted("the plugin process did not start") from error

    def _exchange(self, work: tuple[Any, ...], seconds: float) -> Mapping[str, Any]:
        self._number += 1
        deadline = monotonic() + seconds
        try:
            send(self._sock, pickle.dumps((self._number, seconds, work), pickle.HIGHEST_PROTOCOL), deadline)
            while True:
                answer = from_json(receive(self._sock, deadline, LARGEST_ANSWER))
                if answer["number"] == self._number:
                    break
        except TimeoutError as error:
            raise TooLate(seconds) from error
        except Closed as error:
            raise Died(self._last_words()) from error
        except Garbled as error:
            raise Died(f"it sent {error}") from error
        except (LookupError, TypeError) as error:
            raise Died("it sent something that is no answer") from error
        if "failed" in answer:
            raise Undelivered(str(answer["failed"]))
        return FrozenDict(answer)

    def _last_words(self) -> str:
        try:
            code = self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            return "it closed the pipe to the service"
        if code >= 0:
            return f"it ended the process (exit code {code})"
        return f"it crashed the process ({signal.Signals(-code).name})"

    def _parcel(self, value: Any) -> Any:
        """Values that cannot change and are used again travel once, and go by their digest afterwards."""
        if not isinstance(value, FrozenDict | Desk | tuple):
            return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        known = self._named.get(id(value))
        if known is None:
            content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            known = self._named[id(value)] = (value, sha256(content).hexdigest(), content)
        self._named.move_to_end(id(value))
        _, digest, content = known
        return digest if digest in self._sent else (digest, content)

    def _remember(self, digest: str) -> None:
        self._sent[digest] = None
        self._sent.move_to_end(digest)

    def _forgotten(self) -> tuple[str, ...]:
        while len(self._named) > KEPT:
            self._named.popitem(last=False)
        gone = []
        while len(self._sent) > KEPT:
            gone.append(self._sent.popitem(last=False)[0])
        return tuple(gone)


def _started(theirs: socket.socket) -> subprocess.Popen[bytes]:
    path = json.dumps([entry or os.getcwd() for entry in sys.path])  # noqa: PTH109 - as `sys.path` means it
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-I", "-c", _START, str(theirs.fileno()), path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        pass_fds=(theirs.fileno(),),
        start_new_session=True,
    )
