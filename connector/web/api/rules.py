"""The rule book: the files in force in plain sentences and as written, and what is wrong with newer ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, g

from ...core.secret_words import without_secrets
from ...engine.book import BookWords, FileWords, WordRow
from ...errors import Problem
from ...model import Person
from ..flows import Flows
from . import schemas as of
from .paging import Query
from .part import Part


class ProblemSchema(of.Shape):
    file = of.text()
    line = of.number()
    column = of.number()
    text = of.text()


class ProjectsSchema(of.Shape):
    tracker = of.text("A connection.")
    projects = of.words()


class RuleSchema(of.Shape):
    rule = of.text("Its id.")
    text = of.text("What it does and when, in one sentence; empty for one that is switched off.")
    because = of.text("The reason it gives.")
    says = of.table("The texts it says, by language.")
    off = of.text("Why it is switched off.")
    line = of.number("Where it stands in its file.", allow_none=True)


class GroupSchema(of.Shape):
    name = of.text("The key its rules stand under; empty for the section itself.")
    rules = of.many(RuleSchema)


class SectionSchema(of.Shape):
    plugin = of.text()
    settings = of.words("What is set beside the rules, in sentences.")
    groups = of.many(GroupSchema)


class RuleFileSchema(of.Shape):
    name = of.text()
    path = of.text()
    mode = of.text("`live`, or `shadow`: decided and recorded, not written.")
    applies_to = of.many(ProjectsSchema)
    plugins = of.words("In the order in which they are asked.")
    sections = of.many(SectionSchema)
    lists = of.table("Its lists of words, by name.")
    note = of.flag("Is the reasoning note written to the tracker?")
    release_on = of.words("What gives a field that a person changed back to the rules.")
    digest = of.text()


class PersonSchema(of.Shape):
    id = of.text()
    name = of.text()
    teams = of.words()
    role = of.text()
    trackers = of.words("Connections, or kinds of tracker, where an account of theirs is known.")


class NameSchema(of.Shape):
    table = of.text("`priority`, `severity`, `team`, `status` or `fields`.")
    word = of.text("Ours.")
    places = of.table("By connection, what its tracker calls it: the first is written, all are read.")


class RuleTextSchema(of.Shape):
    """A team's file as it is in force, what sounds like a secret left out."""

    name = of.text()
    path = of.text()
    text = of.text()


class RulesSchema(of.Shape):
    """The rules in force."""

    digest = of.text("Equal digests mean equal rules.")
    since = of.instant("Since when they are in force.", allow_none=True)
    wrong_since = of.instant("Since when newer files are wrong; null if none is.", allow_none=True)
    problems = of.many(ProblemSchema, "Mistakes in newer files: the last good ones stay in force.")
    warnings = of.many(ProblemSchema)
    files = of.many(RuleFileSchema)
    teams = of.words()
    people = of.many(PersonSchema, "Those whom the shared files name.")
    names = of.many(NameSchema, "Our words, and what each tracker calls them.")
    customers = of.number("How many lines the customers' file has.")
    others = of.words("Processes that go by other rules than these.")


def part(flows: Flows) -> Part:
    """`/rules`, in the language that `lang` or the asker's settings choose, and `/rules/<name>`."""
    rules = Part("rules", "The rule book in plain sentences.")

    @rules.shows("/rules", RulesSchema(), query=Query())
    def show_rules(_: Mapping[str, Any]) -> dict[str, Any]:
        """Every rule file in force, each rule as one sentence, and what is wrong with newer files."""
        return shown(flows.book(g.texts.language))

    @rules.shows("/rules/<name>", RuleTextSchema(), errors=(404,))
    def show_rule_file(name: str) -> dict[str, str]:
        """A team's rule file as it is in force."""
        file, text = flows.rule_file(name) or abort(404)
        return {"name": file.name, "path": file.path, "text": "\n".join(without_secrets(text))}

    return rules


def shown(book: BookWords) -> dict[str, Any]:
    return {
        "digest": book.digest,
        "since": book.since,
        "wrong_since": book.wrong_since,
        "problems": _problems(book.problems),
        "warnings": _problems(book.warnings),
        "files": [_file(file) for file in book.files],
        "teams": [team for team, _ in book.teams],
        "people": [_person(each) for each in book.people],
        "names": [_name(table, row) for table, rows in book.tables for row in rows],
        "customers": book.customers,
        "others": [each.id for each in book.others],
    }


def _person(person: Person) -> dict[str, Any]:
    same = {"id": person.id, "name": person.name, "role": person.role}
    return {**same, "teams": sorted(person.teams), "trackers": sorted(person.ids)}


def _name(table: str, row: WordRow) -> dict[str, Any]:
    return {"table": table, "word": row.word, "places": dict(row.places)}


def _problems(found: Iterable[Problem]) -> list[dict[str, Any]]:
    return [{"file": each.file, "line": each.line, "column": each.column, "text": each.text} for each in found]


def _file(file: FileWords) -> dict[str, Any]:
    same = {name: getattr(file, name) for name in ("name", "path", "mode", "plugins", "note", "release_on", "digest")}
    sections = [
        {
            "plugin": section.plugin,
            "settings": section.settings,
            "groups": [
                {"name": group.name, "rules": [_rule(file, section.plugin, line) for line in group.lines]}
                for group in section.groups
            ],
        }
        for section in file.sections
    ]
    projects = [{"tracker": name, "projects": projects} for name, projects in file.projects]
    return {**same, "applies_to": projects, "sections": sections, "lists": dict(file.lists)}


def _rule(file: FileWords, plugin: str, line: Any) -> dict[str, Any]:
    same = {name: getattr(line, name) for name in ("rule", "text", "because", "off")}
    return {**same, "says": dict(line.says), "line": file.lines.get((plugin, line.rule))}
