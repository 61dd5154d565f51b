"""Who is looking at the pages or calling the API, and what that visitor may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import g
from werkzeug.exceptions import Forbidden

P = ParamSpec("P")
R = TypeVar("R")


class Standing(IntEnum):
    """Roles of the console, each including the ones before it.

    A viewer reads; an agent also types tickets and replays or discards what is parked; an admin also changes how the
    installation works and sees its settings.
    """

    VIEWER = 1
    AGENT = 2
    ADMIN = 3


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of requests that change nothing."""
SCOPES = {"read": Standing.VIEWER, "act": Standing.AGENT, "admin": Standing.ADMIN, "metrics": None}
"""Scopes of API tokens, and the standing each gives; `metrics` opens `/metrics` and nothing else."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """`name` is what stands in the record of changes: `ann@desk.example`, `token:reports`, `console`."""

    name: str
    standing: Standing | None
    scopes: frozenset[str] = frozenset()

    def may(self, needed: Standing) -> bool:
        return self.standing is not None and self.standing >= needed


class NotEnough(Forbidden):
    """403: the visitor is known, and a role of at least `needed` is asked for."""

    def __init__(self, needed: Standing) -> None:
        super().__init__()
        self.needed = needed


def standing_of(scopes: Iterable[str]) -> Standing | None:
    """The highest standing that any of `scopes` gives; None for `metrics` alone."""
    return max((given for scope in scopes if (given := SCOPES.get(scope)) is not None), default=None)


def visitor() -> Visitor:
    """The visitor of the request at hand; only on routes that are not public."""
    found: Visitor = g.visitor
    return found


def needs(standing: Standing) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run for visitors of at least `standing`, and answer 403 to others. Without it VIEWER is needed."""

    def guarded(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not visitor().may(standing):
                raise NotEnough(standing)
            return view(*args, **kwargs)

        return checked

    return guarded


def own_form(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that asks `Guard.is_ours` itself, to show the form again; of all others the guard asks it first."""
    view.__dict__["own_form"] = True
    return view


def is_own_form(view: Callable[..., Any]) -> bool:
    """Was `view` marked by `own_form`?"""
    return bool(getattr(view, "own_form", False))
