"""Edits as Jira takes them: everything is checked first, and one bad field means that nothing is applied."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from .jira_world import CUSTOM_FIELDS, PRIORITIES, ROLES, SYSTEM_FIELDS, TYPES, Comment, Issue, World

KINDS = {**SYSTEM_FIELDS, **CUSTOM_FIELDS}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class Outcome:
    """New values, comments made and edited, and the changelog items of one accepted edit."""

    values: dict[str, Any] = field(default_factory=dict)
    added: list[dict[str, Any]] = field(default_factory=list)
    edited: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    def __init__(self, errors: dict[str, str], messages: tuple[str, ...] = ()) -> None:
        super().__init__(errors)
        self.body = {"errorMessages": list(messages), "errors": errors}


class Editor:
    """Checks bodies of PUT and POST issue against the project."""

    def __init__(self, world: World, violations: list[str]) -> None:
        self._world, self._violations = world, violations
        self.unscreened: set[str] = set()
        self.refuses_properties = False

    def check(self, body: Any, project: str, issue: Issue | None = None) -> Outcome:
        """What the edit would do; raise `Refused` with every complaint."""
        body = self._object(body, "the body")
        strange = set(body) - {"fields", "update", "properties", "transition", "historyMetadata"}
        if strange:
            self._wrong(f"unknown keys {sorted(strange)}")
        fields, update = (
            self._object(body.get("fields", {}), "`fields`"),
            self._object(body.get("update", {}), "`update`"),
        )
        out, errors = Outcome(), dict[str, str]()
        for name in sorted(set(fields) & set(update)):
            errors[name] = f"Field '{name}' cannot be in both 'fields' and 'update'."
        for name, value in fields.items():
            self._set(name, value, project, issue, out, errors)
        for name, steps in update.items():
            self._operate(name, steps, project, issue, out, errors)
        self._properties(body.get("properties", []), out)
        if errors:
            raise Refused(errors)
        return out

    def _properties(self, properties: Any, out: Outcome) -> None:
        if not isinstance(properties, list):
            self._wrong("`properties` is no list")
        for entry in properties:
            if set(self._object(entry, "a property")) != {"key", "value"}:
                self._wrong("a property has exactly `key` and `value`")
            if self.refuses_properties:
                raise Refused({}, ("You cannot set issue properties here.",))
            if len(json.dumps(entry["value"])) > 32_768:
                raise Refused({}, ("The property value is too long.",))
            out.properties[entry["key"]] = entry["value"]

    def _set(
        self, name: str, value: Any, project: str, issue: Issue | None, out: Outcome, errors: dict[str, str]
    ) -> None:
        if issue is None and name in ("project", "reporter"):
            return
        if name not in KINDS or name in self.unscreened:
            errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            return
        try:
            out.values[name] = self._value(name, value, project)
        except ValueError as why:
            errors[name] = str(why)

    def _value(self, name: str, value: Any, project: str) -> Any:
        type = KINDS[name][1]["type"]
        if name == "summary" and (
            not isinstance(value, str) or not value.strip() or "\n" in value or len(value) > 255
        ):
            raise ValueError("You must specify a summary of the issue.")
        if name == "labels":
            return self._labels(value)
        if name == "components":
            return self._components(value, project)
        if value is None:
            return None
        match type:
            case "priority":
                return _named(value, PRIORITIES)
            case "issuetype":
                return _named(value, TYPES)
            case "user":
                return self._user(value)
            case "option":
                return _option(value)
            case "array":
                if not isinstance(value, list):
                    raise ValueError("data was not an array")
                return [_option(member) for member in value]
            case "number":
                if not isinstance(value, int | float) or isinstance(value, bool):
                    raise ValueError("Operation value must be a number")
                return value
            case "date":
                if not isinstance(value, str) or not _DAY.fullmatch(value):
                    raise ValueError("Error parsing date string: use yyyy-MM-dd")
                return value
            case "datetime":
                if not isinstance(value, str) or not _INSTANT.fullmatch(value):
                    raise ValueError("Error parsing date string: use yyyy-MM-dd'T'HH:mm:ss.SSSZ")
                # Shown in the zone of whoever asks, as Jira does.
                at = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(timezone(timedelta(hours=8)))
                return at.strftime("%Y-%m-%dT%H:%M:%S.000%z")
            case _:
                if not isinstance(value, str):
                    raise ValueError("Operation value must be a string")
                return value

    def _labels(self, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
            raise ValueError("string expected at index 0")
        for label in value:
            if not label or re.search(r"\s", label) or len(label) > 255:
                raise ValueError(f"The label '{label}' contains spaces which is invalid.")
        return list(dict.fromkeys(value))

    def _components(self, value: Any, project: str) -> list[str]:
        if not isinstance(value, list):
            raise ValueError("data was not an array")
        known = {name.casefold(): name for name in self._world.projects[project].components}
        found = []
        for member in value:
            name = member.get("name") if isinstance(member, dict) else None
            if not isinstance(name, str) or name.casefold() not in known:
                raise ValueError(f"Component name '{name}' is not valid")
            found.append(known[name.casefold()])
        return found

    def _user(self, value: Any) -> str:
        wanted = "accountId" if self._world.cloud else "name"
        account = value.get(wanted) if isinstance(value, dict) and set(value) == {wanted} else None
        user = self._world.users.get(account) if isinstance(account, str) else None
        if user is None or not user.active or user.kind != "atlassian":
            raise ValueError(f"User '{account}' cannot be assigned issues.")
        return user.account

    def _operate(
        self, name: str, steps: Any, project: str, issue: Issue | None, out: Outcome, errors: dict[str, str]
    ) -> None:
        if not isinstance(steps, list) or any(not isinstance(s, dict) or len(s) != 1 for s in steps):
            self._wrong(f"`update.{name}` is no list of objects with one operation each")
        if name in self.unscreened:
            errors[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            return
        try:
            if name == "comment":
                self._comments(steps, issue, out)
            elif name in ("labels", "components"):
                out.values[name] = self._members(name, steps, project, issue)
            else:
                self._wrong(f"`update.{name}` is not known to this fake")
        except ValueError as why:
            errors[name] = str(why)

    def _members(self, name: str, steps: list[dict[str, Any]], project: str, issue: Issue | None) -> list[str]:
        kept = list(issue.values.get(name, [])) if issue else []
        for step in steps:
            ((operation, value),) = step.items()
            many = value if operation == "set" else [value]
            given = self._labels(many) if name == "labels" else self._components(many, project)
            match operation:
                case "add":
                    kept = list(dict.fromkeys([*kept, *given]))
                case "remove":
                    kept = [member for member in kept if member not in given]
                case "set":
                    kept = given
                case _:
                    raise ValueError(f"Operation '{operation}' is not supported")
        return kept

    def _comments(self, steps: list[dict[str, Any]], issue: Issue | None, out: Outcome) -> None:
        for step in steps:
            ((operation, value),) = step.items()
            comment = self._object(value, "a comment")
            self.check_comment(comment, {"body", "visibility", *(["id"] if operation == "edit" else [])})
            if operation == "add":
                out.added.append(comment)
            elif operation == "edit":
                ids = [c.id for c in issue.comments] if issue else []
                if comment.get("id") not in ids:
                    raise ValueError(f"Can not find a comment for the id: {comment.get('id')}.")
                out.edited.append(comment)
            else:
                raise ValueError(f"Operation '{operation}' is not supported")

    def check_comment(self, comment: dict[str, Any], allowed: set[str]) -> None:
        if set(comment) - allowed:
            self._wrong(f"a comment with {sorted(set(comment) - allowed)} here")
        body = comment.get("body")
        if not isinstance(body, str):
            self._wrong("a comment's body is text in version 2")
        if not body.strip():
            raise ValueError("Comment body can not be empty!")
        if len(body) > 32_767:
            raise ValueError("The entered text is too long. It exceeds the allowed limit of 32,767 characters.")
        limit = comment.get("visibility")
        if limit is not None and (set(limit) != {"type", "value"} or limit["type"] not in ("role", "group")):
            self._wrong("`visibility` is {type: role|group, value}")
        if limit and limit["type"] == "role" and limit["value"] not in ROLES:
            raise ValueError(f"Role: {limit['value']} does not exist")

    def _object(self, value: Any, what: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(f"{what} is no object")
        return value

    def _wrong(self, what: str) -> Any:
        """Something that a client of the real product should never send."""
        self._violations.append(what)
        raise Refused({}, (what,))


def new_comment(world: World, issue: Issue, raw: dict[str, Any], by: str, properties: dict[str, Any]) -> Comment:
    now = world.clock()
    comment = Comment(world.number(), raw["body"], by, now, now, by, raw.get("visibility"), properties)
    issue.comments.append(comment)
    return comment


def _named(value: Any, known: tuple[str, ...]) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    if name not in known:
        raise ValueError(f"The name '{name}' is not valid here")
    return str(name)


def _option(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        raise ValueError("Specify a valid 'id' or 'name' for the option")
    return {"id": "1", "value": value["value"]}
