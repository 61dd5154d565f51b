"""The folder in which the processes of a host count: a page for each, and the sums of those that are gone.

A page is one file of fixed size in the format of prometheus-client's multiprocess mode. Its process holds a lock on
it as long as it lives; the system drops that at death, however it came. `departed.json` has what the dead counted.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from prometheus_client.mmap_dict import MmapedDict

from .sums import ROOM, Sums, Unreadable, add, keys_of, lasting, read_page

DEPARTED = "departed.json"
LITTER = 3600.0
"""Seconds after which a page that was begun and never used is removed: its process died in between."""
PATIENCE = 3.0
"""For how many seconds we wait for another process that adds up."""

log = logging.getLogger("pointsman.metrics")


class Page:
    """The numbers of one process. Not thread-safe. The disk's room is taken at once: none can be missing later."""

    def __init__(self, folder: Path) -> None:
        host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:60]
        # Never the same name twice: in a container every process has the number 1.
        self.path = folder / f"{host}-{os.getpid()}-{secrets.token_hex(4)}.db"
        begun = self.path.with_suffix(".new")
        try:
            begun.write_bytes(bytes(ROOM))
            self._held = begun.open("rb")
            # Locked before it has its name: a page that nobody holds is a dead one's.
            fcntl.flock(self._held, fcntl.LOCK_SH)
            begun.rename(self.path)
        except OSError:
            begun.unlink(missing_ok=True)
            raise
        self._cells = MmapedDict(str(self.path))  # type: ignore[no-untyped-call]
        self._left = ROOM - 64
        self._known: set[str] = set()

    def add(self, key: str, by: float) -> None:
        """Add to a number; raise `OSError` where the page is full."""
        self._room_for(key)
        value, _ = self._cells.read_value(key)  # type: ignore[no-untyped-call]
        self._cells.write_value(key, value + by, 0.0)  # type: ignore[no-untyped-call]

    def put(self, key: str, value: float) -> None:
        """Set a number."""
        self._room_for(key)
        self._cells.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Let go of the file; what it says stays."""
        self._cells.close()  # type: ignore[no-untyped-call]
        self._held.close()

    def _room_for(self, key: str) -> None:
        if key in self._known:
            return
        size = len(key.encode()) + 32
        if size > self._left:
            raise OSError(errno.ENOSPC, "there are more series than a page has room for")
        self._left -= size
        self._known.add(key)


class Shelf:
    """One folder; safe among processes, and among threads that call it one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def page(self) -> Page:
        """A page for this process, and the folder if it is missing; raise `OSError` where that cannot be."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Page(self.folder)

    def gather(self) -> tuple[Sums, list[str]]:
        """What all count together, the departed included, and the names of files that cannot be read.

        Raise `OSError` where the folder cannot be used.
        """
        with self._alone():
            departed, odd = self._put_away()
            sums = dict(departed)
            for path in self._pages():
                try:
                    add(sums, read_page(path))
                except (OSError, Unreadable):
                    odd.append(path.name)
            odd += [path.name for path in self.folder.glob("*.broken")]
        return sums, sorted(set(odd))

    def _put_away(self) -> tuple[Sums, list[str]]:
        """Add the pages of the dead to the sums of the departed; a kill at any point counts nothing twice."""
        departed, added, odd = self._departed()
        dead = [path for path in self._pages() if _is_dead(path)]
        if dead:
            for path in dead:
                if path.name in added:
                    continue  # Added by somebody who was killed before the page was removed.
                try:
                    add(departed, lasting(read_page(path)))
                except (OSError, Unreadable):
                    odd.append(path.name)
                    _set_aside(path)
            self._keep(departed, [path.name for path in dead])
            for path in dead:
                path.unlink(missing_ok=True)
        for path in self.folder.glob("*.new"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > LITTER:
                    path.unlink()
        return departed, odd

    def _pages(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.db") if path.is_file())

    def _departed(self) -> tuple[Sums, list[str], list[str]]:
        path = self.folder / DEPARTED
        try:
            known = json.loads(path.read_bytes())
            return keys_of(known["sums"]), list(known["added"]), []
        except FileNotFoundError:
            return {}, [], []
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError, Unreadable):
            _set_aside(path)
            return {}, [], [DEPARTED]

    def _keep(self, departed: Sums, added: list[str]) -> None:
        fresh = self.folder / f"{DEPARTED}.new"
        fresh.write_text(json.dumps({"added": added, "sums": departed}), encoding="utf-8")
        fresh.replace(self.folder / DEPARTED)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else adds up inside; the lock ends with the process."""
        with (self.folder / "lock").open("ab") as file:
            _lock(file)
            yield


def _lock(file: IO[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise OSError(errno.EBUSY, "another process does not come to an end with adding up") from None
            time.sleep(0.01)


def _is_dead(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _set_aside(path: Path) -> None:
    log.warning("metrics_unreadable", extra={"file": path.name})
    path.replace(path.with_name(f"{path.name}.broken"))
