"""Built-in plugins run in the service's own process, under the same clock."""

from __future__ import annotations

import os
import threading
import time

import pytest

from connector import SetFact
from connector.errors import PluginError
from connector.plugins_host.clock import Clock
from connector.testing import a_ticket

from .conftest import ask

WELL = "@hookimpl\ndef propose(ticket):\n    yield SetFact('well', ticket.title)"


@pytest.fixture
def clock():
    clock = Clock()
    yield clock
    clock.close()


def test_a_result_and_an_exception_come_through(clock):
    assert clock.within(5, lambda: 7) == 7
    with pytest.raises(KeyError, match="x"):
        clock.within(5, lambda: {}["x"])
    with pytest.raises(SystemExit):
        clock.within(5, lambda: exit(1))
    assert clock.within(5, lambda: None) is None


def test_what_takes_too_long_is_given_up_and_a_loop_in_python_ends(clock):
    ended = threading.Event()

    def loop():
        try:
            while True:
                pass
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        clock.within(0.1, loop)
    assert ended.wait(10)
    assert clock.within(5, lambda: 7) == 7


def test_what_hangs_in_c_keeps_nobody_waiting(clock):
    lock = threading.Lock()
    lock.acquire()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        clock.within(0.1, lock.acquire)
    assert time.monotonic() - started < 5
    lock.release()


def test_a_late_answer_is_never_taken_for_the_next_one(clock):
    release = threading.Event()

    def late():
        release.wait(10)
        return "late"

    with pytest.raises(TimeoutError):
        clock.within(0.05, late)
    release.set()
    assert [clock.within(5, lambda n=n: n) for n in range(50)] == list(range(50))


def test_one_thread_serves_call_after_call(clock):
    idents = {clock.within(5, threading.get_ident) for _ in range(20)}
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_threads_do_not_survive_a_fork_and_are_made_anew(clock):
    clock.within(5, lambda: 1)
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if clock.within(5, lambda: 42) == 42 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(20)"])
def test_a_hanging_built_in_plugin_is_given_up_on_and_the_others_work(write, start, body):
    write(
        "priority",
        f"@hookimpl\ndef propose(ticket):\n    if ticket.title == 'hang':\n        {body}",
        folder="builtin",
    )
    write("routing", WELL, folder="builtin")
    host = start(seconds=0.2)
    for _ in range(3):
        with pytest.raises(PluginError, match=r"priority.propose: took longer than 0.2 s"):
            ask(host, "priority", ticket=a_ticket(title="hang"))
        assert ask(host, "routing", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)
    assert list(host.quarantined()) == ["priority"]


def test_a_single_slow_call_does_not_cost_a_built_in_plugin_its_place(write, start):
    write(
        "priority", WELL + "\n    import time\n    time.sleep(1 if ticket.title == 'slow' else 0)", folder="builtin"
    )
    host = start(seconds=0.2)
    with pytest.raises(PluginError):
        ask(host, "priority", ticket=a_ticket(title="slow"))
    assert ask(host, "priority", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)
    assert host.quarantined() == {}
