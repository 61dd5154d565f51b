"""A folder in which processes count, and what they show."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector import metrics
from connector.metrics import Meter

from .shown import ROOT

COUNTS = """
import sys
from pathlib import Path
from connector import metrics
from connector.metrics import names
metrics.start(Path(sys.argv[1]))
{does}
print("counted", flush=True)
sys.stdin.read()
"""


class Processes:
    """Further processes that count in `folder`; each lives until it is told to end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[str]] = []

    def start(self, does: str) -> subprocess.Popen[str]:
        """A process that did `does`, Python with `metrics` and `names` in it, and waits."""
        asked = [sys.executable, "-c", COUNTS.format(does=does), str(self.folder)]
        one = subprocess.Popen(asked, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.running.append(one)
        assert one.stdout is not None
        assert one.stdout.readline() == "counted\n"
        return one

    def close(self) -> None:
        for one in self.running:
            one.kill()
            one.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


@pytest.fixture
def meter(folder: Path) -> Iterator[Meter]:
    """This process counts."""
    yield metrics.start(folder)
    metrics.stop()


@pytest.fixture
def processes(folder: Path) -> Iterator[Processes]:
    found = Processes(folder)
    yield found
    found.close()
