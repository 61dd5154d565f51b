"""Trackers that run on a loopback port and behave as the real ones do, with faults on demand."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.words import Connection

FAULTS = ("ok", "500-before", "500-after", "cut-after", "429", "stall", "401")
Hook = Callable[[dict[str, str], bytes], None]


@dataclass(frozen=True)
class Recorded:
    """One request that a fake tracker received; `body` is parsed JSON or None, header names are lower case."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Faults:
    """What goes wrong with coming requests: a script for the next writes, or chance with given rates.

    `500-before`: nothing is done, 500. `500-after`: done, 500. `cut-after`: done, the connection is
    cut without an answer. `429`: nothing is done, with `Retry-After: 1`. `stall`: nothing is done,
    no answer for `stall_seconds`. `401`: nothing is done, as if the token had been rotated.
    """

    def __init__(self, stall_seconds: float = 2.0) -> None:
        self.stall_seconds = stall_seconds
        self.met: list[str] = []
        self._lock = threading.Lock()
        self._script: list[str] = []
        self._chance: tuple[random.Random, dict[str, float], bool] | None = None

    def script(self, *faults: str) -> None:
        """Apply `faults` to the next write requests, in order."""
        unknown = [fault for fault in faults if fault not in FAULTS]
        if unknown:
            raise ValueError(f"unknown faults: {unknown}")
        with self._lock:
            self._script.extend(faults)

    def random(self, rng: random.Random, rates: Mapping[str, float], writes_only: bool = True) -> None:
        """From now on each request suffers a fault by chance; `rates` maps a fault to its probability."""
        with self._lock:
            self._chance = (rng, dict(rates), writes_only) if rates else None

    def clear(self) -> None:
        with self._lock:
            self._script.clear()
            self._chance = None

    def next(self, write: bool) -> str:
        """The fault for the request at hand, `ok` for none."""
        with self._lock:
            fault = self._take(write)
            if fault != "ok":
                self.met.append(fault)
            return fault

    def _take(self, write: bool) -> str:
        if write and self._script:
            return self._script.pop(0)
        if self._chance is None:
            return "ok"
        rng, rates, writes_only = self._chance
        if writes_only and not write:
            return "ok"
        roll = rng.random()
        for fault, rate in rates.items():
            if roll < rate:
                return fault
            roll -= rate
        return "ok"


class FakeTracker(Protocol):
    """The control interface that all fake trackers share."""

    url: str
    secret: str
    requests: list[Recorded]
    violations: list[str]
    faults: Faults
    hooks: Hook | None

    def connection(self, name: str = ...) -> Connection: ...

    def person(self, account: str, *, name: str = "", role: str = "agent", email: str = "") -> None: ...

    def add(
        self,
        *,
        project: str,
        title: str,
        body: str = "",
        by: str = "",
        labels: Iterable[str] = (),
        priority: str | None = None,
        type: str = ...,
    ) -> str: ...

    def edit(self, ticket: str, by: str, **tracker_fields: Any) -> None: ...

    def comment(self, ticket: str, by: str, text: str, public: bool = True) -> str: ...

    def edit_comment(self, ticket: str, comment: str, by: str, text: str) -> None: ...

    def delete_comment(self, ticket: str, comment: str, by: str) -> None: ...

    def delete(self, ticket: str, by: str) -> None: ...

    def state(self, ticket: str) -> dict[str, Any]: ...

    def writes(self, ticket: str | None = None) -> list[Recorded]: ...

    def close(self) -> None: ...
