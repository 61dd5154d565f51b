"""The page about the API: its requests are made, its answers are of the right shape, its tables are complete."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from connector.web.api.part import ERRORS
from connector.web.api.schemas import ErrorSchema
from tests.web.api.place import Place, furnished, the_document

from .api_page import PAGE, page
from .pages import quoted, rows, section, text_of

TEXT = text_of(PAGE)
REQUESTS = re.findall(r"^curl .*$", TEXT, re.MULTILINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    with furnished(f"sqlite:///{folder / 'pointsman.db'}", folder) as found:
        yield found


def asked(place: Place, line: str, scope: str):
    """The answer to the request that a line of `curl` makes."""
    words = iter(shlex.split(line.replace("$TOKEN", place.tokens[scope]))[1:])
    method, headers, data, url = "GET", {}, None, ""
    for word in words:
        match word:
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                method, data = "POST", next(words)
            case "-X":
                method = next(words)
            case _:
                url = word
    parts = urlsplit(url)
    path = re.sub(r"/parked/\d+/", lambda _: f"/parked/{place.parked()}/", parts.path)
    return place.app.test_client().open(f"{path}?{parts.query}", method=method, headers=headers, data=data)


def test_there_are_requests_to_make():
    assert len(REQUESTS) >= 10


@pytest.mark.parametrize("line", REQUESTS)
def test_a_request_of_the_page_is_answered(place, line):
    scope = "act" if " -d " in line or " -X " in line else "read"

    assert asked(place, line, scope).status_code in (200, 201)


def test_the_answers_of_the_page_have_the_members_of_real_ones(place):
    listed, error = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))

    assert set(listed) == set(asked(place, REQUESTS[0], "read").json)
    assert set(error) == {field.data_key or name for name, field in ErrorSchema().fields.items()}
    wrong = place.app.test_client().get("/api/v1/tickets?limit=x", headers=place.headers("read")).json
    assert {**wrong, "request_id": ""} == {**error, "request_id": ""}


def test_every_status_of_the_document_is_explained():
    document = the_document()
    statuses = {
        int(status)
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in ("get", "post")
        for status in operation["responses"]
    }
    explained = {int(cells[0]) for cells in rows(section(TEXT, "## Errors"))}

    assert {status for status in statuses if status >= 400} == set(ERRORS)
    # Which methods an address knows is said by the document as a whole.
    assert explained == {*ERRORS, 405}


def test_the_scopes_are_explained():
    assert [quoted(cells[0])[0] for cells in rows(section(TEXT, "## A token"))] == ["read", "act", "admin"]


def test_the_table_of_operations_is_that_of_the_document():
    assert page() == TEXT, "run: python -m tests.docs.api_page"
