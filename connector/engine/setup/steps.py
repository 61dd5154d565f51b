"""The steps of a set-up as values, and each in words: what, why, and the requests that it sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, assert_never

from ...trackers import Call
from ...trackers.admin import shown
from ...trackers.facts import IssueLine


@dataclass(frozen=True, slots=True)
class WriteEnv:
    """Lines for the file of secrets; their values never show."""

    path: Path
    values: Mapping[str, str] = field(repr=False)
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class WriteConnection:
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class WriteRules:
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class MakeLabel:
    name: str
    call: Call = field(repr=False)


@dataclass(frozen=True, slots=True)
class MakeHook:
    url: str
    call: Call = field(repr=False)


@dataclass(frozen=True, slots=True)
class MendHook:
    id: str
    because: str
    call: Call = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person with more rights has to do in the tracker's pages."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prove:
    """Have an event sent and wait for the decision. Without a call a person has to change an issue."""

    project: str
    call: Call | None = None
    issue: IssueLine | None = None
    undo: Call | None = None


Step: TypeAlias = WriteEnv | WriteConnection | WriteRules | MakeLabel | MakeHook | MendHook | ByHand | Prove


def what(step: Step) -> str:
    """What the step does, in the imperative."""
    match step:
        case WriteEnv(path=path, values=values):
            return f"write {', '.join(values)} to {path} (mode 0600)"
        case WriteConnection(path=path, text=text):
            return f"write to {path}: {text}"
        case WriteRules(path=path):
            return f"write {path}, in shadow mode"
        case MakeLabel(name=name):
            return f"make the label {name}"
        case MakeHook(url=url):
            return f"make a webhook to {url}"
        case MendHook(id=id, because=because):
            return f"change webhook {id}: {because}"
        case ByHand():
            return "a webhook has to be made by hand"
        case Prove(issue=issue, call=None):
            wanted = f"change {issue.key}" if issue else "open an issue of the project, or change one,"
            return f"wait for an event: {wanted} in the tracker"
        case Prove(issue=None):
            return "have a test event sent, and wait for its decision"
        case Prove(issue=issue):
            return f"touch a property of {issue.key if issue else ''} that nobody sees, and wait for the decision"
        case _:
            assert_never(step)


def why(step: Step) -> str:
    """Why the step is needed."""
    match step:
        case WriteEnv(fresh=fresh):
            return (
                "a fresh secret proves that an event is genuine" if fresh else "the service needs it at every start"
            )
        case WriteConnection():
            return "so the connection is known; its secrets stay outside"
        case WriteRules():
            return "no rule file applies to the project yet; in shadow mode nothing is written there"
        case MakeLabel():
            return "one of our words has this name there, and the project does not have it"
        case MakeHook():
            return "so we hear of each change at once"
        case MendHook():
            return "it leads here already"
        case ByHand():
            return "our account may not manage webhooks"
        case Prove():
            return "only an event that arrived proves that all of it works"
        case _:
            assert_never(step)


def requests(step: Step) -> tuple[str, ...]:
    """The requests that the step sends, without secrets."""
    match step:
        case MakeLabel(call=call) | MakeHook(call=call) | MendHook(call=call):
            return (shown(call),)
        case Prove(call=call, undo=undo):
            return tuple(shown(each) for each in (call, undo) if each)
        case ByHand(lines=lines):
            return lines
        case WriteEnv() | WriteConnection() | WriteRules():
            return ()
        case _:
            assert_never(step)
