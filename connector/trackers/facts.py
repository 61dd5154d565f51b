"""What a tracker tells an administrator: server, account, rights, projects, labels, webhooks, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..model import Actor


class Operation(StrEnum):
    """What an account may have to be allowed to do in a project."""

    READ = "read"
    EDIT = "edit"
    LABEL = "label"
    ASSIGN = "assign"
    COMMENT = "comment"
    INTERNAL = "internal"
    """A comment that customers do not see."""
    MOVE = "move"
    LINK = "link"
    CREATE = "create"
    HOOKS = "hooks"
    """Listing and making webhooks."""
    LABELS = "labels"
    """Making labels that do not exist yet."""
    PEOPLE = "people"
    """Looking people up by name or address."""


@dataclass(frozen=True, slots=True)
class Right:
    """Whether our account may do `operation`; None where the tracker does not tell.

    `grant` names what has to be granted in the tracker's own words: `Reporter`, `Edit issues`, `scope api`.
    """

    operation: Operation
    has: bool | None
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """What the tracker says of itself. `at` is its clock (`Date` of the answer), `heard` ours at that moment.

    `flavor` is `cloud` or `dc` for Jira. `url` is the address that it calls its own, '' where it does not tell.
    """

    kind: str
    version: str = ""
    flavor: str = ""
    url: str = ""
    at: datetime | None = None
    heard: datetime | None = None

    @property
    def major(self) -> int:
        """The first number of the version, 0 if it is unknown."""
        head = self.version.partition(".")[0]
        return int(head) if head.isascii() and head.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Account:
    """Whom our token belongs to. `admin` and `bot` are None where the tracker does not tell."""

    actor: Actor
    admin: bool | None = None
    bot: bool | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """Facts about our token; None each where the tracker does not tell."""

    scopes: frozenset[str] | None = None
    expires: date | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`key` is what `applies_to` takes: the path on GitLab, the key on Jira. `service`: customers write there."""

    id: str
    key: str
    name: str = ""
    archived: bool | None = None
    issues: bool | None = None
    visibility: str = ""
    service: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a project; `inherited` ones belong to a group and are not made or removed here."""

    id: str
    name: str
    color: str = ""
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as the tracker shows it. `scope` is the projects it is limited to, in the tracker's words.

    `alert` is GitLab's `alert_status`; `signed` tells whether it has a signing secret, `secret` a plain one.
    `enabled` is False both for one that somebody turned off and for one that the tracker gave up.
    """

    id: str
    url: str
    name: str = ""
    events: frozenset[str] = frozenset()
    enabled: bool | None = None
    alert: str = ""
    disabled_until: datetime | None = None
    verifies_tls: bool | None = None
    signed: bool | None = None
    secret: bool | None = None
    template: bool = False
    scope: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt of the tracker to reach us; `status` is what we answered, 0 for no answer."""

    id: str
    status: int
    trigger: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class WantedHook:
    """A webhook to make. `secret` signs where the tracker can sign, else it is sent in clear or in the path.

    `url` is the address without a secret in it.
    """

    url: str
    secret: str
    name: str = "Pointsman"


@dataclass(frozen=True, slots=True)
class Person:
    """A user that a look-up found. None where the tracker does not tell."""

    account: str
    name: str = ""
    mail: str = ""
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of issues, and the names it can take where it has a closed list of them."""

    id: str
    name: str
    type: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many requests are left of how many; None where no header tells."""

    left: int | None = None
    limit: int | None = None
    resets: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An issue in a list: `ticket` is its id for `Tracker.fetch`."""

    ticket: str
    key: str
    project: str
