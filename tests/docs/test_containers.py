"""What can be read off the container files: nobody takes another's port, and no secret gets into an image."""

from __future__ import annotations

import re
from itertools import chain

from ruamel.yaml import YAML

from .pages import text_of

COMPOSE = YAML(typ="safe").load(text_of("compose.yaml"))["services"]


def test_services_that_start_together_take_different_ports():
    for profile in set(chain.from_iterable(service["profiles"] for service in COMPOSE.values())):
        together = [service for service in COMPOSE.values() if profile in service["profiles"]]
        ports = [port.partition(":")[0] for service in together for port in service.get("ports", ())]
        assert len(ports) == len(set(ports)), profile


def test_a_process_without_a_web_server_is_not_asked_for_its_health():
    assert COMPOSE["worker"]["command"] == ["worker"]
    assert COMPOSE["worker"]["healthcheck"] == {"disable": True}


def test_what_holds_secrets_stays_out_of_images_and_out_of_git():
    for name in (".dockerignore", ".gitignore"):
        kept_out = {line.rstrip("/") for line in text_of(name).splitlines()}
        assert {"var", ".env"} <= kept_out, name


def test_the_image_runs_as_nobody_special_and_keeps_its_data_in_a_volume():
    text = text_of("Dockerfile")
    assert re.search(r"^USER pointsman$", text, re.MULTILINE)
    assert "POINTSMAN_DATA_DIR=/data" in text
    assert re.search(r"^VOLUME /data$", text, re.MULTILINE)
    assert "--require-hashes" in text
