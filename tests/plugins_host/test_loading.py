"""Plugins that cannot be loaded say where and why; files are picked up while the host runs."""

from __future__ import annotations

import sys

import pytest

from connector.errors import PluginError

from .conftest import ask

GOOD = "@hookimpl\ndef propose():\n    yield SetFact('version', {})"
PROBLEMS = [
    ("x = (", "vip.py:3 SyntaxError"),
    ("import no_such_module_at_all", "vip.py:3 ModuleNotFoundError: No module named 'no_such_module_at_all'"),
    ("1 / 0", "vip.py:3 ZeroDivisionError"),
    ("raise SystemExit(3)", "vip.py:3 SystemExit: 3"),
    ("x = 1", "it implements no hook: write one of check_rules, facts, enrich, propose"),
    ("def propose(ticket): pass", "`propose` is not marked as a hook: put @hookimpl"),
    ("@hookimpl\ndef propse(ticket): pass", "vip.py:3 there is no hook `propse` (did you mean `propose`?)"),
    (
        "@hookimpl\ndef propose(tiket): pass",
        "vip.py:3 `propose` asks for `tiket`, which it is not given (did you mean",
    ),
    ("@hookimpl\ndef facts(ticket): pass", "it may ask for nothing"),
    ("@hookimpl\nasync def propose(ticket): pass", "`propose` is async: write a plain function"),
    ("@hookimpl(wrapper=True)\ndef propose(ticket): return (yield)", "`propose` is a wrapper"),
    ("@hookimpl\ndef facts(): yield 'tier'\n", "yielded a str, not a Fact"),
    ("@hookimpl\ndef facts(): raise KeyError('tier')\n", "vip.py:4 KeyError: 'tier'"),
    ("import os; os._exit(7)", "it ended the process (exit code 7)"),
]


@pytest.mark.parametrize(("source", "problem"), PROBLEMS, ids=[p for _, p in PROBLEMS])
def test_a_plugin_that_cannot_be_loaded_says_where_and_why(write, start, source, problem):
    write("vip", source)
    write("other", GOOD.format(1))
    host = start()
    assert problem in (host.problem("vip") or "")
    with pytest.raises(PluginError, match="could not be loaded"):
        ask(host, "vip")
    assert ask(host, "other")[0].value == 1
    assert host.problem("other") is None


def test_a_built_in_plugin_that_cannot_be_loaded_is_no_more_fatal(write, start):
    write("priority", "1 / 0", folder="builtin")
    assert start().problem("priority") == "priority.py:3 ZeroDivisionError: division by zero"


def test_an_import_that_never_ends_is_a_problem_and_the_others_go_on(write, start):
    write("slow", "while True: pass")
    write("vip", GOOD.format(1))
    host = start(seconds=0.4)
    assert host.problem("slow") == "took longer than 2 s"
    assert "load" in host.quarantined()["slow"]
    assert ask(host, "vip")[0].value == 1


@pytest.mark.parametrize("name", ["my-plugin", "Vip", "mode", "lists", "2nd"])
def test_a_name_that_no_rule_file_can_use_is_a_problem(write, start, name):
    write(name, GOOD.format(1))
    assert "rename it" in (start().problem(name) or "") or "cannot stand in a rule file" in (
        start().problem(name) or ""
    )


def test_files_that_are_no_plugins_are_left_out(write, start, tmp_path):
    write("_shared", "1 / 0")
    write(".hidden", "1 / 0")
    (tmp_path / "extra" / "notes.txt").write_text("no plugin")
    (tmp_path / "extra" / "vip").mkdir()
    assert start().names() == frozenset()


def test_what_is_no_regular_file_or_too_large_is_a_problem_and_never_read(write, start, tmp_path):
    import os

    os.mkfifo(tmp_path / "extra" / "pipe.py")
    write("large", "#" * 1_000_001)
    (tmp_path / "extra" / "broken.py").symlink_to(tmp_path / "nowhere")
    host = start()
    assert "not a regular file" in (host.problem("pipe") or "")
    assert "larger than" in (host.problem("large") or "")
    assert "cannot be read" in (host.problem("broken") or "")
    (tmp_path / "nowhere").write_text("from connector import hookimpl\n@hookimpl\ndef propose(): pass")
    assert host.refresh()
    assert host.problem("broken") is None


