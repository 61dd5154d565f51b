"""Small plugins, written into folders of their own, and hosts that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from connector.plugins_host import PluginHost
from connector.testing import a_desk, a_ticket, an_event
from connector.testing.values import NOW

Write = Callable[..., Path]

PREFACE = "from connector import *\nfrom connector import hookimpl\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("vip", source)` puts a drop-in into `extra`; `folder="builtin"` into the shipped folder."""
    (tmp_path / "builtin").mkdir()
    (tmp_path / "extra").mkdir()

    def put(name: str, source: str, folder: str = "extra") -> Path:
        path = tmp_path / folder / f"{name}.py"
        path.write_text(PREFACE + dedent(source), encoding="utf-8")
        return path

    return put


@pytest.fixture
def start(tmp_path: Path, write: Write) -> Iterator[Callable[..., PluginHost]]:
    """`start(seconds=…)` makes a host over both folders."""
    hosts: list[PluginHost] = []

    def make(**options: Any) -> PluginHost:
        options = {"seconds": 1.0, "entry_points": False, **options}
        host = PluginHost(tmp_path / "builtin", tmp_path / "extra", **options)
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        host.close()


def ask(host: PluginHost, name: str, **given: Any) -> tuple[Any, ...]:
    """What `name` proposes on an ordinary ticket, or on what is `given`."""
    values = {"event": an_event(), "ticket": a_ticket(), "desk": a_desk(), "rules": None, "now": NOW, **given}
    return host.propose(name, **values)
