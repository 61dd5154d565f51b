"""Settings: a wrong value is told in the words of the person who set it, all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import SettingsError
from connector.key_file import key_file
from connector.settings import read_settings


def said(name: str, value: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings({f"POINTSMAN_{name}": value})
    return str(caught.value)


@pytest.mark.parametrize("value", ["many", "8.5", "-1", "8_0", "٨", "70000", "9" * 5000])
def test_a_number_that_is_none_is_told_with_its_bounds(value: str) -> None:
    assert said("PORT", value).startswith("POINTSMAN_PORT must be a whole number between 0 and 65535 (it is `")


@pytest.mark.parametrize("value", ["soon", ".", "nan", "inf", "0", "61", "1e1"])
def test_seconds_that_are_none_are_told_with_their_bounds(value: str) -> None:
    assert "must be a number of seconds between 0.05 and 60" in said("PLUGIN_SECONDS", value)


def test_a_network_that_is_none_is_told_with_an_example() -> None:
    assert "must be addresses or networks such as 10.0.0.0/8" in said("TRUSTED_PROXIES", "10.0.0.1, proxy")


def test_all_mistakes_are_told_at_once_and_no_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"POINTSMAN_PORT": "x", "POINTSMAN_WORKERS": "0", "POINTSMAN_SECRET_KEYS": "hidden"})
    assert str(caught.value).count("\n") == 2
    assert "did you mean POINTSMAN_SECRET_KEY?" in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(("value", "number"), [("0", 0), (" 8080 ", 8080), ("65535", 65535)])
def test_a_whole_number_is_read_whatever_stands_around_it(value: str, number: int) -> None:
    assert read_settings({"POINTSMAN_PORT": value}).port == number


@pytest.mark.parametrize(("value", "number"), [("2", 2.0), ("0.5", 0.5), (".5", 0.5), (" 60 ", 60.0), ("2.", 2.0)])
def test_seconds_are_read_with_and_without_a_fraction(value: str, number: float) -> None:
    assert read_settings({"POINTSMAN_PLUGIN_SECONDS": value}).plugin_seconds == number


@pytest.mark.parametrize("value", ["36501d", "999999d", "9" * 12 + "d", "9" * 30 + "s"])
def test_a_duration_before_which_no_calendar_reaches_is_refused(value: str) -> None:
    assert "POINTSMAN_KEEP_EVENTS must be " in said("KEEP_EVENTS", value)


def test_a_hundred_years_may_be_kept() -> None:
    assert read_settings({"POINTSMAN_KEEP_EVENTS": "36500d"}).keep_events == timedelta(days=36500)


@pytest.mark.parametrize(
    "value", ["https://[bad", "https://host:99999", "https://host:x", "https://:80", "ftp://host", "host"]
)
def test_an_address_that_is_none_is_told_with_an_example(value: str) -> None:
    assert said("PUBLIC_URL", value) == (
        f"POINTSMAN_PUBLIC_URL must be an address such as https://tracker.example (it is `{value}`)"
    )


def test_a_password_in_an_address_that_is_wrong_is_not_told() -> None:
    assert "hunter2" not in said("GITLAB_URL", "ftp://me:hunter2@gitlab.example")


def test_a_key_is_made_once_for_its_owner_only_and_read_again(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as several:
        keys = set(several.map(lambda _: key_file(tmp_path, "secret.key"), range(32)))
    assert keys == {key_file(tmp_path, "secret.key")}
    assert len(keys.pop()) > 40
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("secret.key", 0o600)]


@pytest.mark.parametrize("left", [b"", b"\n", b"short", b"\xff" * 40])
def test_what_a_full_disk_left_of_a_key_is_no_key(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(left)
    with pytest.raises(SettingsError, match=r"secret\.key holds no key: remove it"):
        key_file(tmp_path, "secret.key")
