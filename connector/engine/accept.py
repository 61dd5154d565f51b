"""The door: a webhook or a typed ticket is verified, read, stored; only then is it acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_network

from .. import metrics, traces
from ..core.json_body import parse_json
from ..core.ticket_file import event_json
from ..errors import Rejected, StoreUnavailable
from ..model import Actor, Event, Kind, Role
from ..store import Incoming
from .services import Services, lane_of

log = logging.getLogger(__name__)
STORED, NOT_FOR_US = 202, 204
_KEPT_HEADERS = frozenset(
    {"x-gitlab-event", "x-gitlab-event-uuid", "x-gitlab-instance", "idempotency-key", "webhook-id", "user-agent"}
    | {"x-atlassian-webhook-identifier", "x-atlassian-webhook-retry", "x-atlassian-webhook-flow"}
)


REFUSALS = {400: "unreadable", 401: "not_genuine", 404: "unknown_tracker", 413: "too_large", 503: "not_stored"}
"""Why a webhook was not taken, as it is counted, by the status that it was answered."""
ADDRESS = "address"
"""The further reason: its sender is in none of the networks that may knock."""


def webhook(services: Services, name: str, path_secret: str | None, headers: Mapping[str, str], body: bytes) -> int:
    """Store what `body` says, once it is proven genuine; the HTTP status to answer: 202, or 204 for "not for us".

    `headers` has lower-case names. Raise `Rejected` (400, 401, 404) with nothing stored, and
    `StoreUnavailable` if the event could not be made durable.
    """
    try:
        with metrics.timed(metrics.names.ACCEPT_SECONDS), traces.span("webhook") as mark:
            return _take(services, name, path_secret, headers, body, mark)
    except Rejected as rejected:
        count_refusal(services, name, rejected.status)
        raise
    except StoreUnavailable:
        count_refusal(services, name, 503)
        raise


def count_refusal(services: Services, name: str, status: int, reason: str = "") -> None:
    """Count a webhook that was not taken; a name that is no connection of ours stands nowhere."""
    known = name if name in services.trackers else ""
    metrics.count(metrics.names.REFUSED, known, reason or REFUSALS.get(status, "other"))


def _take(
    services: Services, name: str, path_secret: str | None, headers: Mapping[str, str], body: bytes, mark: traces.Mark
) -> int:
    tracker = services.trackers.get(name)
    if tracker is None:
        raise Rejected(404, "no such tracker is configured")
    mark.note(tracker=name)
    now = services.clock()
    tracker.verify(headers, body, path_secret, now)
    event = tracker.read(headers, parse_json(body), services.words(name))
    if event is None or not _ours(services, name, event):
        metrics.count(metrics.names.IGNORED, name)
        return NOT_FOR_US
    incoming = incoming_of(event, tracker.delivery(headers, body), body=body, headers=headers)
    accepted = services.store.inbox.accept(incoming)
    mark.note(event=accepted.id or 0, duplicate=accepted.duplicate)
    metrics.count(metrics.names.ACCEPTED, name, event.kind.value, "yes" if accepted.duplicate else "no")
    log.info("accepted", extra={"tracker": name, "kind": event.kind.value, "duplicate": accepted.duplicate})
    return STORED


def admit(services: Services, name: str, address: IPv4Address | IPv6Address | None) -> None:
    """Raise `Rejected` (401) where the connection `name` names networks and `address`, if known, is in none of them.

    The sender learns no more than from a wrong secret.
    """
    connection = services.rules.current.connections.get(name)
    if connection is None or not connection.allow_from:
        return
    if address is None or not any(address in ip_network(network) for network in connection.allow_from):
        count_refusal(services, name, 401, ADDRESS)
        raise Rejected(401, "address not allowed")


def _ours(services: Services, name: str, event: Event) -> bool:
    """Whether a rule file applies; without the project, or without any rules that load, that is seen later."""
    if event.project is None or services.rules.broken:
        return True
    return services.rules.current.file_for(name, event.project) is not None


def incoming_of(
    event: Event, delivery: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Incoming:
    """The inbox row for `event`, in its ticket's lane."""
    # Ours, never the sender's: by it the work on the event is linked to the request that brought it.
    kept = {k: v for k, v in (headers or {}).items() if k in _KEPT_HEADERS} | traces.carried()
    return Incoming(
        source=event.tracker,
        delivery=delivery,
        lane=lane_of(event.tracker, event.ticket),
        kind=event.kind.value,
        event=event_json(event),
        body=body,
        headers=kept,
    )


def type_ticket(services: Services, title: str, body: str, email: str, name: str = "") -> str:
    """Make an issue in the `local` tracker and its event, in one transaction; the new key, such as `DESK-7`."""
    with services.store.begin() as work:
        ticket, key = services.store.issues.create(
            project="desk", title=title, body=body, email=email, name=name, channel="form", work=work
        )
        event = Event(
            tracker="local",
            ticket=ticket,
            kind=Kind.CREATED,
            key=key,
            project="desk",
            at=work.now,
            actor=Actor(account=email, name=name, role=Role.CUSTOMER, email=email),
            delivery=f"created/{ticket}",
        )
        work.enqueue(incoming_of(event, event.delivery))
    return key
