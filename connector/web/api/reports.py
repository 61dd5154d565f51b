"""Reports: what became of the SLA targets in a span of time, as JSON or as a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validate
from webargs.flaskparser import abort as refuse

from ...core.report_span import WrongSpan, read_span
from ...core.sla import Metric
from ...core.sla_counting import Dimension
from ...core.sla_report_rows import BOM, csv_of, json_of
from ...engine.sla_report import TooManyTickets
from ...store import Only
from ..filters import LIMIT
from ..flows import Flows
from ..typed import clean
from . import schemas as of
from .paging import Query
from .part import Part

CSV = "text/csv"
REMEDY = "on the command line `pointsman report sla --restated` takes any number"
DAY = "A day of UTC such as `2026-03-02`, or an instant."


def _text(about: str) -> fields.String:
    return fields.String(validate=validate.Length(max=LIMIT), metadata={"description": about})


class WhichReportSchema(Query):
    """Which cycles, and how they are shown."""

    since = fields.String(
        data_key="from",
        load_default="",
        validate=validate.Length(max=LIMIT),
        metadata={"description": f"{DAY} Without it the 28 days up to `until`."},
    )
    until = fields.String(
        load_default="",
        validate=validate.Length(max=LIMIT),
        metadata={"description": f"{DAY} A day is meant to its end; without it now."},
    )
    by = fields.String(
        load_default="policy",
        validate=validate.OneOf([*map(str, Dimension)]),
        metadata={"description": "The groups."},
    )
    metric = fields.String(validate=validate.OneOf([*map(str, Metric)]), metadata={"description": "This one only."})
    tracker = _text("This connection only.")
    project = _text("This project only, as its tracker calls it.")
    restated = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Judge the same tickets anew by the rules of today."},
    )
    format = fields.String(
        load_default="json",
        validate=validate.OneOf(("json", "csv")),
        metadata={"description": "`csv` is a sheet in UTF-8 with the mark that Excel needs."},
    )


class SlaFiguresSchema(of.Shape):
    metric = of.text()
    n = of.number("Finished cycles that had a target: the sample of every share and percentile.")
    few = of.flag("`n` is below 5.")
    met = of.number()
    missed = of.number("Finished late.")
    attainment = fields.Float(required=True, allow_none=True, metadata={"description": "`met` of `n`; null of none."})
    attainment_low = fields.Float(
        required=True, allow_none=True, metadata={"description": "With 95 % confidence the true share is above."}
    )
    attainment_high = fields.Float(
        required=True, allow_none=True, metadata={"description": "With 95 % confidence the true share is below."}
    )
    within = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The share that used no more than the target in force in the end."},
    )
    business_p50_s = of.number("Percentiles of the time that the calendar counted, in seconds.", allow_none=True)
    business_p90_s = of.number(allow_none=True)
    business_p95_s = of.number(allow_none=True)
    calendar_p50_s = of.number("Percentiles of the time from start to stop, in seconds.", allow_none=True)
    calendar_p90_s = of.number(allow_none=True)
    calendar_p95_s = of.number(allow_none=True)
    breaches = of.number("`missed` and `late`.")
    late = of.number("Open at the end, the target used up within the span.")
    cancelled = of.number("Counted nowhere else.")
    no_target = of.number("Finished without a target; counted nowhere else.")


class SlaGroupSchema(SlaFiguresSchema):
    group = of.maybe("Null for those without a value.")


class SlaRestatedSchema(of.Shape):
    tickets = of.number("How many were judged anew.")
    changed = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Of each metric how many cycles count otherwise than as judged."},
    )
    unjudged = of.number("Tickets left out, since nothing is kept of their past.")


class SlaReportSchema(of.Shape):
    report = of.text("`as judged`, or `restated` by the rules of today.")
    from_ = of.instant(data_key="from", attribute="from")
    until = of.instant("Just before it the report ends.")
    by = of.text()
    totals = of.many(SlaFiguresSchema, "Each metric, all groups together.")
    groups = of.many(SlaGroupSchema)
    restated = fields.Nested(
        SlaRestatedSchema, required=True, allow_none=True, metadata={"description": "Null for a report as judged."}
    )


def part(flows: Flows) -> Part:
    """`/reports/sla`."""
    reports = Part("reports", "What became of the promises.")

    @reports.shows("/reports/sla", SlaReportSchema(), query=WhichReportSchema(), content=(CSV,))
    def show_sla_report(asked: Mapping[str, Any]) -> Any:
        """Attainment, percentiles and breaches of the SLA targets, by group; as judged, or restated."""
        by = Dimension(asked["by"])
        only = Only(*(clean(asked[name]) if asked.get(name) else None for name in ("metric", "tracker", "project")))
        try:
            span = read_span(asked["since"], asked["until"], flows.now())
            found = flows.sla_report(span, only, (by,), restated=asked["restated"])[by]
        except WrongSpan as wrong:
            refuse(422, messages={wrong.where: [str(wrong)]})
        except TooManyTickets as many:
            refuse(422, messages={"restated": [f"{many}: {REMEDY}"]})
        if asked["format"] == "json":
            return json_of(found)
        sheet = Response(BOM + csv_of(found), mimetype=CSV)
        sheet.headers["Content-Disposition"] = f"attachment; filename=sla-{by}.csv"
        return sheet

    return reports
