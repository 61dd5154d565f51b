"""What the doctor knows that keeps one ticket from being as its plans want it."""

from __future__ import annotations

from collections.abc import Iterator

from ...store import TicketRow
from ..services import Services
from .findings import Finding
from .kept import kept

PROJECT_WIDE = frozenset(
    {"right_missing", "project_archived", "project_missing", "project_moved", "issues_disabled", "field_unwritable"}
)
CONNECTION_WIDE = frozenset({"token_refused", "token_expired", "token_missing", "scope_missing"})


def troubles_of(services: Services, row: TicketRow) -> Iterator[Finding]:
    """What the last round found against all writes to this connection, or to this ticket's project."""
    newest = kept(services.store, row.tracker)
    if newest is None or not newest.fresh(services.clock()):
        return
    for finding in newest.findings:
        here = finding.project.casefold() == row.project.casefold()
        if finding.code in CONNECTION_WIDE or (finding.code in PROJECT_WIDE and here):
            yield finding
