"""A GitLab on a loopback port: real HTTP, strict parameters, quick actions that run, webhooks, faults on demand."""

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
from .gitlab_admin import Administration
from .gitlab_hooks import headers, issue_body, note_body, raw
from .gitlab_rest import Response, Rest
from .gitlab_world import Issue, Note, Project, User, World, names

ME = "pointsman"
LONG_AGO = datetime(2010, 1, 1, tzinfo=UTC)
LEVELS = {"agent": 30, "customer": 0, "system": 0}


class FakeGitLab:
    """See `FakeTracker`. `executed` lists the quick actions that a text of ours has run: it should stay empty.

    `blocks_recursion`: as a real instance does when a request repeats the `X-Gitlab-Event-UUID` of a
    delivery, no hook fires for it. Off by default, so that echoes are met.
    The project `acme/support` is there from the first, others come with their first issue.
    `notes_per_minute`: beyond it notes are answered 429, as on GitLab.com. `headers` go with every answer.
    `admin` has its administrative side; without `hooks` events go by HTTP to the webhooks made there.
    """

    kind = "gitlab"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.token = "glpat-fake"
        self.secret = "whsec_" + base64.b64encode(b"a secret of the fake gitlab").decode()
        self.requests: list[Recorded] = []
        self.violations: list[str] = []
        self.headers: dict[str, str] = {}
        self.faults = Faults()
        self.hooks: Hook | None = None
        self.blocks_recursion = False
        self.notes_per_minute: int | None = None
        self._lock = threading.RLock()
        self._clock = clock
        self._note_times: list[datetime] = []
        self._chains: set[str] = set()
        self._world = World(clock)
        self._world.project("acme/support")
        me = self._world.user(ME)
        me.level = 40
        self._rest = Rest(self._world, me, self.violations, self._changed)
        self.admin = Administration(self._rest, lambda: self.url)
        self._deliveries: queue.Queue[Callable[[], object] | None] = queue.Queue()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = self._rest.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        self._threads = [threading.Thread(target=t, daemon=True) for t in (serve, self._deliver)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> FakeGitLab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing.set()
        self._deliveries.put(None)
        self._server.shutdown()
        self._server.server_close()

    @property
    def executed(self) -> list[str]:
        return self._world.executed

    def connection(self, name: str = "gitlab") -> Connection:
        return Connection(name, "gitlab", url=self.url, token=self.token, secrets=(self.secret,))

    def grow_old(self) -> None:
        """Behave as a release before 15.5, which ignores `internal`."""
        self._rest.knows_internal = False

    def flush(self) -> None:
        """Wait until every webhook so far was handed over."""
        self._deliveries.join()

    # What people do in the tracker's own pages.

    def person(self, account: str, *, name: str = "", role: str = "agent", email: str = "") -> None:
        with self._lock:
            user = self._world.user(account)
            user.name, user.email, user.level = name or user.name, email, LEVELS[role]

    def add(
        self,
        *,
        project: str,
        title: str,
        body: str = "",
        by: str = "",
        labels: Iterable[str] = (),
        priority: str | None = None,
        type: str = "issue",
    ) -> str:
        with self._lock:
            author = self._world.user(by or "customer")
            issue = self._world.new_issue(self._world.project(project), author, title, body, type)
            first = {*labels, *([priority] if priority else [])}
            if first:
                self._world.apply(issue, author, {"add_labels": first})
            self._changed("open", issue, author, {}, "")
            return issue.ticket

    def plant(self, project: int, path: str, iid: int, *, title: str, body: str = "", by: str = "customer") -> str:
        """An issue that has been there for long, under the ids that a recorded webhook names; no hook fires."""
        with self._lock:
            if self._world.find_project(str(project)) is None:
                self._world.projects[path] = Project(project, path)
            home, author = self._world.find_project(str(project)), self._world.user(by)
            assert home is not None
            issue = Issue(next(self._world.ids), iid, home, author, title, body, "issue", LONG_AGO, LONG_AGO)
            home.issues[iid] = issue
            return issue.ticket

    def edit(self, ticket: str, by: str, **fields: Any) -> None:
        """Parameters as `PUT` takes them; also `assignee` (a username), `status` (`opened` or `closed`),
        `priority` and `team` (labels that take the place of their siblings)."""
        with self._lock:
            issue, who = self._world.issue(ticket), self._world.user(by)
            changes = self._world.apply(issue, who, self._params(issue, dict(fields)))
            if changes:
                self._changed("update", issue, who, changes, "")

    def _params(self, issue: Issue, fields: dict[str, Any]) -> dict[str, Any]:
        add, gone = names(fields.pop("add_labels", ())), names(fields.pop("remove_labels", ()))
        for what in ("priority", "team"):
            if what in fields:
                label = fields.pop(what)
                gone |= {name for name in issue.labels if name.partition("::")[0] == what and name != label}
                add |= {label} if label else set()
        if "assignee" in fields:
            account = fields.pop("assignee")
            fields["assignee_ids"] = [self._world.user(account).id] if account else [0]
        if "status" in fields:
            fields["state_event"] = "close" if fields.pop("status") == "closed" else "reopen"
        return {**fields, "add_labels": add, "remove_labels": gone}

    def comment(self, ticket: str, by: str, text: str, public: bool = True) -> str:
        with self._lock:
            issue, who = self._world.issue(ticket), self._world.user(by)
            note = self._world.add_note(issue, who, text, internal=not public)
            self._changed("note", issue, who, note, "")
            return str(note.id)

    def edit_comment(self, ticket: str, comment: str, by: str, text: str) -> None:
        with self._lock:
            issue, who = self._world.issue(ticket), self._world.user(by)
            note = issue.notes[int(comment)]
            note.body, note.updated = text, self._clock()
            issue.updated = note.updated
            self._changed("note-edit", issue, who, note, "")

    def delete_comment(self, ticket: str, comment: str, by: str) -> None:
        """GitLab sends no webhook for it."""
        with self._lock:
            del self._world.issue(ticket).notes[int(comment)]

    def delete(self, ticket: str, by: str) -> None:
        """GitLab sends no webhook for it."""
        with self._lock:
            issue = self._world.issue(ticket)
            del issue.project.issues[issue.iid]

    def state(self, ticket: str) -> dict[str, Any]:
        with self._lock:
            issue = self._world.issue(ticket)
            priority = next((name for name in sorted(issue.labels) if name.startswith("priority")), None)
            return {
                "title": issue.title,
                "body": issue.description,
                "labels": set(issue.labels),
                "priority": priority,
                "assignee": issue.assignees[0].username if issue.assignees else None,
                "status": issue.state,
                "due": issue.due,
                "components": set(),
                "fields": {},
                "links": list(issue.links),
                "comments": [_comment(note) for note in issue.notes.values() if not note.system],
                "version": issue.version,
            }

    def writes(self, ticket: str | None = None) -> list[Recorded]:
        with self._lock:
            found = [r for r in self.requests if r.method != "GET"]
        if ticket is None:
            return found
        project, _, iid = ticket.partition("/")
        path = f"/api/v4/projects/{project}/issues/{iid}"
        return [r for r in found if r.path == path or r.path.startswith(path + "/")]

    # What the server does.

    def answer(self, recorded: Recorded) -> Response:
        """One request, without faults."""
        with self._lock:
            if recorded.headers.get("private-token") != self.token:
                return Response(401, {"message": "401 Unauthorized"})
            if not recorded.path.startswith("/api/v4/"):
                self.violations.append(f"{recorded.method} {recorded.path}: outside the API")
                return Response(404, {"error": "404 Not Found"})
            if self._over_limit(recorded):
                return Response(
                    429, {"message": "This endpoint has been requested too many times."}, {"Retry-After": "60"}
                )
            if refused := self.admin.allowed(recorded.method):
                return refused
            path = recorded.path.removeprefix("/api/v4")
            chain = recorded.headers.get("x-gitlab-event-uuid", "")
            return self._rest.handle(recorded.method, path, recorded.query, recorded.body, chain)

    def _over_limit(self, recorded: Recorded) -> bool:
        if self.notes_per_minute is None or recorded.method != "POST" or not recorded.path.endswith("/notes"):
            return False
        now = self._clock()
        self._note_times = [at for at in self._note_times if (now - at).total_seconds() < 60]
        self._note_times.append(now)
        return len(self._note_times) > self.notes_per_minute

    def _changed(self, what: str, issue: Issue, by: User, detail: Any, chain: str) -> None:
        if self.blocks_recursion and chain in self._chains and chain:
            return
        if isinstance(detail, Note):
            body = note_body(self.url, issue, by, detail, "update" if what == "note-edit" else "create")
        else:
            action = {1: "reopen", 2: "close"}.get(detail.get("state_id", {}).get("current"), what)
            body = issue_body(self.url, issue, by, action, detail)
        if self.hooks is None:
            for each in self.admin.wanting(issue, body):
                self._deliveries.put(partial(self.admin.deliver, each, body, chain))
            return
        content = raw(body)
        sent = headers(body, content, self.url, self.secret, chain, self._clock())
        self._chains.add(sent["X-Gitlab-Event-UUID"])
        self._deliveries.put(partial(self._hand_over, sent, content))

    def _hand_over(self, sent: dict[str, str], content: bytes) -> None:
        hook = self.hooks
        if hook:
            hook(sent, content)

    def _deliver(self) -> None:
        while (item := self._deliveries.get()) is not None:
            try:
                item()
            except Exception as error:  # a receiver that fails is recorded, as GitLab does, and not tried again
                self.violations.append(f"the receiver failed: {error!r}")
            finally:
                self._deliveries.task_done()
        self._deliveries.task_done()

    def stalled(self) -> None:
        self._closing.wait(self.faults.stall_seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is its own business."""


def _handler(fake: FakeGitLab) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = 30

        def do_GET(self) -> None:
            recorded = self._recorded()
            if recorded is None:
                return
            fault = fake.faults.next(write=recorded.method != "GET")
            if fault in ("500-before", "429", "401", "stall"):
                self._fail(fault)
                return
            response = fake.answer(recorded)
            if fault == "500-after":
                self._send(Response(500, {"message": "500 Internal Server Error"}))
            elif fault == "cut-after":
                self._cut()
            else:
                self._send(response)

        do_PUT = do_POST = do_DELETE = do_PATCH = do_GET

        def _recorded(self) -> Recorded | None:
            """The request; None if its sender died in the midst of it."""
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            if len(content) < length:
                self.close_connection = True
                return None
            body = json.loads(content) if content else None
            sent = {name.lower(): value for name, value in self.headers.items()}
            recorded = Recorded(self.command, parts.path, parse_qs(parts.query), body, sent)
            with fake._lock:
                fake.requests.append(recorded)
            return recorded

        def _fail(self, fault: str) -> None:
            if fault == "stall":
                fake.stalled()
                self._cut()
                return
            status = {"500-before": 500, "429": 429, "401": 401}[fault]
            said = {"Retry-After": "1"} if status == 429 else {}
            self._send(Response(status, {"message": f"{status}"}, said))

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _send(self, response: Response) -> None:
            content = b"" if response.body is None else json.dumps(response.body).encode()
            self.send_response(response.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in {**fake.headers, **response.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def _comment(note: Note) -> dict[str, Any]:
    author = note.author.username
    return {"id": str(note.id), "text": note.body, "public": not note.internal, "author": author, "properties": {}}
