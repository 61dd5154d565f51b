"""`check` and `try`: are the rule files right, and what would they do with this ticket?"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.desk_file import read_desk, read_records
from ..core.spelling import counted
from ..core.ticket_file import TicketFileError
from ..engine.doctor import Level, examine_words
from ..engine.dry import try_ticket
from ..settings import Settings
from .wiring import Wiring


def add(commands: Any) -> None:
    check = commands.add_parser("check", help="check the rule files; every problem with its line and remedy")
    check.add_argument("--rules", type=Path, metavar="DIR", help="the folder (default: POINTSMAN_RULES_DIR)")
    check.add_argument("--online", action="store_true", help="ask the trackers whether they know what the files name")
    check.set_defaults(run=run_check)
    attempt = commands.add_parser("try", help="what the rules would do with a ticket, as JSON")
    attempt.add_argument("--rules", type=Path, metavar="DIR", help="the folder (default: POINTSMAN_RULES_DIR)")
    attempt.add_argument("--ticket", type=Path, metavar="FILE", required=True, help="the ticket, JSON")
    attempt.add_argument("--event", type=Path, metavar="FILE", help="what happened, JSON (default: it was created)")
    attempt.add_argument("--desk", type=Path, metavar="FILE", help="people, their load and absences, customers, JSON")
    attempt.add_argument("--now", metavar="ISO", help="the time of the decision (default: now)")
    attempt.set_defaults(run=run_try)


def run_check(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    folder = asked.rules or settings.rules_dir
    book, host = wiring.rulebook(settings, folder)
    host.close()
    for warning in book.warnings:
        print(f"{warning} (warning)")
    for file in book.files:
        where = "; ".join(f"{name}: {', '.join(projects)}" for name, projects in file.applies_to.items())
        print(f"{file.path}: {file.mode}, applies to {where}")
    if asked.online and (problems := _online(wiring, replace(settings, rules_dir=folder))):
        print(f"{counted(len(book.files), 'rule file')}, {counted(problems, 'problem')} with the trackers.")
        return 1
    print(f"{counted(len(book.files), 'rule file')}, no problems.")
    return 0


def _online(wiring: Wiring, settings: Settings) -> int:
    """Print what the trackers do not know of the files, as `file:line:column`; how many problems there are."""
    problems = 0
    with wiring.patient(settings, with_store=False) as patient:
        for finding in examine_words(patient):
            if finding.level is Level.OK:
                continue
            problems += finding.level is Level.PROBLEM
            more = "" if finding.level is Level.PROBLEM else f" ({finding.level.word})"
            print(f"{finding.spot or finding.where} {finding.text}; {finding.remedy}{more}")
    return problems


def run_try(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    try:
        ticket, event, desk = (_json(path) for path in (asked.ticket, asked.event, asked.desk))
        now = _instant(asked.now)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    book, host = wiring.rulebook(settings, asked.rules or settings.rules_dir, assigns=True)
    try:
        plan = try_ticket(book, host, ticket, event, now, read_desk(desk, book.desk), read_records(desk))
    except TicketFileError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        host.close()
    print(json.dumps(plan, ensure_ascii=False, indent=1))
    return 0


def _json(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from None


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--now {text}: write an instant such as 2026-03-02T09:00:00Z") from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
