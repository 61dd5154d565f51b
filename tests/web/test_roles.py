"""Every route of the application, for everybody who may ask: strangers learn nothing, others what is theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

import app
from connector.engine.accept import type_ticket
from connector.settings import Settings
from connector.store import Incoming
from connector.web import create_probe, create_web
from connector.web.guard import PUBLIC
from connector.web.session import Signer
from connector.web.visitor import Standing, Visitor

RULES = Path(app.__file__).parent / "rules"
GIVEN = {"console_token": "t0ken-t0ken", "secret_key": ("test-key",), "rules_dir": RULES}
FAR = {"REMOTE_ADDR": "192.0.2.7"}
HOST = {"Host": "desk.example"}
SAFE = {"GET", "HEAD", "OPTIONS"}
DENIED = (401, 403, 429)

# Whatever changes something is listed here: a new route fails the first test until somebody says whose it is.
AGENT, ADMIN = Standing.AGENT, Standing.ADMIN
CHANGES = {
    "/tickets": AGENT,
    "/parked/<id>/replay": AGENT,
    "/parked/replay": AGENT,
    "/parked/<id>/discard": AGENT,
    "/connections/<name>/check": AGENT,
    "/plugins/<name>/again": ADMIN,
    "/api/v1/tickets": AGENT,
    "/api/v1/try": AGENT,
    "/api/v1/parked/<id>/replay": AGENT,
    "/api/v1/parked/<id>/discard": AGENT,
    "/api/v1/parked/replay": AGENT,
    "/api/v1/connections/<name>/check": AGENT,
    "/api/v1/plugins/<name>/again": ADMIN,
    "/api/v1/tokens/<name>/revoke": ADMIN,
}
READS = {
    "/changes": AGENT,
    "/parked/<id>/discard": AGENT,
    "/settings": ADMIN,
    "/api/v1/changes": AGENT,
    "/api/v1/settings": ADMIN,
    "/api/v1/tokens": ADMIN,
}
SIGNING = ("/sign-in", "/sign-out", "/sign-in/oidc", "/sign-in/oidc/callback")


@dataclass(frozen=True)
class Asker:
    """Somebody who asks from afar: with a token, a cookie, or nothing."""

    headers: tuple[tuple[str, str], ...] = ()
    cookie: str = ""


class Site:
    """The whole application over a real store, and one asker of each kind."""

    def __init__(self, folder: Path) -> None:
        self.services = app.build_services(Settings(data_dir=folder, **GIVEN))
        self.app = create_web(self.services)
        self.known = ("local", type_ticket(self.services, "Printer on fire", "It burns", "dana@customer.example"))
        self.parked = 0
        self.standings = {
            "viewer": Standing.VIEWER,
            "agent": AGENT,
            "admin": ADMIN,
            "scope read": Standing.VIEWER,
            "scope act": AGENT,
            "scope admin": ADMIN,
            "console": ADMIN,
        }
        make = self.services.store.tokens.make
        tokens = {name: make(name, [name], "test") for name in ("read", "act", "admin", "metrics")}
        revoked = make("revoked", ["admin"], "test")
        self.services.store.tokens.revoke("revoked", "test")
        now = datetime.now(UTC)
        self.askers = {
            "viewer": self.session(Standing.VIEWER, now),
            "agent": self.session(AGENT, now),
            "admin": self.session(ADMIN, now),
            **{f"scope {name}": self.bearer(token) for name, token in tokens.items()},
            "console": self.bearer(GIVEN["console_token"]),
        }
        self.strangers = {
            "nobody": Asker(),
            "revoked token": self.bearer(revoked),
            "unknown token": self.bearer("pmt_" + "x" * 43),
            "expired session": self.session(ADMIN, now - timedelta(days=8)),
            "signed by another key": self.session(ADMIN, now, key="another"),
            "of another console token": self.session(ADMIN, now, console_token="old"),
            "cut": Asker(cookie=self.session(ADMIN, now).cookie[:-3]),
            "raised": Asker(cookie=self.session(Standing.VIEWER, now).cookie.replace(".", "A.", 1)),
            "garbage": Asker(cookie="é\\x00"),
        }
        self.strangers = {name: asker for name, asker in self.strangers.items() if asker is not None}

    def park(self) -> None:
        """Have an event that is given up, so that there is something to replay and to discard."""
        accepted = self.services.store.inbox.accept(
            Incoming("test", f"delivery {self.parked}", f"local:test{self.parked}", "updated", {"x": 1})
        )
        self.parked = accepted.id
        for lane in self.services.store.inbox.claim("test", 10):
            with self.services.store.fenced(lane) as work:
                if lane.key.startswith("local:test"):
                    work.park(self.parked, "HTTP 502")
            self.services.store.inbox.release(lane)

    def session(self, standing, now, key="test-key", **changed):
        signer = Signer((key,), Settings(**{**GIVEN, **changed}))
        return Asker(cookie=signer.session(Visitor(f"{standing.name.lower()}@desk.example", standing), "token", now))

    def bearer(self, token):
        return Asker(headers=(("Authorization", f"Bearer {token}"),))

    def ask(self, asker, method, path, **more):
        client = self.app.test_client()
        if asker.cookie:
            client.set_cookie("pointsman_session", asker.cookie, domain="desk.example")
        headers = {**HOST, **dict(asker.headers), **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, environ_overrides=FAR, **more)

    def close(self):
        self.services.host.close()
        self.services.store.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture(autouse=True)
def _afresh(site):
    """Strangers with wrong tokens are many here, all at one address; what is parked is replayed by some."""
    with site.services.store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key LIKE 'door/wrong/%'")
    guesses(site)._here._wrong.clear()
    site.park()


def guesses(site):
    """The counter of the running application."""
    for function in site.app.before_request_funcs[None]:
        for cell in function.__closure__ or ():
            if hasattr(cell.cell_contents, "guesses"):
                return cell.cell_contents.guesses
    raise AssertionError("the guard is not installed")


def routes(site):
    """Every (method, rule) that is neither public nor part of signing in."""
    for rule in site.app.url_map.iter_rules():
        if rule.rule.startswith(PUBLIC) or rule.rule in SIGNING:
            continue
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            yield method, rule


def plain(rule: Rule) -> str:
    """`/parked/<id>/replay`, whatever the converter."""
    return re.sub(r"<(?:[^:>]*:)?(\w+)>", r"<\1>", rule.rule)


def needed(method: str, rule: Rule) -> Standing:
    """Whose the route is; a page or a question is everybody's who is let in, unless it is listed."""
    return READS.get(plain(rule), Standing.VIEWER) if method in SAFE else CHANGES[plain(rule)]


