"""One installation for all these tests: a process that serves, a tracker with tickets, a provider of identities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from connector.store import Store
from tests.fakes import Recorded
from tests.fakes.gitlab_rest import Response
from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.oidc_provider import CLIENT, SECRET, FakeProvider
from tests.service.inside import wait_for
from tests.service.outside import Outside
from tests.soak.service import free_port

from .past import put_past
from .world import LAB, LAB_MISTAKEN, LAB_SEEDS, PEOPLE, SEEDS, Seed, write_plugins, write_rules

TOKEN = "a console token for the browser"
REFUSED = Response(403, {"message": "403 Forbidden"})
GROUPS = {"viewer": "acme/everybody", "agent": "acme/support", "admin": "acme/operations"}


@dataclass
class House:
    """`tickets` has the key of every seeded ticket by its title."""

    url: str
    running: Outside
    gitlab: FakeGitLab
    provider: FakeProvider
    rules: Path
    tickets: dict[str, str]
    store: Store

    def open_issue(self, seed: Seed) -> str:
        """A new issue, worked by the time this returns; its path in the console."""
        self._add(seed)
        self.settle()
        return self.page_of(seed.title)

    def page_of(self, title: str) -> str:
        tracker = "local" if self.tickets[title].startswith("DESK-") else "gitlab"
        return f"/tickets/{tracker}/{quote(self.tickets[title])}"

    def type(self, title: str, body: str = "", email: str = "") -> str:
        sent = {"title": title, "body": body, "email": email}
        answer = self._session.post(f"{self.url}/tickets", json=sent, timeout=10)
        assert answer.status_code == 201, answer.text
        self.tickets[title] = answer.json()["key"]
        return self.page_of(title)

    def parked(self, title: str) -> str:
        """An issue that may not be written to: its event is parked. Its path."""
        with self.refusing("PUT"):
            return self.open_issue(Seed(title, "Please look at the printer."))

    def parked_id(self, title: str) -> int:
        """The number of the parked event of the issue with this title."""
        return next(row["id"] for row in self.get("/parked")["items"] if row["title"] == title)

    @contextmanager
    def refusing(self, *methods: str) -> Iterator[None]:
        """Meanwhile the tracker answers 403 to these methods on issues."""
        usual = self.gitlab.answer

        def answer(recorded: Recorded) -> Response:
            ours = recorded.method in methods and "/issues/" in recorded.path
            return REFUSED if ours else usual(recorded)

        self.gitlab.answer = answer  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.gitlab.answer = usual  # type: ignore[method-assign]

    @contextmanager
    def rules_with_a_mistake(self) -> Iterator[None]:
        """Meanwhile one rule file has a section that no plugin has; the last good rules stay in force."""
        file = self.rules / "lab.yaml"
        file.write_text(LAB_MISTAKEN, encoding="utf-8")
        try:
            wait_for(lambda: self.warns("rules"), 30)
            yield
        finally:
            file.write_text(LAB, encoding="utf-8")
            wait_for(lambda: not self.warns("rules"), 30)

    def settle(self) -> None:
        """Until no event waits; what is parked does not."""
        self.gitlab.flush()
        wait_for(lambda: self._depth() == 0, 60, lambda: f"{self._depth()} still wait")
        self.gitlab.flush()
        wait_for(lambda: self._depth() == 0, 60)

    def warns(self, code: str) -> list[str]:
        told = self._session.get(f"{self.url}/readyz", timeout=10).json()["warnings"]
        return [warning["text"] for warning in told if warning["code"] == code]

    def get(self, path: str) -> Any:
        """What the API tells."""
        answer = self._session.get(f"{self.url}/api/v1{path}", timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    @property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        return session

    def _depth(self) -> int:
        return self.store.inbox.depth().waiting

    def _add(self, seed: Seed) -> None:
        with self.gitlab._lock:
            ticket = self.gitlab.add(
                project=seed.project, title=seed.title, body=seed.body, by=seed.by, labels=seed.labels
            )
            issue = self.gitlab._world.issue(ticket)
            issue.created = datetime.now(UTC) - seed.age
            self.tickets[seed.title] = f"{seed.project}#{issue.iid}"


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """Everything seeded through the doors that people and trackers use."""
    port = free_port()
    # `localhost` for us and 127.0.0.1 for the provider: to a browser two sites, as in life.
    url = f"http://localhost:{port}"
    rules = write_rules(folder / "rules")
    with FakeGitLab() as gitlab, FakeProvider(f"{url}/sign-in/oidc/callback", lambda: datetime.now(UTC)) as provider:
        for project in {seed.project for seed in LAB_SEEDS}:
            gitlab._world.project(project)
        for account, (name, email, role) in PEOPLE.items():
            gitlab.person(account, name=name, email=email, role=role)
        gitlab.person("pointsman", name="Pointsman")
        env = _settings(url, rules, write_plugins(folder / "plugins"), gitlab, provider)
        with Outside(folder, port=port, **env) as running:
            gitlab.hooks = _hook(running)
            store = Store.open(f"sqlite:///{folder / 'var' / 'pointsman.db'}", migrate=False)
            house = House(url, running, gitlab, provider, rules, {}, store)
            _fill(house)
            yield house
            gitlab.flush()
            gitlab.hooks = None
            store.close()
        assert gitlab.violations + provider.violations == []


def _settings(
    url: str, rules: Path, plugins: Path, gitlab: FakeGitLab, provider: FakeProvider
) -> Mapping[str, str | Path]:
    return {
        "PUBLIC_URL": url,
        "CONSOLE_TOKEN": TOKEN,
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "RULES_DIR": rules,
        "PLUGINS_DIR": plugins,
        "GITLAB_URL": gitlab.url,
        "GITLAB_TOKEN": gitlab.token,
        "GITLAB_WEBHOOK_SECRET": gitlab.secret,
        "OIDC_ISSUER": provider.url,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        **{f"OIDC_{role.upper()}S": group for role, group in GROUPS.items()},
        "RECONCILE_EVERY": "1h",
    }


def _hook(running: Outside) -> Callable[[dict[str, str], bytes], None]:
    def deliver(headers: dict[str, str], body: bytes) -> None:
        status = requests.post(f"{running.url}/hooks/gitlab", data=body, headers=headers, timeout=30).status_code
        assert status in (202, 204), status

    return deliver


def _fill(house: House) -> None:
    for seed in (*SEEDS, *LAB_SEEDS):
        house._add(seed)
    house.settle()
    put_past(house.store, datetime.now(UTC))
    support, lab = SEEDS[0].project, LAB_SEEDS[0].project
    assert {support, lab} == {key.partition("#")[0] for key in house.tickets.values()}
    house.type("Outage: nobody can log in to the wiki", "It says 502.", "li@kehu.example")
    house.type("打印机无法连接网络", "三楼的打印机从上午起离线。", "li@kehu.example")
    house.settle()
