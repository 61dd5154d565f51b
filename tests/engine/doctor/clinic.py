"""A healthy installation with one tracker, to be broken in one place: everything is real but the tracker."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from connector.engine.doctor import Finding, Level, Patient, examine
from connector.plugins_host import PluginHost
from connector.rulebook import Rules
from connector.settings import Settings
from connector.store import Incoming, Store
from connector.trackers import Connection
from connector.trackers.admin import Admin
from connector.trackers.gitlab.admin import GitLabAdmin
from connector.trackers.jira.admin import JiraAdmin
from connector.trackers.reach import Reached
from tests.engine.line import write_rules
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

from .chinese import assert_chinese

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = "https://desk.example"
WELL = Reached(("203.0.113.9",))
FLAVORS = ("gitlab", "cloud", "dc")
RULES = """
version: 1
applies_to: {{{name}: [{project}]}}
mode: live
plugins: [priority, routing, replies, commands]
priority:
  levels: {{urgent: 50, high: 25, normal: 10, low: 0}}
  signals:
    - {{id: down, when: {{title: {{contains_any: [outage]}}}}, score: 50, because: "Text says: {{hits}}"}}
routing:
  - {{id: bugs, when: {{title: {{contains_any: [bug]}}}}, team: backend, assignee: bo}}
  - {{id: rest, team: frontline, assignee: ann}}
replies:
  - {{id: hello, on: created, audience: public, say: {{en: "We have your request."}}}}
"""
NAMES = """
priority:
  urgent: {jira: Highest, gitlab: "priority::1"}
  high: {jira: High, gitlab: "priority::2"}
  normal: {jira: Medium, gitlab: "priority::3"}
  low: {jira: [Low, Lowest], gitlab: "priority::4"}
team:
  frontline: {jira: component Frontline, gitlab: "team::frontline"}
  backend: {jira: 'field "Team" = Backend', gitlab: "team::backend"}
status:
  new: {jira: To Do}
  open: {gitlab: opened, jira: [Open, In Progress]}
  pending: {gitlab: "status::waiting", jira: [Waiting for customer, Waiting for vendor]}
  done: {gitlab: closed, jira: [Done, Resolved, Closed]}
fields:
  environment: {gitlab: "env::*", jira: 'field "Environment"'}
"""
PEOPLE = """
people:
  ann: {name: Ann Li, ids: {gitlab: [ann], jira: [ann]}, teams: [frontline]}
  bo: {name: Bo Park, ids: {gitlab: [bo], jira: [bo]}, teams: [backend]}
