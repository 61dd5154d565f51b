"""What is wrong with this host, its database and its address, and with an address where no tracker is."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connector.engine.doctor import CODES, Level, account_checks, examine, hook_checks
from connector.engine.presence import Process, tell_of
from connector.errors import TrackerError
from connector.plugins_host import Condition
from connector.settings import MEGABYTE
from connector.store import Incoming
from connector.trackers.gitlab.admin import GitLabAdmin
from connector.trackers.jira.admin import JiraAdmin
from connector.trackers.reach import Reached, Trouble, reach

from .clinic import Clinic, Stub, a_clinic, now

TESTS = Path(__file__).parent


@pytest.fixture
def flavor() -> str:
    return "gitlab"


@pytest.fixture
def clinic(tmp_path: Path, flavor: str) -> Iterator[Clinic]:
    with a_clinic(flavor, tmp_path) as opened:
        yield opened


def all_of(clinic: Clinic, *only: str) -> dict[str, str]:
    """Code → text, hints too."""
    return {each.code: f"{each.text} → {each.remedy}" for each in clinic.examine(*only) if each.level > Level.OK}


Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "code"), [(50, "disk_full"), (500, "disk_low"), (5000, None)])
def test_room_on_the_disk(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, free: int, code: str | None):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free * MEGABYTE))
    found = all_of(clinic, "host")
    assert set(found) == ({code} if code else set())
    if code:
        assert f"{free} MB are free" in found[code]


def test_a_folder_that_cannot_be_written(clinic: Clinic):
    blocked = clinic.folder / "a-file"
    blocked.write_text("no folder")
    clinic.set(data_dir=blocked)
    assert "mkdir -p" in all_of(clinic, "host")["data_dir_unwritable"]


def test_a_folder_that_the_first_start_will_make_is_no_finding(clinic: Clinic):
    clinic.set(data_dir=clinic.folder / "not-yet" / "var")
    assert all_of(clinic, "host") == {}


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ((None, "r1_02"), "schema_behind"),
        (("r1_01", "r1_02"), "schema_behind"),
        (("r1_09", "r1_02"), "schema_ahead"),
        (("r2_01", "r1_02"), "schema_ahead"),
        (("r3_01", "r1_02"), "schema_too_new"),
    ],
)
def test_a_schema_that_is_not_ours(clinic: Clinic, schema: tuple[str | None, str], code: str):
    clinic.store.pulse.schema = lambda: schema
    found = all_of(clinic, "store")
    assert code in found
    assert "r1_0" in found[code] or "no schema" in found[code]


def test_a_database_that_nobody_has_made_yet_is_a_hint(clinic: Clinic):
    clinic.closing.append(clinic.store.close)
    clinic.store = None
    (finding,) = clinic.examine("store")
    assert (finding.code, finding.level) == ("schema_behind", Level.HINT)
    assert "pointsman serve" in finding.remedy


def test_a_database_whose_clock_is_off(clinic: Clinic):
    told = clinic.store.now() - dt.timedelta(minutes=3)
    clinic.store.now = lambda: told
    assert "NTP" in all_of(clinic, "store")["database_clock"]


def test_an_empty_rules_folder_and_a_shadowed_file(clinic: Clinic):
    clinic.edit("support.yaml", "mode: live", "mode: shadow")
    assert "mode: live" in all_of(clinic, "rules")["shadow"]
    for path in (clinic.folder / "rules").iterdir():
        path.unlink()
    clinic.files = {}
    assert {"no_rules"} == set(all_of(clinic, "rules"))


def test_a_hint_about_a_rule_file_keeps_its_place(clinic: Clinic):
    clinic.edit("support.yaml", "  - {id: rest, team: frontline, assignee: ann}\n", "")
    (hint,) = [each for each in clinic.examine("rules") if each.code == "rules_hint"]
    assert re.search(r"support\.yaml:\d+:\d+$", hint.spot)


def test_a_connection_that_no_rule_file_names(clinic: Clinic):
    clinic.edit("support.yaml", "applies_to: {gitlab: [acme/support]}", "applies_to: {local: [desk]}")
    assert "applies_to: {gitlab: [PROJECT]}" in all_of(clinic, "rules")["unused"]


def test_a_plugin_that_another_process_has_in_quarantine(clinic: Clinic):
    patient = clinic.patient()
    ill = Condition(in_a_row=3, quarantined=True, last_error="priority.py:12 KeyError")
    now = patient.clock()
    tell_of(patient.store, Process("far/7", "far", 7, "worker", now, now, plugins={"priority": ill}))
    (finding,) = [each for each in examine(patient, ["plugins"]) if each.level > Level.HINT]
    assert finding.code == "plugin_quarantined"
    assert "priority.py:12 KeyError, in the process far/7" in finding.text


def test_visitors_who_all_look_like_the_proxy(clinic: Clinic):
    clinic.set(trusted_proxies=())
    assert "POINTSMAN_TRUSTED_PROXIES" in all_of(clinic, "settings")["proxy_unnamed"]


def test_in_shadow_a_right_for_later_is_a_hint(clinic: Clinic):
    clinic.edit("support.yaml", "mode: live", "mode: shadow")
    clinic.fake._rest.me.level = 10
    later = [each for each in clinic.examine("gitlab") if each.code == "right_later"]
    assert any("change labels" in each.text for each in later)
    assert clinic.bad("gitlab") == {}


def test_webhooks_that_we_may_not_see_are_said_to_be_unseen(clinic: Clinic):
    clinic.fake._rest.me.level = 20
    assert "Maintainer" in all_of(clinic, "gitlab")["hooks_unseen"]
    assert clinic.bad("gitlab") == {}


def test_the_account_of_a_person_or_an_administrator_is_a_hint(clinic: Clinic):
    clinic.fake.admin.is_admin = True
    clinic.edit("_people.yaml", "gitlab: [ann]", "gitlab: [ann, pointsman]")
    found = all_of(clinic, "gitlab")
    assert "administrator of the whole tracker" in found["account_admin"]
    assert "also that of ann" in found["account_shared"]


def test_a_field_whose_labels_nobody_has_made_is_a_hint(clinic: Clinic):
    del clinic.fake._world.project("acme/support").labels["env::prod"]
    assert "`env::…`" in all_of(clinic, "gitlab")["scope_unused"]


def test_that_no_webhook_has_come_is_a_hint(clinic: Clinic):
    clinic.connect(name="gitlab-eu")
    clinic.edit("support.yaml", "{gitlab:", "{gitlab-eu:")
    clinic.hook.given["url"] += "-eu"
    assert "no webhook of gitlab-eu" in all_of(clinic, "gitlab-eu")["hook_silent"]


def test_a_webhook_of_the_group_is_known_by_what_it_brings(clinic: Clinic):
    clinic.fake.admin.hooks.clear()
    project = clinic.fake._world.project("acme/support").id
    assert "hook_missing" in clinic.bad("gitlab")
    clinic.store.inbox.accept(Incoming("gitlab", "g1", f"gitlab:{project}/1", "updated", {}, body=b"{}"))
    assert "that of its group?" in all_of(clinic, "gitlab")["hook_of_group"]
    assert clinic.bad("gitlab") == {}
    missed = Incoming(
        "gitlab", "reconcile/1", f"gitlab:{project}/1", "reconciled", {}, at=now() + dt.timedelta(minutes=1)
    )
    clinic.store.inbox.accept(missed)
    assert "hook_missing" in clinic.bad("gitlab")


@pytest.mark.parametrize("flavor", ["cloud"])
def test_a_note_that_everybody_reads_is_a_hint(clinic: Clinic):
    clinic.connect(options={})
    assert "internal_visibility" in all_of(clinic, "jira")["note_open"]


@pytest.mark.parametrize("flavor", ["cloud", "dc"])
def test_an_agent_is_missing_in_a_service_project(clinic: Clinic):
    clinic.edit("support.yaml", "[SUP]", "[HELP]")
    assert clinic.bad("jira") == {}
    clinic.fake.admin.permissions.discard("SERVICEDESK_AGENT")
    (finding,) = clinic.bad("jira")["right_missing"]
    assert "internal comments" in finding.text
    assert "Service Desk Team" in finding.remedy


@pytest.mark.parametrize("flavor", ["cloud"])
def test_looking_people_up_is_missed_only_where_addresses_are_written(clinic: Clinic):
    clinic.fake.admin.permissions.discard("USER_PICKER")
    assert clinic.bad("jira") == {}
    clinic.edit("_people.yaml", "jira: [ann]", "jira: [ann@desk.example]")
    assert "by address" in clinic.bad("jira")["right_missing"][0].text


@pytest.mark.parametrize("flavor", ["gitlab", "cloud", "dc"])
def test_that_people_cannot_be_looked_up_is_a_hint(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    def forbidden(*_: object) -> None:
        raise TrackerError("GET people", status=403, permanent=True)

    monkeypatch.setattr(GitLabAdmin if clinic.gitlab else JiraAdmin, "people", forbidden)
    assert "may not look people up" in all_of(clinic, clinic.name)["people_unseen"]
    assert clinic.bad(clinic.name) == {}


def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracker's address is one of the Internet's."""
    for module in (account_checks, hook_checks):
        monkeypatch.setattr(module, "addresses", lambda _: ("8.8.8.8",))


