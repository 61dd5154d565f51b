"""The rule book for people: every file in force in plain sentences, the shared tables, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import PurePath

from ..core.rule_told import SectionWords
from ..core.rule_words import section_words
from ..core.sentences import Speech
from ..errors import Problem
from ..frozen import EMPTY, FrozenDict
from ..model import Person
from ..rulebook import Rulebook, RuleFile
from ..rulebook.rule_lines import Lines, rule_lines
from ..words import Place, PlaceKind, Words
from .presence import Process, processes
from .services import Services

TABLES = ("priority", "severity", "team", "status", "fields")


@dataclass(frozen=True, slots=True)
class FileWords:
    """One rule file in words: `projects` by connection, `sections` in the order in which plugins are asked.

    `lines` maps (section, rule) to the line in the file, and (section, '') to where it begins. `keeps` is whether the
    reasoning note is written, `release_on` what gives a slot that a person changed back to the rules.
    """

    name: str
    path: str
    mode: str
    projects: tuple[tuple[str, tuple[str, ...]], ...]
    plugins: tuple[str, ...]
    sections: tuple[SectionWords, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    note: bool
    release_on: tuple[str, ...]
    digest: str
    lines: Lines = field(default=EMPTY)


@dataclass(frozen=True, slots=True)
class WordRow:
    """One of our words, and per connection what the tracker calls it: the first is written, all are read."""

    word: str
    places: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class BookWords:
    """The rules in force. `problems` are those of newer files that were refused, `wrong_since` from when on.

    `others` are processes that go by other rules than the one that tells.
    """

    files: tuple[FileWords, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    since: datetime | None
    wrong_since: datetime | None
    folder: str
    digest: str
    people: tuple[Person, ...]
    teams: tuple[tuple[str, int], ...]
    tables: tuple[tuple[str, tuple[WordRow, ...]], ...]
    customers: int
    others: tuple[Process, ...] = ()

    @property
    def in_force(self) -> bool:
        """Is any rule file in force?"""
        return bool(self.files)


def book_words(services: Services, language: str) -> BookWords:
    """The rule book in `language` (`en` or `zh`), as this process has it."""
    rules = services.rules
    book = rules.current
    people = tuple(book.desk.people.values())
    return BookWords(
        files=tuple(file_words(book, file, language) for file in book.files),
        problems=rules.problems,
        warnings=book.warnings,
        since=rules.since,
        wrong_since=rules.wrong_since,
        folder=str(rules.folder),
        digest=book.digest,
        people=people,
        teams=tuple((team, sum(team in person.teams for person in people)) for team in sorted(book.desk.teams)),
        tables=tuple(_tables(book.words)),
        customers=len(book.desk.customers),
        others=tuple(each for each in processes(services) if each.rules != book.digest),
    )


def file_words(book: Rulebook, file: RuleFile, language: str) -> FileWords:
    """One of its files in `language`."""
    speech = Speech(language, book.schema.fields, file.lists)
    return FileWords(
        name=file.name,
        path=file.path,
        mode=file.mode,
        projects=tuple(file.applies_to.items()),
        plugins=file.plugins,
        sections=tuple(
            section_words(plugin, file.sections.get(plugin), speech, file.disabled.get(plugin, ()))
            for plugin in file.plugins
        ),
        lists=tuple(file.lists.items()),
        note=file.explain,
        release_on=tuple(sorted(file.release_on)),
        digest=file.digest,
        lines=_lines(file.path, book.texts.get(file.path, "")),
    )


def file_text(services: Services, name: str) -> tuple[FileWords, str] | None:
    """A team's file as it is in force, and its text; None for any other. Shared files are not shown: they may hold
    addresses of people and of chat rooms."""
    book = services.rules.current
    for file in book.files:
        if file.name == name:
            return file_words(book, file, "en"), book.texts.get(file.path, "")
    return None


@lru_cache(maxsize=64)
def _lines(path: str, text: str) -> Lines:
    """Kept, since reading YAML takes longer than all the rest of a page."""
    return rule_lines(PurePath(path).name, text)


def _tables(words: Mapping[str, Words]) -> Iterator[tuple[str, tuple[WordRow, ...]]]:
    for table in TABLES:
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for connection, each in words.items():
            for word, places in getattr(each, table).items():
                told = tuple(map(place_words, places if isinstance(places, tuple) else (places,)))
                if told:
                    found.setdefault(str(word), {})[connection] = told
        if found:
            yield table, tuple(WordRow(word, tuple(FrozenDict(places).items())) for word, places in found.items())


def place_words(place: Place) -> str:
    """Where a word lives, as `_names.yaml` writes it."""
    match place.kind:
        case PlaceKind.FIELD:
            shown = f'field "{place.field}"'
            return shown if place.value == "*" else f"{shown} = {place.value}"
        case PlaceKind.COMPONENT | PlaceKind.GROUP:
            return place.kind.value if place.value == "*" else f"{place.kind.value} {place.value}"
        case _:
            return place.value
