"""The issues of the `local` tracker."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Table,
    UniqueConstraint,
)

from ..encoding import Instant, Key
from .base import BigId, metadata

issue = Table(
    "issue",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("project", Key, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("mark", Key),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("fields_id", BigInteger, nullable=False),
    UniqueConstraint("project", "number", name="issue_number"),
    UniqueConstraint("mark", name="issue_mark"),
    Index("issue_updated", "project", "updated"),
    sqlite_autoincrement=True,
)

issue_comment = Table(
    "issue_comment",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("issue", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("audience", Key, nullable=False),
    Column("author", Key, nullable=False),
    Column("mark", Key),
    Column("words_id", BigInteger, nullable=False),
    UniqueConstraint("issue", "mark", name="issue_comment_mark"),
    Index("issue_comment_issue", "issue", "id"),
    sqlite_autoincrement=True,
)

issue_change = Table(
    "issue_change",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("issue", BigInteger, nullable=False),
    Column("slot", Key, nullable=False),
    Column("values_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    Index("issue_change_issue", "issue", "id"),
    sqlite_autoincrement=True,
)
