"""The rounds that nobody asks for: what they keep, and what they spare the tracker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.engine.doctor import Patient, kept, look_after
from connector.engine.doctor.watch import WORDS_EVERY
from tests.fakes.gitlab_rest import Response

from .clinic import Clinic, a_clinic, now


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with a_clinic("gitlab", tmp_path) as opened:
        yield opened


def codes(clinic: Clinic) -> set[str]:
    assert clinic.store
    newest = kept(clinic.store, "gitlab")
    assert newest
    return {each.code for each in newest.findings}


def asked_for_people(clinic: Clinic, patient: Patient) -> bool:
    """Did this round look people up?"""
    clinic.fake.requests.clear()
    look_after(patient)
    return any(r.path == "/api/v4/users" for r in clinic.fake.requests)


def test_a_round_keeps_what_it_found_and_the_next_forgets_what_is_healed(clinic: Clinic):
    clinic.hook.alert = "disabled"
    patient = clinic.patient()
    look_after(patient)
    assert codes(clinic) == {"hook_disabled"}
    clinic.hook.alert = "executable"
    look_after(patient)
    assert codes(clinic) == set()


def test_words_are_asked_for_once_and_what_was_found_about_them_stays(clinic: Clinic):
    clinic.edit("_people.yaml", "gitlab: [bo]", "gitlab: [boo]")
    patient = clinic.patient()
    assert asked_for_people(clinic, patient)
    assert not asked_for_people(clinic, patient)
    assert "person_unknown" in codes(clinic)


def test_after_some_hours_they_are_asked_for_again(clinic: Clinic):
    at = now()
    clinic.clock = lambda: at
    patient = clinic.patient()
    assert asked_for_people(clinic, patient)
    at += WORDS_EVERY - timedelta(minutes=1)
    assert not asked_for_people(clinic, patient)
    at += timedelta(minutes=1)
    assert asked_for_people(clinic, patient)


def test_new_rule_files_are_looked_at_with_the_next_round(clinic: Clinic):
    clinic.edit("_people.yaml", "gitlab: [bo]", "gitlab: [boo]")
    patient = clinic.patient()
    look_after(patient)
    clinic.edit("_people.yaml", "gitlab: [boo]", "gitlab: [bo]")
    (clinic.folder / "rules" / "_people.yaml").write_text(clinic.files["_people.yaml"])
    patient.rules.refresh(force=True)
    assert asked_for_people(clinic, patient)
    assert codes(clinic) == set()


def test_a_check_that_failed_is_done_again_with_the_next_round(clinic: Clinic):
    patient = clinic.patient()
    whole = clinic.fake.admin.users
    clinic.fake._rest.routes[:] = [
        (verb, pattern, _broken if do == whole else do) for verb, pattern, do in clinic.fake._rest.routes
    ]
    look_after(patient)
    assert codes(clinic) == {"unchecked"}
    assert asked_for_people(clinic, patient)


def test_without_a_database_a_round_does_nothing(clinic: Clinic):
    clinic.closing.append(clinic.store.close)
    clinic.store = None
    look_after(clinic.patient())
    assert clinic.fake.requests == []


def _broken(**_: object) -> Response:
    return Response(500, {"message": "500 Internal Server Error"})
