"""Checking a connection now, for somebody who waits at a page: never two at once, and the page never waits long."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from enum import StrEnum

from ..errors import StoreUnavailable, described
from .doctor import Patient, keep
from .doctor.examine import examine_connection

PATIENCE = 8.0
"""Seconds for which the page waits; a check that takes longer goes on, and its findings show later."""
ONE_CHECK = 20.0

log = logging.getLogger(__name__)


class Checked(StrEnum):
    """What came of it: all is looked at, it still goes on, nothing could be kept, or there is no such connection."""

    DONE = "done"
    RUNNING = "running"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Checking:
    """The checks of one process. Thread-safe."""

    def __init__(self, patient: Patient, patience: float = PATIENCE, one_check: float = ONE_CHECK) -> None:
        self._patient = patient
        self._patience, self._one_check = patience, one_check
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Thread] = {}
        self._failed: set[str] = set()

    def check(self, name: str) -> Checked:
        """Have the doctor examine the connection `name`, and keep the findings where the pages read them."""
        if name not in self._patient.connections:
            return Checked.UNKNOWN
        with self._lock:
            thread = self._under_way.get(name)
            if thread is None or not thread.is_alive():
                # A daemon: what hangs in a socket must not keep the program from ending.
                thread = threading.Thread(target=self._examine, args=(name,), name=f"check {name}", daemon=True)
                self._under_way[name] = thread
                thread.start()
        thread.join(self._patience)
        if thread.is_alive():
            return Checked.RUNNING
        return Checked.FAILED if name in self._failed else Checked.DONE

    def _examine(self, name: str) -> None:
        patient = self._patient
        connection, store = patient.connections.get(name), patient.store
        if connection is None or store is None:
            return
        hurried = replace(patient, patience=self._one_check)
        try:
            keep(store, name, list(examine_connection(hurried, connection)), patient.clock())
            self._failed.discard(name)
        except StoreUnavailable as error:
            self._failed.add(name)
            log.warning("job_failed", extra={"job": f"check {name}", "error": described(error)})


def nobody(name: str) -> Checked:  # noqa: ARG001
    """The check of a program in which no doctor is at hand."""
    return Checked.UNKNOWN
