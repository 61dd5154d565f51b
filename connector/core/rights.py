"""Which right of the tracker a write needs: what is told when it was refused."""

from __future__ import annotations

_JIRA = {
    "AssignTo": "assign",
    "DueBy": "schedule",
    "Say": "comment",
    "Note": "comment",
    "MoveTo": "transition",
    "Link": "link",
}


def right_for(kind: str, op: str) -> str:
    """The name of the right that a tracker of `kind` asks for the write `op`; '' for one without rights.

    GitLab has roles, of which one is enough for all that we do; Jira has a permission for each kind of write.
    """
    if kind == "gitlab":
        return "gitlab_role"
    return f"jira_{_JIRA.get(op, 'edit')}" if kind == "jira" else ""
