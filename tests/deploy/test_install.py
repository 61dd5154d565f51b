"""The steps of the image, run outside it: install into an empty prefix as nobody special, start, probe, stop."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
PARTS = ("app.py", "connector", "plugins", "rules", "deploy", "pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True)
class Ground:
    """A folder that an account without rights may use: `source` to read, `prefix` and `data` to write."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def prefix(self) -> Path:
        return self.folder / "opt"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        whole = [*as_nobody(), *command]
        return subprocess.run(
            whole, env=self.env(**env), cwd=self.folder, capture_output=True, text=True, timeout=280
        )

    def env(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return {**kept, "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **more}


def as_nobody() -> list[str]:
    """The words before a command that make it run without rights; none where we have none ourselves."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root here, and no setpriv to give that up")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def usable_python() -> str:
    """A Python that the account without rights can start: ours may lie in somebody's home."""
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        real = str(Path(python).resolve())
        # Through a shell: the command that setpriv itself starts is still found with root's rights.
        fits = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
        asked = [*as_nobody(), "sh", "-c", 'exec "$0" -c "$1"', real, fits]
        if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return real
    pytest.skip("no Python 3.11 with venv that an account without rights may run (Debian: apt install python3-venv)")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="pointsman-install-"))
    folder.chmod(0o755)
    place = Ground(folder)
    place.source.mkdir()
    for part in (*PARTS, "requirements.lock"):
        here = ROOT / part
        if here.is_dir():
            shutil.copytree(here, place.source / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(here, place.source / part)
    for path in place.source.rglob("*"):
        path.chmod(0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444)
    place.source.chmod(0o555)
    for mine in (place.prefix, place.data):
        mine.mkdir()
        if not os.geteuid():
            os.chown(mine, NOBODY, NOBODY)
    yield place
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def installed(ground: Ground) -> Ground:
    done = ground.run(
        str(ground.source / "deploy/install.sh"), str(ground.prefix), str(ground.source), PYTHON=usable_python()
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pointsman ")
    return ground


def test_it_installs_into_an_empty_prefix_without_rights_and_leaves_nothing_else(installed: Ground) -> None:
    assert sorted(path.name for path in installed.folder.iterdir()) == ["data", "opt", "source"]
    assert not (installed.prefix / ".build").exists()
    assert (installed.prefix / "share/pointsman/rules/desk.yaml").is_file()


def test_what_is_installed_serves_from_a_tree_it_cannot_write_and_answers_the_probe(installed: Ground) -> None:
    locked(installed.prefix)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = installed.env(
        POINTSMAN_PORT=port,
        POINTSMAN_DATA_DIR=str(installed.data),
        POINTSMAN_RULES_DIR=str(installed.prefix / "share/pointsman/rules"),
    )
    command = [*as_nobody(), str(installed.prefix / "bin/pointsman"), "serve"]
    service = subprocess.Popen(
        command, env=env, cwd=installed.data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert service.stdout is not None
        assert "Pointsman is running" in service.stdout.readline()
        assert probe(installed, POINTSMAN_PORT=port).returncode == 0
        assert "DESK-" in type_a_ticket(port)
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=60) == 0
    finally:
        service.kill()
        service.wait()
    refused = probe(installed, POINTSMAN_PORT=port)
    assert refused.returncode == 1
    assert f":{port}/healthz" in refused.stderr


def test_a_worker_without_a_port_is_told_so_by_the_probe(installed: Ground) -> None:
    told = installed.run(str(installed.prefix / "bin/pointsman-probe"), "worker")
    assert (told.returncode, "POINTSMAN_METRICS_PORT" in told.stderr) == (1, True)


@pytest.mark.parametrize(
    ("prefix", "env", "said"),
    [
        ("data/full", {}, "is not empty"),
        ("source/new", {}, "cannot be made"),
        ("data/new", {"PYTHON": "/bin/false"}, "is no Python 3.11 or newer"),
    ],
)
def test_a_wrong_place_or_python_is_told_in_one_line(
    ground: Ground, prefix: str, env: dict[str, str], said: str
) -> None:
    subprocess.run([*as_nobody(), "mkdir", "-p", str(ground.data / "full" / "something")], check=True)
    wanted = {"PYTHON": usable_python(), **env}
    told = ground.run(str(ground.source / "deploy/install.sh"), str(ground.folder / prefix), **wanted)
    assert told.returncode == 1
    assert said in told.stderr
    assert told.stderr.count("\n") == 1


def locked(prefix: Path) -> None:
    """As in the image: the program belongs to somebody else."""
    if not os.geteuid():
        subprocess.run(["chown", "-R", "root:root", str(prefix)], check=True)


def probe(place: Ground, **env: str) -> subprocess.CompletedProcess[str]:
    return place.run(str(place.prefix / "bin/pointsman-probe"), **env)


def type_a_ticket(port: str) -> str:
    form = b'{"title": "\xe6\x97\xa0\xe6\xb3\x95\xe7\x99\xbb\xe5\xbd\x95", "body": "", "email": "wang@cust.example"}'
    request = urllib.request.Request(
        urllib.parse.urljoin(f"http://127.0.0.1:{port}", "/tickets"),
        data=form,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())
