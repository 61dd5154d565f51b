"""A webhook's body → `Event`: which ticket, what kind, who, when. Pure, and not to be broken by any body.

Jira sends the shape of REST v2 on Cloud and Data Center alike. What varies: Data Center's comment
events lack the issue (only `comment.self` names it), most comment events lack `user`, Cloud's carry
a trimmed issue, and older servers lack `issue_event_type_name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import Rejected
from ...model import Actor, Audience, Comment, Event, Kind
from ...words import Words
from ..shapes import instant, mapping, text, word
from .changelog import Item, changes_of, is_move, items_of
from .people import actor_of, aliases_of
from .shapes import epoch, number

EVENTS = {
    "jira:issue_created": Kind.CREATED,
    "jira:issue_updated": Kind.UPDATED,
    "jira:issue_deleted": Kind.DELETED,
    "comment_created": Kind.COMMENTED,
    "comment_updated": Kind.COMMENT_EDITED,
    "comment_deleted": Kind.COMMENT_DELETED,
}
REMARKS = {
    "issue_commented": Kind.COMMENTED,
    "issue_comment_edited": Kind.COMMENT_EDITED,
    "issue_comment_deleted": Kind.COMMENT_DELETED,
}
"""`issue_event_type_name` of an `issue_updated` that is about a comment."""

PROPERTY_SET, SETUP = "issue_property_set", "pointsman-setup"
"""The event of a property set, and the property by which we have an event sent to us: that one is about a ticket."""

PLAIN = frozenset({"software", "business", "product_discovery"})
"""Project types in which a comment without a restriction is for everybody who sees the issue."""

_ISSUE = re.compile(r"/issue/([1-9][0-9]{0,18})(?=/|$)")
_KEY = re.compile(r"(\w[\w.-]{0,200})-[1-9][0-9]{0,18}")


def read(document: Any, words: Words, *, tracker: str, delivery: str = "") -> Event | None:
    """The event, None if it is not about a ticket; raise `Rejected(400)` where the ticket cannot be told."""
    if not isinstance(document, Mapping):
        raise Rejected(400, "the body is not a JSON object")
    named = document.get("webhookEvent")
    if not isinstance(named, str) or not named:
        raise Rejected(400, "the body has no `webhookEvent`")
    kind = Kind.UPDATED if _called(document, named) else EVENTS.get(named)
    return None if kind is None else _event(document, kind, words, tracker, delivery)


def _called(document: Mapping[str, Any], named: str) -> bool:
    """Whether this tells of the property by which a set-up asks for an event, and says of which ticket."""
    if named != PROPERTY_SET:
        return False
    told = [mapping(document.get(name)) for name in ("property", "issueProperty", "entityProperty")]
    keys = {word(each.get("key")) for each in told} | {word(document.get("propertyKey"))}
    return SETUP in keys and bool(number(mapping(document.get("issue")).get("id")))


def _event(document: Mapping[str, Any], kind: Kind, words: Words, tracker: str, delivery: str) -> Event:
    issue = mapping(document.get("issue"))
    key, project = _alias(issue)
    items = items_of(document.get("changelog")) if kind is Kind.UPDATED else ()
    kind = _updated(document, items) if kind is Kind.UPDATED else kind
    actor = _actor(document, words)
    at = epoch(document.get("timestamp")) or instant(mapping(issue.get("fields")).get("updated"))
    return Event(
        tracker=tracker,
        ticket=_ticket(issue, mapping(document.get("comment"))),
        kind=kind,
        key=key,
        project=project,
        at=at,
        actor=actor,
        comment=_comment(document, words),
        changes=changes_of(document.get("changelog"), at, actor, words, _aliases(document)) if items else (),
        delivery=delivery,
    )


def _ticket(issue: Mapping[str, Any], comment: Mapping[str, Any]) -> str:
    """The immutable id. All places that tell it must agree: better no event than one on a wrong ticket."""
    found = {number(issue.get("id")), _in_url(issue.get("self")), _in_url(comment.get("self"))} - {""}
    if len(found) == 1:
        return found.pop()
    raise Rejected(400, "the body names two issues" if found else "the body names no issue")


def _in_url(url: Any) -> str:
    found = _ISSUE.search(url[:2000]) if isinstance(url, str) else None
    return found[1] if found else ""


def _alias(issue: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Key and project; neither where they contradict each other, or where the key is missing.

    A project without a key to bear it out comes from no Jira: the read that follows tells the true one.
    """
    key = word(issue.get("key"))
    shape = _KEY.fullmatch(key)
    project = word(mapping(mapping(issue.get("fields")).get("project")).get("key"))
    if shape is None or (project and project != shape[1]):
        return None, None
    return key, shape[1]


