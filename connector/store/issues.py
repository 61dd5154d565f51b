"""The issues of the `local` tracker: documents with a change log and comments; words lie in payloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import payloads
from .database import Database
from .encoding import bounded, decode, encode
from .schema import issue, issue_change, issue_comment, payload
from .work import Work

NUMBERING = "issue"
FIXED = frozenset({"id", "key", "project", "created", "updated"})


class LocalIssues:
    """Each method is one short transaction; `create` may be part of a larger one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        project: str,
        title: str,
        body: str = "",
        email: str = "",
        name: str = "",
        channel: str = "form",
        key: str = "",
        work: Work | None = None,
    ) -> tuple[str, str]:
        """A new issue's id (`"7"`) and key (`DESK-7`); a `key` used before makes none and gives those made then."""
        fields = {"title": title, "body": body, "email": email, "name": name, "channel": channel}
        with self._writing(work) as (connection, now):
            made = _marked(connection, key) if key else None
            return made or self._insert(connection, bounded(project), {**fields, "status": "new"}, key or None, now)

    def get(self, id: str) -> Mapping[str, Any] | None:
        with self._database.read() as connection:
            return _get(connection, id)

    def update(self, id: str, fields: Mapping[str, Any], at: datetime, by: str) -> Mapping[str, Any]:
        """Set `fields`, log each that differs, return the issue; raise `KeyError` if there is none."""
        with self._database.write() as connection:
            # Locked before it is read, so that two writers do not lose each other's fields.
            fields_id = connection.execute(
                sa.select(issue.c.fields_id).where(issue.c.id == _number(id)).with_for_update()
            ).scalar()
            if fields_id is None:
                raise KeyError(id)
            old = decode(payloads.contents(connection, [fields_id])[fields_id])
            new = {name: value for name, value in fields.items() if name not in FIXED}
            differing = {name: value for name, value in new.items() if encode(old.get(name)) != encode(value)}
            if differing:
                payloads.keep(connection, fields_id, "issue", encode({**old, **differing}), at)
                connection.execute(sa.update(issue).where(issue.c.id == _number(id)).values(updated=at))
            for name, value in differing.items():
                _log(connection, _number(id), name, [old.get(name), value], at, by)
            return _get(connection, id) or {}

    def add_comment(self, id: str, text: str, audience: str, author: str, key: str = "") -> str:
        """A new comment's id; a `key` that this issue has already gives the comment made then."""
        with self._writing(None) as (connection, now):
            connection.execute(sa.update(issue).where(issue.c.id == _number(id)).values(updated=now))
            if key and (made := _marked_comment(connection, id, key)):
                return made
            words = payloads.keep(connection, None, "issue.comment", encode({"text": text, "key": key}), now)
            row = {"issue": _number(id), "at": now, "updated": now, "audience": audience, "author": author}
            statement = sa.insert(issue_comment).values(**row, mark=key or None, words_id=words)
            return str(connection.execute(statement.returning(issue_comment.c.id)).scalar_one())

    def edit_comment(self, id: str, comment_id: str, text: str) -> bool:
        """Replace the text; False if there is no such comment."""
        with self._writing(None) as (connection, now):
            row = connection.execute(sa.select(issue_comment).where(_this(id, comment_id)).with_for_update()).first()
            if row is None:
                return False
            words = decode(payloads.contents(connection, [row.words_id])[row.words_id])
            payloads.keep(connection, row.words_id, "issue.comment", encode({**words, "text": text}), now)
            connection.execute(sa.update(issue_comment).where(_this(id, comment_id)).values(updated=now))
            connection.execute(sa.update(issue).where(issue.c.id == _number(id)).values(updated=now))
        return True

    def delete_comment(self, id: str, comment_id: str) -> bool:
        """Forget the comment, its words and its key; False if there is no such comment."""
        with self._writing(None) as (connection, now):
            gone = sa.delete(issue_comment).where(_this(id, comment_id)).returning(issue_comment.c.words_id)
            words = connection.execute(gone).scalar()
            if words is None:
                return False
            payloads.drop(connection, [words])
            connection.execute(sa.update(issue).where(issue.c.id == _number(id)).values(updated=now))
        return True

    def comments(self, id: str) -> list[Mapping[str, Any]]:
        """Mappings `id text audience author at key`, oldest first."""
        rows = (
            sa.select(issue_comment, payload.c.content)
            .join(payload, payload.c.id == issue_comment.c.words_id)
            .where(issue_comment.c.issue == _number(id))
            .order_by(issue_comment.c.id)
        )
        with self._database.read() as connection:
            return [
                {"id": str(row.id), "audience": row.audience, "author": row.author, "at": row.at}
                | decode(row.content)
                for row in connection.execute(rows)
            ]

    def changes(self, id: str) -> list[Mapping[str, Any]]:
        """Mappings `id slot was value at by`, oldest first; `slot` is the field's name."""
        rows = (
            sa.select(issue_change, payload.c.content)
            .join(payload, payload.c.id == issue_change.c.values_id)
            .where(issue_change.c.issue == _number(id))
            .order_by(issue_change.c.id)
        )
        with self._database.read() as connection:
            return [
                {"id": str(row.id), "slot": row.slot, "at": row.at, "by": row.by}
                | dict(zip(("was", "value"), decode(row.content), strict=True))
                for row in connection.execute(rows)
            ]

    def changed_since(self, project: str, at: datetime) -> list[Mapping[str, Any]]:
        """Issues of `project` updated at or after `at`, oldest update first."""
        rows = _WHOLE.where(issue.c.project == project, issue.c.updated >= at).order_by(issue.c.updated, issue.c.id)
        with self._database.read() as connection:
            return [_document(row) for row in connection.execute(rows).mappings()]

    @contextmanager
    def _writing(self, work: Work | None) -> Iterator[tuple[Connection, datetime]]:
        if work is not None:
            yield work.connection, work.now
            return
        with self._database.write() as connection:
            yield connection, self._database.now(connection)

    def _insert(
        self, connection: Connection, project: str, fields: Mapping[str, Any], mark: str | None, now: datetime
    ) -> tuple[str, str]:
        last = sa.select(sa.func.coalesce(sa.func.max(issue.c.number), 0)).where(issue.c.project == project)
        if not self._database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"{NUMBERING}:{project}"))))
        number = connection.execute(last).scalar_one() + 1
        words = payloads.keep(connection, None, "issue", encode(fields), now)
        row = {"project": project, "number": number, "mark": mark, "created": now, "updated": now}
        statement = sa.insert(issue).values(**row, fields_id=words).returning(issue.c.id)
        return str(connection.execute(statement).scalar_one()), _key(project, number)


