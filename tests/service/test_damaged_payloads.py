"""Damaged copies of the webhooks: never a 5xx, never a row for another ticket than the whole one is about."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import app
from connector.engine.services import Services
from connector.web import create_web

from .place import Place, a_place
from .samples import SHARED, Sample, own, recorded

EXAMPLES = max(100, int(2000 * float(os.environ.get("SOAK", "0.1"))))
DEEP = 10_000
WRONG: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**19, 10**30, "", "0", "-1", "x", "null", "\0", "\ud800", "9" * 400,
    "x" * 100_000, "../../../1", "７", "1e3", [], {}, [None], [[]], {"id": None}, {"": {}}, [1] * 1000,
]  # fmt: skip
COULD_BE_AN_ID: list[Any] = [2**31, 2**63, "12345", 12345.0]
"""Taken for one place alone: a body that names another ticket wherever it names one is about that ticket."""


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [*own(), *(recorded() if SHARED.is_dir() else [])]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, samples: list[Sample]) -> Iterator[Place]:
    with pytest.MonkeyPatch.context() as patch, a_place(tmp_path_factory.mktemp("damaged"), samples, patch) as found:
        yield found


@pytest.fixture(scope="module")
def services(place: Place) -> Iterator[Services]:
    built = app.build_services(place.settings)
    yield built
    built.host.close()
    built.store.close()


@pytest.fixture(scope="module")
def door(services: Services) -> FlaskClient:
    return create_web(services).test_client()


def paths(document: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value but the whole."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in inner:
        yield (*here, name)
        yield from paths(value, (*here, name))


def changed(document: Any, path: tuple[Any, ...], deed: Any) -> Any:
    """A copy in which `deed(parent, name)` was done at `path`."""
    found = copy.deepcopy(document)
    parent = found
    for name in path[:-1]:
        parent = parent[name]
    deed(parent, path[-1])
    return found


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> bytes:
    """One to four values dropped, replaced, doubled, or the text as a whole cut, flipped or buried."""
    places = draw(st.integers(1, 4))
    for _ in range(places):
        ways = list(paths(document))
        if not ways:
            break
        # Half of the damage is done near the top, where the reader looks.
        near = [way for way in ways if len(way) <= 2]
        path = draw(st.sampled_from(near if draw(st.booleans()) else ways))
        wrong = draw(st.sampled_from(WRONG + COULD_BE_AN_ID if places == 1 else WRONG))
        deed = (
            (lambda p, n: p.pop(n)) if draw(st.integers(0, 3)) == 0 else (lambda p, n, w=wrong: p.__setitem__(n, w))
        )
        document = changed(document, path, deed)
    text = json.dumps(document).encode()
    match draw(st.integers(0, 9)):
        case 0:
            return text[: draw(st.integers(0, len(text)))]
        case 1:
            at = draw(st.integers(0, len(text) - 1))
            return text[:at] + bytes([draw(st.sampled_from([0, 0x80, 0xFF, 0xC0, 0xED]))]) + text[at + 1 :]
        case 2:
            name = draw(st.sampled_from(re.findall(rb'"(\w+)":', text) or [b"x"]))
            return b'{"' + name + b'": null, ' + text[1:]
        case 3:
            return text[:-1] + b', "deep": ' + b"[" * DEEP + b"]" * DEEP + b"}"
        case _:
            return text


def judged(door: FlaskClient, place: Place, services: Services, sample: Sample, body: bytes) -> None:
    """Send it, signed, and look at what was stored for it; then forget that."""
    broken = replace(sample, body=body)
    secret = place.fakes[sample.tracker].secret
    answer = door.post(f"/hooks/{sample.tracker}", data=body, headers=broken.headers(secret))
    assert answer.status_code in (202, 204, 400), answer.status_code
    with services.store._database.write() as connection:
        stored = connection.exec_driver_sql("SELECT lane FROM inbox").scalars().all()
        connection.exec_driver_sql("DELETE FROM inbox")
        connection.exec_driver_sql("DELETE FROM seen")
    assert len(stored) <= 1
    assert bool(stored) == (answer.status_code == 202)
    assert set(stored) <= {f"{sample.tracker}:{sample.ticket}"}, "stored for another ticket"


@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
def test_a_damaged_body_is_never_a_5xx_and_never_another_ticket(
    door: FlaskClient, place: Place, services: Services, samples: list[Sample], data: st.DataObject
) -> None:
    sample = data.draw(st.sampled_from(samples))
    judged(door, place, services, sample, data.draw(damaged(json.loads(sample.body))))
