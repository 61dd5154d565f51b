"""What can be read off the container files: least rights, no port taken twice, no secret inside, no step untried."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from ruamel.yaml import YAML

from ..docs.pages import text_of

WHOLE = YAML(typ="safe").load(text_of("compose.yaml"))
COMPOSE = WHOLE["services"]
OURS = [name for name in COMPOSE if name != "db"]
DOCKERFILE = text_of("Dockerfile")
RUNS = re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE)


def test_services_that_start_together_take_different_ports():
    for profile in set(chain.from_iterable(service["profiles"] for service in COMPOSE.values())):
        together = [service for service in COMPOSE.values() if profile in service["profiles"]]
        ports = [port.partition(":")[0] for service in together for port in service.get("ports", ())]
        assert len(ports) == len(set(ports)), profile


def test_a_worker_is_asked_for_its_health_where_it_answers():
    worker = COMPOSE["worker"]
    assert worker["command"] == ["worker"]
    assert worker["healthcheck"]["test"] == ["CMD", "pointsman-probe", "worker"]
    assert worker["environment"]["POINTSMAN_METRICS_PORT"] not in ("", "0")


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_has_no_right_it_does_not_need(name: str):
    service = COMPOSE[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(volume.endswith((":/data", ":ro")) for volume in service["volumes"])


def test_no_secret_is_written_in_the_compose_file():
    assert "${POSTGRES_PASSWORD" in COMPOSE["db"]["environment"]["POSTGRES_PASSWORD"]
    assert ":${POSTGRES_PASSWORD" in COMPOSE["web"]["environment"]["POINTSMAN_DATABASE_URL"]


def test_volumes_that_services_name_are_declared():
    named = {volume.partition(":")[0] for service in COMPOSE.values() for volume in service.get("volumes", ())}
    assert {name for name in named if not name.startswith((".", "/"))} == set(WHOLE["volumes"])


def test_what_holds_secrets_stays_out_of_images_and_out_of_git():
    for name in (".dockerignore", ".gitignore"):
        kept_out = {line.rstrip("/") for line in text_of(name).splitlines()}
        assert {"var", ".env"} <= kept_out, name


def test_the_image_runs_as_nobody_special_and_keeps_its_data_in_a_volume():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER pointsman$", last, re.MULTILINE)
    assert "POINTSMAN_DATA_DIR=/data" in last
    assert re.search(r"^VOLUME /data$", last, re.MULTILINE)
    assert 'CMD ["pointsman-probe"]' in last


def test_the_image_is_built_by_the_script_that_is_tried_outside_it_and_by_nothing_else():
    untried = [run for run in RUNS if not run.startswith(("useradd ", "/source/deploy/install.sh "))]
    assert untried == []
    assert sum("deploy/install.sh" in run for run in RUNS) == 1
    before = DOCKERFILE[: DOCKERFILE.index("RUN /source/deploy/install.sh")]
    assert before.rstrip().endswith("USER pointsman")


def test_every_image_has_a_named_version():
    images = [*re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE), COMPOSE["db"]["image"]]
    assert all(re.search(r":\d", image) for image in images), images
