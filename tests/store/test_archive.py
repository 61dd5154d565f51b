"""A backup is one file with all there is; it is restored as a whole or not at all, into either database."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.errors import StoreUnavailable
from connector.store import CycleRow, FactRow, Incoming, Share, Store, archive
from connector.store.archive import Trouble, backup, check, restore
from connector.store.archive.reading import GAP
from connector.store.database import Database
from connector.store.meta import RESTORED
from connector.store.schema import metadata
from tests.databases import fresh_database, kinds

from .conftest import MONDAY
from .test_memory import CHANGE, TICKET
from .test_plans import EFFECT, PLAN

KEYS = {"secret.key": b"s3cret\n", "setup/gitlab.json": b"{}"}


def quiet(_rows: int) -> None:
    """Nobody watches."""


def fill(store: Store) -> int:
    """Some of everything; the number of the plan."""
    for n in range(30):
        store.inbox.accept(Incoming("t", f"d{n}", f"t:{n % 3}", "updated", {"n": n}, body=b"\x00\xff" * n))
    (lane,) = store.inbox.claim("ann", 1)
    with store.fenced(lane) as work:
        work.finish([event.id for event in store.inbox.waiting(lane)])
        work.put_ticket(TICKET)
        work.add_history("gitlab", "7/12", [CHANGE])
        work.add_facts("gitlab", "7/12", [FactRow("c1", MONDAY, "comment", {"by": "agent", "public": True}, seq=-1)])
        work.put_cycles(
            "gitlab",
            "7/12",
            [CycleRow("gitlab", "7/12", "resolution", 1, "running", "d", MONDAY, MONDAY)],
            is_over=False,
        )
        work.set_timer("t:1", "wake", MONDAY + timedelta(microseconds=1), {"why": "支付"})
        number = work.add_plan(PLAN, [EFFECT])
        work.effect_done("k1", {"body": "\x00\ud800"})
        work.claim(("gitlab", "7/12"), Share("ann", 1500), 10_000)
        work.put_loads({("gitlab", "7/12"): Share("ann", 250)})
        work.take_turn("支付", "ann", ["ann"])
        work.audit("ann", "looked", {"at": "now"})
    store.meta.set("flavor", "cloud")
    store.issues.create("desk", "Title", "Body", "dana@x.example", "Dana")
    return number


@pytest.fixture(params=kinds())
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of another database in which nothing is."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with fresh_database(request.param, folder) as url:
        yield url


@pytest.fixture
def file(store: Store, url: str, tmp_path: Path) -> Path:
    fill(store)
    backup(url, tmp_path / "backup.zip", KEYS, MONDAY, quiet)
    return tmp_path / "backup.zip"


def rows(url: str) -> dict[str, list[str]]:
    """All there is, but for the counter of fences, which goes on, and the day of the restore."""
    database = Database(url)
    with database.read() as connection:
        found = {
            name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for name, table in metadata.tables.items()
            if name not in ("counter", "meta")
        }
    database.close()
    return found


def test_what_was_backed_up_is_restored_in_either_database(
    store: Store, url: str, file: Path, elsewhere: str
) -> None:
    contents = check(file, quiet)
    assert contents.rows == sum(len(rows(url).get(name, "x" * one.rows)) for name, one in contents.tables.items())
    assert restore(elsewhere, file, quiet) == KEYS
    assert rows(elsewhere) == rows(url)
    assert file.stat().st_mode & 0o777 == 0o600


def test_numbers_that_were_given_are_not_given_again(store: Store, url: str, file: Path, elsewhere: str) -> None:
    (late,) = store.inbox.claim("bo", 1)
    with store.begin() as work:
        lost = work.add_plan(PLAN, [])
    restore(elsewhere, file, quiet)
    again = Store.open(elsewhere)
    (lane,) = again.inbox.claim("cy", 1)
    with again.begin() as work:
        number = work.add_plan(PLAN, [])
    here, there = (one.inbox.accept(Incoming("t", "new", "t:9", "updated", {})).id for one in (store, again))
    again.close()
    assert lane.fence > late.fence + GAP // 2
    assert number > lost + GAP // 2
    assert there == here


def test_a_restored_store_goes_on_where_the_other_was(store: Store, url: str, file: Path, elsewhere: str) -> None:
    restore(elsewhere, file, quiet)
    again = Store.open(elsewhere)
    assert again.inbox.accept(Incoming("t", "d7", "t:1", "updated", {})).duplicate
    assert again.plans.chain_holds("jira", "10042")
    assert (again.meta.get("flavor"), bool(again.meta.get(RESTORED))) == ("cloud", True)
    assert [row.id for row in again.tickets.desk(text="zahlung schlägt")] == ["7/12"]
    worked = {lane.key: len(again.inbox.waiting(lane)) for lane in again.inbox.claim("bo", 9)}
    assert sum(worked.values()) == 20
    again.close()


def test_a_database_in_which_something_is_stays_as_it_is_unless_told(
    store: Store, url: str, file: Path, elsewhere: str
) -> None:
    other = Store.open(elsewhere)
    other.inbox.accept(Incoming("t", "theirs", "t:1", "updated", {}))
    other.close()
    before = rows(elsewhere)
    with pytest.raises(Trouble, match="--yes"):
        restore(elsewhere, file, quiet)
    assert rows(elsewhere) == before
    restore(elsewhere, file, quiet, replace=True)
    assert rows(elsewhere) == rows(url)


def test_a_database_that_was_only_started_counts_as_empty(url: str, file: Path, elsewhere: str) -> None:
    other = Store.open(elsewhere)
    other.ping()
    other.close()
    restore(elsewhere, file, quiet)
    assert rows(elsewhere) == rows(url)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def cut_a_little(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[200] ^= 0xFF
    file.write_bytes(content)


def rewrite(change: Callable[[dict[str, bytes]], object]) -> Callable[[Path], None]:
    def do(file: Path) -> None:
        with zipfile.ZipFile(file) as old:
            members = {name: old.read(name) for name in old.namelist()}
        change(members)
        with zipfile.ZipFile(file, "w") as new:
            for name, content in members.items():
                new.writestr(name, content)

    return do


def contents(**more: object) -> Callable[[dict[str, bytes]], object]:
    return lambda of: of.update({"contents.json": json.dumps({**json.loads(of["contents.json"]), **more}).encode()})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "cut off"),
        (cut_a_little, "cut off"),
        (flip, "cut off|cannot be read|not as it was written"),
        (lambda file: file.write_bytes(b""), "cut off"),
        (lambda file: file.write_bytes(b"hello"), "cut off"),
        (rewrite(lambda of: of.update({"tables/audit": of["tables/audit"].replace(b"ann", b"bob")})), "table audit"),
        (rewrite(lambda of: of.update({"tables/audit": b""})), "table audit"),
        (rewrite(lambda of: of.update({"tables/audit": of["tables/audit"] * 2})), "table audit"),
        (rewrite(lambda of: of.update({"tables/audit": b"[1]\n"})), "table audit"),
        (rewrite(lambda of: of.pop("tables/ticket")), "table ticket"),
        (rewrite(lambda of: of.pop("contents.json")), "not a backup"),
        (rewrite(lambda of: of.update({"contents.json": b"[]"})), "contents"),
        (rewrite(lambda of: of.update({"keys/secret.key": b"other"})), "secret.key"),
        (rewrite(lambda of: of.pop("keys/secret.key")), "not a backup"),
        (rewrite(contents(form=2)), "newer release"),
        (rewrite(contents(revision="r9_01")), "newer release"),
        (rewrite(contents(keys={"../x.key": ""})), "'../x.key'"),
        (rewrite(contents(keys=[])), "contents"),
        (rewrite(contents(numbers={"plan": "7"})), "contents"),
        (rewrite(contents(numbers={"plan": 2**63})), "contents"),
        (rewrite(contents(tables={"x": {"columns": {}, "rows": 0, "sha256": ""}})), "'x'"),
        (rewrite(contents(tables={"meta": {"columns": {'"': "text"}, "rows": 0, "sha256": ""}})), "'meta'"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    file: Path, tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    damage(file)
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with pytest.raises(Trouble, match=said):
        restore(target, file, quiet)
    assert not Path(tmp_path / "target.db").exists() or rows_of_tables(target) == []


def rows_of_tables(url: str) -> list[str]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
    engine.dispose()
    return names


def test_a_restore_that_fails_in_the_middle_leaves_nothing(file: Path, elsewhere: str) -> None:
    def tired(_rows: int) -> None:
        raise StoreUnavailable("the cable was pulled")

    with pytest.raises(StoreUnavailable):
        restore(elsewhere, file, tired)
    assert rows_of_tables(elsewhere) == []


def test_a_backup_is_of_one_moment_although_everything_goes_on(store: Store, url: str, tmp_path: Path) -> None:
    fill(store)
    late = iter(range(1000, 9000))

    def meanwhile(_rows: int) -> None:
        """Between two tables another event is accepted, with rows in several of them."""
        store.inbox.accept(Incoming("t", f"d{next(late)}", "t:1", "updated", {"n": 1}, body=b"x"))

    contents = backup(url, tmp_path / "b.zip", {}, MONDAY, meanwhile)
    assert next(late) > 1003
    assert contents.tables["inbox"].rows == contents.tables["seen"].rows == 30
    assert archive.check(tmp_path / "b.zip", quiet) == contents


def test_no_file_is_overwritten_and_none_is_left_half_done(store: Store, url: str, tmp_path: Path) -> None:
    fill(store)
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(Trouble, match="exists"):
        backup(url, tmp_path / "there.zip", {}, MONDAY, quiet)

    def full(_rows: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        backup(url, tmp_path / "half.zip", {}, MONDAY, full)
    assert [path.name for path in tmp_path.iterdir() if "zip" in path.name] == ["there.zip"]


@pytest.mark.parametrize(("revision", "said"), [("r1_01", "pointsman db upgrade"), ("r2_01", "release that made it")])
def test_a_schema_that_is_not_ours_is_not_backed_up(tmp_path: Path, revision: str, said: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    store = Store.open(url)
    with store.begin() as work:
        work.connection.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    store.close()
    with pytest.raises(Trouble, match=said):
        backup(url, tmp_path / "b.zip", {}, MONDAY, quiet)


def test_there_is_nothing_to_back_up_in_an_empty_database(elsewhere: str, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="nothing to back up"):
        backup(elsewhere, tmp_path / "b.zip", {}, MONDAY, quiet)
