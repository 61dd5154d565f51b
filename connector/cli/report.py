"""`report`: what became of the SLA targets in a span of time, as a table, for spreadsheets and for programs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..core.report_span import WrongSpan, read_span
from ..core.sla import Metric
from ..core.sla_counting import Dimension, Span
from ..core.sla_report import Report
from ..core.sla_report_rows import BOM, csv_of, json_of
from ..engine.sla_report import judged_reports, restated_reports
from ..settings import Settings
from ..store import Only, Store
from .report_shown import report_lines
from .terminal import harmless
from .wiring import Wiring


def add(commands: Any) -> None:
    report = commands.add_parser("report", help="what became of the SLA targets: attainment, percentiles, breaches")
    report.add_argument("what", choices=("sla",), help="which report")
    report.add_argument(
        "--from", dest="since", default="", metavar="DAY", help="a day of UTC, or an instant; without it 28 days"
    )
    report.add_argument(
        "--until", default="", metavar="DAY", help="the last day, or the instant of the end; without it now"
    )
    report.add_argument("--by", choices=[*map(str, Dimension)], default="policy", help="the groups (default policy)")
    report.add_argument("--metric", choices=[*map(str, Metric)], help="this one only")
    report.add_argument("--tracker", metavar="NAME", help="this connection only")
    report.add_argument("--project", metavar="P", help="this project only, as its tracker calls it")
    report.add_argument(
        "--restated", action="store_true", help="judge the same tickets anew by the rules of today; it says so"
    )
    form = report.add_mutually_exclusive_group()
    form.add_argument("--csv", metavar="FILE", help="for a spreadsheet; - is the terminal or a pipe")
    form.add_argument("--json", action="store_true", help="for programs")
    report.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    store = wiring.store(settings)
    try:
        span = read_span(asked.since, asked.until, store.now())
        found = _found(asked, wiring, settings, store, span)
    except WrongSpan as wrong:
        print(f"--{wrong.where}: {wrong}", file=sys.stderr)
        return 2
    finally:
        store.close()
    if asked.json:
        print(json.dumps(json_of(found), ensure_ascii=False, indent=1))
    elif asked.csv == "-":
        # A program reads the pipe: it would take the mark for a part of the first name.
        sys.stdout.write(csv_of(found))
    elif asked.csv:
        Path(asked.csv).write_text(BOM + csv_of(found), encoding="utf-8", newline="")
        print(f"{len(found.groups) + len(found.totals)} lines are in {asked.csv}")
    else:
        # Teams and tiers may be called as customers like.
        print(harmless("\n".join(report_lines(found))))
    return 0


def _found(asked: argparse.Namespace, wiring: Wiring, settings: Settings, store: Store, span: Span) -> Report:
    by = Dimension(asked.by)
    only = Only(asked.metric, asked.tracker, asked.project)
    if not asked.restated:
        return judged_reports(store, span, only, (by,))[by]
    book, host = wiring.rulebook(settings, settings.rules_dir)
    host.close()
    with tqdm(total=store.judged.count_tickets(span, only), unit="ticket", disable=None, file=sys.stderr) as bar:
        return restated_reports(store, book, span, only, (by,), store.now(), bar.update)[by]
