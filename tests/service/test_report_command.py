"""`pointsman report sla`: a table of 100 columns, a sheet, JSON, and one clear sentence for what is no span."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connector.cli import main
from connector.core.sla import Metric
from connector.rulebook import Rulebook
from connector.store import CycleRow, Store
from connector.store.cycles import exchange
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import Line, a_line
from tests.engine.test_cycles import DESK, HOUR, answer, edit
from tests.store.test_cycles import MISSED, RUNNING

NOW = datetime(2026, 3, 30, 15, 20, 7, tzinfo=UTC)
HOSTILE = '=cmd|" /C calc"!'
Run = Callable[..., tuple[int, str, str]]


def rows() -> Iterator[CycleRow]:
    """Twelve finished of the last days, one each cancelled, open and late, without a target, and a year old."""
    stopped = NOW - timedelta(days=2)
    one = replace(MISSED, started_at=stopped - 3 * HOUR, stopped_at=stopped, breach_at=stopped, team="支付与结算团队")
    for n in range(12):
        state = "missed" if n % 4 == 0 else "met"
        metric = ("first_response", "resolution")[n % 2]
        yield replace(one, ticket=str(n), state=state, metric=metric, team=one.team if n < 10 else HOSTILE)
    yield replace(one, ticket="c", state="cancelled", team=None)
    yield replace(one, ticket="n", state="met", goal_s=None, team=None)
    yield replace(RUNNING, ticket="o", started_at=stopped, breach_at=NOW - HOUR, team=None)
    yield replace(one, ticket="y", stopped_at=stopped - timedelta(days=365))


def runner(url: str, capsys: pytest.CaptureFixture[str], book: Callable[[], Rulebook] = lambda: Rulebook()) -> Run:
    wiring: Any = SimpleNamespace(
        settings=lambda: SimpleNamespace(rules_dir=None),
        store=lambda _: Store.open(url, clock=lambda: NOW),
        rulebook=lambda *_: (book(), SimpleNamespace(close=lambda: None)),
    )

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["report", "sla", *words], wiring)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(f"sqlite:///{tmp_path / 'empty.db'}", capsys)


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    url = f"sqlite:///{tmp_path / 'report.db'}"
    store = Store.open(url)
    with store.begin() as work:
        exchange(store._database, work.connection, (), rows())
    store.close()
    return runner(url, capsys)


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


def test_the_last_28_days_by_policy_are_a_table_of_each_metric(report: Run) -> None:
    code, said, _ = report()
    lines = said.splitlines()
    assert code == 0
    assert lines[0] == "SLA report, 2026-03-03 to 2026-03-30 15:20 (UTC), by policy, as judged"
    assert "resolution (1 cancelled, 1 without a target, not counted below)" in lines
    assert [line.split()[:4] for line in lines if line.startswith("premium")] == [
        ["premium", "6", "50.0%", "19–81"],
        ["premium", "6", "100.0%", "61–100"],
    ]


@pytest.mark.parametrize("by", ["policy", "priority", "tier", "channel", "team", "week"])
def test_every_table_fits_and_lines_up_also_in_chinese(report: Run, by: str) -> None:
    _, said, _ = report("--by", by)
    lines = said.splitlines()
    assert max(map(columns, lines)) <= 100
    table = [line for line in lines if line[:16].strip() and ("%" in line or " – " in line)]
    assert len({columns(line) for line in table}) == 1


def test_groups_have_their_names_and_few_are_marked(report: Run) -> None:
    _, said, _ = report("--by", "team")
    assert "支付与结算团队" in said
    assert [line.split()[3] for line in said.splitlines() if line.startswith("=cmd")] == ["1*", "1*"]
    assert [line.split()[-2:] for line in said.splitlines() if line.startswith("– ")] == [["0", "1"]]
    assert said.rstrip().endswith("* fewer than 5 finished: the shares say little")


def test_filters_and_spans_narrow_it(report: Run) -> None:
    assert "first_response" not in report("--metric", "resolution")[1]
    assert "Nothing was finished" in report("--tracker", "gitlab")[1]
    assert "Nothing was finished" in report("--project", "elsewhere")[1]
    year_ago = report("--from", "2025-03-01", "--until", "2025-03-31", "--json")[1]
    assert [total["n"] for total in json.loads(year_ago)["totals"]] == [1]
    until = report("--until", "2026-03-28T15:20:07Z")[1]
    assert "2026-03-01 to 2026-03-28 15:20 (UTC)" in until
    assert "Nothing was finished" in until


def test_where_there_is_nothing_the_answer_says_what_to_do_next(empty: Run) -> None:
    code, said, _ = empty()
    assert code == 0
    assert "pointsman check" in said
    assert "pointsman backfill --tracker NAME" in said
    assert "an earlier --from" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "yesterday"], "--from: `yesterday` is no day and no instant: write 2026-03-02 or 2026-03-02T09"),
        (["--until", "2026-02-31"], "--until: `2026-02-31` is no day"),
        (["--from", "2026-03-10", "--until", "2026-03-09"], "--from: 2026-03-10 is not before 2026-03-09"),
        (["--from", "2027-01-01"], "--from: 2027-01-01 is not before now, or lies ahead"),
    ],
)
def test_what_is_no_span_is_one_sentence(report: Run, words: list[str], said: str) -> None:
    code, out, err = report(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(said)


@pytest.mark.parametrize("words", [["--by", "colour"], ["--metric", "speed"], ["--csv", "-", "--json"]])
def test_a_wrong_word_ends_the_command(report: Run, words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        report(*words)
    assert end.value.code == 2


def test_a_sheet_begins_with_the_mark_that_excel_needs_and_a_pipe_does_not(report: Run, tmp_path: Path) -> None:
    file = tmp_path / "sla.csv"
    code, said, _ = report("--by", "team", "--csv", str(file))
    assert (code, said) == (0, f"7 lines are in {file}\n")
    written = file.read_bytes()
    assert written.startswith(b"\xef\xbb\xbfreport,")
    _, piped, _ = report("--by", "team", "--csv", "-")
    assert piped == written.decode("utf-8-sig").replace("\r\n", "\n").replace("\n", "\r\n")
    groups = [row["group"] for row in csv.DictReader(io.StringIO(piped, newline=""))]
    assert f"'{HOSTILE}" in groups
    assert "支付与结算团队" in groups


def test_a_file_that_cannot_be_written_is_told(report: Run, tmp_path: Path) -> None:
    code, _, err = report("--csv", str(tmp_path / "no" / "sla.csv"))
    assert code == 2
    assert "No such file or directory" in err


def test_json_has_every_figure(report: Run) -> None:
    told = json.loads(report("--by", "team", "--json")[1])
    assert (told["report"], told["by"], told["restated"]) == ("as judged", "team", None)
    assert ("first_response", HOSTILE, 1) in [(each["metric"], each["group"], each["n"]) for each in told["groups"]]
    assert {group["metric"] for group in told["groups"]} <= {metric.value for metric in Metric}


def test_a_name_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'report.db'}"
    store = Store.open(url)
    with store.begin() as work:
        exchange(store._database, work.connection, (), [replace(row, team="a\x1b[2J") for row in rows()])
    store.close()
    assert "a⟨U+001B⟩[2J" in runner(url, capsys)("--by", "team")[1]


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[Line]:
    """One ticket answered after two hours instead of one; now four are promised."""
    clock = FixedClock(NOW - 6 * HOUR)
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": DESK}) as line:
        id = tracker.add("hello", project="desk")
        line.created(id)
        clock.forward(2 * HOUR)
        answer(line, id)
        edit(line, "first_response: 1h", "first_response: 4h")
        yield line


def test_a_restated_report_says_so_and_what_differs(edited: Line, capsys: pytest.CaptureFixture[str]) -> None:
    run = runner(str(edited.store._database.url), capsys, lambda: edited.services.rules.current)
    _, judged, _ = run()
    _, said, _ = run("--restated")
    lines = said.splitlines()
    assert lines[0].endswith("by policy, RESTATED by the rules of today: this is not what was judged")
    assert lines[1] == "1 ticket judged anew; other verdicts than as judged: first_response 1"
    assert ("0.0%" in judged, "100.0%" in said) == (True, True)
    told = json.loads(run("--restated", "--json")[1])
    assert (told["report"], told["restated"]) == (
        "restated",
        {"tickets": 1, "changed": {"first_response": 1}, "unjudged": 0},
    )
    sheet = csv.DictReader(io.StringIO(run("--restated", "--csv", "-")[1], newline=""))
    assert {(row["report"], row["changed"]) for row in sheet} == {("restated", "1")}
