"""One request to GitLab's REST API v4, and what its failure means. No retries: they belong to the queue."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import gitlab
import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ...errors import Gone, TrackerError
from ...words import Connection
from ..counting import asked, held_back
from ..http import Gate
from ..shapes import mapping
from .session import Session

PER_PAGE = "100"
MOST_PAGES = 200
MOST_CHANGED_PAGES = 10_000
"""Far more than of other lists: after a bulk edit all of a project's issues have changed, and none may be missed."""
TEMPORARY = frozenset({401, 408, 409, 423, 425, 429})
"""401 is among them: a token that was rotated comes back."""

UNSENT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)

_NAMED = re.compile(r"(\w+)(?:\[\w*\])? (?:is|are|does|do|has|have|should|must|cannot)\b")


class Client:
    """GitLab as one function. Thread-safe: each thread has its own session, all share one rate gate."""

    def __init__(self, connection: Connection, clock: Callable[[], datetime], gate: Gate | None = None) -> None:
        self._connection = connection
        self._clock = clock
        self.gate = gate or Gate()
        self._of_thread = threading.local()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The parsed answer; raises `Gone` for a 404, else `TrackerError`."""
        return self._json(self.request("GET", path, params=params), f"GET {path}")

    def pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Any]:
        """The rows of a list, page by page along `Link: rel=next`."""
        query: Mapping[str, str] = {**(params or {}), "per_page": PER_PAGE}
        for _ in range(MOST_PAGES):
            response = self.request("GET", path, params=query)
            yield from self._list(response, path)
            following = response.links.get("next", {}).get("url")
            if not following:
                return
            # Only its query is taken: behind a proxy the host may be wrong, and the token goes nowhere else.
            query = dict(parse_qsl(urlsplit(following).query))
        raise TrackerError(f"GET {path}", status=200, detail=f"more than {MOST_PAGES} pages")

    def page(self, path: str, params: Mapping[str, str]) -> tuple[list[Any], bool]:
        """One page of a list, and whether more follow."""
        response = self.request("GET", path, params=params)
        return self._list(response, path), "next" in response.links

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        chain: str = "",
    ) -> requests.Response:
        """Carry out one request and return its 2xx answer; raise `TrackerError` for everything else.

        `chain` goes out as `X-Gitlab-Event-UUID`, by which GitLab sees that a hook caused this request.
        """
        call = f"{method} {path}"
        if not self._connection.url:
            raise TrackerError(call, sent=False, detail=f"no url is configured for `{self._connection.name}`")
        closed_until = self.gate.wait_until(self._clock())
        if closed_until:
            wait = (closed_until - self._clock()).total_seconds()
            held_back(self._connection.name, wait)
            raise TrackerError(call, status=429, sent=False, retry_after=max(0.0, wait), detail="asked to wait")
        with asked(self._connection.name, method) as answer:
            try:
                response: requests.Response = self._gitlab().http_request(
                    method.lower(),
                    path,
                    query_data=dict(params or {}),
                    post_data=None if body is None else dict(body),
                    extra_headers={"X-Gitlab-Event-UUID": chain} if chain else None,
                    obey_rate_limit=False,
                    retry_transient_errors=False,
                    max_retries=0,
                )
            except (gitlab.exceptions.GitlabError, requests.RequestException, ValueError, RecursionError) as error:
                # Not `from error`: its text holds the answer's body, and the request's headers are within reach.
                raise self._failure(call, error) from None
            answer.status = response.status_code
            return response

    def _gitlab(self) -> gitlab.Gitlab:
        mine: gitlab.Gitlab | None = getattr(self._of_thread, "gitlab", None)
        if mine is None:
            token = self._connection.token or None
            session = Session(self._listen)
            mine = gitlab.Gitlab(self._connection.url, private_token=token, session=session, user_agent="Pointsman")
            self._of_thread.gitlab = mine
        return mine

    def _listen(self, status: int, headers: Mapping[str, str]) -> None:
        self._of_thread.status = status
        self.gate.note(status, headers, self._clock())

    def _failure(self, call: str, error: Exception) -> TrackerError:
        status = self._status_of(error)
        if 300 <= status < 400 or isinstance(error, gitlab.exceptions.RedirectError):
            return TrackerError(call, status=status, detail="the address redirects: configure the one it leads to")
        if not status:
            return TrackerError(call, sent=not _never_sent(error), detail=type(error).__name__)
        if status == 404 and call.startswith("GET "):
            return Gone(call, status=404, permanent=True)
        closed_until = self.gate.wait_until(self._clock()) if status in (429, 503) else None
        said = getattr(error, "error_message", "")
        return TrackerError(
            call,
            status=status,
            permanent=400 <= status < 500 and status not in TEMPORARY,
            retry_after=(closed_until - self._clock()).total_seconds() if closed_until else None,
            fields=_named_fields(said),
            detail=_detail(said, status),
        )

    def _status_of(self, error: Exception) -> int:
        """0 where no answer came; an error's body nested too deep to parse hides a status that was heard."""
        known = getattr(error, "response_code", None)
        heard: int = getattr(self._of_thread, "status", 0) if isinstance(error, RecursionError) else 0
        return int(known or heard)

    def _list(self, response: requests.Response, path: str) -> list[Any]:
        found = self._json(response, f"GET {path}")
        if not isinstance(found, list):
            raise TrackerError(f"GET {path}", status=200, detail="the answer is no list")
        return found

    def _json(self, response: requests.Response, call: str) -> Any:
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise TrackerError(call, status=response.status_code, detail="the answer is no JSON") from None


def _never_sent(error: Exception) -> bool:
    """Whether no byte of the request can have left: no connection came about."""
    if isinstance(error, UNSENT):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _named_fields(said: Any) -> tuple[str, ...]:
    """The parameters that an answer complains of: the keys of a `message` object, or the words of a sentence."""
    if isinstance(said, Mapping):
        return tuple(str(name) for name in mapping(said))
    return tuple(dict.fromkeys(_NAMED.findall(said[:500]))) if isinstance(said, str) else ()


def _detail(said: Any, status: int) -> str:
    """What GitLab says against a request, short; of its own failures only the status is worth telling."""
    if isinstance(said, Mapping):
        return f"{', '.join(map(str, said))}: refused"[:200]
    if isinstance(said, str) and said and "<" not in said and status < 500:
        return said[:200]
    return f"GitLab answered {status}"
