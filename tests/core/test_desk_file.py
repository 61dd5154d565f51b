"""A desk file of `try`: people, teams and customers as the shared rule files have them; every mistake is named."""

from __future__ import annotations

from datetime import date

import pytest

from connector.core.candidates import Record
from connector.core.desk_file import read_desk, read_records
from connector.core.instants import seconds_of
from connector.core.ticket_file import TicketFileError
from connector.desk import Agent, Customer, Desk
from connector.frozen import FrozenDict

BASE = Desk(FrozenDict({"ann": Agent(id="ann")}), frozenset({"frontline"}), (Customer("*@mill.example"),))


def test_what_a_desk_file_lacks_is_that_of_the_rules():
    assert read_desk(None, BASE) == read_desk({}, BASE) == BASE


def test_people_and_customers_stand_for_those_of_the_rules_and_teams_are_added():
    desk = read_desk(
        {
            "people": {"zoe": {"name": "Zoe", "ids": {"jira": "zoe@x"}, "teams": ["night"], "skills": {"db": 2}}},
            "teams": {"day": {"lead": "zoe"}},
            "customers": [{"match": "*@q.example", "tier": "gold", "from": "2026-01-01", "until": None}],
        },
        BASE,
    )
    assert desk.people["zoe"].ids == {"jira": ("zoe@x",)}
    assert set(desk.people) == {"zoe"}
    assert desk.teams == {"frontline", "night", "day"}
    assert desk.leads == {"day": "zoe"}
    assert desk.customers == (Customer("*@q.example", FrozenDict(tier="gold"), date(2026, 1, 1)),)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "a desk file (people, teams, customers, notify, load, away) is a JSON object"),
        (
            {"peple": {}},
            "(people, teams, customers, notify, load, away) (did you mean `people`?)",
        ),
        ({"people": []}, "`people` wants an object, not a list"),
        ({"people": {"ann": 3}}, "`people.ann` wants an object, not `3`"),
        ({"people": {"ann": {"tems": []}}}, "unknown key `tems` in `people.ann` (did you mean `teams`?)"),
        ({"people": {"ann": {"ids": 3}}}, "`people.ann.ids` wants an object, not `3`"),
        ({"people": {"ann": {"teams": [{}]}}}, "`people.ann.teams` wants a text, not an object"),
        ({"teams": 3.5, "customers": {}}, "`customers` wants a list, not an object"),
        ({"customers": [{"tier": "gold"}]}, "`customers[0]` lacks `match`"),
        ({"people": {"a": {"skills": {"db": "x"}}}}, "`people.a.skills.db` wants a number of 0 or more, not `x`"),
        ({"people": {"a": {"capacity": -1}}}, "`people.a.capacity` wants a number of 0 or more, not `-1`"),
        ({"people": {"a": {"calendar": "24x8"}}}, "the rule files have no calendar `24x8` (did you mean `24x7`?)"),
        ({"people": {"a": {"tz": "Mars"}}}, "`people.a.tz`: `Mars` is no time zone"),
        ({"people": {"a": {"away": [{"from": "2026-03-02"}]}}}, "`people.a.away[0]` wants two days"),
        (
            {"people": {"a": {"away": [{"from": "2026-03-02", "until": "2026-03-01"}]}}},
            "`people.a.away[0]` ends before it begins",
        ),
        ({"load": {"anm": 3}}, "unknown key `anm` in `load` (did you mean `ann`?)"),
        ({"load": {"ann": -3}}, "`load.ann` wants a number of 0 or more, not `-3`"),
        ({"away": {"ann": "soon"}}, "`away.ann` wants an instant"),
        ({"customers": [7]}, "`customers[0]` wants an object, not `7`"),
        ({"customers": [{"match": "*@a.example", "from": "x"}]}, "`customers[0].from` wants an instant"),
    ],
)
def test_each_mistake_in_a_desk_file_is_named(document, said):
    with pytest.raises(TicketFileError) as caught:
        read_desk(document, BASE)
    assert any(said in problem for problem in caught.value.problems)


def test_all_mistakes_of_a_desk_file_are_told_at_once():
    with pytest.raises(TicketFileError) as caught:
        read_desk({"foo": 1, "people": {"a": {"role": []}}, "customers": [{}]}, BASE)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("told", [["duty"], {"duty": {"url": "json://relay.example"}}])
def test_the_names_that_notices_go_to_stand_for_those_of_the_rules(told):
    base = Desk(notices=frozenset({"lead"}))

    assert read_desk({"notify": told}, base).notices == {"duty"}
    assert read_desk({}, base).notices == {"lead"}


def test_a_person_of_a_desk_file_has_the_keys_of_the_rule_files():
    person = read_desk(
        {
            "people": {
                "zoe": {
                    "skills": ["db"],
                    "languages": ["zh"],
                    "channels": "mail",
                    "capacity": 4,
                    "tz": "Asia/Shanghai",
                    "calendar": "24x7",
                    "since": "2026-03-01",
                    "away": [{"from": "2026-03-02", "until": "2026-03-03"}],
                    "ics": ["zoe.ics"],
                }
            }
        },
        BASE,
    ).people["zoe"]

    assert (person.skills, person.languages, person.channels, person.capacity) == ({"db": 1}, {"zh"}, {"mail"}, 4)
    assert person.since == seconds_of("2026-03-01T00:00:00+08:00")
    assert person.presence.hours is BASE.calendars["24x7"]
    assert person.presence.leave == (
        (seconds_of("2026-03-02T00:00:00+08:00"), seconds_of("2026-03-04T00:00:00+08:00")),
    )


def test_who_is_away_and_how_much_people_have_is_told_by_id():
    document = {"load": {"ann": 2.5}, "away": {"ann": "2026-03-02T09:00:00Z"}}
    presence = read_desk(document, BASE).people["ann"].presence

    assert presence.on_leave_until(0) == seconds_of("2026-03-02T09:00:00Z")
    assert presence.on_leave_until(seconds_of("2026-03-02T09:00:00Z")) is None
    assert read_records(document) == {"ann": Record(load=2.5)}
    assert read_records(None) == {}
