"""Changes of fields, put into an edit: words at their places, labels, custom fields, users."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from ...core.neutral import neutral
from ...model import Ticket
from ...words import Place, PlaceKind, Words
from .changelog import Table, same
from .edit import UPDATED, Edit
from .lookups import FieldInfo, UserInfo
from .markup import label_fault
from .places import exclusive, starred
from .values import field_value


class Asked(Protocol):
    """The look-ups that composing needs."""

    def cloud(self) -> bool: ...

    def service(self, project: str) -> bool: ...

    def account(self, given: str) -> str: ...

    def user(self, account: str) -> UserInfo: ...

    def field(self, name: str) -> FieldInfo | None: ...

    def transitions(self, issue: str, project: str, type: str, status: str) -> tuple[tuple[str, str], ...]: ...


_UNMENTIONABLE = re.compile(r"[\[\]|{}\s]")


class Cannot(Exception):
    """This effect cannot be brought about at Jira; the text says why."""


class FieldWriter:
    """Puts changes of fields into `edit`; raises `Cannot` for those that Jira has no place for."""

    def __init__(self, edit: Edit, ticket: Ticket, words: Words, asked: Asked) -> None:
        self._edit, self._ticket, self._words, self._asked = edit, ticket, words, asked

    def put_word(self, key: str, table: Table, word: Any, what: str, name: str = "") -> None:
        """Bring the word to the first place that `_names.yaml` gives it, and take other words' marks off."""
        places = table.get(word, ())
        if not places:
            raise Cannot(f"_names.yaml has no Jira word for {what}")
        place = places[0]
        match place.kind:
            case PlaceKind.NAME if name:
                self._edit.set(key, name, {"name": place.value})
            case PlaceKind.LABEL | PlaceKind.COMPONENT:
                self._mark(key, place, exclusive(self._ticket, table, place))
            case PlaceKind.FIELD:
                self._set_field(key, place.field, place.value)
                for other in exclusive(self._ticket, table, place):
                    self._unmark(key, other)
            case PlaceKind.NAME | PlaceKind.GROUP | PlaceKind.STATE:
                raise Cannot(f"Jira has no `{place.kind.value}` that could be written for {what}")

    def _mark(self, key: str, place: Place, others: Iterable[Place]) -> None:
        if place.kind is PlaceKind.LABEL:
            self.label(key, "add", place.value)
        else:
            self._edit.do(key, "components", "add", {"name": place.value})
        for other in others:
            self._unmark(key, other)

    def _unmark(self, key: str, place: Place) -> None:
        if place.kind is PlaceKind.LABEL:
            self._edit.do(key, "labels", "remove", place.value)
        else:
            self._edit.do(key, "components", "remove", {"name": place.value})

    def label(self, key: str, operation: str, name: str) -> None:
        if fault := label_fault(name):
            raise Cannot(fault)
        self._edit.do(key, "labels", operation, name)

    def field(self, key: str, name: str, value: Any) -> None:
        place = self._words.fields.get(name)
        if place is None:
            raise Cannot(f"_names.yaml says no Jira place for the field `{name}`")
        if place.kind in (PlaceKind.LABEL, PlaceKind.COMPONENT):
            self._starred(key, place, value)
            return
        if place.kind not in (PlaceKind.FIELD, PlaceKind.NAME):
            raise Cannot(f"Jira has no `{place.kind.value}` that could be written for the field `{name}`")
        self._set_field(key, place.field or place.value, value)

    def _starred(self, key: str, pattern: Place, value: Any) -> None:
        old = starred(self._ticket, pattern, self._words)
        if value is None:
            for place in old:
                self._unmark(key, place)
            return
        new = Place(pattern.kind, pattern.value.replace("*", str(value), 1))
        self._mark(key, new, [place for place in old if not same(place.value, new.value)])

    def _set_field(self, key: str, shown: str, value: Any) -> None:
        info = self._asked.field(shown)
        if info is None:
            raise Cannot(f'Jira shows our account no field "{shown}"')
        if info.id in UPDATED:
            raise Cannot(f'the field "{shown}" is written as `label x` or `component X` in _names.yaml')
        try:
            self._edit.set(key, info.id, field_value(info, value, self._reference))
        except ValueError as why:
            raise Cannot(str(why)) from None

    def user_of(self, person: str) -> dict[str, str]:
        accounts = self._words.people.get(person, ())
        if not accounts and person in self._words.names:
            raise Cannot(f"_people.yaml gives no Jira account for `{person}`")
        if not accounts and "@" not in person and not self._asked.user(person).active:
            raise Cannot(f"nobody in _people.yaml, and nobody active at Jira, is called `{person}`")
        # Addresses last: they cost a look-up.
        for given in sorted(accounts or (person,), key=lambda account: "@" in account):
            if found := self._reference(given):
                return found
        raise Cannot(f"Jira knows nobody called {', '.join(accounts or (person,))}")

    def mention_of(self, person: str) -> str:
        """The person as Jira's markup mentions them; by name whoever has no account in `_people.yaml`."""
        name = neutral(self._words.names.get(person, person))
        if person not in self._words.people:
            return name
        try:
            found = self.user_of(person)
        except Cannot:
            return name
        told = f"accountid:{found['accountId']}" if "accountId" in found else found["name"]
        return name if _UNMENTIONABLE.search(told) else f"[~{told}]"

    def _reference(self, given: str) -> dict[str, str] | None:
        account = self._asked.account(given)
        return {("accountId" if self._asked.cloud() else "name"): account} if account else None