def test_a_tracker_on_the_internet_does_not_reach_a_private_address(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    outside(monkeypatch)
    clinic.reached = Reached(("10.1.2.3", "192.168.0.4"))
    bad = clinic.bad("gitlab")
    assert "a reverse proxy or a tunnel" in bad["public_private"][0].remedy
    assert "in clear" in bad["url_plain"][0].text


@pytest.mark.parametrize("flavor", ["cloud"])
def test_jira_cloud_sends_to_https_alone(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    outside(monkeypatch)
    clinic.set(public_url="http://desk.example")
    assert "Jira Cloud" in clinic.bad("jira")["public_plain"][0].text


@pytest.mark.parametrize("flavor", ["gitlab", "cloud"])
def test_an_address_where_no_tracker_is(clinic: Clinic):
    with Stub() as website:
        clinic.connect(url=website.url)
        assert set(clinic.bad(clinic.name)) == {"tracker_not_there"}


@pytest.mark.parametrize("flavor", ["dc"])
def test_an_address_that_leads_elsewhere(clinic: Clinic):
    with Stub(302, b"", Location="https://login.example/") as elsewhere:
        clinic.connect(url=elsewhere.url)
        assert "the tracker itself shows" in clinic.bad("jira")["url_redirected"][0].remedy


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate that nobody has signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now() - dt.timedelta(days=1))
    made = made.not_valid_after(now() + dt.timedelta(days=1))
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.mark.parametrize("flavor", ["gitlab", "cloud"])
def test_a_tracker_whose_certificate_is_not_trusted(clinic: Clinic, certificate: tuple[Path, Path]):
    with Stub(tls=certificate) as server:
        clinic.connect(url=server.url)
        assert "REQUESTS_CA_BUNDLE" in clinic.bad(clinic.name)["tracker_tls"][0].remedy


@pytest.mark.parametrize("flavor", ["gitlab", "dc"])
def test_a_tracker_that_hangs_does_not_hang_us(clinic: Clinic):
    clinic.fake.faults.random(Random(1), {"stall": 1.0}, writes_only=False)
    clinic.fake.faults.stall_seconds = 3.0
    clinic.patience = 0.2
    assert set(clinic.bad(clinic.name)) == {"unchecked"}


@pytest.mark.parametrize("flavor", ["gitlab", "cloud", "dc"])
def test_a_tracker_that_fails_now_and_then_never_ends_the_examination(clinic: Clinic):
    clinic.fake.faults.random(Random(7), {"500-before": 0.2, "429": 0.1, "401": 0.1}, writes_only=False)
    assert clinic.examine(clinic.name)


def test_our_own_health_is_known_by_its_answer(certificate: tuple[Path, Path]):
    with Stub(body=b'{"alive": true}') as us, Stub() as other, Stub(tls=certificate) as unsure:
        assert reach(us.url) == Reached(("127.0.0.1",))
        assert reach(us.url).private
        assert reach(other.url).trouble is Trouble.STRANGER
        assert reach(unsure.url).trouble is Trouble.TLS
        gone = us.url
    assert reach(gone).trouble is Trouble.SILENT
    assert reach("https://no-such-host.invalid").trouble is Trouble.NAME


def test_every_code_is_brought_about_by_a_test():
    said = "".join(
        path.read_text() for path in [*TESTS.glob("*.py"), TESTS.parents[1] / "service" / "test_doctor.py"]
    )
    assert [code for code in CODES if f'"{code}"' not in said] == []
