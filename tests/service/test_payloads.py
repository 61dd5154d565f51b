"""Every recorded webhook goes by HTTP through the running service, and what was decided stands at the trackers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import fresh_database, kinds

from .place import Place, a_place, wanted
from .samples import Sample, own, recorded

SETS = [pytest.param(recorded, id="recorded"), pytest.param(own, id="own")]


def by_ticket(samples: list[Sample]) -> dict[tuple[str, str | None], Sample]:
    """One sample for each ticket that the rules get hold of first."""
    return {(s.tracker, s.ticket): s for s in samples if s.acts and not s.by_hand}


@pytest.mark.parametrize("of", SETS)
@pytest.mark.parametrize("database", kinds())
def test_every_body_ends_as_labels_priority_assignee_and_note(
    database: str, of: Callable[[], list[Sample]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = of()
    with fresh_database(database, tmp_path) as url, a_place(tmp_path, samples, monkeypatch, url) as place:
        with place.service() as running:
            by_rules = {s.name: place.send(running, s) for s in samples if not s.by_hand}
            running.settle(*place.fakes.values())
            shown = {name: place.shown(s) for name, s in by_ticket(samples).items()}
            by_hand = {s.name: place.send(running, s) for s in samples if s.by_hand}
            running.settle(*place.fakes.values())
            writes = place.writes()
            again = {s.name: place.send(running, s) for s in samples}
            anew = {s.name: place.send(running, s, id=f"again {s.name}") for s in samples}
            running.settle(*place.fakes.values())
            kept = {name: place.shown(s) for name, s in by_ticket(samples).items()}
            assert not running.services.store.inbox.count_parked()
        answered = {**by_rules, **by_hand}
        assert answered == {s.name: s.status for s in samples}
        assert shown == {name: wanted(s) for name, s in by_ticket(samples).items()}
        assert kept == shown, "an old change, told late, was brought back"
        assert (again, anew) == (answered, answered)
        assert place.writes() == writes, "a second delivery wrote"
        assert place.violations() == []
        assert untouched(place, samples) == []


@pytest.mark.parametrize("of", SETS)
def test_a_slot_that_a_body_says_a_person_changed_stays_theirs(
    of: Callable[[], list[Sample]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, sample in enumerate(s for s in of() if s.by_hand):
        with a_place(tmp_path / str(number), [sample], monkeypatch) as place:
            before = place.shown(sample)
            with place.service() as running:
                assert place.send(running, sample) == 202
                running.settle(*place.fakes.values())
            assert place.shown(sample) == {**wanted(sample), sample.by_hand: before[sample.by_hand]}, sample.name
            [text] = [c["text"] for c in place.fakes[sample.tracker].state(sample.ticket)["comments"]]
            assert "left alone: " + sample.by_hand in text
            assert place.violations() == []


def untouched(place: Place, samples: list[Sample]) -> list[str]:
    """Requests for a ticket whose deletion was told."""
    gone = {s.ticket for s in samples if s.kind == "deleted"}
    return [
        r.path for name in ("jira", "jira-dc") for r in place.fakes[name].requests if r.path.split("/")[-1] in gone
    ]
