"""The page of the SLA report: filters, figures, charts with their tables; the address holds all of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, render_template, request

from ..core.instants import moment_of
from ..core.report_span import WrongSpan, read_span
from ..core.sla import Metric
from ..core.sla_counting import Dimension, Span
from ..engine.sla_report import TooManyTickets
from ..store import Only
from .filters import LIMIT
from .flows import Flows
from .typed import clean
from .view_report import metric_views

SPREADSHEET = "/api/v1/reports/sla"
CLOSED: Mapping[str, tuple[str, ...]] = {
    "by": tuple(map(str, Dimension)),
    "metric": tuple(map(str, Metric)),
    "restated": ("true",),
}
"""Wishes that know all their values; any other value counts as none."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """One text for each field of the form, '' for any; `since` is called `from` in an address."""

    since: str = ""
    until: str = ""
    by: str = ""
    metric: str = ""
    tracker: str = ""
    project: str = ""
    restated: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Wishes:
        names = {field.name: "from" if field.name == "since" else field.name for field in fields(cls)}
        given = {name: clean(args.get(told, "")).strip()[:LIMIT] for name, told in names.items()}
        return cls(**{name: value for name, value in given.items() if value in CLOSED.get(name, (value,))})

    @property
    def active(self) -> Mapping[str, str]:
        """Those that are set, as they stand in an address."""
        return {"from" if name == "since" else name: value for name, value in asdict(self).items() if value}

    @property
    def dimension(self) -> Dimension:
        return Dimension(self.by or Dimension.POLICY)

    @property
    def only(self) -> Only:
        return Only(self.metric or None, self.tracker or None, self.project or None)


def blueprint(flows: Flows) -> Blueprint:
    """`GET /reports/sla`."""
    pages = Blueprint("report", __name__)

    @pages.get("/reports/sla")
    def show_sla() -> Response:
        wishes = Wishes.of(request.args)
        try:
            span = read_span(wishes.since, wishes.until, flows.now())
        except WrongSpan as wrong:
            typed = wishes.since if wrong.where == "from" else wishes.until
            return _page(flows, wishes, None, g.texts(f"report.{wrong.why}", text=typed or wishes.until), 422)
        try:
            return _page(flows, wishes, span)
        except TooManyTickets as many:
            return _page(flows, wishes, None, g.texts("report.too_many", n=many.tickets), 422, command=True)

    return pages


def _page(
    flows: Flows, wishes: Wishes, span: Span | None, said: str = "", status: int = 200, *, command: bool = False
) -> Response:
    by, found = wishes.dimension, None
    if span is not None:
        dimensions = tuple(dict.fromkeys((by, Dimension.WEEK)))
        found = flows.sla_report(span, wishes.only, dimensions, restated=bool(wishes.restated))
    page = render_template(
        "report.html",
        wishes=wishes,
        closed=CLOSED,
        choices=flows.choices(),
        by=by.value,
        **_shown(span),
        report=found and found[by],
        metrics=tuple(metric_views(found, by, g.texts)) if found else (),
        csv=f"{SPREADSHEET}?{urlencode({**wishes.active, 'format': 'csv'})}",
        said=said,
        command=_command(wishes) if command else "",
    )
    return make_response(page, status)


def _shown(span: Span | None) -> Mapping[str, str]:
    """The span as two instants for reading."""
    if span is None:
        return {}
    return {name: f"{moment_of(at):%Y-%m-%d %H:%M}" for name, at in (("since", span.since), ("until", span.until))}


def _command(wishes: Wishes) -> str:
    """The same report on the command line."""
    options = [[f"--{name}"] if name == "restated" else [f"--{name}", value] for name, value in wishes.active.items()]
    return shlex.join(["pointsman", "report", "sla", *(word for option in options for word in option)])
