"""`.env` beside the program: what it sets, what wins, and how lines come and go."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.env_file import Environment, values_in, with_values, without_values
from connector.errors import SettingsError
from connector.settings import read_settings


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("export A=x", "x"),
        ("A='x y'", "x y"),
        ('A="x"', "x"),
        ("A=x # a remark", "x"),
        ("A=a#b", "a#b"),
        ("A=whsec_abc==", "whsec_abc=="),
        ("A=", ""),
        ("A= # a remark", ""),
        ("A=x\t# a remark", "x"),
        ('A="x y" # a remark', "x y"),
        ("A='x # y'  # a remark", "x # y"),
    ],
)
def test_a_line_is_read_as_a_shell_would(line: str, value: str) -> None:
    assert values_in(f"# A=old\n{line}\n") == {"A": value}


def test_blanks_around_the_sign_are_taken_as_people_mean_them() -> None:
    assert values_in("A = x\nB =y\nexport C= 'z'\n") == {"A": "x", "B": "y", "C": "z"}


@pytest.mark.parametrize(
    "line", ["POINTSMAN_CONSOLE_TOKEN: hush", "POINTSMAN_CONSOLE_TOKEN hush", "POINTSMAN_PORT-hush=1"]
)
def test_a_line_that_would_set_nothing_stops_the_start_without_its_value(line: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")
    with pytest.raises(SettingsError, match=r"POINTSMAN_\w+ \(written without `=`\) is no setting") as caught:
        read_settings(Environment({}, tmp_path / ".env"))
    assert "hush" not in str(caught.value)


def test_the_environment_wins_and_an_empty_name_in_it_counts_as_unset(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=file\nB=file\nC=file\n")
    env = Environment({"A": "process", "B": "", "D": ""}, file)
    assert dict(env) == {"A": "process", "B": "file", "C": "file", "D": ""}
    assert len(env) == 4
    assert "E" not in env


def test_a_line_that_is_written_while_we_run_is_seen(tmp_path: Path) -> None:
    env = Environment({}, tmp_path / ".env")
    assert env.get("A") is None
    (tmp_path / ".env").write_text("A=1\n")
    assert env.get("A") == "1"
    (tmp_path / ".env").write_text("A=twelve\n")
    assert env.get("A") == "twelve"


def test_lines_are_set_in_their_place_and_what_people_wrote_stays() -> None:
    text = "# ours\nA=1\n\nB=2\n"
    after = with_values(text, {"B": "two words", "C": "3"})
    assert after == "# ours\nA=1\n\nB='two words'\nC=3\n"
    assert values_in(after) == {"A": "1", "B": "two words", "C": "3"}
    assert without_values(after, frozenset({"B", "C"})) == "# ours\nA=1\n\n"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_text("A=" + "x" * 1_000_000), "larger than 1 MB"),
        (lambda file: file.mkdir(), "cannot be read"),
    ],
    ids=["too-large", "a-folder"],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_not_what_runs(spoil, said: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=before\n")
    running = Environment({}, file)
    assert running["A"] == "before"
    file.unlink()
    spoil(file)
    with pytest.raises(SettingsError, match=said):
        read_settings(Environment({}, file))
    assert running["A"] == "before"
