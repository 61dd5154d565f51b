"""The settings, read once from the environment: every name, its default, and what a wrong value gets."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import SettingsError

PREFIX = "POINTSMAN_"
MEGABYTE = 1024 * 1024
LONGEST_DAYS = 36500
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the product; lists have the newest key or secret first.

    `body_limit` is in bytes. Secrets never show in the `repr`. `given` names those that the environment set.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    data_dir: Path = Path("var")
    database_url: str = field(default="", repr=False)
    rules_dir: Path = Path("rules")
    plugins_dir: Path | None = None
    public_url: str = ""
    console_token: str = field(default="", repr=False)
    secret_key: tuple[str, ...] = field(default=(), repr=False)
    encryption_key: tuple[str, ...] = field(default=(), repr=False)
    gitlab_url: str = ""
    gitlab_token: str = field(default="", repr=False)
    gitlab_webhook_secret: tuple[str, ...] = field(default=(), repr=False)
    jira_url: str = ""
    jira_user: str = ""
    jira_token: str = field(default="", repr=False)
    jira_webhook_secret: tuple[str, ...] = field(default=(), repr=False)
    jira_flavor: str = ""
    gitlab_allow_from: tuple[str, ...] = ()
    jira_allow_from: tuple[str, ...] = ()
    jira_client_secret: tuple[str, ...] = field(default=(), repr=False)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_groups_claim: str = "groups"
    oidc_viewers: tuple[str, ...] = ()
    oidc_agents: tuple[str, ...] = ()
    oidc_admins: tuple[str, ...] = ()
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    intake_token: tuple[str, ...] = field(default=(), repr=False)
    trusted_proxies: tuple[str, ...] = ()
    body_limit: int = 25 * MEGABYTE
    reconcile_every: timedelta = timedelta(minutes=5)
    keep_events: timedelta = timedelta(days=90)
    keep_plans: timedelta = timedelta(days=730)
    metrics_port: int = 0
    plugin_seconds: float = 2.0
    workers: int = 8
    log_level: str = "info"
    language: str = "en"
    given: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def database(self) -> str:
        """The database's address: `DATABASE_URL`, else the SQLite file in `DATA_DIR`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'pointsman.db'}"


def _text(value: str) -> str:
    return value.strip()


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        text = value.strip()
        # `int` also takes 1_000 and digits of any script, and complains of others in its own words.
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
        if number is None or not low <= number <= high:
            raise ValueError(f"must be a whole number between {low} and {high}")
        return number

    return read


def _seconds(value: str) -> float:
    text = value.strip()
    number = float(text) if re.fullmatch(r"[0-9]{0,9}(\.[0-9]{0,9})?", text) and text.strip(".") else 0.0
    if not 0.05 <= number <= 60:
        raise ValueError("must be a number of seconds between 0.05 and 60")
    return number


def _duration(value: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,12})\s*([smhd])", value.strip())
    if not match or not int(match[1]):
        raise ValueError("must be a duration such as 30s, 5m or 1h")
    seconds = int(match[1]) * _UNITS[match[2]]
    # So long before now there was no year that a calendar of ours could name.
    if seconds > LONGEST_DAYS * _UNITS["d"]:
        raise ValueError(f"must be {LONGEST_DAYS}d at most")
    return timedelta(seconds=seconds)


def _size(value: str) -> int:
    match = re.fullmatch(r"([0-9]{1,12})\s*(|B|KB|MB)", value.strip(), re.IGNORECASE)
    if not match or not int(match[1]):
        raise ValueError("must be a size such as 25 MB")
    return int(match[1]) * {"": 1, "B": 1, "KB": 1024, "MB": MEGABYTE}[match[2].upper()]


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        word = value.strip().lower()
        if word not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return word

    return read


def _address(value: str) -> str:
    url = value.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        fine = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        fine = False
    if not fine:
        raise ValueError("must be an address such as https://tracker.example")
    return url


def _networks(value: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(part, strict=False)) for part in _list(value))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8, separated by commas") from None


READERS: Mapping[str, Callable[[str], Any]] = {
    "host": _text,
    "port": _whole(0, 65535),
    "data_dir": Path,
    "database_url": _text,
    "rules_dir": Path,
    "plugins_dir": Path,
    "public_url": _address,
    "console_token": _text,
    "secret_key": _list,
    "encryption_key": _list,
    "gitlab_url": _address,
    "gitlab_token": _text,
    "gitlab_webhook_secret": _list,
    "jira_url": _address,
    "jira_user": _text,
    "jira_token": _text,
    "jira_webhook_secret": _list,
    "jira_flavor": _one_of("cloud", "dc"),
    "gitlab_allow_from": _networks,
    "jira_allow_from": _networks,
    "jira_client_secret": _list,
    "oidc_issuer": _address,
    "oidc_client_id": _text,
    "oidc_client_secret": _text,
    "oidc_groups_claim": _text,
    "oidc_viewers": _list,
    "oidc_agents": _list,
    "oidc_admins": _list,
    "smtp_url": _text,
    "mail_from": _text,
    "intake_token": _list,
    "trusted_proxies": _networks,
    "body_limit": _size,
    "reconcile_every": _duration,
    "keep_events": _duration,
    "keep_plans": _duration,
    "metrics_port": _whole(0, 65535),
    "plugin_seconds": _seconds,
    "workers": _whole(1, 256),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "language": _one_of("en", "zh"),
}
SECRET = frozenset(f.name for f in fields(Settings) if not f.repr)
SECRET_IN_PART = frozenset(name for name, reader in READERS.items() if reader is _address)
"""Addresses: somebody may have put a password into one."""


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings in `env`; an empty value counts as unset. Raise `SettingsError` naming every mistake at once."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name in sorted(env):
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in READERS:
            problems.append(_unknown(name, key))
            continue
        if not env[name].strip():
            continue
        try:
            values[key] = READERS[key](env[name])
        except ValueError as error:
            hidden = key in SECRET or (key in SECRET_IN_PART and "@" in env[name])
            shown = "" if hidden else f" (it is `{env[name]}`)"
            problems.append(f"{name} {error}{shown}")
    if problems:
        raise SettingsError("\n".join(problems))
    return Settings(**values, given=frozenset(values))


def _unknown(name: str, key: str) -> str:
    near = difflib.get_close_matches(key, READERS, n=1)
    hint = f" (did you mean {PREFIX}{near[0].upper()}?)" if near else ""
    return f"{name} is no setting{hint}"
