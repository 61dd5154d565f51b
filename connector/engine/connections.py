"""The connections for people: where each leads, what is set, what came last, and what the doctor found; no secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..words import Connection
from .addresses import shown_address
from .doctor import Finding, kept
from .services import Services, first_seen, watermark


@dataclass(frozen=True, slots=True)
class Served:
    """A project that a rule file applies to, and whether that file writes."""

    project: str
    file: str
    mode: str


@dataclass(frozen=True, slots=True)
class ConnectionWords:
    """One connection. `trouble` is why its tracker could not be reached at the last look; `reached` if it was.

    `reconciled` is when the tracker was last asked for what was missed, and answered. `findings` are those of the
    doctor, of `found_at`.
    """

    name: str
    kind: str
    url: str
    flavor: str
    user: str
    has_token: bool
    has_secret: bool
    options: tuple[tuple[str, str], ...]
    hook_address: str
    served: tuple[Served, ...]
    trouble: str
    reached: bool
    last_webhook: datetime | None
    reconciled: datetime | None
    findings: tuple[Finding, ...] = ()
    found_at: datetime | None = None

    @property
    def local(self) -> bool:
        return self.kind == "local"

    @property
    def worst(self) -> str:
        """The level of the worst finding: `problem`, `warning`, `hint`, or `ok`."""
        return max(self.findings, key=lambda each: each.level).level.word if self.findings else "ok"


def connection_words(services: Services) -> tuple[ConnectionWords, ...]:
    """All connections, from what is known already: no tracker is asked."""
    return tuple(_words(services, each) for each in services.rules.current.connections.values())


def missing_connections(services: Services) -> tuple[tuple[str, str], ...]:
    """(name, rule file) of every connection that a rule file names and nothing connects."""
    book = services.rules.current
    return tuple((name, file.name) for file in book.files for name in file.applies_to if name not in book.connections)


def _words(services: Services, connection: Connection) -> ConnectionWords:
    meta, name = services.store.meta, connection.name
    known = kept(services.store, name)
    local = connection.kind == "local"
    looked = meta.get(f"unreachable/{name}")
    return ConnectionWords(
        name=name,
        kind=connection.kind,
        url=shown_address(connection.url),
        flavor=connection.flavor,
        user=connection.user,
        has_token=bool(connection.token),
        has_secret=bool(connection.secrets or connection.client_secrets),
        options=tuple((key, str(value)) for key, value in sorted(connection.options.items())),
        hook_address="" if local else hook_address(services, name),
        served=tuple(_served(services, name)),
        trouble=looked or "",
        reached=looked == "",
        last_webhook=None if local else services.store.pulse.last_webhook(name),
        reconciled=None if local else _reconciled(services, name),
        findings=known.findings if known else (),
        found_at=known.at if known else None,
    )


def hook_address(services: Services, name: str) -> str:
    """The address that the tracker's webhook calls; without `PUBLIC_URL` only the path is known."""
    return f"{shown_address(services.settings.public_url)}/hooks/{name}"


def _served(services: Services, name: str) -> Iterator[Served]:
    for file in services.rules.current.files:
        for project in file.applies_to.get(name, ()):
            yield Served(project, file.name, file.mode)


def _reconciled(services: Services, name: str) -> datetime | None:
    """None before the first pass that was answered: until then the watermark says when we began."""
    reached = services.store.meta.get(watermark(name))
    if not reached or reached == services.store.meta.get(first_seen(name)):
        return None
    return datetime.fromisoformat(reached)
