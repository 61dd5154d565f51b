"""One request to Jira, one answer: sessions, timeouts, limits, and every failure as a `TrackerError`.

The `jira` client builds the session (address, authentication, certificates, proxies). Its own
methods are not used for requests: many send two where one will do, and its session repeats a POST
whose answer was lost. Retries belong to the inbox.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from jira import JIRA

from ...core.json_body import parse_json
from ...errors import Gone, Rejected, TrackerError
from ...words import Connection
from ..counting import asked, held_back
from ..http import retry_after
from ..shapes import mapping, text, word
from .limits import Limits

API = "/rest/api/2"
TIMEOUT = (5.0, 20.0)
"""Seconds to connect, and between two pieces of an answer."""

MAX_ANSWER = 32 * 1024 * 1024
TRANSIENT = frozenset({401, 408, 409, 425, 429})
"""Answers below 500 after which the same request may succeed; 401 too, since tokens are rotated."""

LONGEST_ANSWER = 60.0
"""Seconds for a whole answer, however slowly it drips."""

_BEFORE_SENDING = ("NewConnectionError", "NameResolutionError", "CERTIFICATE_VERIFY_FAILED")


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer; `body` is None where Jira sent none."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Client:
    """Sends requests for one connection. Thread-safe: each thread has its own session."""

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Callable[[], datetime],
        timeout: tuple[float, float] = TIMEOUT,
        limits: Limits | None = None,
    ) -> None:
        self.base = connection.url.rstrip("/")
        self._connection = connection
        self._clock = clock
        self._timeout = timeout
        self.limits = limits or Limits()
        self._local = threading.local()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at `path`; raise `Gone` for a 404."""
        return self.send("GET", path, params=params).body

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Send one request and return a 2xx answer; raise `TrackerError` for anything else."""
        call = f"{method} {path}"
        self._wait(method, path, call)
        with asked(self._connection.name, method) as answer:
            try:
                response = self._request(method, path, params, body)
            except requests.RequestException as error:
                raise _unanswered(call, error) from None
            answer.status = response.status_code
        now = self._clock()
        limit = self.limits.note(method, path, response.status_code, response.headers, now)
        if 200 <= response.status_code < 300:
            return Reply(response.status_code, _json(call, method, response), response.headers)
        raise _refusal(call, response, now, read=method == "GET", limit=limit)

    def _wait(self, method: str, path: str, call: str) -> None:
        now = self._clock()
        held = self.limits.held(method, path, now)
        if held is not None:
            seconds = max(held.wait.total_seconds(), 0.01)
            held_back(self._connection.name, seconds, held.reason)
            detail = f"held back: Jira's limit ({held.reason})"
            raise TrackerError(call, status=429, sent=False, retry_after=seconds, detail=detail)

    def _request(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> requests.Response:
        session = self._session()
        # The base class's method: the client's own repeats requests, and reads errors in ways that can raise.
        # Redirects are not followed: a PUT would arrive as a GET, and most lead to a login page.
        response = requests.Session.request(
            session,
            method,
            self.base + path,
            params=params,
            data=None if body is None else json.dumps(body).encode(),
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        )
        _load(response)
        return response

    def _session(self) -> requests.Session:
        client = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = _client(self._connection)
        session: requests.Session = client._session
        return session


def _client(connection: Connection) -> JIRA:
    basic = (connection.user, connection.token) if connection.user else None
    bearer = connection.token if connection.token and not connection.user else None
    return JIRA(
        connection.url.rstrip("/"),
        basic_auth=basic,
        token_auth=bearer,
        get_server_info=False,
        max_retries=0,
        timeout=TIMEOUT,
        logging=False,
    )


def _load(response: requests.Response) -> None:
    """Read the answer, up to a limit; a longer one is cut off and then is no JSON."""
    read, until = bytearray(), time.monotonic() + LONGEST_ANSWER
    for piece in response.iter_content(65_536):
        read += piece
        if len(read) > MAX_ANSWER or time.monotonic() > until:
            response.close()
            raise requests.exceptions.ContentDecodingError("the answer is too long, or too slow")
    response._content = bytes(read)


def _json(call: str, method: str, response: requests.Response) -> Any:
    if not response.content:
        return None
    try:
        return parse_json(response.content)
    except Rejected:
        if method != "GET":
            return None  # It is done; what the answer would have named is learned at the next read.
        detail = "the answer is not JSON: does the tracker's url lead to Jira?"
        raise TrackerError(call, status=response.status_code, detail=detail) from None


def _unanswered(call: str, error: requests.RequestException) -> TrackerError:
    """`sent` is false only where no connection was made: everything else may have arrived."""
    never = isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL)
    early = any(sign in repr(error) for sign in _BEFORE_SENDING)
    return TrackerError(call, sent=not (never or early), detail=type(error).__name__)


def _refusal(call: str, response: requests.Response, now: datetime, *, read: bool, limit: str = "") -> TrackerError:
    status = response.status_code
    fields, detail = _complaints(response)
    wait = retry_after(response.headers, now)
    if status == 404 and read:
        return Gone(call, status=404, permanent=True, detail="deleted, or not visible to our account")
    denied = response.headers.get("X-Authentication-Denied-Reason", "")
    if status == 403 and (denied or wait is not None):
        detail = "Jira wants a captcha solved: log in once by browser as our account" if denied else detail
        return TrackerError(call, status=403, retry_after=wait, detail=detail)
    permanent = 400 <= status < 500 and status not in TRANSIENT
    if status == 429 and limit:
        detail = f"Jira's limit ({limit})"
    if 300 <= status < 400:
        detail = "redirected: the tracker's url should be the address that Jira itself shows"
    return TrackerError(call, status=status, permanent=permanent, retry_after=wait, fields=fields, detail=detail)


def _complaints(response: requests.Response) -> tuple[tuple[str, ...], str]:
    """The fields that Jira names, and what it says of them, in at most 300 characters."""
    try:
        said = mapping(parse_json(response.content))
    except Rejected:
        return (), ""
    errors = {word(name): text(why) for name, why in mapping(said.get("errors")).items() if word(name)}
    messages = said.get("errorMessages")
    general = [text(m) for m in messages if text(m)] if isinstance(messages, list) else []
    parts = [*general, *(f"{name}: {why}" for name, why in errors.items())] or [text(said.get("message"))]
    return tuple(errors), "; ".join(parts)[:300]
