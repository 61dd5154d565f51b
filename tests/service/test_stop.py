"""SIGTERM: what was accepted and what is under way comes to its end; and other servers can run the door."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.store import Store
from tests.soak.service import free_port

from .inside import wait_for
from .outside import ROOT, Outside, bare_env
from .place import Place, a_place, wanted
from .samples import Sample, gitlab_headers, own


@pytest.fixture
def opened() -> Sample:
    return next(s for s in own() if s.name == "opened")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with a_place(tmp_path, own(), monkeypatch) as found:
        yield found


def env_of(place: Place) -> dict[str, Any]:
    """The settings of the place, as an operator writes them; only its GitLab is connected."""
    (place.settings.rules_dir / "_trackers.yaml").unlink(missing_ok=True)
    given = place.settings
    return {
        "DATA_DIR": given.data_dir,
        "RULES_DIR": given.rules_dir,
        "GITLAB_URL": given.gitlab_url,
        "GITLAB_TOKEN": given.gitlab_token,
        "GITLAB_WEBHOOK_SECRET": given.gitlab_webhook_secret[0],
        "RECONCILE_EVERY": "1h",
    }


def post(url: str, place: Place, sample: Sample, id: str = "d-1") -> int:
    headers = gitlab_headers(sample, place.fakes["gitlab"].secret, id)
    return requests.post(f"{url}/hooks/gitlab", data=sample.body, headers=headers, timeout=20).status_code


def store_of(place: Place) -> Store:
    return Store.open(f"sqlite:///{place.settings.data_dir / 'pointsman.db'}", migrate=False)


def test_a_write_under_way_is_finished_and_recorded_before_the_end(
    place: Place, opened: Sample, tmp_path: Path
) -> None:
    fake = place.fakes["gitlab"]
    begun, go_on = threading.Event(), threading.Event()
    answer = fake.answer

    def slow(recorded: Any) -> Any:
        if recorded.method == "PUT" and not begun.is_set():
            begun.set()
            go_on.wait(20)
        return answer(recorded)

    fake.answer = slow
    with Outside(tmp_path, **env_of(place)) as running:
        assert post(running.url, place, opened) == 202
        assert begun.wait(20)
        running.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            running.process.wait(1.0)
        go_on.set()
        assert running.process.wait(30) == 0
    assert place.shown(opened) == wanted(opened)
    store = store_of(place)
    [plan] = store.plans.of_ticket("gitlab", "7/12")
    assert {effect.state for effect in plan.effects} == {"done"}
    assert (plan.row.state, store.inbox.depth().waiting) == ("done", 0)
    store.close()


def test_a_request_that_arrived_before_the_signal_is_answered(place: Place, opened: Sample, tmp_path: Path) -> None:
    with Outside(tmp_path, **env_of(place)) as running:
        body = opened.body
        headers = gitlab_headers(opened, place.fakes["gitlab"].secret, "slow")
        half, rest = threading.Event(), threading.Event()

        def dribble() -> Iterator[bytes]:
            yield body[:20]
            half.set()
            rest.wait(10)
            yield body[20:]

        statuses: list[int] = []

        def send() -> None:
            url = f"{running.url}/hooks/gitlab"
            statuses.append(requests.post(url, data=dribble(), headers=headers, timeout=20).status_code)

        sender = threading.Thread(target=send)
        sender.start()
        assert half.wait(10)
        many = [post(running.url, place, opened, id=f"n{n}") for n in range(5)]
        rest.set()
        sender.join(20)
        assert (statuses, many) == ([202], [202] * 5)
        assert running.stop() == 0
    store = store_of(place)
    with store._database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM seen WHERE source = 'gitlab'").scalar_one() == 6
    store.close()


def test_a_full_disk_is_503_and_recovers_by_itself(place: Place, opened: Sample, tmp_path: Path) -> None:
    """The limit on file sizes stands for a disk without room: no write beyond it succeeds."""
    big = replace(opened, body=opened.body[:-1] + b', "pad": "' + b"x" * 400_000 + b'"}')
    with Outside(tmp_path, "--role", "web", **env_of(place)) as running:
        assert post(running.url, place, opened, "before") == 202
        largest = max(file.stat().st_size for file in place.settings.data_dir.iterdir())
        _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (largest, hard))
        answers = [post(running.url, place, big, f"full {n}") for n in range(3)]
        assert answers == [503] * 3
        # Too large to wait in memory until it is whole, and there is no room for it on disk either.
        huge = replace(opened, body=opened.body[:-1] + b', "pad": "' + b"x" * 3_000_000 + b'"}')
        assert post(running.url, place, huge, "huge") == 503
        assert requests.get(f"{running.url}/healthz", timeout=10).ok
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert post(running.url, place, big, "full 0") == 202
        assert running.stop() == 0
    store = store_of(place)
    assert store.inbox.depth().waiting == 2
    store.close()


def test_gunicorn_serves_the_door_with_workers_beside_it_and_takes_up_changed_rules(
    place: Place, opened: Sample, tmp_path: Path
) -> None:
    gunicorn = shutil.which("gunicorn", path=str(Path(sys.executable).parent))
    assert gunicorn, "gunicorn is one of the requirements"
    port = free_port()
    env = bare_env({f"POINTSMAN_{name}": str(value) for name, value in env_of(place).items()})
    serve = [gunicorn, "app:create_app()", "-b", f"127.0.0.1:{port}", "-k", "gthread", "-w", "2", "--threads", "4"]
    door = subprocess.Popen(serve, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    worker = subprocess.Popen([sys.executable, "app.py", "worker"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: _lives(port), 40)
        assert [post(f"http://127.0.0.1:{port}", place, opened, f"g{n}") for n in range(8)] == [202] * 8
        wait_for(lambda: place.shown(opened) == wanted(opened), 40)
        (place.settings.rules_dir / "other.yaml").write_text("version: 7\n", encoding="utf-8")
        wait_for(lambda: "rules" in _warned(port), 20)
    finally:
        for process in (door, worker):
            process.terminate()
        codes = [process.wait(40) for process in (door, worker)]
    assert codes == [0, 0]


def _warned(port: int) -> set[str]:
    answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()
    return {warning["code"] for warning in answer["warnings"]}


def _lives(port: int) -> bool:
    try:
        return bool(json.loads(requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1).text)["alive"])
    except requests.RequestException:
        return False
