"""The audit: who did what, when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..frozen import EMPTY
from .schema import audit


def note(
    connection: Connection,
    at: datetime,
    actor: str,
    what: str,
    *,
    inbox_id: int | None = None,
    detail: Mapping[str, Any] = EMPTY,
) -> None:
    """Add one row; `detail` is JSON without customers' words."""
    row = {"at": at, "actor": actor, "what": what, "inbox_id": inbox_id, "detail": detail}
    connection.execute(sa.insert(audit), [row])