def _updated(document: Mapping[str, Any], items: tuple[Item, ...]) -> Kind:
    name = word(document.get("issue_event_type_name"))
    if is_move(items) or name == "issue_moved":
        return Kind.MOVED
    if items:
        return Kind.UPDATED
    comment = mapping(document.get("comment"))
    if number(comment.get("id")):
        return REMARKS.get(name) or _by_time(comment)
    # The comment itself is gone, and nothing else tells what this was.
    return Kind.COMMENT_DELETED if name == "issue_comment_deleted" else Kind.UPDATED


def _by_time(comment: Mapping[str, Any]) -> Kind:
    created, updated = instant(comment.get("created")), instant(comment.get("updated"))
    return Kind.COMMENT_EDITED if created and updated and updated > created else Kind.COMMENTED


def _actor(document: Mapping[str, Any], words: Words) -> Actor:
    comment = mapping(document.get("comment"))
    people = (document.get("user"), comment.get("updateAuthor"), comment.get("author"))
    found = (actor_of(person, words) for person in people if mapping(person))
    return next((actor for actor in found if actor.account or actor.name), Actor())


def _aliases(document: Mapping[str, Any]) -> Mapping[str, str]:
    fields = mapping(mapping(document.get("issue")).get("fields"))
    return aliases_of(document.get("user"), fields.get("assignee"), fields.get("reporter"), fields.get("creator"))


def _comment(document: Mapping[str, Any], words: Words) -> Comment | None:
    comment = mapping(document.get("comment"))
    id = number(comment.get("id"))
    if not id:
        return None
    project = mapping(mapping(mapping(document.get("issue")).get("fields")).get("project"))
    return comment_of(comment, words, plain=word(project.get("projectTypeKey")) in PLAIN)


def comment_of(
    raw: Mapping[str, Any], words: Words, *, plain: bool, mails: Mapping[str, str] | None = None
) -> Comment:
    """A comment of a webhook or of a read; `plain` says that the project is certainly no service project."""
    return Comment(
        id=number(raw.get("id")),
        text=text(raw.get("body")),
        audience=audience_of(raw, plain=plain),
        author=actor_of(raw.get("author"), words, mails or {}),
        at=instant(raw.get("created")),
    )


def audience_of(comment: Mapping[str, Any], *, plain: bool) -> Audience | None:
    """Restricted or marked internal: internal. None where nothing says so, except in a plain project."""
    marked = _marked(comment)
    if comment.get("visibility") is not None or comment.get("jsdPublic") is False or marked is Audience.INTERNAL:
        return Audience.INTERNAL
    return Audience.PUBLIC if comment.get("jsdPublic") is True or plain else marked


def _marked(comment: Mapping[str, Any]) -> Audience | None:
    """What the mark of a service project says, the only one on older Data Centers; None without one."""
    properties = comment.get("properties")
    for entry in properties if isinstance(properties, list) else ():
        if mapping(entry).get("key") == "sd.public.comment":
            public = mapping(mapping(entry).get("value")).get("internal") is False
            return Audience.PUBLIC if public else Audience.INTERNAL
    return None
