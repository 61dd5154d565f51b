"""Traces of OpenTelemetry, where the extra `traces` is installed and a collector is named; else nothing at no cost.

A span has the tracker's name, numbers and states. It never has a text: not of a customer, nor of an exception.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Any

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
CARRIED = "traceparent"
Value = str | int | float | bool | Sequence[int]

log = logging.getLogger("pointsman.traces")


class Mark:
    """The span at hand; this one notes nothing."""

    def note(self, **attributes: Value) -> None:
        """Add what became known meanwhile."""


@dataclass(slots=True)
class _Noting(Mark):
    span: Any

    def note(self, **attributes: Value) -> None:
        self.span.set_attributes(_named(attributes))


_NOTHING: AbstractContextManager[Mark] = nullcontext(Mark())
_tracer: Any = None


def start(environ: Mapping[str, str]) -> bool:
    """Trace from now on, if `environ` names a collector and the extra is installed; whether we do. Raises nothing."""
    if not any(environ.get(name) for name in ENDPOINTS) or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    try:
        sdk, export, resources = (
            import_module(f"opentelemetry.sdk.{name}") for name in ("trace", "trace.export", "resources")
        )
        exporter = import_module(EXPORTER).OTLPSpanExporter()
        about = {"service.version": version("pointsman")}
        given = environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        if not environ.get("OTEL_SERVICE_NAME") and "service.name=" not in given:
            about["service.name"] = "pointsman"
        provider = sdk.TracerProvider(resource=resources.Resource.create(about))
        provider.add_span_processor(export.BatchSpanProcessor(exporter))
    except ImportError:
        log.warning("traces_unavailable", extra={"reason": "the extra `traces` is not installed"})
        return False
    except ValueError as error:
        # An OTEL_… variable that cannot be used; its value may hold a token.
        log.warning("traces_unavailable", extra={"reason": "a variable OTEL_… has no usable value"}, exc_info=error)
        return False
    use(provider)
    return True


def use(provider: Any) -> None:
    """Make spans with `provider`, a `TracerProvider` of the SDK."""
    global _tracer
    _tracer = provider.get_tracer("pointsman", version("pointsman"))


def stop() -> None:
    """Make no spans any more."""
    global _tracer
    _tracer = None


def running() -> bool:
    return _tracer is not None


def span(
    name: str, came_from: Sequence[Mapping[str, str]] = (), *, outward: bool = False, **attributes: Value
) -> AbstractContextManager[Mark]:
    """A span around the block. `came_from` are `carried()` of spans it follows; `outward` for a request of ours."""
    return _NOTHING if _tracer is None else _span(name, came_from, outward, attributes)


def carried() -> dict[str, str]:
    """The span at hand as a header, to be kept with an event; {} where nobody traces."""
    if _tracer is None:
        return {}
    found: dict[str, str] = {}
    _propagator().inject(found)
    return {name: value for name, value in found.items() if name == CARRIED}


@contextmanager
def _span(
    name: str, came_from: Sequence[Mapping[str, str]], outward: bool, attributes: Mapping[str, Value]
) -> Iterator[Mark]:
    trace = import_module("opentelemetry.trace")
    kind = trace.SpanKind.CLIENT if outward else trace.SpanKind.INTERNAL
    contexts = [trace.get_current_span(_propagator().extract(one)).get_span_context() for one in came_from]
    links = [trace.Link(context) for context in contexts if context.is_valid]
    with _tracer.start_as_current_span(
        name,
        kind=kind,
        links=links,
        attributes=_named(attributes),
        # The words of an exception may quote a customer.
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield _Noting(made)
        except Exception as error:
            made.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def _propagator() -> Any:
    return import_module("opentelemetry.trace.propagation.tracecontext").TraceContextTextMapPropagator()


def _named(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {f"pointsman.{name}": value for name, value in attributes.items()}
