"""The command line: `python app.py …`, or `pointsman …`. Each command's module has its arguments and its work."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..core.spelling import counted
from ..errors import PointsmanError, RulesError, SettingsError, StoreUnavailable
from . import database, demo, events, plugins, read, rules, serve, why
from .wiring import Wiring

_COMMANDS = (serve, rules, read, why, plugins, events, demo, database)


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Run one command and return its exit code: 0 well, 1 it found something wrong, 2 it could not run."""
    parser = argparse.ArgumentParser(
        prog="pointsman",
        description="Sets priority, team and assignee of Jira and GitLab issues by readable rules, and says why.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in _COMMANDS:
        module.add(commands)
    asked = parser.parse_args(arguments)
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
