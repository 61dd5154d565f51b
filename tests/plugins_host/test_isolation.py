"""A plugin that misbehaves is named, and nothing else notices."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from connector import SetFact
from connector.errors import PluginError
from connector.frozen import FrozenDict
from connector.testing import a_ticket, an_event

from .conftest import ask

WELL = "@hookimpl\ndef propose(ticket):\n    yield SetFact('well', ticket.title)"

RAISES = {
    "raises": ("raise KeyError('domains')", "bad.py:5 KeyError: 'domains'"),
    "raises on two lines": ("raise ValueError('one\\n\\x1b[31mtwo')", "bad.py:5 ValueError: one [31mtwo"),
    "exits politely": ("import sys; sys.exit(0)", "bad.py:5 SystemExit: 0"),
    "interrupts": ("raise KeyboardInterrupt", "bad.py:5 KeyboardInterrupt"),
    "raises what cannot be shown": (
        "class Odd(Exception):\n        def __str__(self): raise self\n    raise Odd",
        "bad.py:7 Odd",
    ),
    "recurses for ever": ("def f(): return f()\n    f()", "RecursionError"),
    "allocates wildly": ("x = bytearray(1 << 40)", "MemoryError"),
    "reads what is not given": ("input()", "EOFError"),
    "mutates the ticket": ("ticket.title = 'mine'", "FrozenInstanceError: cannot assign to field 'title'"),
    "mutates its rules": ("rules['a'] = 2", "TypeError: this mapping is read-only"),
    "returns a number": ("return 7", "yielded an int, not a change (SetPriority"),
    "returns text": ("return 'urgent'", "yielded a str, not a change"),
    "returns a mapping": ("return {'priority': 'urgent'}", "yielded a dict, not a change"),
    "yields the wrong thing": ("yield object()", "yielded an object, not a change"),
    "yields a class": ("yield SetPriority", "yielded a type, not a change"),
    "yields a draft": ("yield Draft('local', 'desk', 'x')", "yielded a Draft, not a change"),
    "invents a change": (
        "class SetPriorit(SetPriority):\n        slot = 'mine'\n    yield SetPriorit(Priority.LOW)",
        "yielded a SetPriorit, not a change",
    ),
    "yields without end": ("while True: yield SetFact('a', 1)", "yielded more than 200 answers"),
    "yields too many": ("yield from [AddLabel('x')] * 201", "yielded more than 200 answers"),
    "gives a word for a level": ("yield SetPriority('high')", "SetPriority.value must be Priority.NONE or another"),
    "gives a number for a level": ("yield SetPriority(3)", "SetPriority.value must be Priority.NONE or another"),
    "gives no text for a text": ("yield Say(key='a', text=7)", "Say.text must be str, not int"),
    "gives an endless text": ("yield Say(key='a', text='x' * 100_001)", "Say.text is longer than 100,000 characters"),
    "gives an instant without a zone": (
        "import datetime\n    yield WakeAt(datetime.datetime(2026, 1, 1), note='x')",
        "WakeAt.at must say its time zone",
    ),
    "gives a value nobody can store": ("yield SetFact('a', object())", "SetFact.value must be text, a number"),
    "gives bytes": ("yield SetFact('a', b'x')", "SetFact.value must be text, a number"),
    "gives not a number": ("yield SetFact('a', float('nan'))", "SetFact.value must be text, a number"),
    "gives a number too large": ("yield SetFact('a', 1 << 80)", "SetFact.value is a number beyond 64 bits"),
    "nests too deeply": (
        "x = []\n    for _ in range(50): x = [x]\n    yield SetFact('a', x)",
        "SetFact.value is nested more than 8 deep",
    ),
    "nests in itself": ("x = []\n    x.append(x)\n    yield SetFact('a', x)", "SetFact.value is nested more than 8"),
}
CRASHES = {
    "exits the process": ("import os; os._exit(3)", "it ended the process (exit code 3)"),
    "exits as if all were well": ("import os; os._exit(0)", "it ended the process (exit code 0)"),
    "kills itself": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "it crashed the process (SIGKILL)"),
    "follows a null pointer": ("import ctypes; ctypes.string_at(0)", "it crashed the process (SIGSEGV)"),
    "answers by itself": (
        "import os, contextlib\n    for fd in range(3, 64):\n"
        "        with contextlib.suppress(OSError): os.write(fd, b'rubbish' * 99)",
        "it sent an answer of more than",
    ),
    "closes every file": ("import os; os.closerange(3, 64)", "it ended the process"),
}
HANGS = {
    "loops": "while True: pass",
    "sleeps for ever": "import time; time.sleep(1e6)",
    "loops in C": "sum(iter(int, 1))",
    "loops in C without looking up": "9 ** 9 ** 9",
    "waits for itself": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "swallows every exception": (
        "import time\n    while True:\n        try: time.sleep(1)\n        except BaseException: pass"
    ),
    "yields one, then hangs": "yield SetFact('a', 1)\n    while True: pass",
}


def bad(body: str) -> str:
    return f"\n@hookimpl\ndef propose(ticket, rules):\n    {body}"


def _bad_at_line_5(write, body):
    write("bad", bad(body).removeprefix("\n"))


@pytest.mark.parametrize(("body", "cause"), RAISES.values(), ids=RAISES)
def test_a_failure_is_named_and_the_next_plugin_works(write, start, body, cause):
    _bad_at_line_5(write, body)
    write("well", WELL)
    host = start(seconds=5.0)
    rules = FrozenDict(a=1)
    with pytest.raises(PluginError) as failure:
        ask(host, "bad", rules=rules)
    assert cause in failure.value.cause
    assert (failure.value.plugin, failure.value.hook) == ("bad", "propose")
    assert type(failure.value) is PluginError
    assert ask(host, "well", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)
    assert host.quarantined() == {}


@pytest.mark.parametrize(("body", "cause"), CRASHES.values(), ids=CRASHES)
def test_a_crash_quarantines_the_culprit_at_once_and_the_next_plugin_works(write, start, body, cause):
    _bad_at_line_5(write, body)
    write("well", WELL)
    host = start(seconds=5.0)
    with pytest.raises(PluginError) as failure:
        ask(host, "bad")
    assert cause in failure.value.cause
    assert ask(host, "well", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)
    assert list(host.quarantined()) == ["bad"]


@pytest.mark.parametrize("body", HANGS.values(), ids=HANGS)
def test_a_hanging_plugin_costs_its_limit_once(write, start, body):
    _bad_at_line_5(write, body)
    write("well", WELL)
    host = start(seconds=0.5)
    started = time.monotonic()
    with pytest.raises(PluginError, match=r"bad.propose: took longer than 0.5 s"):
        ask(host, "bad")
    assert time.monotonic() - started < 5
    with pytest.raises(PluginError, match=r"quarantined until its file changes: propose: took longer than 0.5 s"):
        ask(host, "bad")
    assert ask(host, "well", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)
    (info, _) = host.info()
    assert info.quarantined == "propose: took longer than 0.5 s"


def test_printing_disturbs_nothing(write, start):
    write(
        "loud",
        """
        import os, sys
        print("at import")

        @hookimpl
        def propose():
            print("rubbish" * 10_000)
            sys.stdout.buffer.write(b"\\x00\\xff" * 10_000)
            sys.stderr.write("more")
            os.write(1, b"and more")
            yield SetFact("said", True)
        """,
    )
    assert ask(start(), "loud") == (SetFact("said", True),)


def test_a_plugin_sees_no_secret_of_the_environment(write, start, monkeypatch):
    monkeypatch.setenv("POINTSMAN_GITLAB_TOKEN", "glpat-secret")
    monkeypatch.setenv("DUTY_URL", "https://user:secret@duty.example")
    write("spy", "import os\n@hookimpl\ndef propose():\n    yield SetFact('env', dict(os.environ))")
    (fact,) = ask(start(), "spy")
    assert "PATH" in fact.value
    assert "secret" not in str(fact.value)


def test_a_plugin_inherits_no_open_file(write, start, tmp_path):
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    write(
        "spy",
        """
        import os

        @hookimpl
        def propose():
            yield SetFact("files", [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                                    if os.path.exists(f"/proc/self/fd/{fd}")])
        """,
    )
    (fact,) = ask(start(), "spy")
    assert all(file == "/dev/null" or file.startswith("socket:") for file in fact.value)
    assert sum(file.startswith("socket:") for file in fact.value) == 1, "its own end of the pipe"
    secret.close()


def test_three_failures_in_a_row_quarantine_and_a_success_between_forgives(write, start):
    write("moody", "@hookimpl\ndef propose(ticket):\n    assert ticket.title == 'good'\n    yield SetFact('a', 1)")
    host, good, poor = start(), a_ticket(title="good"), a_ticket(title="poor")
    for ticket in (poor, poor, good, poor, poor):
        try:
            ask(host, "moody", ticket=ticket)
        except PluginError:
            assert ticket is poor
    assert host.quarantined() == {}
    with pytest.raises(PluginError):
        ask(host, "moody", ticket=poor)
    assert host.quarantined() == {"moody": "propose failed 3 times in a row, last: moody.py:5 AssertionError"}
    with pytest.raises(PluginError, match="quarantined"):
        ask(host, "moody", ticket=good)


def test_a_changed_file_lifts_the_quarantine(write, start):
    write("bad", bad("while True: pass"))
    host = start(seconds=0.5)
    with pytest.raises(PluginError):
        ask(host, "bad")
    assert list(host.quarantined()) == ["bad"]
    write("bad", WELL)
    assert host.refresh()
    assert host.quarantined() == {}
    assert ask(host, "bad", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)


def test_a_call_that_still_hangs_in_the_old_code_is_not_held_against_the_new(write, start, tmp_path):
    hangs = tmp_path / "hangs"
    write("bad", f"@hookimpl\ndef propose(ticket):\n    open({str(hangs)!r}, 'w').close()\n    while True: pass")
    host = start(seconds=2.0)
    failures = []

    def asked():
        with pytest.raises(PluginError) as caught:
            ask(host, "bad")
        failures.append(caught.value.cause)

    asker = threading.Thread(target=asked)
    asker.start()
    while not hangs.exists():
        time.sleep(0.01)
    write("bad", WELL)
    assert host.refresh()
    asker.join(20)
    assert failures
    assert host.quarantined() == {}
    assert ask(host, "bad")


def test_an_unchanged_file_stays_in_quarantine_when_another_changes(write, start):
    write("bad", bad("while True: pass"))
    host = start(seconds=0.5)
    with pytest.raises(PluginError):
        ask(host, "bad")
    write("other", WELL)
    assert host.refresh()
    assert list(host.quarantined()) == ["bad"]


def test_a_thread_left_behind_is_blamed_for_the_crash_it_causes_in_another_plugins_call(write, start):
    write(
        "bomb",
        """
        import os, threading, time

        def later():
            time.sleep(0.3)
            os._exit(9)

        @hookimpl
        def propose():
            threading.Thread(target=later).start()
            yield SetFact("innocent", True)
        """,
    )
    write("well", "import time\n@hookimpl\ndef propose():\n    time.sleep(0.8)\n    yield SetFact('well', 1)")
    host = start(seconds=5.0)
    assert ask(host, "bomb") == (SetFact("innocent", True),)
    assert ask(host, "well") == (SetFact("well", 1),)
    assert host.quarantined() == {
        "bomb": "left a thread running, which disturbed `well`: it ended the process (exit code 9)"
    }


def test_a_process_that_ends_between_two_calls_is_started_anew_and_the_culprit_named(write, start):
    write(
        "bomb",
        """
        import os, threading

        @hookimpl
        def propose(ticket):
            threading.Timer(0.05, os._exit, (9,)).start()
            yield SetFact("pid", os.getpid())
        """,
    )
    write("well", "import os\n@hookimpl\ndef propose():\n    yield SetFact('pid', os.getpid())")
    host = start(seconds=5.0)
    first = ask(host, "bomb")[0].value
    assert gone(first)
    assert ask(host, "well")[0].value != first
    assert "ended the process between two calls" in host.quarantined()["bomb"]


def test_all_drop_ins_share_one_process_that_is_not_ours(write, start):
    for name in ("one", "two"):
        write(name, "import os\n@hookimpl\ndef propose():\n    yield SetFact('pid', os.getpid())")
    write("priority", "import os\n@hookimpl\ndef propose():\n    yield SetFact('pid', os.getpid())", folder="builtin")
    host = start()
    one, two, builtin = (ask(host, name)[0].value for name in ("one", "two", "priority"))
    assert one == two != os.getpid() == builtin


def test_a_grandchild_dies_with_the_plugin_process(write, start):
    write(
        "forks",
        """
        import subprocess, sys

        @hookimpl
        def propose(ticket):
            if ticket.title == "hang":
                while True: pass
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
            yield SetFact("pid", child.pid)
        """,
    )
    host = start(seconds=2.0)
    pid = ask(host, "forks")[0].value
    assert not gone(pid, within=0)
    with pytest.raises(PluginError):
        ask(host, "forks", ticket=a_ticket(title="hang"))
    assert gone(pid)


def test_closing_the_host_ends_its_process(write, start):
    write("well", "import os\n@hookimpl\ndef propose():\n    yield SetFact('pid', os.getpid())")
    host = start()
    pid = ask(host, "well")[0].value
    host.close()
    assert gone(pid)


def test_a_service_that_was_killed_leaves_no_process_behind(write, start, tmp_path):
    write("pid", "import os\n@hookimpl\ndef propose():\n    yield SetFact('pid', os.getpid())")
    program = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from connector.plugins_host import PluginHost\n"
        "from connector.testing import a_desk, a_ticket, an_event\nfrom connector.testing.values import NOW\n"
        "host = PluginHost(Path(sys.argv[1]), Path(sys.argv[2]), entry_points=False)\n"
        "given = dict(event=an_event(), ticket=a_ticket(), desk=a_desk(), rules=None, now=NOW)\n"
        "print(host.propose('pid', **given)[0].value, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folders = [str(tmp_path / "builtin"), str(tmp_path / "extra")]
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program, *folders], capture_output=True, text=True, cwd=root)
    assert gone(int(done.stdout)), done.stderr


def test_many_threads_may_ask_at_once(write, start):
    write("vip", WELL)
    write("priority", WELL, folder="builtin")
    host = start(seconds=20.0)
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(20):
            for name in ("vip", "priority"):
                title = f"{number}/{turn}"
                if ask(host, name, ticket=a_ticket(title=title)) != (SetFact("well", title),):
                    wrong.append(title)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_third_party_plugin_cannot_speak_for_a_person(write, start):
    write("sly", bad("yield SetPriority(Priority.LOW, by='ann')"))
    write("slyer", bad("yield SetFact('released.priority', 'ann')"))
    host = start()
    with pytest.raises(PluginError, match=r"SetPriority.by is for people's commands"):
        ask(host, "sly")
    with pytest.raises(PluginError, match="facts are for people's commands"):
        ask(host, "slyer")


def test_a_check_that_raises_is_shown_to_whoever_edits_the_rules_and_costs_no_strike(write, start):
    write("vip", "@hookimpl\ndef check_rules(rules):\n    rules['domains']\n@hookimpl\ndef propose(): pass")
    host = start()
    for _ in range(4):
        assert host.check_rules("vip", {}) == (
            "plugin `vip` could not check this section: vip.py:5 KeyError: 'domains'",
        )
    assert host.quarantined() == {}


def test_a_plugin_in_quarantine_does_not_keep_rules_from_being_loaded(write, start):
    write("vip", "@hookimpl\ndef check_rules(rules):\n    while True: pass")
    host = start(seconds=0.4)
    assert host.check_rules("vip", {}) == ("plugin `vip` could not check this section: took longer than 0.4 s",)
    assert list(host.quarantined()) == ["vip"]
    assert host.check_rules("vip", {}) == ()


def test_an_argument_that_cannot_travel_is_not_held_against_the_plugin(write, start):
    write("well", WELL.replace("(ticket)", "(ticket, rules)"))
    host = start()
    for _ in range(4):
        with pytest.raises(PluginError, match="an argument cannot be sent to the plugin process"):
            ask(host, "well", rules={"lock": threading.Lock()})
    assert host.quarantined() == {}
    assert ask(host, "well", ticket=a_ticket(title="a")) == (SetFact("well", "a"),)


def test_logs_name_plugin_and_hook_but_no_text(write, start, caplog):
    write("bad", bad("raise ValueError(ticket.title)"))
    host = start()
    with caplog.at_level(logging.INFO), pytest.raises(PluginError):
        ask(host, "bad", ticket=a_ticket(title="My card number is 4111"), event=an_event())
    assert [(r.getMessage(), r.plugin) for r in caplog.records if hasattr(r, "plugin")] == [("plugin_failed", "bad")]
    assert "4111" not in "".join(str(vars(record)) for record in caplog.records)


def gone(pid: int, within: float = 5.0) -> bool:
    """Whether the process ends; a zombie that nobody has collected yet has ended, too."""
    limit = time.monotonic() + within
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        if time.monotonic() >= limit:
            return False
        time.sleep(0.02)
