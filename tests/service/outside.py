"""The service as its operator starts it: `python app.py …` in processes of their own."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import requests

import app
from tests.soak.service import free_port

from .inside import wait_for

ROOT = Path(__file__).resolve().parents[2]


def bare_env(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without settings of whoever runs the tests, and `env`."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("POINTSMAN_")}, **env}


def command(*arguments: str | Path, root: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `env` has the settings without their prefix."""
    return subprocess.run(
        [sys.executable, str(root / "app.py"), *map(str, arguments)],
        cwd=root,
        env=bare_env({f"POINTSMAN_{name}": str(value) for name, value in env.items()}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def quick(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, for tables of mistakes: a new interpreter for each would take minutes."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("POINTSMAN_")]:
            patch.delenv(name)
        for name, value in env.items():
            patch.setenv(f"POINTSMAN_{name}", str(value))
        try:
            code = app.command_line([*map(str, arguments)], app.WIRING)
        except SystemExit as ended:
            code = int(str(ended.code))
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


class Outside:
    """One process that serves; `said` is its standard output so far, `logged` its log."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        root: Path = ROOT,
        before: Callable[[], None] | None = None,
        cwd: Path | None = None,
        port: int = 0,
        **env: str | Path,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {"PORT": self.port, "DATA_DIR": folder / "var", **env}
        self.settings = {name: str(value) for name, value in given.items()}
        self._lines: list[str] = []
        self._errors: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, str(root / "app.py"), "serve", *arguments],
            cwd=cwd or root,
            env=bare_env({f"POINTSMAN_{name}": value for name, value in self.settings.items()}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=before,
        )
        for pipe, kept in ((self.process.stdout, self._lines), (self.process.stderr, self._errors)):
            threading.Thread(target=lambda p=pipe, k=kept: k.extend(p or ()), daemon=True).start()

    def __enter__(self) -> Outside:
        wait_for(self._up, 40, lambda: f"it did not come up: {''.join(self._errors)[-2000:]}")
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    @property
    def said(self) -> str:
        return "".join(self._lines)

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._errors if line.startswith("{")]

    def stop(self, timeout: float = 40.0) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """A command with the same settings."""
        return command(*arguments, **self.settings)

    def ready(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(f"{self.url}/readyz", timeout=10).json()
        return answer

    def warned(self, code: str) -> str:
        """The texts of all warnings of this code."""
        return "\n".join(w["text"] for w in self.ready()["warnings"] if w["code"] == code)

    def type(self, title: str, body: str = "", email: str = "dana@customer.example") -> str:
        """A ticket of the `local` tracker, typed by a program; its key."""
        ticket = {"title": title, "body": body, "email": email}
        answer = requests.post(f"{self.url}/tickets", json=ticket, timeout=10)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    def _up(self) -> bool:
        assert self.process.poll() is None, "".join(self._errors)[-2000:]
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.RequestException:
            return False
