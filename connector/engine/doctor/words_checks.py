"""The tracker's words in the rule files: do its labels, priorities, statuses, components and fields exist?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...rulebook.mentions import About, Mention
from ...rulebook.places import NoPlace, place
from ...trackers.facts import Field
from ...words import Place, PlaceKind
from .findings import Finding, fine
from .sentences import Said, listed, near, say
from .visit import Visit

_SYSTEM = {PlaceKind.LABEL: "labels", PlaceKind.COMPONENT: "components"}
MOST = 12


def words_checks(visit: Visit) -> Iterator[Finding]:
    """Every word of `_names.yaml` for this tracker, and every status of the tracker that has no word."""
    if not visit.projects:
        return
    wrong = False
    for mention in visit.mentions:
        where = _place(visit, mention) if mention.about is About.WORD else None
        for finding in _word(visit, mention, where) if where else ():
            wrong = True
            yield finding
    if not wrong:
        yield fine("words", visit.name, "every word of `_names.yaml` exists there")
    yield from _unmapped(visit)
    yield from _screens(visit)


def _place(visit: Visit, mention: Mention) -> Place | None:
    try:
        return place(visit.connection.kind, mention.table, mention.text)
    except NoPlace:
        return None  # The rule files are refused for it.


def _word(visit: Visit, mention: Mention, where: Place) -> Iterator[Finding]:
    match where.kind:
        case PlaceKind.LABEL if visit.gitlab:
            yield from _label(visit, mention, where)
        case PlaceKind.NAME if mention.table == "priority":
            known = visit.ask(visit.admin.priorities)
            yield from _named(visit, mention, where, known, say("priority"), say("priority_home"))
        case PlaceKind.NAME:
            yield from _status(visit, mention, where)
        case PlaceKind.COMPONENT if where.value != "*":
            for project in visit.projects:
                known = visit.ask(visit.admin.components, project.key)
                what, home = say("component", key=project.key), say("component_home")
                yield from _named(visit, mention, where, known, what, home, project.key)
        case PlaceKind.FIELD:
            yield from _field(visit, mention, where)
        case PlaceKind.GROUP:
            if visit.ask(visit.admin.group_exists, where.value) is False:
                yield visit.tell("word_missing", "group", word=where.value, ours=mention.ours, spot=mention.place)
        case PlaceKind.LABEL | PlaceKind.STATE | PlaceKind.COMPONENT:
            return


def _label(visit: Visit, mention: Mention, where: Place) -> Iterator[Finding]:
    ours, spot = mention.ours, mention.place
    for project in visit.projects:
        key, names = project.key, [label.name for label in visit.ask(visit.admin.labels, project.key)]
        scope = where.value.removesuffix("*")
        if where.value.endswith("*"):
            if not any(name.casefold().startswith(scope.casefold()) for name in names):
                yield visit.tell("scope_unused", key=key, scope=scope, ours=ours, project=key, spot=spot)
        elif where.value.casefold() not in map(str.casefold, names):
            word, meant = where.value, near(where.value, names)
            yield visit.tell("label_missing", key=key, word=word, near=meant, ours=ours, project=key, spot=spot)


def _named(
    visit: Visit, mention: Mention, where: Place, known: Iterable[str], what: Said, home: Said, project: str = ""
) -> Iterator[Finding]:
    names = list(known)
    if where.value.casefold() in map(str.casefold, names):
        return
    word, meant, ours = where.value, near(where.value, names), mention.ours
    yield visit.tell(
        "word_missing", what=what, word=word, near=meant, ours=ours, home=home, project=project, spot=mention.place
    )


def _status(visit: Visit, mention: Mention, where: Place) -> Iterator[Finding]:
    """One of several names is enough to read; the first is the one that is written."""
    names = _statuses(visit)
    if where.value.casefold() in map(str.casefold, names):
        return
    others = [m.text for m in visit.mentions if (m.table, m.ours) == ("status", mention.ours)]
    if others[0] != mention.text and any(_known(each, names) for each in others):
        return
    rest = say("status_first" if any(_known(each, names) for each in others) else "status_unread")
    word, meant, ours = where.value, near(where.value, names), mention.ours
    known = _quoted(names)
    yield visit.tell("status_missing", word=word, near=meant, ours=ours, rest=rest, known=known, spot=mention.place)


def _quoted(names: Iterable[str]) -> Said:
    return listed([f"`{name}`" for name in names][:MOST])


def _known(text: str, names: Iterable[str]) -> bool:
    return text.casefold() in map(str.casefold, names)


def _statuses(visit: Visit) -> tuple[str, ...]:
    every = (name for project in visit.projects for name in visit.ask(visit.admin.statuses, project.key))
    return tuple(dict.fromkeys(every))


def _unmapped(visit: Visit) -> Iterator[Finding]:
    """Statuses that no word stands for; GitLab's `opened` and `closed` are read without."""
    if visit.gitlab:
        return
    mapped = {m.text.casefold() for m in visit.mentions if m.table == "status"}
    if lacking := [name for name in _statuses(visit) if name.casefold() not in mapped]:
        yield visit.tell("status_unmapped", lacking=_quoted(lacking))


