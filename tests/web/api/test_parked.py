"""Parked events for programs: listed, brought back, put away with a reason, and each of it recorded."""

from __future__ import annotations

import pytest


def test_following_next_shows_every_parked_event_once(ask, place):
    numbers = [place.parked() for _ in range(3)]
    shown, path = [], "/parked?limit=2"
    while path:
        answer = ask("GET", path).json
        assert len(answer["items"]) <= 2
        shown += [event["id"] for event in answer["items"]]
        path = (answer["next"] or "").removeprefix("/api/v1")

    assert shown == sorted(set(shown))
    assert set(numbers) <= set(shown)


def test_a_parked_event_tells_why_and_of_what(ask, place):
    number = place.parked()

    event = ask("GET", f"/parked/{number}").json

    assert (event["id"], event["tracker"], event["kind"], event["attempts"]) == (number, "local", "updated", 1)
    assert (event["error"], event["cause"]) == ("TrackerError: PUT issue: 403", "right@local")
    assert event["parked_at"].endswith("Z")


def test_the_list_can_be_of_one_cause(ask, place):
    place.parked()

    assert ask("GET", "/parked?cause=right@local").json["items"]
    assert ask("GET", "/parked?cause=token@local").json["items"] == []


def test_a_replayed_event_is_pending_again_and_the_record_says_by_whom(ask, place):
    number = place.parked()

    assert ask("POST", f"/parked/{number}/replay", "act").json == {"id": number, "state": "pending"}

    assert ask("GET", f"/parked/{number}").status_code == 404
    newest = ask("GET", "/changes?limit=1", "act").json["items"][0]
    assert (newest["what"], newest["actor"], newest["event"]) == ("replayed", "token:of-act", number)


def test_all_events_of_a_cause_are_replayed_at_once(ask, place):
    for _ in range(2):
        place.parked()
    (counted,) = ask("GET", "/parked/causes").json["items"]
    assert (counted["cause"], counted["word"], counted["tracker"]) == ("right@local", "right", "local")

    answer = ask("POST", "/parked/replay", "act", json={"cause": "right@local"})

    assert answer.json == {"cause": "right@local", "events": counted["events"]}
    assert counted["events"] >= 2
    assert ask("GET", "/parked/causes").json == {"items": [], "more": False}


@pytest.mark.parametrize("cause", ["", "nonsense", "right", "right@", "wrong@local", 7, None])
def test_what_is_no_cause_is_refused(ask, place, cause):
    number = place.parked()

    answer = ask("POST", "/parked/replay", "act", json={"cause": cause})

    assert (answer.status_code, set(answer.json["fields"])) == (422, {"cause"})
    assert ask("GET", f"/parked/{number}").status_code == 200


def test_a_discarded_event_keeps_its_reason(ask, place):
    number = place.parked()

    assert ask("POST", f"/parked/{number}/discard", "act", json={"reason": " Test  data "}).status_code == 200

    newest = ask("GET", "/changes?limit=1", "act").json["items"][0]
    assert (newest["what"], newest["detail"]["reason"]) == ("discarded", "Test data")
    assert ask("POST", f"/parked/{number}/discard", "act", json={"reason": "again"}).status_code == 404


@pytest.mark.parametrize("given", [{}, {"reason": ""}, {"reason": " \n"}, {"reason": "x" * 501}, {"reason": None}])
def test_without_a_reason_nothing_is_put_away(ask, place, given):
    number = place.parked()

    answer = ask("POST", f"/parked/{number}/discard", "act", json=given)

    assert (answer.status_code, set(answer.json["fields"])) == (422, {"reason"})
    assert ask("GET", f"/parked/{number}").status_code == 200


@pytest.mark.parametrize("id", ["0", "999999999", "9223372036854775807", "9223372036854775808", "-1", "abc", "1e3"])
def test_what_is_not_parked_is_a_404(ask, id):
    assert ask("GET", f"/parked/{id}").status_code == 404
    assert ask("POST", f"/parked/{id}/replay", "act").status_code == 404
