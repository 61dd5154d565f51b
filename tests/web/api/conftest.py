"""A furnished place for each file of tests, and somebody who asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .place import Place, furnished


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    with furnished(f"sqlite:///{folder / 'pointsman.db'}", folder) as found:
        yield found


@pytest.fixture
def ask(place: Place) -> Callable[..., Any]:
    """`ask(method, path, scope)` gives the answer to a program with a token of `scope`; '' is a stranger."""

    def asked(method: str, path: str, scope: str = "read", **given: Any) -> Any:
        headers = {**(place.headers(scope) if scope else {}), **given.pop("headers", {})}
        return place.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **given)

    return asked
