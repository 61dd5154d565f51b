"""The trackers that today's rule files and settings connect us to, made when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from ..trackers import Connection, Tracker


class Connected(Mapping[str, Tracker]):
    """Connection name → tracker; a connection whose address or secrets changed gets a new tracker."""

    def __init__(
        self,
        makers: Mapping[str, Callable[[Connection], Tracker]],
        connections: Callable[[], Mapping[str, Connection]],
    ) -> None:
        self._makers = makers
        self._connections = connections
        self._made: dict[str, tuple[Connection, Tracker]] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Tracker:
        connection = self._connections()[name]
        with self._lock:
            made = self._made.get(name)
            if made is None or made[0] != connection:
                made = self._made[name] = (connection, self._makers[connection.kind](connection))
        return made[1]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._connections()))

    def __len__(self) -> int:
        return len(self._connections())
