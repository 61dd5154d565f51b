"""What comes from outside the tracker: a mail or a form, and the issue to make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .model import Person


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; `content` is its bytes."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A mail or a form, decoded; `automatic` when a machine sent it (RFC 3834 and its kin)."""

    id: str
    source: str
    sender: Person
    subject: str = ""
    text: str = ""
    reply_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    references: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue to create in `project` of the connection `tracker`."""

    tracker: str
    project: str
    title: str
    body: str = ""
    requester: Person = Person()  # noqa: RUF009 (it is frozen)
    channel: str = "form"
    labels: frozenset[str] = frozenset()
