"""This host and its settings: the disk, who may read our keys, and the address by which others reach us."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ...settings import MEGABYTE, Settings
from ...trackers.reach import Reached, Trouble
from .findings import Finding, fine, tell
from .patient import Patient
from .sentences import Said, listed, say

HOST, SETTINGS = "host", "settings"
LOW, FULL = 1024 * MEGABYTE, 100 * MEGABYTE
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def disk_checks(patient: Patient) -> Iterator[Finding]:
    """`DATA_DIR`: can it be written, has it room, and is it ours alone?"""
    folder = patient.settings.data_dir
    made = next((each for each in (folder, *folder.resolve().parents) if each.exists()), Path("/"))
    if not made.is_dir() or not os.access(made, os.W_OK | os.X_OK):
        yield tell("data_dir_unwritable", HOST, folder=folder)
        return
    yield from _room(shutil.disk_usage(made).free, folder)
    if made != folder:
        return  # It is made at the first start.
    if exposed := sorted(path.name for path in folder.iterdir() if path.is_file() and _exposed(path)):
        yield tell("data_dir_open", HOST, files=listed(exposed), folder=folder)


def _room(free: int, folder: Path) -> Iterator[Finding]:
    room = free // MEGABYTE
    if free < LOW:
        yield tell("disk_full" if free < FULL else "disk_low", HOST, free=room, folder=folder)
    else:
        yield fine("disk", HOST, f"{room} MB are free where {folder} lies")


def _exposed(path: Path) -> bool:
    """Keys and the database hold secrets and customers' words; a folder of our own keeps others out as well."""
    ours = path.suffix in (".key", ".db", ".db-wal", ".db-shm") or path.name.endswith((".db-wal", ".db-shm"))
    return ours and bool(path.stat().st_mode & _OTHERS) and bool(path.parent.stat().st_mode & stat.S_IXOTH)


def settings_checks(patient: Patient) -> Iterator[Finding]:
    """Settings that are right each by itself, and together do not what their names say."""
    settings = patient.settings
    if settings.encryption_key:
        yield tell("encryption_no_effect", SETTINGS)
    if settings.public_url and not settings.console_token and not settings.oidc_issuer:
        yield tell("console_open", SETTINGS)
    if settings.public_url.startswith("https:") and not settings.trusted_proxies:
        yield tell("proxy_unnamed", SETTINGS)
    if not settings.public_url and patient.connections:
        yield tell("public_unset", SETTINGS)


def public_checks(patient: Patient) -> Iterator[Finding]:
    """Does `PUBLIC_URL` lead to us, as far as can be seen from here?"""
    url = patient.settings.public_url
    if not url:
        return
    reached = patient.reach(url)
    match reached.trouble:
        case None:
            yield fine("public", HOST, f"{url} answers")
        case Trouble.NAME:
            yield tell("public_unresolved", HOST, url=url, said=_said(reached, "no_address"))
        case Trouble.TLS:
            yield tell("public_tls", HOST, url=url, said=_said(reached, "bad_certificate"))
        case Trouble.STRANGER:
            yield tell("public_not_us", HOST, url=url, said=_said(reached, "strange_answer"))
        case Trouble.SILENT:
            yield tell("public_silent", HOST, url=url, said=reached.said)


def _said(reached: Reached, part: str) -> Said:
    """What was heard there; it is told in English alone, and for the other language by its kind."""
    return Said(reached.said, say(part).zh)


def is_private(settings: Settings, reached: Reached) -> bool:
    """Whether nobody outside our network can reach `PUBLIC_URL`."""
    return bool(settings.public_url) and (reached.private or urlsplit(settings.public_url).hostname == "localhost")
