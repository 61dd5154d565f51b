"""The reference of the metrics, from the list by which they are counted."""

from __future__ import annotations

from connector.metrics.names import ALL, SHOWN, Kind, Metric, Shown

from .markdown import code, head, plain, table


def page() -> str:
    """Every metric as a scraper sees it."""
    intro = "What `/metrics` shows."
    return "\n".join(
        [
            head("Metrics", intro),
            "## Counted",
            "",
            "Processes count these; whichever is asked shows the sum over its host, those that ended included.",
            "",
            table(["metric", "type", "labels", "means"], map(_row, ALL)),
            "## Read",
            "",
            "These are read from the database, or known, when somebody asks: every process shows the same.",
            "",
            table(["metric", "type", "labels", "means"], map(_row, SHOWN)),
        ]
    )


def _row(metric: Metric | Shown) -> list[str]:
    name = f"{metric.name}_total" if metric.kind is Kind.COUNTER else metric.name
    return [code(name), metric.kind.value, ", ".join(map(code, metric.labels)), plain(metric.help)]
