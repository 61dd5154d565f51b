"""What `setup` has to be told: by options, by the environment, and on a terminal by questions for what is missing."""

from __future__ import annotations

import argparse
import getpass
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..engine.setup.files import entries_of
from ..engine.setup.record import Record
from ..engine.setup.wanted import TRACKERS_FILE, Wanted, names_written
from ..errors import PointsmanError
from ..settings import PREFIX, Settings

CLOUD = ".atlassian.net"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


@dataclass(frozen=True, slots=True)
class Terminal:
    """Asks a person, if there is one; `interactive` False: nobody answers."""

    interactive: bool
    say: Callable[[str], None]

    def asked(self, question: str) -> str:
        return input(f"{question}: ").strip() if self.interactive else ""

    def asked_secretly(self, question: str) -> str:
        return getpass.getpass(f"{question} (it is not shown): ").strip() if self.interactive else ""

    def agreed(self, question: str) -> bool:
        return not self.interactive or input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")


def wanted_of(asked: argparse.Namespace, settings: Settings, env: Mapping[str, str], terminal: Terminal) -> Wanted:
    """All that is needed; raise `PointsmanError` naming everything that is missing or cannot be right."""
    kind = asked.kind or terminal.asked("the kind of tracker, gitlab or jira")
    if kind not in ("gitlab", "jira"):
        raise PointsmanError("missing: gitlab or jira, as in `pointsman setup gitlab`")
    name = asked.name or kind
    entry = entries_of(settings.rules_dir / TRACKERS_FILE).get(name)
    known = entry if isinstance(entry, Mapping) else {}
    token_env, secret_env = names_written(known, name, kind)
    prefix = f"{PREFIX}{kind.upper()}_"
    own = name == kind
    said = str(known.get("url") or "") or (env.get(f"{prefix}URL", "") if own else "")
    url = asked.url or said or Record.load(settings.data_dir, name).url or terminal.asked(f"the address of {kind}")
    user = asked.user or str(known.get("user") or "") or (env.get(f"{prefix}USER", "") if own else "")
    if kind == "jira" and not user and (urlsplit(url).hostname or "").endswith(CLOUD):
        user = terminal.asked("the mail address of the token's account")
    token = env.get(token_env, "") or terminal.asked_secretly(f"an access token of {kind}")
    public = asked.public_url or settings.public_url
    project, issue = asked.project or "", asked.issue or ""
    if not asked.undo:
        project = project or terminal.asked("the project")
        public = public or terminal.asked("the address by which the tracker reaches us")
        issue = issue or (terminal.asked("an issue to touch for the proof, such as SUP-1") if kind == "jira" else "")
    wanted = Wanted(
        name=name,
        kind=kind,
        url=url.rstrip("/"),
        project=project,
        public_url=public.rstrip("/"),
        token_env=token_env,
        secret_env=secret_env,
        rules_dir=settings.rules_dir,
        env_file=asked.env_file,
        token=token,
        user=user,
        issue=issue,
        rotate=asked.rotate,
    )
    if missing := _missing(wanted, asked, terminal):
        raise PointsmanError("missing or wrong:\n" + "\n".join(f"  {line}" for line in missing))
    return wanted


def _missing(wanted: Wanted, asked: argparse.Namespace, terminal: Terminal) -> list[str]:
    cloud = (urlsplit(wanted.url).hostname or "").endswith(CLOUD)
    checks = [
        (
            wanted.name == "local" or not _NAME.match(wanted.name),
            "--name: a-z, 0-9, `-` and `_`, it becomes part of an address; `local` is taken",
        ),
        (not _address(wanted.url), "--url: the tracker's address, such as https://gitlab.example"),
        (not wanted.token, f"{wanted.token_env}: the access token, in the environment or in {wanted.env_file}"),
        (cloud and not wanted.user, "--user: the mail address of the token's account (Jira Cloud)"),
    ]
    if not asked.undo:
        checks += [
            (not wanted.project, "--project: group/project on GitLab, the key on Jira"),
            (not _address(wanted.public_url), "--public-url: the address by which the tracker reaches us"),
            (
                cloud and wanted.public_url.startswith("http:"),
                "--public-url: Jira Cloud sends to https only, to a certificate that the public trusts",
            ),
            (wanted.kind == "jira" and not wanted.issue, "--issue: an issue to touch for the proof, such as SUP-1"),
        ]
    if not terminal.interactive and not (asked.yes or asked.dry_run):
        checks.append((True, "--yes: nobody is there to agree; or --dry-run"))
    return [text for holds, text in checks if holds]


def _address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return False
