"""All processes of a host count together, whichever is asked; a worker answers at a port of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.metrics.shown import Sample as Shown
from tests.metrics.shown import samples
from tests.soak.service import free_port

from .inside import wait_for
from .outside import ROOT, Outside, bare_env
from .place import Place, a_place
from .samples import Sample, own
from .test_metrics import of
from .test_stop import env_of, post, store_of

CONSOLE = "a console token of some length"
ACCEPTED, FINISHED = "pointsman_events_accepted_total", "pointsman_events_finished_total"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with a_place(tmp_path, own(), monkeypatch) as found:
        yield found


@pytest.fixture
def opened() -> Sample:
    return next(s for s in own() if s.name == "opened")


def status(port: int, path: str = "/metrics", **headers: str) -> int:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=10).status_code
    except requests.RequestException:
        return 0  # a server that forks listens before it can answer


def scrape(port: int, token: str) -> dict[Shown, float]:
    bearer = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", headers=bearer, timeout=10)
    assert answer.status_code == 200, answer.text
    return dict(samples(answer.text))


def test_two_processes_of_gunicorn_and_a_worker_show_one_sum_that_outlives_a_kill(
    place: Place, opened: Sample
) -> None:
    gunicorn = shutil.which("gunicorn", path=str(Path(sys.executable).parent))
    assert gunicorn, "gunicorn is one of the requirements"
    port, probe = free_port(), free_port()
    given = {**env_of(place), "CONSOLE_TOKEN": CONSOLE, "METRICS_PORT": probe}
    env = bare_env({f"POINTSMAN_{name}": str(value) for name, value in given.items()})
    serve = [gunicorn, "app:create_app()", "-b", f"127.0.0.1:{port}", "-k", "gthread", "-w", "2", "--threads", "4"]
    door = subprocess.Popen(serve, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    work = [sys.executable, "app.py", "worker"]
    worker = subprocess.Popen(work, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        for one in (port, probe):
            wait_for(lambda one=one: status(one, "/healthz") == 200, 40)
        assert [status(one) for one in (port, probe)] == [401, 401]
        assert [status(probe, path) for path in ("/", "/settings", "/hooks/gitlab")] == [401, 401, 404]
        token = store_of(place).tokens.make("prometheus", ["metrics"], "test")
        assert [post(f"http://127.0.0.1:{port}", place, opened, f"g{n}") for n in range(8)] == [202] * 8
        wait_for(lambda: of(scrape(probe, token), FINISHED, outcome="done") >= 8, 40)
        for one in (port, port, port, probe):
            assert of(scrape(one, token), ACCEPTED) == 8
        finished = of(scrape(probe, token), FINISHED, outcome="done")
        worker.kill()
        worker.wait()
        assert of(scrape(port, token), FINISHED, outcome="done") == finished
        assert of(scrape(port, CONSOLE), FINISHED, outcome="done") == finished
    finally:
        for process in (door, worker):
            process.terminate()
            process.wait(40)


def test_a_worker_without_a_token_shows_its_metrics_to_its_own_machine_alone(place: Place, tmp_path: Path) -> None:
    probe = free_port()
    with Outside(tmp_path, **{**env_of(place), "METRICS_PORT": probe}) as pages:
        assert status(pages.port) == 200
        worker = subprocess.Popen(
            [sys.executable, "app.py", "worker"],
            cwd=ROOT,
            env=bare_env(
                {f"POINTSMAN_{k}": str(v) for k, v in {**env_of(place), "METRICS_PORT": probe}.items()},
            ),
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: status(probe) == 200, 40)
            for headers in ({"Host": "elsewhere.example"}, {"Authorization": "Bearer wrong"}):
                assert status(probe, **headers) in (401, 403)
        finally:
            worker.terminate()
            assert worker.wait(40) == 0


def test_a_port_for_metrics_that_is_taken_is_told_by_its_number(place: Place) -> None:
    with place.service(works=False) as running:
        taken = running.server.port
        given = {**env_of(place), "METRICS_PORT": taken}
        done = subprocess.run(
            [sys.executable, "app.py", "worker"],
            cwd=ROOT,
            env=bare_env({f"POINTSMAN_{name}": str(value) for name, value in given.items()}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{taken}: Address already in use" in done.stderr
