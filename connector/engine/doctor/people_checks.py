"""The people and readers that rule files name: does the tracker know them, and may they have tickets?"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import TrackerError
from ...rulebook.mentions import About, Mention
from ...trackers.facts import Person
from .findings import Finding, fine
from .project_checks import assignees
from .sentences import listed, near, say
from .visit import Visit

FORBIDDEN = 403


def people_checks(visit: Visit) -> Iterator[Finding]:
    """Every account of `_people.yaml` at this tracker, and who may be given tickets by the rules."""
    listed = [m for m in visit.mentions if m.about is About.PERSON]
    known: dict[str, Person] = {}
    wrong = False
    for mention in listed:
        try:
            person, finding = _look_up(visit, mention)
        except TrackerError as error:
            if error.status != FORBIDDEN:
                raise
            yield _unseen(visit)
            return
        if finding:
            wrong = True
            yield finding
        elif person:
            known.setdefault(mention.ours, person)
    for finding in _assignable(visit, known, listed):
        wrong = True
        yield finding
    if listed and not wrong:
        yield fine("people", visit.name, f"all people of `_people.yaml` are known there ({len(listed)})")
    yield from _unmapped(visit, known, listed)


def _unseen(visit: Visit) -> Finding:
    right = say("people_right_gitlab" if visit.gitlab else "people_right_jira")
    return visit.tell("people_unseen", name=visit.name, right=right)


def _look_up(visit: Visit, mention: Mention) -> tuple[Person | None, Finding | None]:
    who = f"{mention.ours} (`{mention.text}`)"
    if visit.gitlab and "@" in mention.text:
        return None, visit.tell("person_unknown", "mail", who=who, spot=mention.place)
    found = visit.ask(visit.admin.people, mention.text)
    same = [person for person in found if _is(person, mention.text)]
    if not same and "@" in mention.text and len(found) == 1:
        same = list(found)  # Cloud hides most addresses, but searches by them.
    if not same:
        meant = near(mention.text, [person.account for person in found])
        return None, visit.tell("person_unknown", name=visit.name, who=who, near=meant, spot=mention.place)
    if len(same) > 1:
        return None, visit.tell("person_ambiguous", n=len(same), name=visit.name, who=who, spot=mention.place)
    if same[0].active is False:
        return None, visit.tell("person_inactive", who=who, name=visit.name, spot=mention.place)
    return same[0], None


def _is(person: Person, text: str) -> bool:
    return text.casefold() in (person.account.casefold(), person.mail.casefold())


def _assignable(visit: Visit, known: dict[str, Person], listed: list[Mention]) -> Iterator[Finding]:
    """Whom rules assign must be able to have the ticket, each in each project."""
    spots = {m.ours: m.place for m in reversed(listed)}
    for project in visit.projects:
        file = visit.file(project.key)
        for id in sorted(assignees(file)) if file else ():
            person = known.get(id)
            if person and visit.ask(visit.admin.assignable, project.key, person.account) is False:
                do = say("assignable_gitlab" if visit.gitlab else "assignable_jira")
                key, path = project.key, file.path if file else ""
                yield visit.tell(
                    "person_not_assignable", id=id, key=key, file=path, do=do, project=key, spot=spots.get(id, "")
                )


def _unmapped(visit: Visit, known: dict[str, Person], listed: list[Mention]) -> Iterator[Finding]:
    """People whom rules assign and who have no account here at all."""
    here = {m.ours for m in listed} | known.keys()
    for key in visit.keys:
        file = visit.file(key)
        for id in sorted(assignees(file) - here) if file else ():
            yield visit.tell("person_unmapped", key=key, id=id, name=visit.name, project=key)


def reader_checks(visit: Visit) -> Iterator[Finding]:
    """Who may read our internal texts on plain Jira projects: a role or group that exists, or everybody."""
    if visit.gitlab:
        return
    wanted = str(visit.connection.options.get("internal_visibility") or "")
    plain = [project for project in visit.projects if not project.service]
    if not wanted:
        live = [p.key for p in plain if (file := visit.file(p.key)) and file.mode == "live"]
        if live:
            yield visit.tell("note_open", projects=listed(live))
        return
    spot = next((m.place for m in visit.mentions if m.about is About.VISIBILITY), "")
    kind, _, name = wanted.partition(" ")
    if kind == "group":
        if visit.ask(visit.admin.group_exists, name) is False:
            yield visit.tell("visibility_unknown", "group", word=name, spot=spot)
        return
    for project in plain:
        roles = visit.ask(visit.admin.roles, project.key)
        if name.casefold() not in map(str.casefold, roles):
            known = listed(roles[:12]) if roles else say("no_role")
            meant, key = near(name, roles), project.key
            yield visit.tell(
                "visibility_unknown", word=name, near=meant, key=key, known=known, project=key, spot=spot
            )
