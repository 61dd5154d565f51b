"""`pointsman backfill` as people type it: it asks, it shows, it can be killed, and it leaves the rest alone."""

from __future__ import annotations

import io
import json
import logging
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.store import Store
from tests.databases import fresh_database, kinds
from tests.engine.line import write_rules
from tests.engine.old_desk import NAMES, RULES
from tests.fakes.gitlab_server import FakeGitLab

from .inside import wait_for
from .outside import ROOT, Outside, bare_env, quick

GITLAB = RULES.replace("gitlab: [acme/support], jira: [SUP]", "gitlab: [acme/support]")


@pytest.fixture(autouse=True)
def log_of_the_tests() -> Iterator[None]:
    """The command sets up the log of its process, which here is that of the tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def old(tmp_path: Path) -> dict[str, str]:
    """Settings of an installation with six old tickets of its own."""
    write_rules(tmp_path / "rules", {"desk.yaml": GITLAB, "_names.yaml": NAMES})
    env = {"DATA_DIR": str(tmp_path / "var"), "RULES_DIR": str(tmp_path / "rules")}
    with closing_store(env) as store:
        for number in range(6):
            store.issues.create(project="desk", title="an outage" if number % 2 else "a question")
    return env


class closing_store:
    """The store of an installation, for as long as a block."""

    def __init__(self, env: dict[str, str]) -> None:
        Path(env["DATA_DIR"]).mkdir(parents=True, exist_ok=True)
        self.store = Store.open(env.get("DATABASE_URL") or f"sqlite:///{Path(env['DATA_DIR']) / 'pointsman.db'}")

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


def answered(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Somebody sits at a terminal and types `answer`."""
    typed = io.StringIO(f"{answer}\n")
    typed.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", typed)


def priorities(env: dict[str, str]) -> list[str]:
    with closing_store(env) as store:
        return [str((store.issues.get(str(n)) or {}).get("priority")) for n in range(1, 7)]


def test_without_a_terminal_and_without_yes_nothing_is_even_listed(old: dict[str, str]) -> None:
    ended = quick("backfill", "--tracker", "local", "--mode", "live", **old)
    assert ended.returncode == 2
    assert ended.stderr == '"Apply to existing tickets?" has to be answered: run this at a terminal, or say --yes\n'
    with closing_store(old) as store:
        assert store.backfills.newest() is None