_WHOLE = sa.select(issue, payload.c.content).join(payload, payload.c.id == issue.c.fields_id)


def _key(project: str, number: int) -> str:
    return f"{project.upper()}-{number}"


def _number(id: str) -> int:
    """The row's number; an id that is none (`"x"`) is that of no row."""
    return int(id) if id.isascii() and id.isdigit() and len(id) < 19 else -1


def _this(id: str, comment_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(issue_comment.c.issue == _number(id), issue_comment.c.id == _number(comment_id))


def _get(connection: Connection, id: str) -> Mapping[str, Any] | None:
    row = connection.execute(_WHOLE.where(issue.c.id == _number(id))).mappings().first()
    return None if row is None else _document(row)


def _document(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    project, times = row["project"], {"created": row["created"], "updated": row["updated"]}
    return {
        **decode(row["content"]),
        "id": str(row["id"]),
        "key": _key(project, row["number"]),
        "project": project,
    } | times


def _marked(connection: Connection, mark: str) -> tuple[str, str] | None:
    row = connection.execute(sa.select(issue).where(issue.c.mark == mark)).first()
    return None if row is None else (str(row.id), _key(row.project, row.number))


def _marked_comment(connection: Connection, id: str, mark: str) -> str | None:
    same = sa.select(issue_comment.c.id).where(issue_comment.c.issue == _number(id), issue_comment.c.mark == mark)
    found = connection.execute(same).scalar()
    return None if found is None else str(found)


def _log(connection: Connection, number: int, slot: str, values: list[Any], at: datetime, by: str) -> None:
    id = payloads.keep(connection, None, "issue.change", encode(values), at)
    connection.execute(sa.insert(issue_change).values(issue=number, slot=slot, values_id=id, at=at, by=by))
