"""The service as its operator runs it: web processes and workers, any of which may end or be killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Service:
    """Processes of `app.py` over one database; `kills` counts violent deaths, `codes` has how others ended."""

    def __init__(self, folder: Path, env: Mapping[str, str], *, workers: int = 2, webs: int = 1) -> None:
        self.ports = [free_port() for _ in range(webs)]
        self.kills = 0
        self.codes: list[int] = []
        self._folder = folder
        self._env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("POINTSMAN_")},
            "POINTSMAN_DATA_DIR": str(folder / "var"),
            "POINTSMAN_LOG_LEVEL": "warning",
            **env,
        }
        self._log = (folder / "service.log").open("ab")
        self._lock = threading.Lock()
        self._roles = [*(("web", port) for port in self.ports), *[("worker", 0)] * workers]
        self._running = [self._spawn(*role) for role in self._roles]
        self.wait_until_ready()

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                if all(requests.get(f"{url}/healthz", timeout=1).ok for url in self.urls):
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError(f"the service did not come up: {self.log_text()[-2000:]}")

    def kill_one(self, rng: random.Random) -> None:
        """`kill -9` one process and start it anew."""
        with self._lock:
            index = rng.randrange(len(self._running))
            self._running[index].send_signal(signal.SIGKILL)
            self._running[index].wait()
            self.kills += 1
            self._running[index] = self._spawn(*self._roles[index])

    def replace(self, index: int, timeout: float = 60.0) -> None:
        """End one process as an operator does, start it anew, and wait until a web process answers."""
        with self._lock:
            self._running[index].terminate()
            self.codes.append(self._running[index].wait(timeout))
            self._running[index] = self._spawn(*self._roles[index])
            self.wait_until_ready(timeout)

    def __len__(self) -> int:
        return len(self._roles)

    def stop(self, timeout: float = 40.0) -> list[int]:
        """SIGTERM all; their exit codes."""
        for process in self._running:
            process.terminate()
        codes = [*self.codes, *(process.wait(timeout) for process in self._running)]
        self._log.close()
        return codes

    def log_text(self) -> str:
        return (self._folder / "service.log").read_text(encoding="utf-8", errors="replace")

    def _spawn(self, role: str, port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "app.py"), "serve", "--role", role]
        env = {**self._env, "POINTSMAN_PORT": str(port)} if port else self._env
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=self._log, stderr=self._log)


class Killer:
    """Kills a random process every few seconds, while it is entered."""

    def __init__(self, service: Service, seed: int, every: tuple[float, float] = (2.0, 5.0)) -> None:
        self._service, self._rng, self._every = service, random.Random(seed), every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._rng.uniform(*self._every)):
            self._service.kill_one(self._rng)
