"""What is in the tree belongs there: the product alone, nothing of the machine it was made on, nothing of others."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE = {".git", ".venv", "var", "build", "__pycache__", ".hypothesis"}
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".css", ".js", ".csv", ".json", ".txt", ".lock", ".svg", ""}
LOCKS = ("requirements.lock", "requirements-dev.lock")


def tree() -> list[Path]:
    """Every file that is kept: what git tracks or would, else all but what runs and tools make."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        found = [ROOT / name for name in done.stdout.split("\0") if name]
    else:
        found = [p for p in ROOT.rglob("*") if not any(part in MADE or part.startswith(".venv") for part in p.parts)]
    return sorted(p for p in found if p.is_file())


FILES = tree()
READABLE = {p: p.read_text(encoding="utf-8") for p in FILES if p.suffix in TEXT and p.name != Path(__file__).name}


def lines_with(pattern: str, *suffixes: str) -> list[str]:
    """`file:line: text` wherever `pattern` is met, in any case; in files with one of `suffixes`, if any are named."""
    wanted = re.compile(pattern, re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path, text in READABLE.items()
        if not suffixes or path.suffix in suffixes
        for number, line in enumerate(text.splitlines(), start=1)
        if wanted.search(line)
    ]


def test_there_is_a_tree_to_look_at():
    assert len(READABLE) > 200
    assert lines_with(r"def tree_that_nobody_wrote") == []
    assert lines_with(r"Sets priority, team and assignee")


def test_no_host_of_a_package_registry_is_named():
    hosts = r"pypi\.org|pythonhosted\.org|npmjs\.|unpkg\.|jsdelivr|docker\.io|quay\.io|ghcr\.io|crates\.io|maven\.org"
    assert lines_with(hosts) == []


def test_no_path_of_a_machine_is_named():
    assert lines_with(r"(?<![\w.~/-])/(work|root|Users/\w+|home/\w+|opt/wheels|opt/pypi)(?![\w-])") == []


def test_nothing_tells_how_work_on_it_is_organised():
    words = r"\bsub-?agents?\b|\blanguage model (wrote|session)|\bthe brief\b|\bclosing note\b|\bmilestone issue\b"
    numbered = r"\b(see|in|of|by|for) issues? #?\d+\b|\bissue[- ]#\d+\b|\bsession \d+\b"
    assert lines_with(f"{words}|{numbered}") == []


def test_no_work_is_left_for_later_in_the_code():
    assert lines_with(r"(?-i:\b(TODO|FIXME|XXX|HACK)\b)", ".py") == []


def test_nothing_is_vendored():
    """No minified file, no font, no picture but our own, no archive, nothing large."""
    assert [p for p in FILES if re.search(r"\.min\.|node_modules|vendor|third_party", str(p.relative_to(ROOT)))] == []
    strangers = {".woff", ".woff2", ".ttf", ".otf", ".png", ".jpg", ".gif", ".ico", ".zip", ".gz", ".whl", ".so"}
    # tests/browser makes these, and holds that no others lie there.
    ours = {p for p in FILES if p.parent == ROOT / "docs" / "images" and p.suffix == ".png"}
    assert [p for p in FILES if p.suffix.lower() in strangers and p not in ours] == []
    assert [p for p in FILES if p.stat().st_size > 200_000] == []


def test_a_page_loads_nothing_from_elsewhere():
    assert any(p.suffix == ".html" for p in READABLE)
    assert (
        lines_with(r"""(src|href)=["']?(https?:)?//|@import|url\(["']?(https?:)?//""", ".html", ".css", ".js") == []
    )


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_and_hashes_every_package_and_names_no_index(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[A-Za-z0-9][\w.-]*==[\w.!+]+", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]
    assert "://" not in text
    assert not re.search(r"^\s*--(index-url|extra-index-url|find-links|trusted-host)", text, re.MULTILINE)


def test_no_secret_lies_in_the_tree():
    real = r"glpat-[0-9A-Za-z_-]{20}|ATATT3[0-9A-Za-z_=-]{20}|-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}"
    assert lines_with(real) == []
