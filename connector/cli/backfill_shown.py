"""What a person sees of a backfill: what it would touch, how far it is, and what it came to."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tqdm import tqdm

from ..core.spelling import counted
from ..engine.backfill import Preview, Progress
from ..store import BackfillRow

LINE_EVERY = timedelta(seconds=10)
MOST_LINES = 30


class Bar:
    """A watch with a progress bar; without a terminal it prints a line now and then. `leave` makes it go."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._leaving = threading.Event()
        self._drawn = tqdm(unit="ticket", disable=None, file=sys.stderr)
        self._said: tuple[datetime, str] | None = None
        self._waits: datetime | None = None

    def leave(self, *_: object) -> None:
        self._leaving.set()

    def pause(self, seconds: float) -> bool:
        return not self._leaving.wait(seconds)

    def close(self) -> None:
        self._drawn.close()

    def step(self, run: BackfillRow, progress: Progress) -> None:
        listing = run.state in ("listing", "asking")
        if self._drawn.disable:
            self._print(run, progress, self._clock())
            return
        self._drawn.total = None if listing else progress.listed
        self._drawn.n = progress.listed if listing else progress.ended
        self._drawn.set_description(f"run {run.id} {run.state}", refresh=False)
        self._drawn.set_postfix_str(_so_far(run, progress))

    def _print(self, run: BackfillRow, progress: Progress, now: datetime) -> None:
        waits = self._waits is None and progress.waits_until is not None
        self._waits = progress.waits_until
        if self._said and self._said[1] == run.state and not waits and now - self._said[0] < LINE_EVERY:
            return
        self._said = (now, run.state)
        listed = f"{progress.listed} listed" if run.state == "listing" else f"{progress.ended} of {progress.listed}"
        print(f"run {run.id} {run.state}: {listed}, {_so_far(run, progress)}", file=sys.stderr, flush=True)


def _so_far(run: BackfillRow, progress: Progress) -> str:
    parts = [f"{progress.decided} decided", f"{progress.written} written", f"{progress.failed} failed"]
    if progress.waits_until:
        parts.append(f"waiting for {run.tracker} until {progress.waits_until:%H:%M:%S} UTC")
    return ", ".join(parts)


def preview_lines(shown: Preview) -> Iterator[str]:
    """What a run would touch, and whether it would write."""
    run = shown.run
    what = "nothing will be written" if run.mode == "shadow" else "what the rules decide will be written"
    yield f"Run {run.id} of {run.tracker} in mode {run.mode}: {what}."
    oldest = f", the oldest of {shown.oldest:%Y-%m-%d}" if shown.oldest else ""
    yield f"  {counted(shown.tickets, 'open ticket')}{oldest}"
    for reach in shown.files:
        held = ""
        if run.mode == "live" and not reach.writes:
            held = "; a file in shadow is not written, by a live run neither"
        yield f"  {reach.file} applies to {', '.join(reach.projects)}: mode {reach.mode}{held}"


def report_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The report of a run in words."""
    tickets = found["tickets"]
    states = ", ".join(f"{n} {state}" for state, n in tickets.items() if state != "all")
    yield f"Run {found['run']} of {found['tracker']} in mode {found['mode']}: {found['state']}."
    yield f"tickets    {tickets['all']}" + (f": {states}" if states else "")
    if found["outcomes"]:
        yield "outcomes   " + ", ".join(f"{n} {outcome}" for outcome, n in found["outcomes"].items())
    if found["decisions"]:
        yield "decisions"
    for row in found["decisions"][:MOST_LINES]:
        rule = f"{row['plugin']}/{row['rule']}" if row["rule"] else row["plugin"]
        value = f" = {row['value']}" if row["value"] else ""
        yield f"  {row['tickets']:>6}  {row['slot']}{value}  ({rule}): {row['outcome']}"
    if len(found["decisions"]) > MOST_LINES:
        yield f"  and {len(found['decisions']) - MOST_LINES} more; see --json"
    for row in found["plugin_failures"]:
        yield f"plugin {row['plugin']} failed at {counted(row['tickets'], 'ticket')}: {row['error']}"
    for row in found["failures"]:
        yield f"failed     {row['ticket']}: {row['why']}"
    yield from _next(found)


def _next(found: Mapping[str, Any]) -> Iterator[str]:
    if found["failures"]:
        yield "Next: pointsman parked, mend the cause, pointsman replay ID."
    if found["state"] in ("listing", "asking", "working"):
        yield f"Next: pointsman backfill --resume {found['run']}."
    elif found["state"] == "done" and found["outcomes"].get("would write"):
        yield "Next: read some of the tickets' pages; then the same once more with --mode live."
