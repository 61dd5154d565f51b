"""What is to be set up, as told by a person; and the labels that our words take at the tracker."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...settings import PREFIX
from ...words import Connection, Place, PlaceKind, Words

TRACKERS_FILE = "_trackers.yaml"
SIGNING = "whsec_"
RED, ORANGE, BLUE, GREY, TEAL, YELLOW = "#c9302c", "#e67e22", "#3673b8", "#8f8f8f", "#1f8f86", "#d4a017"
PRIORITIES = {"urgent": RED, "high": ORANGE, "normal": BLUE, "low": GREY}
SEVERITIES = {1: RED, 2: ORANGE, 3: BLUE, 4: GREY}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One connection and one project of it. `token_env` and `secret_env` name the variables that hold its secrets."""

    name: str
    kind: str
    url: str
    project: str
    public_url: str
    token_env: str
    secret_env: str
    rules_dir: Path
    env_file: Path
    token: str = field(default="", repr=False)
    user: str = ""
    issue: str = ""
    rotate: bool = False

    @property
    def hook_url(self) -> str:
        return f"{self.public_url}/hooks/{self.name}"

    @property
    def trackers_file(self) -> Path:
        return self.rules_dir / TRACKERS_FILE

    def connection(self) -> Connection:
        """The connection as it will be, without a webhook secret."""
        return Connection(self.name, self.kind, self.url, self.token, user=self.user)


def env_names(name: str, kind: str) -> tuple[str, str]:
    """The variables for token and webhook secret: those of the settings for `gitlab` and `jira`, else by the name."""
    stem = PREFIX + name.upper() if name == kind else name.upper().replace("-", "_")
    return f"{stem}_TOKEN", f"{stem}_WEBHOOK_SECRET"


def names_written(entry: Mapping[str, Any], name: str, kind: str) -> tuple[str, str]:
    """The variables that an entry of `_trackers.yaml` names already, else `env_names`."""
    token, secret = env_names(name, kind)
    return _variable(entry.get("token")) or token, _variable(entry.get("secret")) or secret


def _variable(value: Any) -> str:
    return str(value.get("env") or "") if isinstance(value, Mapping) else ""


def secret_for(kind: str, major: int, random: bytes) -> str:
    """A webhook secret out of 32 random bytes: a signing token where GitLab signs, a plain one elsewhere."""
    if kind == "gitlab" and major >= 19:
        return SIGNING + base64.b64encode(random).decode()
    return base64.urlsafe_b64encode(random).decode().rstrip("=")


def first(value: str) -> str:
    """The one of several secrets that is in use; a value that is none is itself."""
    return value.partition(",")[0].strip()


def usable(secret: str, kind: str, major: int) -> bool:
    """Whether the tracker can use this secret: an older GitLab would send a signing token in clear."""
    return bool(secret) and not (kind == "gitlab" and major < 19 and secret.startswith(SIGNING))


def labels_for(words: Words) -> tuple[tuple[str, str], ...]:
    """(label, colour) of each word that is written as a label: of several places the first, of a field none."""
    found = [
        *_of(words.priority.items(), PRIORITIES, BLUE),
        *_of(words.severity.items(), SEVERITIES, BLUE),
        *_of(words.team.items(), {}, TEAL),
        *_of(words.status.items(), {}, YELLOW),
    ]
    return tuple(dict(reversed(found)).items())[::-1]


def _of(
    table: Iterable[tuple[Any, tuple[Place, ...]]], colors: Mapping[Any, str], other: str
) -> list[tuple[str, str]]:
    firsts = [(word, places[0]) for word, places in table if places]
    return [
        (place.value, colors.get(word, other))
        for word, place in firsts
        if place.kind is PlaceKind.LABEL and "*" not in place.value
    ]
