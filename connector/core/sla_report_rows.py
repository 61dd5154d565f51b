"""An SLA report for programs and spreadsheets: the same figures under the same names, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from .instants import text_of
from .sla_report import NONE, Group, Report, Times

AS_JUDGED, RESTATED = "as judged", "restated"
"""A report by the verdicts that were given, and one by the rules of today."""
PLACES = 4
BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the alphabet of its country."""
ORDERS = frozenset("=+-@\t\r\n＝＋－＠")
"""A cell that begins with one of these is a formula to a spreadsheet."""


def label_of(report: Report) -> str:
    """Which of the two it is."""
    return RESTATED if report.restated else AS_JUDGED


def json_of(report: Report) -> dict[str, Any]:
    """All of the report; a group without a value has the name null."""
    restated = report.restated
    return {
        "report": label_of(report),
        "from": text_of(report.span.since),
        "until": text_of(report.span.until),
        "by": report.by.value,
        "totals": [figures(group) for group in report.totals],
        "groups": [{"group": group.name, **figures(group)} for group in report.groups],
        "restated": restated
        and {"tickets": restated.tickets, "changed": dict(restated.changed), "unjudged": restated.unjudged},
    }


def figures(group: Group) -> dict[str, Any]:
    """Everything that is known of a group but its name; seconds, and shares of 1."""
    low, high = group.interval or (None, None)
    return {
        "metric": group.metric,
        "n": group.n,
        "few": group.few,
        "met": group.met,
        "missed": group.missed,
        "attainment": _share(group.attainment),
        "attainment_low": _share(low),
        "attainment_high": _share(high),
        "within": _share(group.within_share),
        **_times("business", group.business),
        **_times("calendar", group.calendar),
        "breaches": group.breaches,
        "late": group.late,
        "cancelled": group.cancelled,
        "no_target": group.no_target,
    }


def csv_of(report: Report) -> str:
    """One line for each group, and for each metric one by `all`; the label of the report stands on every line."""
    changed = report.restated.changed if report.restated else {}
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(("report", "from", "until", "by", "group", *figures(Group("", None)), "changed"))
    for by, name, group in _lines(report):
        found = {key: _cell(value) for key, value in figures(group).items()}
        about = (label_of(report), text_of(report.span.since), text_of(report.span.until), by, harmless_cell(name))
        sheet.writerow((*about, *found.values(), changed.get(group.metric, 0) if report.restated else ""))
    return text.getvalue()


def harmless_cell(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula: with an apostrophe before it if it could be one."""
    return f"'{text}" if text[:1] in ORDERS else text


def _lines(report: Report) -> Iterator[tuple[str, str, Group]]:
    for group in report.totals:
        yield "all", "", group
    for group in report.groups:
        yield report.by.value, NONE if group.name is None else group.name, group


def _times(kind: str, times: Times | None) -> dict[str, int | None]:
    return {f"{kind}_{part}_s": getattr(times, part, None) for part in ("p50", "p90", "p95")}


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, PLACES)


def _cell(value: Any) -> Any:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return harmless_cell(value)
        case _:
            return "" if value is None else value