@pytest.mark.parametrize("answer", ["", "n", "no", "yep", "live"])
def test_anything_but_yes_leaves_the_tickets_alone(
    old: dict[str, str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    answered(monkeypatch, answer)
    ended = quick("backfill", "--tracker", "local", "--mode", "live", **old)
    assert "Apply to existing tickets? [y/N]" in ended.stderr
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "Nothing was done." in ended.stderr
    assert priorities(old) == ["None"] * 6


def test_who_says_yes_is_shown_before_what_they_say_it_to(
    old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, "y")
    ended = quick("backfill", "--tracker", "local", "--mode", "live", **old)
    asked = ended.stderr.index("Apply to existing tickets?")
    for shown in ("Run 1 of local in mode live", "6 open tickets, the oldest of 20", "applies to desk: mode live"):
        assert ended.stderr.index(shown) < asked
    assert ended.returncode == 0
    assert "tickets    6: 6 decided" in ended.stdout
    assert priorities(old) == ["low", "urgent"] * 3


def test_shadow_is_the_default_and_the_report_is_at_hand_later(old: dict[str, str]) -> None:
    ended = quick("backfill", "--tracker", "local", "--yes", **old)
    assert "Run 1 of local in mode shadow: done." in ended.stdout
    assert "once more with --mode live" in ended.stdout
    assert priorities(old) == ["None"] * 6
    status = quick("backfill", "--status", "--json", **old)
    assert json.loads(status.stdout)["outcomes"] == {"would write": 12}
    assert quick("backfill", "--status", "1", **old).stdout == ended.stdout
    again = quick("backfill", "--resume", "1", "--yes", **old)
    assert (again.returncode, again.stderr) == (2, "run 1 is done: begin a new one with --tracker\n")


def test_a_run_that_waits_for_its_answer_can_be_stopped_and_is_then_over(
    old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hung_up() -> str:
        raise KeyboardInterrupt

    answered(monkeypatch, "")
    monkeypatch.setattr("sys.stdin.readline", hung_up, raising=False)
    left = quick("backfill", "--tracker", "local", **old)
    assert left.returncode == 130
    assert "pointsman backfill --resume 1" in left.stderr
    assert quick("backfill", "--resume", **old).returncode in (2, 130)
    assert quick("backfill", "--stop", "1", **old).stdout.startswith("Run 1 is stopped")
    assert quick("backfill", "--stop", "1", **old).returncode == 1
    assert "run 1 is stopped" in quick("backfill", "--resume", "1", "--yes", **old).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tracker", "gitlob", "--yes"), "no tracker `gitlob` is connected"),
        (("--tracker", "local", "--project", "shop", "--yes"), "no rule file applies to shop of local"),
        (("--tracker", "local", "--older-than", "soon"), "`soon` is no length of time"),
        (("--tracker", "local", "--limit", "0"), "`0` is no number of tickets"),
        (("--tracker", "local", "--mode", "dry"), "invalid choice: 'dry'"),
        (("--resume", "--mode", "live"), "--mode: a run keeps what it was begun with"),
        (("--resume", "--project", "a", "--limit", "3"), "--project, --limit: a run keeps"),
        (("--resume",), "there is no run to go on with"),
        (("--status",), "there is no run yet"),
        (("--status", "7"), "there is no run 7"),
        (("--stop", "7"), "there is no run 7"),
        ((), "one of the arguments --tracker --resume --status --stop is required"),
        (("--tracker", "local", "--resume"), "not allowed with argument"),
    ],
)
def test_a_mistake_is_one_sentence(old: dict[str, str], arguments: tuple[str, ...], said: str) -> None:
    ended = quick("backfill", *arguments, **old)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_what_the_tracker_does_not_understand_is_said_with_the_way_on(old: dict[str, str]) -> None:
    ended = quick("backfill", "--tracker", "local", "--query", "bug", "--yes", **old)
    assert ended.returncode == 1
    assert "the local tracker takes no query" in ended.stderr
    assert "pointsman backfill --resume 1" in ended.stderr


def test_a_running_service_does_the_work_of_the_command(old: dict[str, str], tmp_path: Path) -> None:
    env = {name: value for name, value in old.items() if name != "DATA_DIR"}
    with Outside(tmp_path, **env) as service:
        ended = service.command("backfill", "--tracker", "local", "--yes")
        assert "6 decided" in ended.stdout, ended.stderr
        assert "worker_started" not in ended.stderr


@pytest.fixture(params=kinds())
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[FakeGitLab, dict[str, str]]]:
    with fresh_database(request.param, tmp_path) as url, FakeGitLab() as fake:
        write_rules(tmp_path / "rules", {"desk.yaml": GITLAB, "_names.yaml": NAMES})
        env = {
            "DATA_DIR": str(tmp_path / "var"),
            "DATABASE_URL": url,
            "RULES_DIR": str(tmp_path / "rules"),
            "GITLAB_URL": fake.url,
            "GITLAB_TOKEN": fake.token,
        }
        yield fake, env
        assert fake.violations == []


def started(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "backfill", *arguments, "--yes"],
        cwd=ROOT,
        env=bare_env({f"POINTSMAN_{name}": value for name, value in env.items()}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed_again_and_again_it_ends_with_every_ticket_written_once(far: Any) -> None:
    fake, env = far
    chance = random.Random("kill")
    tickets = [fake.add(project="acme/support", title="an outage") for _ in range(40)]
    arguments = ["--tracker", "gitlab", "--mode", "live"]
    for number, kill in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)):
        process = started(env, *arguments)
        goal = len(fake.writes()) + chance.randint(1, 8) if number else 0
        wait_for(lambda goal=goal: len(fake.writes()) >= goal and begun(env), 120)
        process.send_signal(kill)
        code = process.wait(120)
        assert code == (130 if kill == signal.SIGTERM else -signal.SIGKILL), process.communicate()[1]
        process.communicate()
        arguments = ["--resume"]
    process = started(env, *arguments)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert "tickets    40: 40 decided" in out
    assert {len(fake.writes(ticket)) for ticket in tickets} == {1}


def begun(env: dict[str, str]) -> bool:
    with closing_store(env) as store:
        return store.backfills.newest() is not None
