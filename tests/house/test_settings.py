"""Settings: a wrong value is told in the words of the person who set it, all at once."""

from __future__ import annotations

import pytest

from connector.errors import SettingsError
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