"""
LABELS = (
    *("priority::1", "priority::2", "priority::3", "priority::4"),
    *("team::frontline", "team::backend", "status::waiting", "env::prod"),
)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Clinic:
    """Change anything, then `examine`: `fake` is the tracker, `connection` ours to it, `files` are the rules."""

    flavor: str
    folder: Path
    fake: Any
    connection: Connection
    settings: Settings
    store: Store | None
    files: dict[str, str]
    hook: Any = None
    clock: Callable[[], datetime] = now
    reached: Reached = WELL
    store_trouble: str = ""
    patience: float = 30.0
    closing: list[Callable[[], object]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def gitlab(self) -> bool:
        return self.flavor == "gitlab"

    @property
    def project(self) -> str:
        return "acme/support" if self.gitlab else "SUP"

    def set(self, **given: Any) -> None:
        self.settings = replace(self.settings, **given)

    def connect(self, **given: Any) -> None:
        self.connection = replace(self.connection, **given)

    def edit(self, file: str, old: str, new: str) -> None:
        assert old in self.files[file], old
        self.files[file] = self.files[file].replace(old, new)

    def patient(self) -> Patient:
        rules_dir = write_rules(self.folder / "rules", self.files)
        host = PluginHost(ROOT / "plugins", self.settings.plugins_dir, seconds=2.0, entry_points=False)
        self.closing.append(host.close)
        rules = Rules(rules_dir, host, env={}, defaults={self.name: self.connection})
        reach = lambda _: self.reached  # noqa: E731
        return Patient(
            self.settings, self.store, self.store_trouble, rules, host, self.admin, reach, self.clock, self.patience
        )

    def admin(self, connection: Connection) -> Admin:
        make = GitLabAdmin if connection.kind == "gitlab" else JiraAdmin
        return make(connection, clock=self.clock)

    def examine(self, *only: str) -> list[Finding]:
        """What is found; every finding of every test is told in Chinese as well."""
        findings = list(examine(self.patient(), only))
        for each in findings:
            assert_chinese(each)
        return findings

    def bad(self, *only: str) -> dict[str, list[Finding]]:
        """Code → findings, hints and `ok` left out."""
        found: dict[str, list[Finding]] = {}
        for each in self.examine(*only):
            if each.level > Level.HINT:
                found.setdefault(each.code, []).append(each)
        return found


@contextmanager
def a_clinic(flavor: str, folder: Path) -> Iterator[Clinic]:
    """A healthy installation: the webhook is there, a worker runs, a webhook came, every word exists."""
    with FakeGitLab() if flavor == "gitlab" else FakeJira(flavor) as fake:
        connection = fake.connection(**({} if flavor == "gitlab" else {"internal_visibility": "role Administrators"}))
        for person in ("ann", "bo"):
            fake.person(person, name=person.title(), email=f"{person}@desk.example")
        (folder / "var").mkdir()
        settings = Settings(
            data_dir=folder / "var",
            rules_dir=folder / "rules",
            public_url=PUBLIC,
            console_token="console",
            trusted_proxies=("10.0.0.1/32",),
            database_url=f"sqlite:///{folder / 'var' / 'pointsman.db'}",
        )
        store = Store.open(settings.database)
        store.periodic.claim("reconcile", timedelta(minutes=5))
        store.inbox.accept(Incoming(connection.name, "d1", f"{connection.name}:1", "updated", {}, body=b"{}"))
        project = "acme/support" if flavor == "gitlab" else "SUP"
        rules = RULES.format(name=connection.name, project=project)
        files = {"support.yaml": rules, "_names.yaml": NAMES, "_people.yaml": PEOPLE}
        clinic = Clinic(flavor, folder, fake, connection, settings, store, files)
        clinic.hook = _furnish(clinic, f"{PUBLIC}/hooks/{connection.name}")
        try:
            yield clinic
        finally:
            for close in (*clinic.closing, store.close):
                close()
        assert fake.violations == []
        assert fake.writes() == [], "an examination changes nothing"


def _furnish(clinic: Clinic, address: str) -> Any:
    """Labels, an issue, and the webhook of this flavor; the webhook as the fake keeps it."""
    fake = clinic.fake
    fake.add(project=clinic.project, title="Cannot log in", by="customer")
    if clinic.gitlab:
        project = fake._world.project(clinic.project)
        project.labels.update({name: n for n, name in enumerate(LABELS, 1000)})
        events = dict.fromkeys(GitLabAdmin.events, True)
        id = fake.admin.add_hook(
            clinic.project, address, signing_token=fake.secret, enable_ssl_verification=True, **events
        )
        fake.admin.hooks[id].tried.append({"id": 1, "url": address, "trigger": "issues", "response_status": "202"})
    elif clinic.flavor == "cloud":
        id = fake.admin.add_hook(address, secret=fake.secret)
    else:
        fake.secret = "secret-in-the-path"
        clinic.connect(secrets=(fake.secret,))
        id = fake.admin.add_hook(f"{address}/{fake.secret}")
    return fake.admin.hooks[id]


class Stub:
    """A server that answers everything alike: for addresses where no tracker is."""

    def __init__(
        self, status: int = 200, body: bytes = b"<html>", tls: tuple[Path, Path] | None = None, **headers: str
    ):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that does not trust us hangs up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> Stub:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
