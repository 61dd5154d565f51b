"""What has to be asked of Jira once: our account, its kind, fields, users, projects, transitions, roles.

Each answer is kept for a while. Only answers are kept: a failure is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...errors import Gone, TrackerError
from ...model import Actor, Role
from ...words import Words
from ..kept import Kept
from ..shapes import mapping, rows, word
from .client import API, Client
from .issue import ORGANISATIONS
from .people import ROLES, account_of, actor_of
from .reader import PLAIN
from .shapes import count, number

LONG, HOUR, SHORT = timedelta(hours=12), timedelta(hours=1), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of Jira: its id, its type, the type of its items, and the key of the custom field's kind."""

    id: str
    name: str
    type: str = ""
    items: str = ""
    custom: str = ""


@dataclass(frozen=True, slots=True)
class UserInfo:
    """What decides about a user: whether they may act, their kind where it tells a role, their address."""

    active: bool = False
    role: Role | None = None
    email: str = ""


class Lookups:
    """The look-ups of one connection, cached."""

    def __init__(self, client: Client, *, flavor: str, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._flavor = flavor
        self.kept = Kept(clock)

    def cloud(self) -> bool:
        """Whether this is Jira Cloud; asked once, unless the settings say so."""
        if self._flavor in ("cloud", "dc"):
            return self._flavor == "cloud"
        return self.kept.get("cloud", self._ask_cloud, LONG)

    def me(self) -> Actor:
        """The account that our token belongs to."""
        return self.kept.get("me", lambda: actor_of(self._client.get(f"{API}/myself"), Words()), LONG)

    def fields(self) -> tuple[FieldInfo, ...]:
        """All fields, system and custom ones."""
        return self.kept.get("fields", lambda: tuple(_fields(self._client.get(f"{API}/field"))), LONG)

    def field(self, name: str) -> FieldInfo | None:
        """The field shown as `name`, or with that id; case does not matter."""
        wanted = name.casefold()
        return next((f for f in self.fields() if wanted in (f.name.casefold(), f.id.casefold())), None)

    def organisations(self) -> str:
        """The id of the field that lists a request's organisations; '' where there is none, or no right to ask."""
        try:
            return next((f.id for f in self.fields() if f.custom == ORGANISATIONS), "")
        except TrackerError as error:
            if not error.permanent:
                raise
            return ""

    def service(self, project: str) -> bool:
        """Whether `project` is a service project, or may be one: of an unknown type, customers might read along."""
        return self.kept.get(("service", project), lambda: self._ask_service(project), LONG)

    def known_service(self, project: str, type_key: str) -> bool:
        """The same, where an issue may have told already."""
        if type_key:
            self.kept.put(("service", project), type_key not in PLAIN)
            return type_key not in PLAIN
        return self.service(project)

    def account(self, given: str) -> str:
        """The account that `given` means, '' if nobody; only a mail address has to be looked up."""
        if "@" not in given:
            return given
        return self.kept.get(("account", given.casefold()), lambda: self._ask_account(given), LONG)

    def user(self, account: str) -> UserInfo:
        """The user with that account; one whom Jira does not show us is not active."""
        return self.kept.get(("user", account), lambda: self._ask_user(account), HOUR)

    def met(self, user: Mapping[str, Any]) -> None:
        """A read has shown `user`, so that nobody need ask."""
        self.kept.put(("user", account_of(user)), _user(user))

    def mails(self, words: Words) -> Mapping[str, str]:
        """Accounts of people whom `_people.yaml` names by mail address → that address. One question each, once."""
        given = {a for accounts in words.people.values() for a in accounts if "@" in a}
        return {account: mail for mail in sorted(given) if (account := self.account(mail))}

    def transitions(self, issue: str, project: str, type: str, status: str) -> tuple[tuple[str, str], ...]:
        """(id, name of the status it leads to) of what is possible from `status`."""
        key = ("transitions", project, type, status)
        return self.kept.get(
            key, lambda: tuple(_transitions(self._client.get(f"{API}/issue/{issue}/transitions"))), LONG
        )

    def forget_transitions(self) -> bool:
        """Ask for all of them anew; tell whether some were old enough to be wrong."""
        return self.kept.forget("transitions")

    def issue_type(self, project: str) -> str:
        """The name of a type in which issues can be made in `project`: `Task` if there is one, else the first."""
        return self.kept.get(("type", project), lambda: self._ask_issue_type(project), LONG)

    def _ask_cloud(self) -> bool:
        said = mapping(self._client.get(f"{API}/serverInfo"))
        return word(said.get("deploymentType")).casefold() == "cloud"

    def _ask_service(self, project: str) -> bool:
        try:
            return word(mapping(self._client.get(f"{API}/project/{project}")).get("projectTypeKey")) not in PLAIN
        except Gone:
            return True

    def _ask_account(self, mail: str) -> str:
        name = "query" if self.cloud() else "username"
        try:
            found = rows(self._client.get(f"{API}/user/search", {name: mail, "maxResults": "20"}))
        except TrackerError as error:
            if not error.permanent:
                raise
            return ""  # We may not browse users: then nobody is known by address.
        users = [u for u in found if u.get("active") is not False and u.get("accountType") not in ("customer", "app")]
        shown = [u for u in users if word(u.get("emailAddress")).casefold() == mail.casefold()]
        # Cloud hides most addresses, but searches by them: then one hit is the one, and two are none.
        hidden = [u for u in users if not word(u.get("emailAddress"))] if len(users) == 1 else []
        best = shown or hidden
        return account_of(best[0]) if len(best) == 1 else ""

    def _ask_user(self, account: str) -> UserInfo:
        params = {"accountId": account} if self.cloud() else {"username": account, "expand": "applicationRoles"}
        try:
            return _user(mapping(self._client.get(f"{API}/user", params)))
        except TrackerError as error:
            if not error.permanent:
                raise
            return UserInfo()

    def _ask_issue_type(self, project: str) -> str:
        said = mapping(self._client.get(f"{API}/issue/createmeta/{project}/issuetypes"))
        types = rows(said.get("issueTypes")) or rows(said.get("values"))
        names = [word(t.get("name")) for t in types if t.get("subtask") is not True and word(t.get("name"))]
        if not names:
            detail = f"no issue type is open to our account in project {project}"
            raise TrackerError(f"create in {project}", status=400, permanent=True, sent=False, detail=detail)
        return "Task" if "Task" in names else names[0]


def _fields(answer: Any) -> list[FieldInfo]:
    return [_field(raw) for raw in rows(answer) if word(raw.get("id"))]


def _field(raw: Mapping[str, Any]) -> FieldInfo:
    schema = mapping(raw.get("schema"))
    type, items, custom = (word(schema.get(name)) for name in ("type", "items", "custom"))
    return FieldInfo(word(raw.get("id")), word(raw.get("name")), type, items, custom)


def _user(user: Mapping[str, Any]) -> UserInfo:
    role = ROLES.get(word(user.get("accountType")))
    # Data Center has no account types; somebody without access to any product is a customer of its portals.
    if count(mapping(user.get("applicationRoles")).get("size")) == 0:
        role = Role.CUSTOMER
    return UserInfo(user.get("active") is not False, role, word(user.get("emailAddress")))


def _transitions(answer: Any) -> list[tuple[str, str]]:
    found = rows(mapping(answer).get("transitions"))
    pairs = [(number(t.get("id")) or word(t.get("id")), word(mapping(t.get("to")).get("name"))) for t in found]
    return [pair for pair in pairs if all(pair)]
