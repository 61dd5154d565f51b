"""Who somebody is to a project: customer, agent or system; in doubt a customer, who may command nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ...errors import Gone, TrackerError
from ...model import Actor, Role
from ...words import Words
from ..shapes import mapping, rows, word
from .client import API, Client
from .lookups import SHORT, Lookups
from .people import account_of
from .shapes import number

AGENT_ROLE = "Service Desk Team"
"""The name that Jira Service Management gives to the project role of its agents."""

MAX_PAGES = 40


class Roles:
    """Decides roles for one connection. Users met in reads are remembered, so that most cost no request."""

    def __init__(self, client: Client, lookups: Lookups) -> None:
        self._client = client
        self._lookups = lookups

    def met(self, *users: Any) -> None:
        """Remember what a read says about `users`."""
        for user in map(mapping, users):
            if account_of(user) and isinstance(user.get("active"), bool):
                self._lookups.met(user)

    def role(self, actor: Actor, project: str, words: Words) -> Role:
        """The role of `actor` in `project`; a question that could not be answered now raises `TrackerError`."""
        listed = words.role_of(actor.account, actor.email)
        if listed is not None or actor.role is not None:
            return listed or actor.role or Role.CUSTOMER
        if not actor.account:
            return Role.CUSTOMER
        known = self._lookups.user(actor.account)
        if known.role is not None:
            return known.role
        if not known.active or not project:
            return Role.CUSTOMER
        if words.role_of(known.email) or self._listed_by_mail(actor.account, words):
            return Role.AGENT
        if self._lookups.cloud() or not self._lookups.service(project):
            return Role.AGENT
        return Role.AGENT if actor.account in self._agents(project) else Role.CUSTOMER

    def _listed_by_mail(self, account: str, words: Words) -> bool:
        return self._lookups.cloud() and account in self._lookups.mails(words)

    def _agents(self, project: str) -> frozenset[str]:
        return self._lookups.kept.get(("agents", project), lambda: self._ask_agents(project), SHORT)

    def _ask_agents(self, project: str) -> frozenset[str]:
        """The accounts in the project's agent role, by name and by group; none where we may not ask."""
        try:
            listed = mapping(self._client.get(f"{API}/project/{quote(project)}/role"))
            id = next((i for name, url in listed.items() if name == AGENT_ROLE and (i := _tail(url))), "")
            found = self._client.get(f"{API}/project/{quote(project)}/role/{id}") if id else {}
        except TrackerError as error:
            if not error.permanent:
                raise
            return frozenset()
        actors = rows(mapping(found).get("actors"))
        direct = {word(a.get("name")) for a in actors if a.get("type") == "atlassian-user-role-actor"}
        groups = {word(a.get("name")) for a in actors if a.get("type") == "atlassian-group-role-actor"}
        return frozenset(direct).union(*(self._members(group) for group in groups if group)) - {""}

    def _members(self, group: str) -> frozenset[str]:
        found: set[str] = set()
        for page in range(MAX_PAGES):
            try:
                params = {"groupname": group, "startAt": str(page * 50), "maxResults": "50"}
                answer = mapping(self._client.get(f"{API}/group/member", params))
            except Gone:
                break
            members = rows(answer.get("values"))
            found |= {account_of(user) for user in members if user.get("active") is not False}
            if answer.get("isLast") is not False or not members:
                break
        return frozenset(found)


def _tail(url: Any) -> str:
    return number(word(url).rpartition("/")[2])
