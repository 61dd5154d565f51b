"""A desk that is not connected to anything, and a tracker that knows nothing of it: where `setup` begins."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from connector.settings import Settings
from connector.store import Store
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira
from tests.soak.service import free_port

from .outside import ROOT, quick

FLAVOURS = ("gitlab", "gitlab-18", "cloud", "dc", "dc-9")


@dataclass
class SettingUp:
    """`run` is `pointsman setup` with all that the tracker needs; `place` is the folder it runs in."""

    flavour: str
    fake: Any
    place: Path
    port: int
    settings: dict[str, str]
    issue: str = ""

    @property
    def kind(self) -> str:
        return "gitlab" if self.flavour.startswith("gitlab") else "jira"

    @property
    def project(self) -> str:
        return "acme/support" if self.kind == "gitlab" else "SUP"

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        given = [self.kind, "--url", self.fake.url, "--project", self.project, "--public-url", self.public_url]
        if self.kind == "jira":
            given += ["--issue", self.issue]
        if self.flavour == "cloud":
            given += ["--user", "pointsman@desk.example"]
        return given

    def run(self, *more: str, **env: str) -> CompletedProcess[str]:
        return quick("setup", *self.arguments(), *more, **{**self.settings, **env})

    def command(self, *arguments: str) -> CompletedProcess[str]:
        return quick(*arguments, **self.settings)

    @property
    def changes(self) -> list[str]:
        """The requests so far that were not reads."""
        return [f"{r.method} {r.path}" for r in self.fake.requests if r.method != "GET"]

    @property
    def env_file(self) -> str:
        file = self.place / ".env"
        return file.read_text() if file.exists() else ""

    @property
    def files(self) -> dict[str, str]:
        """Every file that a set-up may write, by its name."""
        found = [*self.place.glob(".env"), *(self.place / "rules").iterdir()]
        return {path.name: path.read_text() for path in found}

    def hooks(self) -> list[dict[str, Any]]:
        return [hook.given for hook in self.fake.admin.hooks.values()]

    def labels(self) -> set[str]:
        return set(self.fake._world.project(self.project).labels) if self.kind == "gitlab" else set()

    def plans(self) -> list[Any]:
        store = Store.open(Settings(data_dir=self.place / "var").database, migrate=False)
        try:
            return [plan for one in store.plans.tickets() for plan in store.plans.of_ticket(*one)]
        finally:
            store.close()

    def audit(self) -> list[Any]:
        store = Store.open(Settings(data_dir=self.place / "var").database, migrate=False)
        try:
            return list(store.audit.newest(50))
        finally:
            store.close()

    def is_private(self, name: str) -> bool:
        return stat.S_IMODE((self.place / name).stat().st_mode) == 0o600


@contextmanager
def setting_up(flavour: str, place: Path, patch: pytest.MonkeyPatch) -> Iterator[SettingUp]:
    """Beside the rules that come with the program; the tracker has one issue, and nobody listens to it."""
    shutil.copytree(ROOT / "rules", place / "rules")
    patch.chdir(place)
    with FakeGitLab() if flavour.startswith("gitlab") else FakeJira(flavour.partition("-")[0]) as fake:
        if flavour == "gitlab-18":
            fake.admin.version = "18.4.0"
        if flavour == "dc-9":
            fake.admin.version = "9.12.4"
        port = free_port()
        name = "GITLAB_TOKEN" if flavour.startswith("gitlab") else "JIRA_TOKEN"
        settings = {"PORT": str(port), "DATA_DIR": str(place / "var"), "RULES_DIR": "rules", name: fake.token}
        desk = SettingUp(flavour, fake, place, port, settings)
        fake.add(project=desk.project, title="An outage: nobody can log in", by="dana")
        desk.issue = "SUP-1" if desk.kind == "jira" else ""
        yield desk
        assert fake.violations == []
