"""Imports point down the layers, plugins import the plugin API only, and nothing happens on import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = (
    ("model", "messages", "changes", "plan", "words", "errors", "frozen"),
    ("desk", "hooks", "core"),
    ("settings", "log", "env_file", "key_file", "metrics", "traces"),
    ("rulebook", "plugins_host", "trackers", "store", "intake", "notices"),
    ("engine", "testing"),
    ("web", "worker", "serve", "cli"),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
EDGES = frozenset(LAYERS[3])


def modules() -> list[Path]:
    return sorted(p for p in (ROOT / "connector").rglob("*.py") if "migrations" not in p.parts)


def part_of(path: Path) -> str:
    inside = path.relative_to(ROOT / "connector")
    return inside.parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The parts of `connector` that `path` imports; `__init__` stands for the plugin API."""
    package = ("connector", *path.relative_to(ROOT / "connector").parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            full = ".".join(part for part in (base, node.module or "") if part)
            names = [f"{full}.{alias.name}" for alias in node.names] if full == "connector" else [full]
        found |= {
            name.split(".")[1] if "." in name else "__init__" for name in names if name.split(".")[0] == "connector"
        }
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down_the_layers(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        return
    for other in imported(path):
        if other in ("__init__", part) or other not in LEVEL:
            continue
        assert LEVEL[other] <= LEVEL[part], f"{part} imports {other}, which lies above it"
        if part in EDGES and other in EDGES:
            pytest.fail(f"the edge {part} imports the edge {other}")


def test_every_part_has_a_layer() -> None:
    parts = {part_of(path) for path in modules()} - {"__init__"}
    assert parts <= set(LEVEL), f"give these a layer: {sorted(parts - set(LEVEL))}"


@pytest.mark.parametrize("path", sorted((ROOT / "plugins").glob("*.py")), ids=lambda p: p.name)
def test_plugins_import_the_plugin_api_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("connector"):
            assert node.module == "connector"
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("connector") for alias in node.names)


def test_no_cycle_is_broken_by_hand() -> None:
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert "TYPE_CHECKING" not in path.read_text(encoding="utf-8"), path
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [n for n in ast.walk(function) if isinstance(n, ast.ImportFrom | ast.Import)]
                ours = [n for n in inner if isinstance(n, ast.ImportFrom) and n.level]
                assert not ours, f"{path}:{function.lineno} imports inside a function"


LONGER = {"connector/changes.py": "the closed union of changes, one after the other"}


def test_modules_stay_small() -> None:
    lines = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in modules()}
    long = {name: n for name, n in lines.items() if n > 250 and name not in LONGER}
    assert not long, f"these have two subjects: {long}"


def test_importing_everything_reads_no_settings_and_opens_nothing() -> None:
    names = [
        "app",
        *(".".join(p.relative_to(ROOT).with_suffix("").parts) for p in modules() if p.name != "__main__.py"),
    ]
    names = [name.removesuffix(".__init__") for name in names if "child" not in name]
    code = (
        "import sys, importlib\n"
        "opened = []\n"
        "watched = ('socket.connect', 'sqlite3.connect', 'subprocess.Popen')\n"
        "sys.addaudithook(lambda e, a: opened.append((e, a)) if e in watched else None)\n"
        f"[importlib.import_module(n) for n in {names!r}]\n"
        "import threading\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert not opened, opened\n"
    )
    env = {"PATH": "/usr/bin:/bin", "POINTSMAN_NO_SUCH_SETTING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
