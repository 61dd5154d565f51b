"""The sender: keeps some connections busy for a while and counts what came back. One thread, plain sockets."""

from __future__ import annotations

import math
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

PATIENCE = 30.0
"""How long after the end an answer is still waited for, in seconds."""


def quantile(values: list[float], part: float) -> float:
    """The smallest of `values` that at least `part` of them do not exceed; 0 without values."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)] if values else 0.0


@dataclass
class Taken:
    """What one round gave: `waits` are the seconds until each answer, `seconds` the length of the round."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0

    def __iadd__(self, other: Taken) -> Taken:
        self.seconds += other.seconds
        self.waits += other.waits
        self.refused += other.refused
        return self

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def quantile(self, part: float) -> float:
        """The wait in seconds that `part` of the answers did not exceed; 0 without answers."""
        return quantile(self.waits, part)


@dataclass
class _Line:
    socket: socket.socket
    sent: float = 0.0
    answer: bytes = b""


def send(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Taken:
    """Send for `seconds` over `connections` connections, each with one request under way at a time.

    Answers other than 202 are counted as refused, and do not enter the rate. Raise `TimeoutError` if answers are
    still missing long after the end.
    """
    taken, lines = Taken(), []
    with selectors.DefaultSelector() as ready:
        try:
            for _ in range(connections):
                one = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                lines.append(line := _Line(one))
                ready.register(one, selectors.EVENT_READ, line)
            _run(ready, lines, requests, seconds, taken)
        finally:
            for line in lines:
                line.socket.close()
    return taken


def send_paced(port: int, requests: Iterator[bytes], every: float, count: int) -> Taken:
    """Send `count` requests one after the other, a new one each `every` seconds, or as soon as it can be."""
    taken, start = Taken(), perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = _Line(one)
        for number in range(count):
            time.sleep(max(0.0, start + number * every - perf_counter()))
            _send(line, next(requests))
            while not _answered(line, taken):
                pass
    taken.seconds = perf_counter() - start
    return taken


def _run(
    ready: selectors.BaseSelector, lines: list[_Line], requests: Iterator[bytes], seconds: float, taken: Taken
) -> None:
    start = perf_counter()
    for line in lines:
        _send(line, next(requests))
    open_lines = len(lines)
    while open_lines:
        if perf_counter() > start + seconds + PATIENCE:
            raise TimeoutError(f"{open_lines} answers never came")
        for key, _ in ready.select(1.0):
            if not _answered(key.data, taken):
                continue
            if perf_counter() < start + seconds:
                _send(key.data, next(requests))
            else:
                open_lines -= 1
    taken.seconds = perf_counter() - start


def _send(line: _Line, request: bytes) -> None:
    line.sent, line.answer = perf_counter(), b""
    line.socket.sendall(request)


def _answered(line: _Line, taken: Taken) -> bool:
    """Read what is there; whether the answer is complete. Raise `ConnectionError` if the server hung up."""
    part = line.socket.recv(65536)
    if not part:
        raise ConnectionError("the server closed a connection in the middle")
    line.answer += part
    head, end, body = line.answer.partition(b"\r\n\r\n")
    if not end or len(body) < _length(head):
        return False
    if head.startswith(b"HTTP/1.1 202 "):
        taken.waits.append(perf_counter() - line.sent)
    else:
        taken.refused += 1
    return True


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
