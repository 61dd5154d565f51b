"""One connection under examination: its administrative side, each question asked once for all checks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from ...errors import TrackerError
from ...rulebook import RuleFile
from ...rulebook.mentions import Mention, mentions
from ...trackers.admin import Admin
from ...trackers.facts import Project, Right
from ...words import Connection
from .findings import Finding, tell
from .patient import Patient

A = TypeVar("A")


class Visit:
    """The connection, what rule files say about it, and what its tracker answered so far.

    An answer is kept, and so is a refusal: what one check was refused, the next does not ask again.
    """

    def __init__(self, patient: Patient, connection: Connection) -> None:
        self.patient = patient
        self.connection = connection
        self.admin: Admin = patient.admin(connection)
        self._known: dict[Hashable, Any] = {}

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def gitlab(self) -> bool:
        return self.connection.kind == "gitlab"

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every word of this tracker in the rule files in force."""
        return self._once("mentions", partial(mentions, self.patient.book, self.connection))

    @property
    def keys(self) -> tuple[str, ...]:
        """The projects that rule files apply to, as they are written there."""
        return self.patient.book.projects(self.name)

    @property
    def projects(self) -> tuple[Project, ...]:
        """Those of them that are there."""
        return tuple(each for key in self.keys if (each := self.project(key)) is not None)

    def file(self, key: str) -> RuleFile | None:
        return self.patient.book.file_for(self.name, key)

    @property
    def live(self) -> bool:
        """Does any rule file write here?"""
        return any(file.mode == "live" and file.applies_to.get(self.name) for file in self.patient.book.files)

    def ask(self, question: Callable[..., A], *given: Any) -> A:
        """What the bound method `question` of the tracker's administrative side answers, asked once."""
        return self._once((question.__name__, *given), partial(question, *given))

    def project(self, key: str) -> Project | None:
        return self.ask(self.admin.project, key)

    def rights(self, project: Project) -> tuple[Right, ...]:
        return self.ask(self.admin.rights, project.key)

    def tell(self, code: str, form: str = "", *, project: str = "", spot: str = "", **values: object) -> Finding:
        """The finding `code` about this connection, with `values` in its sentences."""
        return tell(code, self.name, form, project=project, spot=spot, **values)

    def _once(self, key: Hashable, ask: Callable[[], A]) -> A:
        if key not in self._known:
            try:
                self._known[key] = ask()
            except TrackerError as error:
                self._known[key] = error
        answer = self._known[key]
        if isinstance(answer, TrackerError):
            raise answer
        return answer  # type: ignore[no-any-return]
