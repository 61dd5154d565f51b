"""One mistake is planted into a healthy installation; the doctor names it, and what helps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.engine.doctor import Level

from .clinic import FLAVORS, Clinic, a_clinic
from .plants import PLANTS, Plant

CASES = [(plant, flavor) for plant in PLANTS for flavor in plant.flavors]


@pytest.fixture
def clinic(tmp_path: Path, flavor: str) -> Iterator[Clinic]:
    with a_clinic(flavor, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("flavor", FLAVORS)
def test_a_healthy_installation_has_nothing_above_a_hint(clinic: Clinic):
    findings = clinic.examine()
    assert [each for each in findings if each.level > Level.HINT] == []
    assert len([each for each in findings if each.level is Level.OK]) > 10


@pytest.mark.parametrize(("plant", "flavor"), CASES, ids=lambda value: getattr(value, "name", value))
def test_a_planted_mistake_is_named_with_its_remedy(clinic: Clinic, plant: Plant):
    plant.plant(clinic)
    bad = clinic.bad()
    assert plant.code in bad, bad
    told = [each for each in bad[plant.code] if plant.names in each.text]
    assert told, bad[plant.code]
    assert plant.helps in told[0].remedy
    if plant.alone:
        assert set(bad) == {plant.code}, bad


def test_enough_is_planted_and_every_plant_is_another_one():
    assert len({plant.code for plant in PLANTS}) >= 40
    assert len({plant.name for plant in PLANTS}) == len(PLANTS)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_no_finding_shows_a_secret(clinic: Clinic):
    clinic.connect(secrets=())
    clinic.fake.headers["RateLimit-Remaining"] = "1"
    told = [each.told(language) for each in clinic.examine() for language in ("en", "zh")]
    said = " ".join(f"{each.text} {each.remedy}" for each in told)
    for secret in (clinic.fake.token, clinic.fake.secret, "console"):
        assert secret not in said
