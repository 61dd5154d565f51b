"""What is there already: asked of the tracker and read in our own files. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.spelling import did_you_mean
from ...errors import TrackerError
from ...rulebook import Rulebook, RuleFile
from ...trackers.admin import Admin
from ...trackers.facts import Account, Hook, IssueLine, Operation, Project, Right, Server
from .remedies import Stop, remedy
from .wanted import Wanted

NEEDED_LIVE = frozenset(
    {Operation.EDIT, Operation.LABEL, Operation.ASSIGN, Operation.COMMENT, Operation.INTERNAL, Operation.MOVE}
)


@dataclass(frozen=True, slots=True)
class There:
    """The tracker's side. `hook` is a webhook to our address; `hooks_seen` False: we may not list them."""

    server: Server
    account: Account
    project: Project
    lacking: tuple[Right, ...] = ()
    labels: frozenset[str] = frozenset()
    hook: Hook | None = None
    hooks_seen: bool = True
    issue: IssueLine | None = None
    has_issues: bool = True

    def may(self, operation: Operation) -> bool:
        return operation not in {right.operation for right in self.lacking}


@dataclass(frozen=True, slots=True)
class Here:
    """Our side. `secret` is the webhook secret at hand (the newest), `known` all of them.

    `connected`: rule files and settings name the connection with this address already.
    `fixed`: variables that the environment itself sets, so that a line in a file would have no effect.
    """

    rulebook: Rulebook
    env: Mapping[str, str] = field(repr=False)
    connected: bool
    fixed: frozenset[str]
    rule_file: RuleFile | None
    known: tuple[str, ...] = field(default=(), repr=False)

    @property
    def secret(self) -> str:
        return self.known[0] if self.known else ""


def look(admin: Admin, wanted: Wanted) -> There:
    """Ask the tracker for all that the plan depends on; raise `Stop` with a remedy for what no plan can get over."""
    try:
        server, account = admin.server(), admin.account()
        project = admin.project(wanted.project) or _no_project(admin, wanted)
        _refuse_unusable(project)
        lacking = tuple(right for right in admin.rights(project.key) if right.has is False)
        if Operation.READ in {right.operation for right in lacking}:
            grant = next(right.grant for right in lacking if right.operation is Operation.READ)
            raise Stop(f"our account {account.actor.account} may not read {project.key}: give it {grant}")
        hooks, seen = _hooks(admin, project.key)
        issues = admin.issues(project.key, limit=1)
        return There(
            server,
            account,
            project,
            lacking,
            frozenset(label.name.casefold() for label in admin.labels(project.key)),
            next((hook for hook in hooks if leads_to(hook, wanted.hook_url)), None),
            seen,
            _issue(admin, wanted),
            bool(issues),
        )
    except TrackerError as error:
        raise Stop(remedy(error, wanted)) from None


def leads_to(hook: Hook, url: str) -> bool:
    """Whether a webhook posts to `url`, with a secret in its path or without."""
    return hook.url.rstrip("/") == url or hook.url.startswith(f"{url}/")


def _no_project(admin: Admin, wanted: Wanted) -> Project:
    seen = sorted(project.key for project in admin.projects())
    near = did_you_mean(wanted.project, seen)
    offered = f"; our account sees {', '.join(seen[:10])}{' …' if len(seen) > 10 else ''}" if seen else ""
    raise Stop(
        f"no project `{wanted.project}` is visible to our account{near}{offered}. "
        "Check the name, and make the account a member of the project."
    )


def _refuse_unusable(project: Project) -> None:
    if project.archived:
        raise Stop(f"{project.key} is archived: its issues cannot change. Restore it, or choose another project.")
    if project.issues is False:
        raise Stop(
            f"issues are turned off in {project.key}: turn them on in its settings, or choose another project."
        )


def _hooks(admin: Admin, project: str) -> tuple[tuple[Hook, ...], bool]:
    try:
        return admin.hooks(project), True
    except TrackerError as error:
        # Jira answers 401 or 403 to those who do not administer it; a token that is not valid was found out before.
        if error.status not in (401, 403, 404):
            raise
        return (), False


def _issue(admin: Admin, wanted: Wanted) -> IssueLine | None:
    if not wanted.issue:
        return None
    found = admin.issue(wanted.issue)
    if found is None:
        raise Stop(f"no issue `{wanted.issue}` is visible to our account: name one of {wanted.project} with --issue")
    if found.project.casefold() != wanted.project.casefold():
        raise Stop(f"the issue {found.key} is not in {wanted.project}: name one of that project with --issue")
    return found
