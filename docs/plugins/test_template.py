"""The test of the template: run it with `pytest docs/plugins/test_template.py`."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from connector import AddLabel, Priority, SetPriority
from connector.testing import a_ticket, proposals

_spec = spec_from_file_location("template", Path(__file__).with_name("template.py"))
assert _spec is not None
assert _spec.loader is not None
template = module_from_spec(_spec)
_spec.loader.exec_module(template)

BANK = [{"id": "bank", "domains": ["bigbank.example"], "label": "key-account"}]
NIGHT = [{"id": "night", "when": {"text": {"contains_any": ["宕机", "outage"]}}, "label": "night-watch"}]


def test_a_ticket_from_a_domain_that_is_looked_after_is_labelled_and_high():
    ticket = a_ticket(requester="dana@bigbank.example", priority="low")
    label, priority = proposals(template, ticket, BANK)
    assert isinstance(label, AddLabel)
    assert label.name == "key-account"
    assert isinstance(priority, SetPriority)
    assert priority.value is Priority.HIGH
    assert priority.because == "bigbank.example is looked after"


def test_an_urgent_ticket_is_never_lowered():
    ticket = a_ticket(requester="dana@bigbank.example", priority="urgent")
    assert [type(change) for change in proposals(template, ticket, BANK)] == [AddLabel]


def test_other_domains_are_left_alone():
    assert proposals(template, a_ticket(requester="bo@elsewhere.example"), BANK) == []


def test_a_condition_decides_where_there_is_one():
    assert [c.slot for c in proposals(template, a_ticket(title="outage"), NIGHT)] == ["label:night-watch"]
    assert proposals(template, a_ticket(title="all is well"), NIGHT) == []


def test_mistakes_in_the_section_are_told_before_a_ticket_meets_them():
    assert list(template.check_rules(({"id": "a", "labels": "x"},))) == [
        "rule 1 has no `label`",
        "rule 1: `labels` is unknown; known are domains, id, label, when",
        "rule 1 needs `when` or `domains`, or it would take every ticket",
    ]
