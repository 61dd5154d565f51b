"""`plugins`: which there are, where they come from, how they do, and their own help."""

from __future__ import annotations

import argparse
import difflib
import sys
from typing import Any

from .wiring import Wiring


def add(commands: Any) -> None:
    plugins = commands.add_parser("plugins", help="list the plugins, or show the help of one")
    plugins.add_argument("name", nargs="?", help="the plugin whose help to show")
    plugins.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    host = wiring.host(wiring.settings())
    try:
        infos = {info.name: info for info in host.info()}
    finally:
        host.close()
    if asked.name is None:
        for info in infos.values():
            state = info.problem or info.quarantined or (info.help.strip().partition("\n")[0] if info.help else "")
            print(f"{info.name:<14} {info.origin:<12} {state}")
        return 1 if any(info.problem for info in infos.values()) else 0
    if asked.name not in infos:
        near = difflib.get_close_matches(asked.name, infos, n=1)
        print(f"no plugin `{asked.name}`" + (f" (did you mean `{near[0]}`?)" if near else ""), file=sys.stderr)
        return 2
    print(infos[asked.name].help or f"{asked.name} has no help")
    return 0