def _field(visit: Visit, mention: Mention, where: Place) -> Iterator[Finding]:
    known = {field.name.casefold(): field for field in visit.ask(visit.admin.fields)}
    ids = {field.id.casefold() for field in known.values()}
    name = where.field.casefold()
    if name not in known and name not in ids:
        meant = near(where.field, [field.name for field in known.values()])
        yield visit.tell("field_missing", field=where.field, near=meant, ours=mention.ours, spot=mention.place)
        return
    for key, screen in _edit_screens(visit).items():
        on_screen = next((f for f in screen.values() if name in (f.name.casefold(), f.id.casefold())), None)
        options = on_screen.options if on_screen else ()
        if where.value != "*" and options and where.value.casefold() not in map(str.casefold, options):
            field, word, meant = where.field, where.value, near(where.value, options)
            yield visit.tell(
                "word_missing", "option", field=field, word=word, near=meant, key=key, project=key, spot=mention.place
            )


def _screens(visit: Visit) -> Iterator[Finding]:
    """Fields that live rules write and that no issue's edit screen has; asked of one issue of each project."""
    if visit.gitlab or not visit.live:
        return
    wanted = dict(_written(visit))
    for key, screen in _edit_screens(visit).items():
        file = visit.file(key)
        if file is None or file.mode != "live":
            continue
        there = {name for field in screen.values() for name in (field.id.casefold(), field.name.casefold())}
        for name, spot in wanted.items():
            if name.casefold() not in there:
                yield visit.tell("field_unwritable", field=name, key=key, project=key, spot=spot)


def _written(visit: Visit) -> Iterator[tuple[str, str]]:
    """The fields that our words are written to, and the first line that says so."""
    known = {name.casefold() for field in visit.ask(visit.admin.fields) for name in (field.id, field.name)}
    seen: set[str] = set()
    for mention in visit.mentions:
        where = _place(visit, mention) if mention.about is About.WORD and mention.table != "status" else None
        if where is None:
            continue
        name = where.field if where.kind is PlaceKind.FIELD else _SYSTEM.get(where.kind, "")
        if where.kind is PlaceKind.NAME and mention.table == "priority":
            name = "priority"
        if name and name not in seen and name.casefold() in known:
            seen.add(name)
            yield name, mention.place


def _edit_screens(visit: Visit) -> Mapping[str, Mapping[str, Field]]:
    """Project → the fields of the edit screen of its newest issue; without an issue nothing can be told."""
    screens = {}
    for project in visit.projects:
        for issue in visit.ask(visit.admin.issues, project.key, 1):
            screens[project.key] = {field.id: field for field in visit.ask(visit.admin.screen, issue.ticket)}
    return screens
