"""What travels between the service and the plugin process: length-prefixed frames, pickled down, JSON up.

The child runs code that nobody here has read, so nothing that comes from it is ever unpickled: its
answers are JSON, and only the classes named below are built from them.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from time import monotonic
from typing import Any

from ..changes import CHANGES, Once
from ..frozen import FrozenDict
from ..hooks import Fact, FactType
from ..messages import Draft
from ..model import Audience, Person, Priority

LARGEST_ANSWER = 4_000_000
"""Bytes; 200 changes with a long text each fit, an endless answer does not."""

_LENGTH = struct.Struct("!Q")
_BUILT: Mapping[str, type[Any]] = {cls.__name__: cls for cls in (*CHANGES, Draft, Fact, Person)}
_ENUMS: Mapping[str, type[Enum]] = {cls.__name__: cls for cls in (Priority, Audience, Once, FactType)}


class Closed(Exception):
    """The other end is gone."""


class Garbled(Exception):
    """What came is no frame of ours, or too large."""


def send(sock: socket.socket, body: bytes, deadline: float | None = None) -> None:
    """Write one frame; `deadline` is an instant of `time.monotonic()`. Raises `TimeoutError` or `Closed`."""
    sock.settimeout(_left(deadline))
    try:
        sock.sendall(_LENGTH.pack(len(body)) + body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error


def receive(sock: socket.socket, deadline: float | None = None, largest: int | None = None) -> bytes:
    """Read one frame; raises `TimeoutError`, `Closed` or `Garbled`."""
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size, deadline))
    if largest is not None and length > largest:
        raise Garbled(f"an answer of more than {largest:,} bytes")
    return _exactly(sock, length, deadline)


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        sock.settimeout(_left(deadline))
        try:
            part = sock.recv(min(count - len(parts), 1 << 20))
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        parts += part
    return bytes(parts)


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def to_json(document: Any) -> bytes:
    """JSON of plain data and of the classes above; raises `TypeError` for anything else."""
    return json.dumps(_packed(document), allow_nan=False, separators=(",", ":")).encode()


def from_json(body: bytes) -> Any:
    """The inverse of `to_json`; raises `Garbled` for whatever it did not write."""
    try:
        return _unpacked(json.loads(body))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise Garbled(f"an answer that cannot be read ({type(error).__name__})") from error


def _packed(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"$": type(value).__name__, "v": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return {"$": "at", "v": value.isoformat()}
    if isinstance(value, date):
        return {"$": "day", "v": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$": "span", "v": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, Mapping):
        return {"$": "map", "v": {str(k): _packed(v) for k, v in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(v) for v in value]
    if isinstance(value, set | frozenset):
        return {"$": "set", "v": [_packed(v) for v in value]}
    if is_dataclass(value) and type(value).__name__ in _BUILT:
        return {"$": type(value).__name__, "v": {f.name: _packed(getattr(value, f.name)) for f in fields(value)}}
    raise TypeError(f"{type(value).__name__} does not travel")


_READ: Mapping[str, Callable[[Any], Any]] = {
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "span": lambda v: timedelta(days=v[0], seconds=v[1], microseconds=v[2]),
    "map": lambda v: FrozenDict({str(k): _unpacked(x) for k, x in v.items()}),
    "set": lambda v: frozenset(_unpacked(x) for x in v),
}


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_unpacked(v) for v in value)
    if not isinstance(value, dict):
        return value
    kind, inner = value["$"], value["v"]
    if kind in _READ:
        return _READ[kind](inner)
    if kind in _ENUMS:
        return _ENUMS[kind](inner)
    return _BUILT[kind](**{str(k): _unpacked(v) for k, v in inner.items()})
