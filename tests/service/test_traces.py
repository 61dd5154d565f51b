"""A webhook can be followed through the inbox to the tracker, and no span tells what people wrote."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import requests
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from connector import traces
from tests.fakes import Recorded
from tests.fakes.gitlab_rest import Response

from .far import answering
from .outside import ROOT, bare_env
from .place import TITLE, Place, a_place
from .samples import Sample, own

NAMED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
BAD = """
from connector import hookimpl

@hookimpl
def propose(ticket):
    raise ValueError("about " + ticket.title)
"""


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.use(provider)
    yield exporter
    traces.stop()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with a_place(tmp_path, own(), monkeypatch) as found:
        yield found


@pytest.fixture
def opened() -> Sample:
    return next(s for s in own() if s.name == "opened")


def named(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


def test_a_webhook_is_followed_to_the_plan_and_the_requests(
    place: Place, opened: Sample, exported: InMemorySpanExporter
) -> None:
    with place.service() as running:
        place.fakes["gitlab"].hooks = None
        assert place.send(running, opened) == 202
        running.settle(*place.fakes.values())
    (webhook,) = named(exported, "webhook")
    (work,) = named(exported, "work")
    assert [link.context.span_id for link in work.links] == [webhook.context.span_id]
    assert work.attributes is not None
    assert webhook.attributes is not None
    assert work.attributes["pointsman.events"] == (webhook.attributes["pointsman.event"],)
    assert webhook.attributes["pointsman.tracker"] == work.attributes["pointsman.tracker"] == "gitlab"
    inside = {span.name for span in exported.get_finished_spans() if span.context.trace_id == work.context.trace_id}
    assert inside == {"work", "fetch", "plan", "plugin", "effects", "request"}
    (plan,) = named(exported, "plan")
    plugins = named(exported, "plugin")
    assert {span.parent.span_id for span in plugins if span.parent} == {plan.context.span_id}
    assert {(span.attributes or {})["pointsman.plugin"] for span in plugins} >= {"priority", "routing"}
    sent = [(span.kind, span.attributes or {}) for span in named(exported, "request")]
    ours = [told for _, told in sent if told["pointsman.tracker"] == "gitlab"]
    assert len(ours) == len(place.fakes["gitlab"].requests)
    assert {told["pointsman.method"] for told in ours} == {"GET", "PUT", "POST"}
    assert {told["pointsman.status"] for told in ours} <= {200, 201}
    assert {kind for kind, _ in sent} == {SpanKind.CLIENT}


def test_a_sender_cannot_choose_what_its_webhook_is_part_of(
    place: Place, opened: Sample, exported: InMemorySpanExporter
) -> None:
    forged = "00-11111111111111111111111111111111-2222222222222222-01"
    with place.service() as running:
        headers = {**opened.headers(place.fakes["gitlab"].secret), "traceparent": forged}
        assert running.post("gitlab", opened.body, headers).status_code == 202
        running.settle(*place.fakes.values())
    found = exported.get_finished_spans()
    assert found
    assert not [span for span in found if f"{span.context.trace_id:032x}" == "1" * 32]
    assert not [link for span in found for link in span.links if f"{link.context.span_id:016x}" == "2" * 16]


def test_no_span_tells_what_people_wrote_nor_a_secret_also_when_things_fail(
    place: Place, opened: Sample, exported: InMemorySpanExporter, tmp_path: Path
) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "bad.py").write_text(BAD)
    rules = place.settings.rules_dir / "support.yaml"
    rules.write_text(rules.read_text().replace("plugins: [", "plugins: [bad, "))

    def refuse(recorded: Recorded) -> Response | None:
        said = {"message": f"not {TITLE} of dana@customer.example"}
        return Response(400, said) if recorded.method == "PUT" else None

    with (
        place.service(plugins_dir=tmp_path / "plugins") as running,
        answering(place.fakes["gitlab"], refuse),
    ):
        place.send(running, opened)
        running.post("gitlab/a-secret-in-the-path", opened.body, {})
        requests.get(f"{running.url}/nobody?q={TITLE}", timeout=10)
        running.settle(*place.fakes.values())
    spans = exported.get_finished_spans()
    text = json.dumps([json.loads(span.to_json()) for span in spans])
    secrets = [place.fakes["gitlab"].secret, place.settings.gitlab_token, "a-secret-in-the-path"]
    for word in (TITLE, "outage", "dana", "Traceback", "about ", opened.project, *secrets):
        assert word not in text, word
    failed = {(span.name, span.status.description) for span in spans if span.status.status_code is StatusCode.ERROR}
    assert {("webhook", "Rejected"), ("plugin", "PluginError"), ("request", "TrackerError")} <= failed


def test_without_a_tracer_a_span_is_nothing_and_nothing_is_kept_of_it() -> None:
    assert not traces.running()
    assert traces.span("one") is traces.span("two")
    with traces.span("one") as mark:
        mark.note(status=200)
    assert traces.carried() == {}


def test_without_a_collector_nobody_traces() -> None:
    assert traces.start({}) is False
    assert traces.start({**NAMED, "OTEL_SDK_DISABLED": "true"}) is False
    assert not traces.running()


def test_a_collector_without_the_extra_is_told_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, traces.EXPORTER, None)
    with caplog.at_level(logging.WARNING):
        assert traces.start(NAMED) is False
    assert [(r.getMessage(), r.reason) for r in caplog.records] == [
        ("traces_unavailable", "the extra `traces` is not installed")
    ]


@pytest.mark.parametrize(
    ("more", "called"),
    [({}, "pointsman"), ({"OTEL_SERVICE_NAME": "desk"}, "desk")],
)
def test_with_a_collector_spans_go_to_the_exporter_under_our_name(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, str], called: str
) -> None:
    made: list[InMemorySpanExporter] = []

    class Exporter(InMemorySpanExporter):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    module = ModuleType(traces.EXPORTER)
    module.OTLPSpanExporter = Exporter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, traces.EXPORTER, module)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    try:
        assert traces.start({**NAMED, **more}) is True
        with traces.span("one", tracker="gitlab"):
            assert traces.carried()["traceparent"].startswith("00-")
        traces._tracer.span_processor.force_flush()
        (span,) = made[0].get_finished_spans()
        assert span.attributes == {"pointsman.tracker": "gitlab"}
        assert span.resource.attributes["service.name"] == called
    finally:
        if traces._tracer is not None:
            traces._tracer.span_processor.shutdown()
        traces.stop()


def test_opentelemetry_is_not_imported_unless_somebody_traces() -> None:
    asked = "import app, sys; assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=bare_env({}), check=True, timeout=60)