def masked(answer) -> str:
    """What was answered, without what is new each time."""
    return re.sub(r'"request_id": ?"\w+"|name="csrf" value="[^"]+"', "", answer.text)


def path_of(site, rule: Rule) -> str:
    """An address of the rule, about something that is there where that is easy."""
    tracker, key = site.known
    values = {"tracker": tracker, "key": key, "name": "vip", "id": str(site.parked), "number": "1"}
    return re.sub(r"<(?:[^:>]*:)?(\w+)>", lambda found: values.get(found[1], "x"), rule.rule)


def test_every_route_that_changes_something_belongs_to_somebody(site):
    nobody_s = [
        f"{method} {plain(rule)}"
        for method, rule in routes(site)
        if method not in SAFE and plain(rule) not in CHANGES
    ]

    assert nobody_s == [], "say in this file which role it takes"


def test_a_stranger_gets_the_same_401_everywhere(site):
    shapes = set()
    paths = [(method, path_of(site, rule)) for method, rule in routes(site)]
    paths += [
        ("GET", "/nothing-here"),
        ("DELETE", "/"),
        ("POST", "/changes"),
        ("PUT", "/api/v1/nothing"),
        ("GET", "/tickets/local/DESK-999"),
    ]
    for method, path in paths:
        answer = site.ask(Asker(), method, path, headers={"Accept": "application/json"})
        shapes.add((answer.status_code, masked(answer)))

    assert len(shapes) == 1
    assert shapes.pop()[0] == 401


@pytest.mark.parametrize(
    "name",
    [
        "nobody",
        "revoked token",
        "unknown token",
        "expired session",
        "signed by another key",
        "of another console token",
        "cut",
        "raised",
        "garbage",
    ],
)
def test_who_is_not_let_in_reaches_no_route(site, name):
    asker = site.strangers[name]
    reached = {}
    for method, rule in routes(site):
        guesses(site)._here._wrong.clear()
        status = site.ask(asker, method, path_of(site, rule)).status_code
        if status not in (401, 429):
            reached[f"{method} {rule.rule}"] = status

    assert reached == {}


@pytest.mark.parametrize("name", ["viewer", "agent", "admin", "scope read", "scope act", "scope admin", "console"])
def test_a_role_reaches_what_is_its_own_and_nothing_above(site, name):
    asker, standing = site.askers[name], site.standings[name]
    wrong = {}
    for method, rule in routes(site):
        # A form without its token is turned away as well: whether the role is enough is asked with a JSON body.
        more = {"json": {}} if method not in SAFE else {}
        answer = site.ask(asker, method, path_of(site, rule), headers={"Accept": "application/json"}, **more)
        denied = answer.status_code == 403
        if (
            denied != (standing < needed(method, rule))
            or answer.status_code in (401, 429)
            or answer.status_code >= 500
        ):
            wrong[f"{method} {rule.rule}"] = answer.status_code

    assert wrong == {}


