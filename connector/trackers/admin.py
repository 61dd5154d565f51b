"""The administrative side of a tracker: what setting a connection up, and examining it, ask and do.

Questions talk to the tracker and raise `TrackerError`. What changes something there is composed first, as a
`Call` that can be shown, and carried out by `send`: nothing else here changes anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from . import Call
from .facts import (
    Account,
    Delivery,
    Field,
    Headroom,
    Hook,
    IssueLine,
    Label,
    Person,
    Project,
    Right,
    Server,
    Token,
    WantedHook,
)


class Admin(Protocol):
    """The administrative side of one connection. A question costs one request, a list one for each page."""

    name: str
    kind: str

    @property
    def events(self) -> tuple[str, ...]:
        """The webhook events that we need, in the tracker's words."""

    def server(self) -> Server:
        """Version, flavour and clock; works with any valid token."""

    def account(self) -> Account:
        """Whom the token belongs to; raise `TrackerError` (401) for one that is not valid."""

    def token(self) -> Token:
        """Scopes and expiry, where the tracker tells."""

    def headroom(self) -> Headroom:
        """What the newest answer's headers said; asks nothing."""

    def project(self, key: str) -> Project | None:
        """The project, None where there is none or we may not see it."""

    def projects(self, text: str = "") -> tuple[Project, ...]:
        """Up to 100 projects that our account sees and whose name or path has `text`."""

    def rights(self, project: str) -> tuple[Right, ...]:
        """One `Right` for each operation that the tracker knows, in the order of `Operation`."""

    def labels(self, project: str) -> tuple[Label, ...]:
        """All labels of a project; empty on Jira, where labels need not be made."""

    def label_used(self, project: str, label: str) -> bool:
        """Does any issue of the project, open or closed, have it?"""

    def hooks(self, project: str) -> tuple[Hook, ...]:
        """The webhooks that we may see; raise `TrackerError` (401, 403) where that takes a higher right."""

    def covers(self, hook: Hook, project: str) -> bool | None:
        """Is the webhook told of this project? None where somebody wrote a filter that we cannot judge."""

    def deliveries(self, project: str, hook: str) -> tuple[Delivery, ...]:
        """The newest attempts, newest first; empty where the tracker keeps none."""

    def people(self, text: str) -> tuple[Person, ...]:
        """Users whose account, name or address is or begins with `text`."""

    def assignable(self, project: str, account: str) -> bool | None:
        """May issues of the project be assigned to this account?"""

    def statuses(self, project: str) -> tuple[str, ...]:
        """The names of all statuses of the project's issues; GitLab: `opened`, `closed`."""

    def priorities(self) -> tuple[str, ...]:
        """The names of all priorities; empty on GitLab."""

    def components(self, project: str) -> tuple[str, ...]:
        """The names of the project's components; empty on GitLab."""

    def fields(self) -> tuple[Field, ...]:
        """All fields; empty on GitLab."""

    def screen(self, issue: str) -> tuple[Field, ...]:
        """The fields that can be edited on this issue, with their options; empty on GitLab."""

    def roles(self, project: str) -> tuple[str, ...]:
        """The names of the project's roles; empty on GitLab."""

    def group_exists(self, name: str) -> bool | None:
        """Is there a group of users of this name? None on GitLab, or where we may not ask."""

    def link_types(self) -> tuple[str, ...]:
        """The names by which two issues can be linked."""

    def issues(self, project: str, limit: int = 10) -> tuple[IssueLine, ...]:
        """Up to `limit` of the project's issues, the newest change first."""

    def issue(self, key: str) -> IssueLine | None:
        """The issue that a person means by `key`; None if there is none that we see."""

    def make_label(self, project: str, name: str, color: str) -> Call | None:
        """None on Jira, where a label is made by the first issue that gets it."""

    def remove_label(self, project: str, label: str) -> Call | None:
        """Take a label from the project and from all that wears it; `label` is its name."""

    def make_hook(self, project: str, wanted: WantedHook) -> Call: ...

    def mend_hook(self, project: str, hook: Hook, wanted: WantedHook | None) -> Call:
        """Turn on, with all events that we need; `wanted` gives it a new address and secret too."""

    def remove_hook(self, project: str, hook: str) -> Call: ...

    def try_hook(self, project: str, hook: str) -> Call | None:
        """Have the tracker send a test event; None where it cannot."""

    def sample(self, secret: str) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of a genuine delivery that is about no ticket: our own door answers it 204."""

    def touch(self, issue: IssueLine) -> Call | None:
        """Set a property nobody sees, so that an event is sent; None where a test event can be asked for."""

    def untouch(self, issue: IssueLine) -> Call | None:
        """Remove that property again."""

    def send(self, call: Call) -> Any:
        """Carry a call out and return the JSON answered; raise `TrackerError`."""

    def made(self, answer: Any) -> str:
        """The id of what a call made, out of its answer; '' if it does not tell."""


SECRETS = frozenset({"token", "signing_token", "secret", "SECRET"})
"""Keys of bodies whose values are never shown."""


_IN_PATH = re.compile(r"(/hooks/[^/]+/)[^/?]+")


def shown(call: Call) -> str:
    """A call on one line, as it may be shown: no secret, neither in its body nor in an address."""
    body = f" {json.dumps(_masked(call.body), ensure_ascii=False)}" if call.body else ""
    return f"{call.method} {call.path}{body}"


def _masked(value: Any, key: str = "") -> Any:
    match value:
        case _ if key in SECRETS:
            return "…"
        case Mapping():
            return {name: _masked(inner, name) for name, inner in value.items()}
        case str():
            return _IN_PATH.sub(r"\1…", value)
        case list() | tuple():
            return [_masked(inner) for inner in value]
        case _:
            return value
