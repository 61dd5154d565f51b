"""A Jira on a loopback port: Cloud or Data Center, plain and service projects, webhooks, faults on demand."""

from __future__ import annotations

import base64
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connector.words import Connection

from . import Faults, Hook, Recorded
from .jira_admin import Administration
from .jira_edit import Outcome, new_comment
from .jira_hooks import comment_event, headers, issue_event, raw
from .jira_rest import Response, Rest
from .jira_world import Comment, Issue, World

ME = "pointsman"
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
KINDS = {"agent": "atlassian", "customer": "customer", "system": "app"}
FIELDS = {"title": "summary", "body": "description", "due": "duedate", "type": "issuetype"}


class FakeJira:
    """See `FakeTracker`. The project `HELP` is a service project; others are plain unless `project` says so.

    On Data Center agents of service projects are those whom `person` made agents. `rest.editor` can be
    told of fields that are on no screen and to refuse issue properties. `admin` has its administrative
    side; without `hooks` events go by HTTP to the webhooks made there. `headers` go with every answer.
    """

    kind = "jira"

    def __init__(self, flavor: str = "cloud", clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.flavor, self.cloud = flavor, flavor == "cloud"
        self.token, self.secret = "jira-token-of-the-fake", "a secret of the fake jira"
        self.requests: list[Recorded] = []
        self.violations: list[str] = []
        self.headers: dict[str, str] = {}
        self.faults = Faults()
        self.hooks: Hook | None = None
        self._lock = threading.RLock()
        self.world = World(clock, cloud=self.cloud)
        self.world.project("SUP")
        self.world.project("HELP", "service_desk")
        self.world.user(ME).name = "Pointsman"
        self.rest = Rest(self.world, ME, self.violations, self._told)
        self.admin = Administration(self.rest)
        self._deliveries: queue.Queue[Callable[[], object] | None] = queue.Queue()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = self.world.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        for run in (lambda: self._server.serve_forever(poll_interval=0.02), self._deliver):
            threading.Thread(target=run, daemon=True).start()

    def __enter__(self) -> FakeJira:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        self._deliveries.put(None)
        self._server.shutdown()
        self._server.server_close()

    def connection(self, name: str = "jira", **options: Any) -> Connection:
        user = "pointsman@desk.example" if self.cloud else ""
        return Connection(
            name,
            "jira",
            url=self.url,
            token=self.token,
            user=user,
            secrets=(self.secret,),
            flavor=self.flavor,
            options=options,
        )

    def flush(self) -> None:
        """Wait until every webhook so far was handed over."""
        self._deliveries.join()

    # What people do in the tracker's own pages.

    def project(self, key: str, type: str = "software") -> None:
        with self._lock:
            self.world.project(key, type)

    def person(self, account: str, *, name: str = "", role: str = "agent", email: str = "") -> None:
        with self._lock:
            user = self.world.user(account)
            user.name, user.email, user.kind = name or user.name, email, KINDS[role]
            for project in self.world.projects.values():
                agents = self.world.agents.setdefault(project.key, set())
                (agents.add if role == "agent" else agents.discard)(account)

    def add(
        self,
        *,
        project: str,
        title: str,
        body: str = "",
        by: str = "",
        labels: Iterable[str] = (),
        priority: str | None = None,
        type: str = "Task",
    ) -> str:
        with self._lock:
            self.world.project(project)
            values = {"summary": title, "description": body, "issuetype": type, "labels": list(labels)}
            values["priority"] = priority or "Medium"
            issue = self.world.new_issue(project, values, by or "customer", by or "customer")
            self._told("created", issue, issue.creator)
            return issue.id

    def plant(self, id: str, key: str, *, title: str, body: str = "", by: str = "customer") -> str:
        """An issue that has been there for long, under the ids that a recorded webhook names; no hook fires."""
        with self._lock:
            project = key.rpartition("-")[0]
            self.world.project(project)
            values = {"summary": title, "description": body, "issuetype": "Task", "labels": [], "priority": "Medium"}
            self.world.issues[id] = Issue(id, key, project, values, by, by, LONG_AGO, LONG_AGO)
            self.world.keys[key] = id
            return id

    def edit(self, ticket: str, by: str, **fields: Any) -> None:
        """`title body priority assignee due labels components status type`, or a field's id, as plain words."""
        with self._lock:
            issue = self._issue(ticket)
            status = fields.pop("status", None)
            values = {FIELDS.get(name, name): value for name, value in fields.items()}
            values = {k: sorted(v) if k in ("labels", "components") else v for k, v in values.items()}
            self.rest.apply(issue, Outcome(values), by)
            if status:
                self.rest.set_status(issue, status, by)

    def comment(self, ticket: str, by: str, text: str, public: bool = True) -> str:
        with self._lock:
            issue = self._issue(ticket)
            service = self.world.service(issue)
            restricted = None if public or service else {"type": "role", "value": "Developers"}
            marks = {"sd.public.comment": {"internal": not public}} if service else {}
            comment = new_comment(self.world, issue, {"body": text, "visibility": restricted}, by, marks)
            self._touch(issue)
            self._told("edited", issue, by, added=[comment])
            return comment.id

    def edit_comment(self, ticket: str, comment: str, by: str, text: str) -> None:
        with self._lock:
            issue = self._issue(ticket)
            found = self._comment(issue, comment)
            found.body, found.updated, found.updated_by = text, self.world.clock(), by
            self._touch(issue)
            self._told("edited", issue, by, edited=[found])

    def delete_comment(self, ticket: str, comment: str, by: str) -> None:
        with self._lock:
            issue = self._issue(ticket)
            found = self._comment(issue, comment)
            issue.comments.remove(found)
            self._touch(issue)
            self._told("edited", issue, by, deleted=[found])

    def delete(self, ticket: str, by: str) -> None:
        with self._lock:
            issue = self._issue(ticket)
            del self.world.issues[issue.id]
            self._told("deleted", issue, by)

    def state(self, ticket: str) -> dict[str, Any]:
        with self._lock:
            issue = self._issue(ticket)
            values = issue.values
            return {
                "title": values.get("summary"),
                "body": values.get("description"),
                "labels": set(values.get("labels", [])),
                "priority": values.get("priority"),
                "assignee": values.get("assignee"),
                "status": issue.status,
                "due": values.get("duedate"),
                "components": set(values.get("components", [])),
                "fields": {k: v for k, v in values.items() if k.startswith("customfield_")},
                "links": list(issue.links),
                "properties": dict(issue.properties),
                "comments": [self._shown(issue, comment) for comment in issue.comments],
                "version": issue.version,
            }

    def writes(self, ticket: str | None = None) -> list[Recorded]:
        with self._lock:
            found = [r for r in self.requests if r.method != "GET"]
        path = f"/rest/api/2/issue/{ticket}"
        return [r for r in found if ticket is None or r.path == path or r.path.startswith(path + "/")]

    # What the server does.

    def answer(self, recorded: Recorded) -> Response:
        """One request, without faults."""
        with self._lock:
            if not self._known(recorded.headers.get("authorization", "")):
                return Response(401, {"errorMessages": ["Client must be authenticated to access this resource."]})
            answer = self.admin.handle(recorded.method, recorded.path, recorded.query, recorded.body)
            if answer:
                return answer
            if not recorded.path.startswith("/rest/api/2/"):
                self.violations.append(f"{recorded.method} {recorded.path}: outside the API")
                return Response(404, {"errorMessages": ["null for uri"]})
            path = recorded.path.removeprefix("/rest/api/2")
            return self.rest.handle(recorded.method, path, recorded.query, recorded.body)

    def stalled(self) -> None:
        self._closing.wait(self.faults.stall_seconds)

    def _known(self, given: str) -> bool:
        if not self.cloud:
            return given == f"Bearer {self.token}"
        return given == "Basic " + base64.b64encode(f"pointsman@desk.example:{self.token}".encode()).decode()

    def _issue(self, ticket: str) -> Issue:
        issue = self.world.find(ticket)
        if issue is None:
            raise KeyError(f"no issue {ticket} here")
        return issue

    def _comment(self, issue: Issue, id: str) -> Comment:
        return next(c for c in issue.comments if c.id == id)

    def _touch(self, issue: Issue) -> None:
        issue.updated, issue.version = self.world.clock(), issue.version + 1

    def _shown(self, issue: Issue, comment: Comment) -> dict[str, Any]:
        return {
            "id": comment.id,
            "text": comment.body,
            "public": self.world.public(issue, comment),
            "author": comment.author,
            "properties": dict(comment.properties),
            "visibility": comment.visibility,
        }

    def _told(
        self,
        what: str,
        issue: Issue,
        by: str,
        history: dict[str, Any] | None = None,
        added: Iterable[Comment] = (),
        edited: Iterable[Comment] = (),
        deleted: Iterable[Comment] = (),
    ) -> None:
        project = issue.project
        if what in ("created", "deleted"):
            name = "issue_created" if what == "created" else ""
            self._send(project, issue_event(self.world, what, issue, by, name))
            return
        if what == "property":
            self._send(project, self.admin.property_event(issue, (history or {})["key"]))
            return
        told = [
            *((c, "created") for c in added),
            *((c, "updated") for c in edited),
            *((c, "deleted") for c in deleted),
        ]
        if history:
            self._send(project, issue_event(self.world, "updated", issue, by, _name(history), changelog=history))
        for comment, change in told:
            self._send(project, comment_event(self.world, change, issue, comment))
            if not self.cloud:
                name = {"created": "issue_commented", "updated": "issue_comment_edited"}.get(change)
                shown = {"comment": self.world.comment_json(issue, comment)} if name else {}
                event = issue_event(self.world, "updated", issue, by, name or "issue_comment_deleted", **shown)
                self._send(project, event)

    def _send(self, project: str, body: dict[str, Any]) -> None:
        if self.hooks is None:
            for each in self.admin.wanting(body["webhookEvent"], project):
                self._deliveries.put(partial(self.admin.deliver, each, body))
            return
        content = raw(body)
        self._deliveries.put(partial(self._hand_over, headers(content, self.secret, cloud=self.cloud), content))

    def _hand_over(self, sent: dict[str, str], content: bytes) -> None:
        hook = self.hooks
        if hook:
            hook(sent, content)

    def _deliver(self) -> None:
        while (item := self._deliveries.get()) is not None:
            try:
                item()
            except Exception as error:  # the receiver's failure is the test's to see, not this thread's end
                self.violations.append(f"the receiver failed: {error!r}")
            finally:
                self._deliveries.task_done()
        self._deliveries.task_done()


def _name(history: dict[str, Any]) -> str:
    fields = {item["field"] for item in history["items"]}
    return "issue_assigned" if fields == {"assignee"} else "issue_generic" if "status" in fields else "issue_updated"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is its own business."""


def _handler(fake: FakeJira) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 30

        def do_GET(self) -> None:
            recorded = self._recorded()
            if recorded is None:
                return
            fault = fake.faults.next(write=recorded.method != "GET")
            if fault == "stall":
                fake.stalled()
                self._cut()
            elif fault in ("500-before", "429", "401"):
                status = int(fault[:3])
                self._send(
                    Response(status, {"errorMessages": [fault]}, {"Retry-After": "1"} if status == 429 else {})
                )
            else:
                self._after(fault, fake.answer(recorded))

        do_PUT = do_POST = do_DELETE = do_GET

        def _after(self, fault: str, response: Response) -> None:
            if fault == "cut-after":
                self._cut()
            else:
                self._send(Response(500, {"errorMessages": [fault]}) if fault == "500-after" else response)

        def _recorded(self) -> Recorded | None:
            """The request; None if its sender died in the midst of it."""
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            if len(content) < length:
                self.close_connection = True
                return None
            sent = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(content) if content else None
            recorded = Recorded(self.command, parts.path, parse_qs(parts.query), body, sent)
            with fake._lock:
                fake.requests.append(recorded)
            return recorded

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _send(self, response: Response) -> None:
            content = b"" if response.body is None else json.dumps(response.body).encode()
            self.send_response(response.status)
            if content:
                self.send_header("Content-Type", "application/json;charset=UTF-8")
            if response.status != 204:
                self.send_header("Content-Length", str(len(content)))
            for name, value in {**fake.headers, **response.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