def test_the_same_name_twice_is_a_problem_and_the_first_goes_on(write, start):
    first = write("vip", GOOD.format(1), folder="builtin")
    host = start()
    second = write("vip", GOOD.format(2))
    assert host.refresh()
    assert host.problem("vip") == f"`vip` is there twice: {first} and {second}; rename or remove one"
    assert [info.path for info in host.info()] == [str(first), str(second)]
    assert ask(host, "vip")[0].value == 1
    second.unlink()
    assert host.refresh()
    assert host.problem("vip") is None


def test_one_folder_given_twice_is_read_once(write, tmp_path):
    from connector.plugins_host import PluginHost

    write("vip", GOOD.format(1), folder="builtin")
    host = PluginHost(tmp_path / "builtin", tmp_path / "builtin", entry_points=False)
    assert host.problem("vip") is None
    host.close()


def test_drop_ins_come_change_and_go_without_a_restart(write, start):
    host = start()
    assert not host.refresh()

    path = write("vip", GOOD.format(1))
    assert host.refresh()
    assert ask(host, "vip")[0].value == 1
    assert not host.refresh()

    before = host.digest("vip")
    write("vip", GOOD.format(2))
    assert host.refresh()
    assert ask(host, "vip")[0].value == 2
    assert host.digest("vip") != before

    path.unlink()
    assert host.refresh()
    assert host.names() == frozenset()


def test_a_built_in_plugin_is_picked_up_too(write, start):
    write("priority", GOOD.format(1), folder="builtin")
    host = start()
    write("priority", GOOD.format(2), folder="builtin")
    assert host.refresh()
    assert ask(host, "priority")[0].value == 2


def test_a_file_that_was_only_touched_is_not_loaded_again(write, start):
    path = write("vip", GOOD.format(1))
    host = start()
    path.touch()
    assert not host.refresh()


def test_a_repaired_file_loses_its_problem(write, start):
    write("vip", "1 / 0")
    host = start()
    assert host.problem("vip")
    write("vip", GOOD.format(1))
    host.refresh()
    assert host.problem("vip") is None
    assert ask(host, "vip")[0].value == 1


def test_no_byte_code_is_left_behind(write, start, tmp_path):
    write("vip", GOOD.format(1))
    write("priority", GOOD.format(1), folder="builtin")
    host = start()
    ask(host, "vip")
    ask(host, "priority")
    assert not list(tmp_path.rglob("*.pyc"))


def test_an_installed_package_offers_plugins_by_entry_point(tmp_path, write, start, monkeypatch):
    site = tmp_path / "site"
    info = site / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[pointsman]\nacme = acme_desk.plugin\n"
        "acme_object = acme_desk:Plugin\nlost = acme_desk.lost\nvip = acme_desk.x\n"
    )
    package = site / "acme_desk"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from connector import hookimpl, SetFact\n"
        "class Plugin:\n    'As a class.'\n    @staticmethod\n    @hookimpl\n"
        "    def propose(ticket):\n        yield SetFact('by', 'class')\n"
    )
    (package / "plugin.py").write_text(
        "'''As a module.'''\nfrom connector import hookimpl, SetFact\nfrom . import Plugin\n"
        "@hookimpl\ndef propose(ticket):\n    yield SetFact('by', Plugin.__name__)\n"
    )
    monkeypatch.syspath_prepend(str(site))
    write("vip", GOOD.format(1))
    host = start(entry_points=True)
    infos = {i.name: i for i in host.info() if i.path != "acme_desk.x"}
    assert infos["acme"].origin == "entry point"
    assert infos["acme"].help == "As a module."
    assert infos["acme"].path == str(package / "plugin.py")
    assert len(infos["acme"].digest) == 64
    assert ask(host, "acme")[0].value == "Plugin"
    assert ask(host, "acme_object")[0].value == "class"
    assert "No module named 'acme_desk.lost'" in (host.problem("lost") or "")
    assert "is there twice" in (host.problem("vip") or "")
    assert "acme_desk" not in sys.modules, "third-party code must not be imported into the service"
