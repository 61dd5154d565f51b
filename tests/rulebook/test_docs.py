"""Every example of docs/rules.md is read: the good ones load, the bad one is refused as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connector.errors import RulesError
from connector.rulebook import load
from connector.rulebook.sections import SECTIONS

from .samples import BOTH, Catalog

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(# (in )?rules/(\S+)( \(refused\))?\n.*?)```", PAGE, re.DOTALL)
PRINTED = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1].strip().splitlines()
ENV = {"GL_EU": "a", "GL_EU_HOOK": "b", "J": "c"}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The whole example, in a folder called `rules`."""
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    for text, part, name, refused in BLOCKS:
        if not part and not refused:
            Path("rules", name).write_text(text, encoding="utf-8")
    return Path("rules")


def read(folder: Path):
    return load(folder, Catalog(plugins=tuple(SECTIONS)), env=ENV, defaults=BOTH)


def test_all_yaml_blocks_of_the_page_are_examples():
    assert len(BLOCKS) == PAGE.count("```yaml")


def test_the_whole_example_loads_without_a_warning(folder):
    assert read(folder).warnings == ()


@pytest.mark.parametrize("text", [block[0] for block in BLOCKS if block[1]])
def test_each_part_loads_in_its_place(folder, text):
    plugins = [name for name in SECTIONS if f"\n{name}:" in text]
    (folder / "part.yaml").write_text(f"applies_to: {{jira: [PART]}}\nplugins: {plugins}\n{text}", encoding="utf-8")
    assert read(folder).file_for("jira", "PART").sections[plugins[0]]


def test_the_mistakes_are_refused_as_printed(folder):
    (bad,) = [block for block in BLOCKS if block[3]]
    (folder / bad[2]).write_text(bad[0], encoding="utf-8")
    with pytest.raises(RulesError) as refusal:
        read(folder)
    assert [str(problem) for problem in refusal.value.problems] == PRINTED


def test_every_reserved_word_of_this_version_is_explained():
    for word in ("version", "applies_to", "mode", "plugins", "lists", "explain", "release_on"):
        assert f"| `{word}` |" in PAGE
