"""Processes of the product, each with settings of its own, ended when the measurement ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port of the loopback that nobody listens on at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def endpoint(folder: Path, way: str, env: Mapping[str, str]) -> Iterator[int]:
    """`benchmarks.endpoint` with the settings `env`; its port."""
    with _process(folder, ["-m", "benchmarks.endpoint", way], {**env, "PORT": "0"}, subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first:
            raise RuntimeError(f"the endpoint did not start: {_last_words(folder)}")
        yield int(first)


@contextmanager
def service(folder: Path, port: int, env: Mapping[str, str]) -> Iterator[None]:
    """`app.py serve`: web and worker in one process, listening on `port`."""
    settings = {**env, "PORT": str(port)}
    with _process(folder, ["app.py", "serve"], settings, subprocess.DEVNULL) as process:
        _wait(port, process, folder)
        yield


@contextmanager
def _process(
    folder: Path, arguments: list[str], env: Mapping[str, str], stdout: int
) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("POINTSMAN_")}
    given = {f"POINTSMAN_{name}": value for name, value in {"DATA_DIR": str(folder / "var"), **env}.items()}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env={**inherited, **given}, stdout=stdout, stderr=log
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path, timeout: float = 60.0) -> None:
    end = time.monotonic() + timeout
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"the service did not start: {_last_words(folder)}")


def _last_words(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