def test_a_token_for_metrics_opens_metrics_and_nothing_else(site):
    asker = site.askers["scope metrics"]
    opened = [
        rule.rule
        for method, rule in routes(site)
        if site.ask(asker, method, path_of(site, rule), json={} if method != "GET" else None).status_code != 403
    ]

    assert opened == [rule for rule in opened if rule == "/metrics"]
    assert site.ask(asker, "GET", "/nothing").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/settings",
        "/nothing-here",
        "/tickets/local/DESK-1",
        "/metrics",
        "/api/v1/openapi.json",
        "/api/v1/tickets",
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_stranger_reads_nothing_of_ours_on_any_page(site, path, accept):
    answer = site.ask(Asker(), "GET", path, headers={"Accept": accept})

    assert answer.status_code == 401
    for word in ("Printer", "DESK", "frontline", "local", "vip", "openapi", "pointsman_"):
        assert word not in answer.text.replace(f'value="{path}"', "").replace(path, "")


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_known_and_unknown_tickets_look_alike_to_a_stranger(site, accept):
    tracker, key = site.known

    def seen(path):
        answer = site.ask(Asker(), "GET", path, headers={"Accept": accept})
        names = sorted(name for name, _ in answer.headers)
        return answer.status_code, masked(answer).replace(path.rpartition("/")[2], "KEY"), names

    assert seen(f"/tickets/{tracker}/{key}") == seen(f"/tickets/{tracker}/DESK-9")


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/nothing",
        "/hooks/",
        "/forms/x",
        "/intake/x",
        "/static/none.css",
        "/static/../guard.py",
        "/static/%2e%2e/guard.py",
        "/status/x",
    ],
)
def test_what_is_public_tells_nothing_either(site, path):
    answer = site.ask(Asker(), "GET", path)

    assert answer.status_code in (401, 404, 405)
    assert "Traceback" not in answer.text
    assert "Printer" not in answer.text


def test_readyz_quotes_nothing_to_strangers_and_to_tokens_for_metrics(site):
    for asker in (Asker(), site.strangers["revoked token"], site.askers["scope metrics"]):
        assert site.ask(asker, "GET", "/readyz").status_code in (200, 503)


@pytest.mark.parametrize("name", ["agent", "admin"])
def test_no_form_is_taken_without_its_token(site, name):
    taken = {}
    for method, rule in routes(site):
        if method not in SAFE:
            status = site.ask(
                site.askers[name], method, path_of(site, rule), data={"csrf": "forged", "title": "x"}
            ).status_code
            if status not in (403, 415, 422):
                taken[rule.rule] = status

    assert taken == {}


@pytest.mark.parametrize(
    "origin", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_no_other_site_steers_a_session_by_json_either(site, origin):
    for method, rule in routes(site):
        if method not in SAFE:
            answer = site.ask(site.askers["admin"], method, path_of(site, rule), json={"title": "x"}, headers=origin)
            assert answer.status_code == 403, rule.rule


def test_a_page_says_which_role_it_takes_in_the_language_of_the_asker(site):
    asked = site.ask(site.askers["viewer"], "GET", "/settings", headers={"Accept": "text/html"})
    chinese = site.ask(
        site.askers["viewer"], "GET", "/settings", headers={"Accept": "text/html", "Accept-Language": "zh"}
    )

    assert "role of an admin" in asked.text
    assert "管理员" in chinese.text
    assert (
        site.ask(site.askers["scope read"], "GET", "/settings")
        .json["error"]
        .startswith("This needs the role of an admin")
    )


def test_every_answer_has_the_headers_that_keep_it_safe(site):
    for method, rule in routes(site):
        for asker in (Asker(), site.askers["admin"]):
            answer = site.ask(asker, method, path_of(site, rule))
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], rule.rule
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_process_without_pages_shows_metrics_to_whom_they_are_for_and_nothing_else(site):
    browser = create_probe(site.services).test_client()

    def status(path, name=""):
        headers = {**HOST, **dict(site.askers[name].headers if name else ())}
        return browser.get(path, headers=headers, environ_overrides=FAR).status_code

    assert [status(path) for path in ("/metrics", "/", "/settings", "/nothing")] == [401] * 4
    assert status("/metrics", "scope metrics") == status("/metrics", "scope read") == 200
    assert [status(path, "console") for path in ("/", "/settings")] == [404, 404]
    assert status("/healthz") == 200


TEXTS = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=200)


@given(cookie=TEXTS, browser=TEXTS, journey=TEXTS, token=TEXTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cookie_and_no_token_breaks_anything(site, cookie, browser, journey, token):
    guesses(site)._here._wrong.clear()
    sent = {"Cookie": f"pointsman_session={cookie}; pointsman_browser={browser}; pointsman_oidc={journey}"}
    for path in ("/", "/sign-in", "/readyz", "/api/v1/tickets"):
        for headers in (sent, {**sent, "Authorization": f"Bearer {token}"}):
            assert site.ask(Asker(), "GET", path, headers=headers).status_code in (200, 401, 429)
    answer = site.ask(Asker(), "POST", "/sign-in", headers=sent, data={"token": token, "csrf": cookie})
    assert answer.status_code in (401, 403, 429)
