"""The examples for systemd, Kubernetes and the environment name what exists, and fit together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connector.settings import PREFIX, READERS, read_settings

from ..docs.pages import text_of

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
KNOWN = {PREFIX + name.upper() for name in READERS}


def manifests() -> list[Mapping[str, Any]]:
    files = YAML(typ="safe").load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
    return [one for name in files for one in YAML(typ="safe").load_all((KUBERNETES / name).read_text())]


DEPLOYMENTS = [one for one in manifests() if one["kind"] == "Deployment"]
by_name = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: one["metadata"]["name"])


def test_the_example_environment_names_every_setting_and_no_other():
    named = re.findall(rf"^#({PREFIX}[A-Z_]+)=", text_of(".env.example"), re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == KNOWN


def test_the_example_environment_can_be_used_with_every_line_taken_in():
    lines = re.findall(rf"^#({PREFIX}[A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE)
    assert read_settings(dict(lines)).port == 8080


def test_the_settings_of_every_example_exist():
    texts = [path.read_text() for path in (*KUBERNETES.glob("*.yaml"), *UNITS, ROOT / "compose.yaml")]
    named = {name for text in texts for name in re.findall(rf"\b{PREFIX}[A-Z_]+", text)}
    # What a cluster would set by itself is named where it is switched off.
    assert named <= KNOWN
    assert named


@by_name
def test_a_deployment_selects_its_own_pods_and_ends_slower_than_a_stop_takes(deployment: Mapping[str, Any]):
    pod = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert pod["spec"]["terminationGracePeriodSeconds"] > 30


@by_name
def test_a_pod_has_no_right_it_does_not_need_and_gets_no_setting_from_the_cluster(deployment: Mapping[str, Any]):
    spec = deployment["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    for container in spec["containers"]:
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}


@by_name
def test_probes_and_volumes_of_a_pod_point_to_what_is_there(deployment: Mapping[str, Any]):
    spec = deployment["spec"]["template"]["spec"]
    volumes = {volume["name"] for volume in spec["volumes"]}
    for container in spec["containers"]:
        ports = {port["name"] for port in container["ports"]}
        probes = [value["httpGet"] for name, value in container.items() if name.endswith("Probe")]
        assert {probe["port"] for probe in probes} <= ports
        assert {probe["path"] for probe in probes} <= {"/healthz", "/readyz"}
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes


def test_the_service_and_its_budget_select_the_pods_that_answer():
    web = next(one for one in DEPLOYMENTS if one["metadata"]["name"] == "pointsman-web")
    labels = web["spec"]["template"]["metadata"]["labels"].items()
    service = next(one for one in manifests() if one["kind"] == "Service")
    budget = next(one for one in manifests() if one["kind"] == "PodDisruptionBudget")
    assert service["spec"]["selector"].items() <= labels
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels
    assert budget["spec"]["minAvailable"] < web["spec"]["replicas"]


def test_the_manifests_build():
    if not shutil.which("kubectl"):
        pytest.skip("no kubectl to build them with")
    built = subprocess.run(["kubectl", "kustomize", str(KUBERNETES)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert "name: pointsman-rules-" in built.stdout


def test_the_rules_of_the_example_load(tmp_path: Path):
    told = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "check", "--rules", str(KUBERNETES / "rules")],
        capture_output=True,
        text=True,
        env={"POINTSMAN_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_without_rights_and_stops_in_peace(unit: Path):
    lines = unit.read_text().splitlines()
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "KillSignal=SIGTERM"} <= set(lines)
    stop = next(int(line.partition("=")[2]) for line in lines if line.startswith("TimeoutStopSec="))
    assert stop > 30


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze to ask")
    # It also looks whether the program is there, which it is not on this machine.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    copy = tmp_path / unit.name
    copy.write_text(text)
    told = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    mine = [line for line in (told.stdout + told.stderr).splitlines() if unit.name.partition("@")[0] in line]
    assert (told.returncode, mine) == (0, [])


@by_name
def test_prometheus_is_told_a_port_at_which_a_pod_shows_its_metrics(deployment: Mapping[str, Any]):
    pod = deployment["spec"]["template"]
    told = pod["metadata"]["annotations"]
    assert told["prometheus.io/scrape"] == "true"
    ports = {str(port["containerPort"]) for container in pod["spec"]["containers"] for port in container["ports"]}
    assert told["prometheus.io/port"] in ports
