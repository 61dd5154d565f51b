"""The API is as its document says, whatever is sent: every operation, with good and with bad requests."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks as conformance

from tests.databases import fresh_database, kinds
from tests.web.api.place import Place, furnished, the_document

SOAK = float(os.environ.get("SOAK", "0.1"))
EXAMPLES = max(4, round(100 * SOAK))
OURS_TO_REFUSE = {"cursor", "title", "email", "reason", "ticket", "from", "until", "sla"}
"""What no schema can tell is wrong: a cursor that we did not make, a text of blanks, a ticket that makes no sense,
a span that is none, a question about clocks."""


class Switch:
    """The application of the place at hand: operations are known before there is any place."""

    inner: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self.inner(environ, start_response)


HERE = Switch()


def described() -> Any:
    """The document, from which tests are made, one for each operation."""
    document = the_document()
    for shape in document["components"]["schemas"].values():
        # Readers must not mind more members than are documented; we do.
        shape.setdefault("additionalProperties", False)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = HERE
    return schema


api = described()


@pytest.fixture(scope="module", params=kinds())
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("api")
    with fresh_database(request.param, folder) as url, furnished(url, folder) as found:
        HERE.inner = found.app
        yield found


@pytest.fixture(scope="module")
def answered(place: Place) -> dict[str, Counter[int]]:
    """For each operation, how often it ended in which status."""
    return defaultdict(Counter)


def test_the_document_is_valid_and_served(place):
    api.validate()

    answer = place.app.test_client().get("/api/v1/openapi.json", headers=place.headers("read"))

    assert answer.json == the_document()


def lead(case: schemathesis.Case, place: Place) -> None:
    """Let the request be about something that is there."""
    names = case.path_parameters or {}
    for name in names:
        match name:
            case "id":
                names[name] = place.parked()
            case "tracker":
                names[name] = "local"
            case "key":
                names[name] = "DESK-1"
            case "name":
                part = case.operation.path.split("/")[3]
                known = {"plugins": "priority", "rules": "desk", "connections": "gitlab"}
                names[name] = known[part] if part in known else place.token()


@api.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_operation_answers_as_documented(case, place, answered):
    positive = case.meta is None or case.meta.generation.mode.is_positive
    if positive:
        lead(case, place)

    response = case.call(headers=place.headers("admin"))

    answered[case.operation.label][response.status_code] += 1
    excluded = []
    if response.status_code == 422 and set(response.json()["fields"]) <= OURS_TO_REFUSE:
        excluded = [conformance.positive_data_acceptance]
    if response.status_code == 413:
        # Of whatever is too large nothing is read, so that nothing can be said of what it holds.
        excluded = [conformance.positive_data_acceptance, conformance.negative_data_rejection]
    case.validate_response(response, headers=place.headers("admin"), excluded_checks=excluded)


def test_every_operation_was_answered_well_too(answered):
    well = {label for label, counts in answered.items() if any(200 <= status < 300 for status in counts)}

    assert well == {result.ok().label for result in api.get_all_operations()}
