import random
import re
from pathlib import Path

from tests.fakes import Faults
from tests.fakes.gitlab_rest import Rest
from tests.fakes.gitlab_world import World
from tests.trackers.gitlab.samples import NOW

PAGE = Path(__file__).parents[3] / "docs" / "trackers" / "gitlab.md"


def test_the_page_lists_every_endpoint_there_is_and_no_other():
    listed = set(re.findall(r"^\| `([A-Z]+ /[^`?]*)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    world = World(lambda: NOW)
    rest = Rest(world, world.user("pointsman"), [], lambda *_: None)
    names = {"project": ":id", "iid": ":iid", "note": ":note_id"}
    known = {
        f"{verb} " + re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: names[m[1]], pattern.pattern)
        for verb, pattern, _ in rest.routes
    }
    assert listed == known


def test_chance_faults_come_at_about_their_rate():
    faults = Faults()
    faults.random(random.Random(7), {"429": 0.2, "cut-after": 0.1})
    met = [faults.next(write=True) for _ in range(2000)]
    assert 300 < met.count("429") < 500
    assert 120 < met.count("cut-after") < 280
    assert all(faults.next(write=False) == "ok" for _ in range(50))


def test_a_script_wins_over_chance_and_hits_writes_only():
    faults = Faults()
    faults.script("500-before", "ok", "stall")
    assert faults.next(write=False) == "ok"
    assert [faults.next(write=True) for _ in range(4)] == ["500-before", "ok", "stall", "ok"]
    assert faults.met == ["500-before", "stall"]
