"""Where notices go: how an address can stand in `_people.yaml`, and what is said of a bad one, without its secret."""

from __future__ import annotations

import inspect
import logging
import re
import sys

import pytest
from apprise.plugins import N_MGR

from connector.rulebook.addresses import LOCAL

from .samples import book, problems, warnings

SECRET = "hunter2SECRET"


def test_an_address_is_a_text_an_environment_variable_or_a_list(tmp_path):
    people = (
        "notify:\n"
        "  duty: {url: json://relay.example/a}\n"
        "  lead:\n    url:\n      - {env: LEAD_URL}\n      - json://relay.example/b\n"
        "  night: {url: {env: NOT_SET}}\n"
    )
    found = book(tmp_path, _people=people, env={"LEAD_URL": f"jsons://relay.example/{SECRET}"})

    assert found.addresses == {
        "duty": ("json://relay.example/a",),
        "lead": (f"jsons://relay.example/{SECRET}", "json://relay.example/b"),
        "night": (),
    }
    assert found.desk.notices == {"duty", "lead", "night"}


def test_an_environment_variable_that_is_not_set_is_a_warning(tmp_path):
    (line,) = warnings(tmp_path, _people="notify:\n  duty: {url: {env: DUTY}}\n")

    told = "the environment variable `DUTY` is not set: notices to this address are parked until it is"
    assert line == f"_people.yaml:2:15 {told}"


def test_no_address_stands_in_what_is_kept_or_shown_of_the_rules(tmp_path):
    people = f"notify:\n  duty: {{url: 'json://relay.example/{SECRET}'}}\n  bo: {{url: {{env: BO}}}}\n"
    found = book(tmp_path, _people=people, env={"BO": f"json://relay.example/{SECRET}2"})

    assert SECRET not in repr(found)
    assert SECRET not in str(found.texts)
    assert "duty" in str(found.texts)


BAD = [
    ("hunter2SECRET", "is no Apprise address: write it like"),
    ("slak://hunter2SECRET/x/y", "Apprise knows no such kind of address (did you mean `slack`?)"),
    ("zzzzzz://hunter2SECRET", "Apprise knows no such kind of address: write it like"),
    ("slack://hunter2SECRET", "Apprise cannot read what follows `slack://`: write `slack://{token_a}"),
    ("dingtalk://", "write `dingtalk://{token}/`"),
    ("feishu://hunter2SECRET!", "write `feishu://{token}`"),
    ("wecombot://hunter2 SECRET", "write `wecombot://{key}`"),
    ("msteams://hunter2SECRET/a/b/c", "has ended what `msteams://` used: make a workflow there"),
    ("https://hooks.elsewhere.example/hunter2SECRET", "for a webhook of your own write `json://` or `jsons://`"),
    ("https://oapi.dingtalk.com/robot/send?access_token=hunter2SECRET", "write `dingtalk://TOKEN`"),
    ("mqtt://hunter2SECRET@broker.example/topic", "needs a library that is not installed"),
    ("json://relay.example/hunter2SECRET\\x", "an address has no blanks, quotes or backslashes"),
    *((f"{kind}://hunter2SECRET", "reaches nobody but the machine this runs on") for kind in sorted(LOCAL)),
]


@pytest.fixture
def logged():
    """What reaches the root of all loggers, from the least level on."""
    lines = []
    handler, root = logging.Handler(), logging.getLogger()
    handler.emit = lambda record: lines.append(record.getMessage())
    root.addHandler(handler)
    level = root.level
    root.setLevel(1)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


# In a variable an address may hold whatever Apprise reads.
WAYS = [(way, *bad) for way in ("text", "env") for bad in BAD if way == "text" or "\\" not in bad[0]]


@pytest.mark.parametrize(("way", "address", "told"), WAYS, ids=[f"{w}-{a.partition(':')[0]}" for w, a, _ in WAYS])
def test_a_bad_address_is_refused_with_a_remedy_and_without_its_secret(tmp_path, capfd, logged, way, address, told):
    url = "{env: DUTY}" if way == "env" else f"'{address}'"

    (line,) = problems(tmp_path, _people=f"notify:\n  duty: {{url: {url}}}\n", env={"DUTY": address})

    assert line.startswith("_people.yaml:2:15 ")
    assert told in line
    assert not re.search("hunter2|SECRET", line + "".join(logged) + "".join(capfd.readouterr()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("notify:\n  assignee: {url: json://a.example}\n", "2:3 `assignee` is whoever that is on a ticket"),
        ("notify:\n  'duty/2': {url: json://a.example}\n", "2:3 `duty/2` cannot name a receiver"),
        ("notify:\n  duty: json://a.example\n", "2:9 a receiver is a map"),
        ("notify:\n  duty: {}\n", "2:9 a receiver lacks `url`"),
        ("notify:\n  duty: {url: []}\n", "2:15 the list is empty"),
        ("notify:\n  duty: {url: {env: 'a-b'}}\n", "2:15 `env` takes the name of an environment variable"),
        ("notify:\n  duty: {address: json://a.example}\n", "2:10 unknown key `address`"),
    ],
)
def test_a_mistake_in_the_section_is_one_line(tmp_path, text, expected):
    lines = problems(tmp_path, _people=text)

    assert any(line.startswith(f"_people.yaml:{expected}") for line in lines), lines


def test_no_tracker_may_be_called_as_the_lanes_of_notices_are(tmp_path):
    (line,) = problems(tmp_path, _trackers="notice: {kind: gitlab, url: https://git.example}\n")

    assert "choose another name" in line


NETWORK = re.compile(
    r"^\s*(?:import|from) (?:requests|socket|smtplib|gntp|paho)|httpx|websocket|amqp|slixmpp|smpp", re.M
)
WRAPPED = {"deltachat", "deltachats", "guilded", "irc", "ircs", "jellyfin", "jellyfins"}
"""These extend another kind (mail, Discord, Emby), or open their sockets elsewhere in Apprise."""


def test_every_kind_that_asks_nobody_over_the_network_is_refused():
    quiet = set()
    for schema in N_MGR.schemas():
        module = sys.modules[N_MGR[schema].__module__]
        package = [sys.modules[name] for name in sys.modules if name.startswith(f"{module.__package__}.")]
        beside = package if module.__package__ != "apprise.plugins" else []
        if not any(NETWORK.search(inspect.getsource(each)) for each in (module, *beside)):
            quiet.add(schema)

    assert quiet - WRAPPED == LOCAL
