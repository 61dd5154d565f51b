"""The installation for people: every setting with where it comes from, versions, paths and processes; no secret."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ..core.durations import show_duration
from ..settings import MEGABYTE, SECRET, SECRET_IN_PART, Settings
from .addresses import shown_address
from .presence import Process, processes, product_version
from .services import Services

GROUPS: tuple[tuple[str, ...], ...] = (
    ("host", "port"),
    ("data_dir",),
    ("database_url",),
    ("rules_dir", "plugins_dir"),
    ("public_url",),
    ("console_token",),
    ("secret_key",),
    ("encryption_key",),
    ("gitlab_url", "gitlab_token", "gitlab_webhook_secret"),
    ("jira_url", "jira_user", "jira_token", "jira_webhook_secret", "jira_flavor"),
    ("gitlab_allow_from", "jira_allow_from"),
    ("jira_client_secret",),
    ("oidc_issuer", "oidc_client_id", "oidc_client_secret"),
    ("oidc_groups_claim", "oidc_viewers", "oidc_agents", "oidc_admins"),
    ("smtp_url", "mail_from", "intake_token"),
    ("trusted_proxies",),
    ("body_limit",),
    ("reconcile_every",),
    ("keep_events", "keep_plans"),
    ("metrics_port",),
    ("plugin_seconds",),
    ("workers",),
    ("log_level", "language"),
)
"""The settings in the order and the groups in which they are documented."""


@dataclass(frozen=True, slots=True)
class SettingWords:
    """One setting: `value` as it is written, '' for a secret and what is unset; `given` by the environment or not."""

    name: str
    value: str
    given: bool
    secret: bool
    present: bool


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings that share one meaning; `key` is the first's name, under which the pages have the text."""

    key: str
    settings: tuple[SettingWords, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What runs here, and where: versions, folders, processes. `schema` is the database's, `newest` the program's."""

    version: str
    python: str
    system: str
    database: str
    database_version: str
    schema: str
    newest: str
    data_dir: str
    rules_dir: str
    plugins_dir: str
    processes: tuple[Process, ...]


def setting_groups(settings: Settings) -> tuple[SettingGroup, ...]:
    """All settings; of a secret only whether it is set."""
    return tuple(SettingGroup(names[0], tuple(_setting(settings, name) for name in names)) for names in GROUPS)


def about(services: Services) -> About:
    """Versions, folders and processes, as this process sees them."""
    settings = services.settings
    revision, newest = services.store.pulse.schema()
    kind, version = services.store.pulse.server()
    return About(
        version=product_version(),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        database=kind,
        database_version=version,
        schema=revision or "",
        newest=newest,
        data_dir=str(settings.data_dir.absolute()),
        rules_dir=str(settings.rules_dir.absolute()),
        plugins_dir=str(settings.plugins_dir.absolute()) if settings.plugins_dir else "",
        processes=processes(services),
    )


def _setting(settings: Settings, name: str) -> SettingWords:
    value, secret = getattr(settings, name), name in SECRET
    shown = "" if secret else shown_address(str(value)) if name in SECRET_IN_PART else as_written(name, value)
    return SettingWords(name.upper(), shown, name in settings.given, secret, bool(value))


def as_written(name: str, value: Any) -> str:
    """`value` as the environment would have it: lists with commas, `5m`, `25 MB`; '' for none."""
    match value:
        case None:
            return ""
        case tuple():
            return ", ".join(value)
        case timedelta():
            return show_duration(value, units=4)
        case int() if name == "body_limit":
            return f"{value // MEGABYTE} MB" if value % MEGABYTE == 0 else f"{value} B"
        case float():
            return f"{value:g}"
        case Path():
            return str(value)
        case _:
            return str(value)


def all_names() -> Iterator[str]:
    """Every setting that the page shows."""
    for names in GROUPS:
        yield from names
