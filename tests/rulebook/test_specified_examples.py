"""The examples of the written specification load as they stand; what a later version brings is refused as such."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from connector.rulebook.later import SECTIONS

from .samples import BUILT_IN, Catalog, book, problems

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared")) / "design"
ENV = {"GL_EU": "a", "GL_EU_HOOK": "b", "J": "c", "JH": "d"}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")


def blocks(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (SHARED / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def shared(tmp_path) -> dict[str, str]:
    """The shared files by name; the file of leave that one names lies beside them."""
    (tmp_path / "ann.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n", encoding="utf-8")
    trackers, people, customers, calendars = blocks("interfaces.md")
    names = blocks("rules.md")[1]
    return {
        "_trackers": trackers,
        "_people": people,
        "_customers": customers,
        "_calendars": calendars,
        "_names": names,
    }


def test_all_shared_files_load_together(tmp_path, shared):
    rules = book(tmp_path, env=ENV, **shared)
    assert set(rules.connections) == {"local", "gitlab", "jira", "gitlab-eu", "help"}
    assert rules.desk.teams == {"frontline", "payments-cn", "security"}
    assert rules.connections["gitlab-eu"].secrets == ("b",)
    assert rules.words["help"].status["pending"][0].value == "Waiting for customer"


def test_each_shared_file_loads_alone_but_for_what_it_names_elsewhere(tmp_path, shared):
    for name in ("_trackers", "_customers", "_calendars", "_names"):
        book(tmp_path / name, env=ENV, **{name: shared[name]})


def test_the_team_file_is_refused_for_what_is_not_there_yet_and_for_nothing_else(tmp_path, shared):
    found = problems(tmp_path, Catalog(BUILT_IN), ENV, support=blocks("rules.md")[0], **shared)
    assert found
    assert [line for line in found if "not in this version" not in line] == []
    assert {word for word in SECTIONS if any(f" `{word}` comes" in line for line in found)} >= {
        "assign",
        "tests",
    }
