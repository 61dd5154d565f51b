"""Where the collected real bodies lie, if they are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[4] / "shared"))


def shared(*parts: str) -> Path:
    """The file or folder in the shared data; skips the test where there is none."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not there (SHARED_DIR)")
    return path
