"""What later versions will read: named here, so that an admin learns it is known and not yet there."""

from __future__ import annotations


def later(what: str, comes_with: str) -> str:
    """The sentence for something that belongs to a later version."""
    return f"`{what}` comes with {comes_with}; it is not in this version: remove it for now"


ASSIGNS = False
"""May rule files in force choose people: `assign`, `need_skills`, `need_languages`, `assign_failed`?"""

SECTIONS = {
    "assign": later("assign", "the choice of an assignee"),
    "tests": later("tests", "tested rule files"),
    "intake": later("intake", "mail and forms"),
}
FILES = {
    "_intake.yaml": later("_intake.yaml", "mail and forms"),
    "_forms.yaml": later("_forms.yaml", "mail and forms"),
}
CANARY = later("canary", "gradual roll-out")
NEEDS = {
    "need_skills": later("need_skills", "the choice of an assignee"),
    "need_languages": later("need_languages", "the choice of an assignee"),
}
ASSIGN_FAILED = later("assign_failed", "the choice of an assignee")


def later_section(name: str, assigns: bool) -> str | None:
    """The sentence for a section that this version does not read; None for any other."""
    return None if assigns and name == "assign" else SECTIONS.get(name)
