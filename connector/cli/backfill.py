"""`backfill`: the rules applied to existing open tickets, asked for by a person, in shadow unless they say live."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ..core.durations import parse_duration
from ..engine.backfill import BackfillRefused, Interrupted, Wish, again, begin, confirm, decline, preview, stop
from ..engine.backfill_listing import read_list
from ..engine.backfill_report import report
from ..engine.backfill_working import share_of, work_off
from ..engine.reconcile import start_watermarks
from ..engine.services import Services
from ..engine.work import Engine
from ..errors import TrackerError
from ..log import start_logging
from ..store import BackfillRow
from ..worker import Worker
from .backfill_shown import Bar, preview_lines, report_lines
from .numbers import row_number
from .serve import watch_rules
from .wiring import Wiring

QUESTION = "Apply to existing tickets?"
UNASKED = f'"{QUESTION}" has to be answered: run this at a terminal, or say --yes'
LEFT = 130


def add(commands: Any) -> None:
    backfill = commands.add_parser(
        "backfill", help="apply the rules to existing open tickets, asked for and resumable"
    )
    which = backfill.add_mutually_exclusive_group(required=True)
    which.add_argument("--tracker", metavar="NAME", help="a connection's name: begin a run over its open tickets")
    which.add_argument(
        "--resume", nargs="?", type=row_number, const=0, metavar="RUN", help="go on with a run (default: the last)"
    )
    which.add_argument(
        "--status", nargs="?", type=row_number, const=0, metavar="RUN", help="the report of a run so far"
    )
    which.add_argument("--stop", type=row_number, metavar="RUN", help="end a run for good")
    backfill.add_argument(
        "--project", action="append", default=[], metavar="P", help="only this one; may be repeated"
    )
    backfill.add_argument("--query", default="", help="narrower: JQL, or for GitLab labels or labels=a,b&milestone=x")
    for name, what in (
        ("older-than", "created before"),
        ("newer-than", "created within"),
        ("updated-since", "moved within"),
    ):
        backfill.add_argument(f"--{name}", type=_duration, metavar="DUR", help=f"{what} this time, such as 30d")
    backfill.add_argument("--limit", type=_whole, metavar="N", help="the oldest N at most")
    backfill.add_argument(
        "--mode", choices=("shadow", "live"), help="shadow (the default) decides and writes nothing"
    )
    backfill.add_argument("--yes", action="store_true", help=f'the answer to "{QUESTION}"')
    backfill.add_argument("--json", action="store_true", help="the report as JSON")
    backfill.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    if asked.tracker is None and (problem := _misplaced(asked)):
        print(problem, file=sys.stderr)
        return 2
    settings = wiring.settings()
    # Lines of the log would tear the bar apart; what failed stands in the report.
    start_logging("error" if sys.stderr.isatty() else "warning")
    services = wiring.services(settings)
    with contextlib.ExitStack() as closing:
        closing.callback(services.store.close)
        closing.callback(services.host.close)
        if asked.stop is not None:
            return _stop(services, asked.stop)
        if asked.status is not None:
            return _told(services, _found(services, asked.status, unfinished=False), asked.json)
        return _go(asked, services, closing)


def _go(asked: argparse.Namespace, services: Services, closing: contextlib.ExitStack) -> int:
    found = _found(services, asked.resume, unfinished=True) if asked.resume is not None else None
    if found is not None and found.state in ("done", "declined", "stopped"):
        print(f"run {found.id} is {found.state}: begin a new one with --tracker", file=sys.stderr)
        return 2
    confirmed = found is not None and found.state == "working"
    if not confirmed and not asked.yes and not sys.stdin.isatty():
        print(UNASKED, file=sys.stderr)
        return 2
    start_watermarks(services)
    if found is None:
        found = begin(services, _wish(asked, services.clock()), asked.mode or "shadow", _who())
    stopping = threading.Event()
    watch_rules(services, stopping)
    closing.callback(stopping.set)

    def help_out() -> None:
        # It works what lies in the inbox and does nothing else of a service: it looks for no news.
        worker = Worker(services.store, Engine(services).handle, threads=share_of(services.settings.workers))
        worker.start()
        closing.callback(worker.stop)

    try:
        return _carry_out(services, found, help_out, yes=asked.yes, as_json=asked.json)
    except TrackerError as error:
        print(f"{found.tracker}: {error}", file=sys.stderr)
    except (Interrupted, KeyboardInterrupt):
        print(f"Left. Go on with: pointsman backfill --resume {found.id}", file=sys.stderr)
        return LEFT
    print(f"Mend that, then go on with: pointsman backfill --resume {found.id}", file=sys.stderr)
    return 1


def _carry_out(
    services: Services, found: BackfillRow, help_out: Callable[[], None], *, yes: bool, as_json: bool
) -> int:
    with _bar(services) as bar:
        found = read_list(services, found, bar)
    if found.state == "asking":
        print("\n".join(preview_lines(preview(services, found))), file=sys.stderr)
        if not yes and not _agreed():
            decline(services, found, _who())
            print("Nothing was done.", file=sys.stderr)
            return 0
        found = confirm(services, found, _who(), "--yes" if yes else "asked")
    with _bar(services) as bar:
        found = work_off(services, found, bar, help_out)
    return _told(services, found, as_json)


@contextlib.contextmanager
def _bar(services: Services) -> Iterator[Bar]:
    """A bar for the while of one step, which Ctrl-C and SIGTERM leave at its next pause."""
    bar = Bar(services.clock)
    kept = {number: signal.signal(number, bar.leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield bar
    finally:
        for number, before in kept.items():
            signal.signal(number, before)
        bar.close()


def _agreed() -> bool:
    print(f"{QUESTION} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _stop(services: Services, number: int) -> int:
    found = _found(services, number, unfinished=False)
    if not stop(services, found, _who()):
        print(f"run {number} is {found.state} already", file=sys.stderr)
        return 1
    print(f"Run {number} is stopped; what it has decided and written stays.")
    return 0


def _told(services: Services, found: BackfillRow, as_json: bool) -> int:
    shown = report(services, again(services, found))
    print(json.dumps(shown, ensure_ascii=False, indent=1) if as_json else "\n".join(report_lines(shown)))
    return 1 if shown["failures"] else 0


def _found(services: Services, number: int, *, unfinished: bool) -> BackfillRow:
    found = services.store.backfills.get(number) if number else services.store.backfills.newest(unfinished=unfinished)
    if found is None:
        which = f"run {number}" if number else "run to go on with" if unfinished else "run yet"
        raise BackfillRefused(f"there is no {which}: begin one with `pointsman backfill --tracker NAME`")
    return found


def _wish(asked: argparse.Namespace, now: datetime) -> Wish:
    return Wish(
        tracker=asked.tracker,
        projects=tuple(dict.fromkeys(asked.project)),
        query=asked.query,
        created_after=now - asked.newer_than if asked.newer_than else None,
        created_before=now - asked.older_than if asked.older_than else None,
        updated_after=now - asked.updated_since if asked.updated_since else None,
        limit=asked.limit,
    )


def _misplaced(asked: argparse.Namespace) -> str:
    """A run keeps what it was begun with: what cannot be changed any more is not taken silently."""
    given = ("project", "query", "older_than", "newer_than", "updated_since", "limit", "mode")
    wrong = [f"--{name.replace('_', '-')}" for name in given if getattr(asked, name)]
    return f"{', '.join(wrong)}: a run keeps what it was begun with; leave this out" if wrong else ""


def _duration(text: str) -> Any:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"`{text[:20]}` is no number of tickets")
    return int(text)


def _who() -> str:
    return f"cli:{getpass.getuser()}"
