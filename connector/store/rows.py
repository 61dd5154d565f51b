"""The values that enter and leave the store; all frozen, every instant aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..frozen import EMPTY

HIGHEST = 2**63 - 1
"""The highest number that a row of either database can have."""
REASON_LIMIT = 500
"""Characters of the reason for which an event is discarded."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something to be worked later. `event` is JSON with customers' words, `body` the raw bytes it was read from.

    `source` and `delivery` name it: the same pair is stored once. `lane` is the key within which order is kept.
    `at` is when it arrived; None is now.
    """

    source: str
    delivery: str
    lane: str
    kind: str
    event: Mapping[str, Any] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default=EMPTY, repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is durable. `id` is its number in the inbox, None for a duplicate."""

    id: int | None
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One key, held by `owner` until the lease ends; `fence` is higher than that of any earlier holder."""

    key: str
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event to be worked; `attempts` counts the failed tries so far."""

    id: int
    source: str
    delivery: str
    kind: str
    event: Mapping[str, Any] = field(repr=False)
    received_at: datetime
    attempts: int
    first_failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that nobody works until a person replays or discards it."""

    id: int
    source: str
    lane: str
    kind: str
    error: str
    attempts: int
    received_at: datetime
    parked_at: datetime
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class Troubled:
    """An event of one lane that failed: parked since `parked_at`, or (None) to be tried again by itself."""

    id: int
    kind: str
    error: str
    attempts: int
    received_at: datetime
    parked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Depth:
    """How many events wait, and since when the oldest does."""

    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class TimerRow:
    """One pending timer of the lane `key`."""

    key: str
    name: str
    due_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TicketRow:
    """What is remembered of one ticket.

    `memory` is JSON (what we stand for, pins, texts said …) without customers' words; `snapshot` is the ticket as
    last read. `priority` is the number of a `Priority`. `contact`: its past was asked for. `gone`: deleted, or not
    visible to us. `applies` is the stem of the rule file, '' if none does.
    """

    tracker: str
    id: str
    key: str = ""
    project: str = ""
    url: str = ""
    title: str = field(default="", repr=False)
    status: str | None = None
    priority: int = 0
    team: str | None = None
    assignee: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    memory: Mapping[str, Any] = EMPTY
    snapshot: Mapping[str, Any] = field(default=EMPTY, repr=False)
    comment_count: int | None = None
    contact: bool = False
    gone: bool = False
    mode: str = ""
    applies: str = ""
    last_plan: int | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One past change of one slot; `source_id` is the tracker's own id of it, '' where it has none."""

    slot: str
    was: Any
    value: Any
    at: datetime
    by_role: str | None = None
    by_account: str = ""
    by_name: str = ""
    by_person: str = ""
    source_id: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What is remembered of one comment: never its text, only the digest of it."""

    tracker: str
    ticket: str
    id: str
    at: datetime | None = None
    by_role: str | None = None
    by_account: str = ""
    audience: str | None = None
    ours: bool = False
    digest: str = ""
    worked: bool = False
    effect_key: str | None = None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan as it is kept. `state` is `open`, `done`, `shadow` or `empty`.

    `event`, `inputs`, `decisions` and `desk` are JSON with customers' words. `rule_texts` maps a file to its text.
    """

    tracker: str
    ticket: str
    event_ids: tuple[int, ...] = ()
    event: Any = field(default=None, repr=False)
    inputs: Any = field(default=None, repr=False)
    decisions: Any = field(default=None, repr=False)
    rules_digest: str = ""
    rule_texts: Mapping[str, str] = field(default=EMPTY, repr=False)
    plugin_digests: Mapping[str, str] = EMPTY
    desk: Any = field(default=None, repr=False)
    mode: str = "live"
    state: str = "open"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One write to a tracker. `state` is `pending`, `done`, `dropped` (with `why`) or `refused` (with `why`).

    `key` is its idempotency key: `{plan}` in it is replaced by the plan's number, and '' stands for
    `<tracker>:<ticket>:<plan>:<slot>`. `before`, `after` and `response` are JSON.
    """

    key: str
    seq: int
    slot: str
    op: str
    before: Any = field(default=None, repr=False)
    after: Any = field(default=None, repr=False)
    state: str = "pending"
    response: Any = field(default=None, repr=False)
    at: datetime | None = None
    done_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan with its global number, its effects in order, and its place in the ticket's chain of digests.

    `removed_at`: when what it was made from (`event inputs decisions`) was removed with age; then those are None.
    """

    id: int
    row: PlanRow
    effects: tuple[EffectRow, ...]
    prev_digest: str
    digest: str
    at: datetime
    removed_at: datetime | None = None
