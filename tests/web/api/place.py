"""A small installation with something of everything, behind a door that counts no wrong guesses against anybody."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

import app
from connector.engine.accept import type_ticket
from connector.engine.checking import Checked
from connector.engine.services import Services
from connector.engine.work import Engine
from connector.settings import Settings
from connector.store import Incoming
from connector.web import create_web
from connector.web.answers import Answers
from connector.web.api import add_api, document_of
from connector.web.visitor import SCOPES

RULES = Path(app.__file__).parent / "rules"
TITLES = ("支付失败，全部用户无法登录", "Invoice is wrong", "Login fails for all users", "Question", "Crash 502")


class Place:
    """Services with tickets, a rule book, parked events and one token for each scope; `app` is what they serve."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.checked: list[str] = []
        self.app = create_web(services, self._check)
        self.app.wsgi_app = FromEverywhere(self.app.wsgi_app)  # type: ignore[method-assign]
        self._count = itertools.count(1)
        make = services.store.tokens.make
        self.tokens = {scope: make(f"of-{scope}", [scope], "console") for scope in SCOPES}

    def _check(self, name: str) -> Checked:
        """As if the doctor had looked at once."""
        self.checked.append(name)
        return Checked.DONE

    def headers(self, scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[scope]}"}

    def parked(self) -> int:
        """The number of an event that was just given up."""
        store, n = self.services.store, next(self._count)
        number = store.inbox.accept(Incoming("local", f"parked/{n}", f"local:p{n}", "updated", {})).id
        assert number is not None
        for lane in store.inbox.claim("test", 50):
            with store.fenced(lane) as work:
                # What an earlier test replayed waits as well: it has no ticket, and is taken as done.
                work.finish(row.id for row in store.inbox.waiting(lane) if row.id != number)
                if lane.key == f"local:p{n}":
                    work.park(number, "TrackerError: PUT issue: 403")
            store.inbox.release(lane)
        return number

    def token(self) -> str:
        """The name of a token that was just made."""
        name = f"spare-{next(self._count)}"
        self.services.store.tokens.make(name, ["read"], "console")
        return name

    def work(self) -> None:
        """Work everything that waits, here and now."""
        for lane in self.services.store.inbox.claim("test", 50):
            Engine(self.services).handle(lane, self.services.store.inbox.waiting(lane))
            self.services.store.inbox.release(lane)


class FromEverywhere:
    """Each request comes from an address of its own, none of them this machine's."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._count = itertools.count(1)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        n = next(self._count)
        environ["REMOTE_ADDR"] = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        return self._inner(environ, start_response)


def the_document() -> dict[str, Any]:
    """The document of the API; no installation is needed to know it."""
    only_api = Flask("document")
    only_api.json = Answers(only_api)
    add_api(only_api, None)  # type: ignore[arg-type]
    document: dict[str, Any] = json.loads(only_api.json.dumps(document_of(only_api)))
    return document


@contextmanager
def furnished(url: str, folder: Path) -> Iterator[Place]:
    """A place on the empty database `url`."""
    given = Settings(
        data_dir=folder,
        database_url=url,
        rules_dir=RULES,
        console_token="the console's",
        gitlab_url="http://127.0.0.1:9",
    )
    services = app.build_services(given)
    try:
        place = Place(services)
        for title in TITLES:
            type_ticket(services, title, "Please help", "dana@bigbank.example")
        place.work()
        place.parked()
        yield place
    finally:
        services.host.close()
        services.store.close()
