"""Calls a function of our own process under a time limit, and gives up on it when that has passed."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

R = TypeVar("R")


class GivenUp(SystemExit):
    """Raised inside a call that was given up on, so that a loop in Python ends."""


class _Helper:
    """A thread that carries out one call after another."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
        self.thread = Thread(target=_serve, args=(self.calls, self.answers), name="plugin", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.calls.put(None)

    def give_up(self) -> None:
        """Ends a loop in Python; a call that hangs in C keeps its (daemon) thread, which nobody waits for."""
        self.stop()
        if self.thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread.ident), ctypes.py_object(GivenUp))


def _serve(calls: SimpleQueue[Callable[[], Any] | None], answers: SimpleQueue[tuple[bool, Any]]) -> None:
    while (call := calls.get()) is not None:
        try:
            answers.put((True, call()))
        except BaseException as error:
            answers.put((False, error))
        del call  # what it closed over must not live until the next one


class Clock:
    """`within(seconds, call)`: about 20 µs dearer than the call itself, from any number of threads."""

    def __init__(self) -> None:
        self._idle: deque[_Helper] = deque()

    def within(self, seconds: float, call: Callable[[], R]) -> R:
        """What `call` returns or raises; `TimeoutError` when it is not done after `seconds`."""
        helper = self._helper()
        helper.calls.put(call)
        try:
            good, value = helper.answers.get(timeout=seconds)
        except Empty:
            helper.give_up()
            raise TimeoutError from None
        self._idle.append(helper)
        if not good:
            raise value
        result: R = value
        return result

    def close(self) -> None:
        """Let the idle threads end."""
        while self._idle:
            self._idle.pop().stop()

    def _helper(self) -> _Helper:
        """One that is idle, the last used first; threads do not survive a fork, so none of another process."""
        while True:
            try:
                helper = self._idle.pop()
            except IndexError:
                return _Helper()
            if helper.process == os.getpid():
                return helper
