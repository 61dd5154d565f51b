"""What a plugin that sleeps for ever does to acknowledgements: nothing, for they never wait for a plugin."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from .databases import SQLITE, fresh
from .load import Taken, send_paced
from .service import ROOT, free_port, service
from .webhooks import PROJECT, bodies, requests

Step = Callable[[str], None]
RULES = f"""
version: 1
applies_to: {{gitlab: [{PROJECT}]}}
mode: live
plugins: [priority, guest]
priority:
  signals:
    - {{id: down, when: {{title: {{contains_any: [outage]}}}}, score: 50, because: "Text says: {{hits}}"}}
"""
PLUGIN = '''"""A guest. Version {version}."""
import time

from connector import hookimpl


@hookimpl
def propose(ticket):
    {deed}
    yield from ()
'''
DEEDS = {"quiet plugin": "pass", "sleeping plugin": "time.sleep(3600)"}
EVERY = 0.06


def measure(folder: Path, step: Step, *, rounds: int = 4, count: int = 200, tickets: int = 20) -> dict[str, Any]:
    """For each plugin the acknowledgement's `p50_ms` and `p99_ms`, web and worker in one process; rounds alternate.

    A webhook comes every 60 ms. The plugin's file changes once a second, which lifts the quarantine, so that the
    sleeper is asked, waited for and killed again and again. `failures` counts how often it was.
    """
    taken = {plugin: Taken() for plugin in DEEDS}
    with ExitStack() as stack:
        far = stack.enter_context(_far(tickets))
        ports = {plugin: _start(stack, folder / plugin.partition(" ")[0], plugin, far) for plugin in DEEDS}
        contents = bodies(tickets, project=far["project"])
        for port in ports.values():
            send_paced(port, requests(contents, far["secret"]), EVERY, 10)
        for _ in range(rounds):
            for plugin, port in ports.items():
                taken[plugin] += send_paced(port, requests(contents, far["secret"]), EVERY, count)
                step(plugin)
    return {
        plugin: {
            "p50_ms": one.quantile(0.5) * 1000,
            "p99_ms": one.quantile(0.99) * 1000,
            "refused": one.refused,
            "failures": _failures(folder / plugin.partition(" ")[0]),
        }
        for plugin, one in taken.items()
    }


def steps(rounds: int = 4) -> int:
    """How often `measure` calls `step`."""
    return rounds * len(DEEDS)


@contextmanager
def _far(tickets: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.far", str(tickets)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.communicate()


def _start(stack: ExitStack, folder: Path, plugin: str, far: dict[str, Any]) -> int:
    rules, plugins, port = folder / "rules", folder / "plugins", free_port()
    for made in (rules, plugins):
        made.mkdir(parents=True)
    (rules / "support.yaml").write_text(RULES, encoding="utf-8")
    _change(plugins, plugin, 0)
    env = {
        "DATABASE_URL": stack.enter_context(fresh(SQLITE, folder)),
        "RULES_DIR": str(rules),
        "PLUGINS_DIR": str(plugins),
        "GITLAB_URL": far["url"],
        "GITLAB_TOKEN": far["token"],
        "GITLAB_WEBHOOK_SECRET": far["secret"],
        "RECONCILE_EVERY": "1h",
        "PLUGIN_SECONDS": "0.5",
    }
    stack.enter_context(service(folder, port, env))
    stop = threading.Event()
    changer = threading.Thread(target=_keep_changing, args=(plugins, plugin, stop), daemon=True)
    changer.start()
    stack.callback(changer.join)
    stack.callback(stop.set)
    return port


def _keep_changing(plugins: Path, plugin: str, stop: threading.Event) -> None:
    version = 0
    while not stop.wait(1.0):
        version += 1
        _change(plugins, plugin, version)


def _change(plugins: Path, plugin: str, version: int) -> None:
    """Put the file in its place in one go: half a file would be a plugin with a mistake."""
    fresh_file = plugins / "guest.new"
    fresh_file.write_text(PLUGIN.format(version=version, deed=DEEDS[plugin]), encoding="utf-8")
    fresh_file.replace(plugins / "guest.py")


def _failures(folder: Path) -> int:
    return (folder / "log").read_text(encoding="utf-8", errors="replace").count('"plugin_quarantined"')
