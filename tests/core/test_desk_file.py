"""A desk file of `try`: people, teams and customers as the shared rule files have them; every mistake is named."""

from __future__ import annotations

from datetime import date

import pytest

from connector.core.desk_file import read_desk
from connector.core.ticket_file import TicketFileError
from connector.desk import Customer, Desk
from connector.frozen import FrozenDict
from connector.model import Person

BASE = Desk(FrozenDict({"ann": Person(id="ann")}), frozenset({"frontline"}), (Customer("*@mill.example"),))


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
        ([], "a desk file (people, teams, customers, notify) is a JSON object"),
        (
            {"peple": {}},
            "unknown key `peple` in the desk file (people, teams, customers, notify) (did you mean `people`?)",
        ),
        ({"people": []}, "`people` wants an object, not a list"),
        ({"people": {"ann": 3}}, "`people.ann` wants an object, not `3`"),
        ({"people": {"ann": {"tems": []}}}, "unknown key `tems` in `people.ann` (did you mean `teams`?)"),
        ({"people": {"ann": {"ids": 3}}}, "`people.ann.ids` wants an object, not `3`"),
        ({"people": {"ann": {"teams": [{}]}}}, "`people.ann.teams` wants a text, not an object"),
        ({"teams": 3.5, "customers": {}}, "`customers` wants a list, not an object"),
        ({"customers": [{"tier": "gold"}]}, "`customers[0]` lacks `match`"),
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
