"""Every metric that processes count themselves: its name, what it means, its labels. Labels have few values each.

A tracker is named by its connection, which rule files and settings declare; no label holds what a stranger sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LONG = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Kind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One metric; `name` without the `_total` that a counter shows. Histograms are in seconds.

    Each is itself alone: it is looked up at every count, by its identity.
    """

    kind: Kind
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = SHORT


ACCEPTED = Metric(
    Kind.COUNTER,
    "pointsman_events_accepted",
    "Events made durable by a webhook; a duplicate is one that was known.",
    ("tracker", "kind", "duplicate"),
)
IGNORED = Metric(
    Kind.COUNTER,
    "pointsman_webhooks_ignored",
    "Genuine webhooks that are about no ticket of ours (204).",
    ("tracker",),
)
REFUSED = Metric(
    Kind.COUNTER,
    "pointsman_webhooks_refused",
    "Webhooks that were not taken, by reason. The tracker is empty where none of that name is connected.",
    ("tracker", "reason"),
)
ACCEPT_SECONDS = Metric(
    Kind.HISTOGRAM, "pointsman_accept_seconds", "From the whole body of a webhook to its answer.", ()
)
RETRIES = Metric(
    Kind.COUNTER,
    "pointsman_retries",
    "Events that failed and are tried again, by cause, in the words of the page Parked.",
    ("tracker", "reason"),
)
FINISHED = Metric(
    Kind.COUNTER,
    "pointsman_events_finished",
    "Tries of an event, by how they ended: done, retried, parked.",
    ("tracker", "outcome"),
)
PLAN_SECONDS = Metric(Kind.HISTOGRAM, "pointsman_plan_seconds", "Drawing up one plan, all plugins asked.", ())
PLUGIN_SECONDS = Metric(Kind.HISTOGRAM, "pointsman_plugin_seconds", "One call of a plugin's hook.", ("plugin",))
EFFECTS = Metric(
    Kind.COUNTER,
    "pointsman_effects",
    "Effects of plans that reached their end: done, dropped (a person was faster, the ticket is gone), refused.",
    ("tracker", "state"),
)
REQUESTS = Metric(
    Kind.COUNTER,
    "pointsman_tracker_requests",
    "Requests to a tracker by the status it answered; 0 where no answer came.",
    ("tracker", "method", "status"),
)
REQUEST_SECONDS = Metric(
    Kind.HISTOGRAM, "pointsman_tracker_request_seconds", "One request to a tracker.", ("tracker",), LONG
)
WAITS = Metric(
    Kind.COUNTER,
    "pointsman_rate_limit_waits",
    "Requests that were not sent since the tracker had asked for silence.",
    ("tracker", "reason"),
)
WAIT_SECONDS = Metric(
    Kind.COUNTER,
    "pointsman_rate_limit_wait_seconds",
    "For how long those requests were put off, added up.",
    ("tracker", "reason"),
)
PLUGIN_FAILURES = Metric(
    Kind.COUNTER, "pointsman_plugin_failures", "Hooks that raised, were too slow or yielded rubbish.", ("plugin",)
)
QUARANTINED = Metric(
    Kind.GAUGE, "pointsman_plugin_quarantined", "1 while a process of this host does not ask the plugin.", ("plugin",)
)
TIMER_LATENESS = Metric(
    Kind.HISTOGRAM, "pointsman_timer_lateness_seconds", "From the instant a timer was due to its event.", (), LONG
)
COMMIT_SECONDS = Metric(
    Kind.HISTOGRAM,
    "pointsman_commit_seconds",
    "One group commit of the inbox: many events, one sync.",
    (),
)

WORK_SECONDS = Metric(
    Kind.HISTOGRAM, "pointsman_transaction_seconds", "One transaction in which work on a ticket is recorded.", ()
)

ALL = (
    ACCEPTED,
    IGNORED,
    REFUSED,
    ACCEPT_SECONDS,
    RETRIES,
    FINISHED,
    PLAN_SECONDS,
    PLUGIN_SECONDS,
    EFFECTS,
    REQUESTS,
    REQUEST_SECONDS,
    WAITS,
    WAIT_SECONDS,
    PLUGIN_FAILURES,
    QUARANTINED,
    TIMER_LATENESS,
    COMMIT_SECONDS,
    WORK_SECONDS,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A metric that is read when somebody asks, mostly from the database: every host shows the same, so use `max`."""

    kind: Kind
    name: str
    help: str
    labels: tuple[str, ...] = ()


READY = Shown(Kind.GAUGE, "pointsman_ready", "1 if an event could be made durable now.")
WARNINGS = Shown(Kind.GAUGE, "pointsman_warnings", "Warnings of /readyz, by code.", ("code",))
LANES = Shown(
    Kind.GAUGE,
    "pointsman_lanes_waiting",
    "Tickets, and addresses of notices, with events that wait; counted up to 10000.",
)
WAITING = Shown(Kind.GAUGE, "pointsman_events_waiting", "Events that wait to be worked.")
OLDEST = Shown(Kind.GAUGE, "pointsman_oldest_event_seconds", "Age of the oldest event that waits; 0 without any.")
PARKED = Shown(Kind.GAUGE, "pointsman_parked", "Events that nobody works any more until somebody replays them.")
OVERDUE = Shown(
    Kind.GAUGE, "pointsman_timers_overdue", "Timers that are due and have not fired; counted up to 10000."
)
STALE = Shown(
    Kind.GAUGE,
    "pointsman_clocks_stale",
    "Open SLA clocks that go by other rules than those in force, and are to be counted anew; counted up to 10000.",
)
SCHEMA = Shown(
    Kind.GAUGE,
    "pointsman_schema_info",
    "Always 1; the schema that the database has, and the one that this program brings.",
    ("database", "program"),
)
BUILD = Shown(Kind.GAUGE, "pointsman_build_info", "Always 1; the labels say what runs.", ("version", "database"))

SHOWN = (READY, WARNINGS, LANES, WAITING, OLDEST, PARKED, OVERDUE, STALE, SCHEMA, BUILD)
