"""The command line: `python app.py …`, or `pointsman …`. Each command's module has its arguments and its work."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from ..core.spelling import counted
from ..errors import PointsmanError, RulesError, SettingsError, StoreUnavailable
from . import (
    backfill,
    database,
    demo,
    doctor,
    events,
    notify,
    plugins,
    read,
    report,
    rules,
    serve,
    setup,
    sla,
    tokens,
    why,
)
from .wiring import Wiring

_COMMANDS = (
    serve,
    backfill,
    rules,
    read,
    why,
    sla,
    report,
    plugins,
    events,
    notify,
    demo,
    database,
    doctor,
    tokens,
    setup,
)


def grammar() -> argparse.ArgumentParser:
    """All commands with their options; the reference of the documentation is written from it."""
    parser = argparse.ArgumentParser(
        prog="pointsman",
        description="Sets priority, team and assignee of Jira and GitLab issues by readable rules, and says why.",
    )
    parser.add_argument("--version", action="version", version=f"pointsman {version('pointsman')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in _COMMANDS:
        module.add(commands)
    return parser


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Run one command and return its exit code: 0 well, 1 it found something wrong, 2 it could not run."""
    asked = grammar().parse_args(arguments)
    try:
        return int(asked.run(asked, wiring))
    except RulesError as error:
        print(error)
        print(f"{counted(len(error.problems), 'problem')}; nothing was loaded.")
        return 1
    except (SettingsError, StoreUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    except PointsmanError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
