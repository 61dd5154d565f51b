"""`doctor`: looks at everything a working installation needs; each finding with its remedy."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ..core.spelling import counted, did_you_mean
from ..engine.doctor import GROUPS, Finding, Level, Patient, examine
from ..engine.doctor.findings import tell
from ..errors import SettingsError
from .wiring import Wiring

SIGNS = {Level.OK: "✓", Level.HINT: "·", Level.WARNING: "!", Level.PROBLEM: "✗"}
CLEARED = "\r\x1b[K"
"""What empties the line of a terminal."""


def add(commands: Any) -> None:
    doctor = commands.add_parser("doctor", help="look for what is wrong: the database, rules, and each connection")
    doctor.add_argument("--only", action="append", default=[], metavar="GROUP", help="a connection, store, host, …")
    doctor.add_argument("--json", action="store_true", help="the findings as JSON")
    doctor.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    try:
        settings = wiring.settings()
    except SettingsError as error:
        lines = str(error).splitlines()
        return _tell(asked, (tell("settings_wrong", "settings", problem=line) for line in lines))
    with wiring.patient(settings) as patient:
        known = (*GROUPS, *patient.connections)
        if unknown := [name for name in asked.only if name not in known]:
            near = did_you_mean(unknown[0], known) or f": choose among {', '.join(known)}"
            print(f"--only {unknown[0]} is no group and no connection{near}", file=sys.stderr)
            return 2
        return _tell(asked, _with_progress(patient, asked.only, sys.stderr))


def _tell(asked: argparse.Namespace, findings: Iterable[Finding]) -> int:
    seen = tuple(_printed(findings) if not asked.json else findings)
    count = Counter(each.level for each in seen)
    if asked.json:
        said = {f"{level.word}s": count[level] for level in (Level.PROBLEM, Level.WARNING, Level.HINT)}
        print(json.dumps({**said, "findings": [each.as_json() for each in seen]}, ensure_ascii=False, indent=1))
    else:
        print(f"\n{_summary(seen, count)}")
    return 1 if count[Level.PROBLEM] else 0


def _printed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Print each as it is found, grouped, remedies below."""
    group = ""
    for finding in findings:
        if finding.where != group:
            print(f"{chr(10) if group else ''}{finding.where}")
            group = finding.where
        code = "" if finding.level is Level.OK else f"  [{finding.code}]"
        spot = f"{finding.spot} " if finding.spot else ""
        print(f"  {SIGNS[finding.level]} {spot}{finding.text}{code}")
        if finding.remedy:
            print(f"      {finding.remedy}")
        yield finding


def _summary(seen: tuple[Finding, ...], count: Counter[Level]) -> str:
    """How much was found, and what to do first."""
    parts = [
        counted(count[level], level.word) for level in (Level.PROBLEM, Level.WARNING, Level.HINT) if count[level]
    ]
    if not parts:
        return "Nothing to mend."
    worst = max(seen, key=lambda each: each.level)
    if worst.level is Level.HINT:
        return f"{', '.join(parts)}; nothing has to be mended."
    return f"{', '.join(parts)}. Next: {worst.where}: {worst.remedy}"


def _with_progress(patient: Patient, only: list[str], screen: TextIO) -> Iterator[Finding]:
    """The findings; on a terminal, what is being looked at stands there meanwhile."""

    def begins(what: str) -> None:
        if screen.isatty():
            print(f"{CLEARED}… {what[:70]}", end="", file=screen, flush=True)

    def over() -> None:
        if screen.isatty():
            print(CLEARED, end="", file=screen, flush=True)

    for finding in examine(patient, only, begins=begins):
        over()
        yield finding
    over()
