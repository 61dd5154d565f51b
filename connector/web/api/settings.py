"""The installation: every setting, of a secret only whether it is set; versions, folders and processes."""

from __future__ import annotations

from typing import Any

from ..flows import Flows
from ..visitor import Standing
from . import schemas as of
from .part import Part


class SettingSchema(of.Shape):
    name = of.text("Without its prefix `POINTSMAN_`.")
    value = of.text("As the environment would have it; empty for a secret, and for what is unset.")
    given = of.flag("By the environment; else it is the default.")
    secret = of.flag()
    present = of.flag("Has it any value?")


class ProcessSchema(of.Shape):
    id = of.text()
    role = of.text("`all`, `web` or `worker`.")
    started = of.instant()
    seen = of.instant("When it last told of itself.")
    version = of.text()
    rules = of.text("The digest of the rules it goes by.")


class AboutSchema(of.Shape):
    version = of.text()
    python = of.text()
    system = of.text()
    database = of.text()
    database_version = of.text()
    schema = of.text("The revision of the database's schema.")
    newest = of.text("The revision that this program brings.")
    data_dir = of.text()
    rules_dir = of.text()
    plugins_dir = of.text()
    processes = of.many(ProcessSchema)


class InstallationSchema(of.Shape):
    settings = of.many(SettingSchema)
    about = of.one(AboutSchema)


def part(flows: Flows) -> Part:
    """`/settings`, for admins."""
    settings = Part("settings", "Settings and versions.")

    @settings.shows("/settings", InstallationSchema(), needed=Standing.ADMIN)
    def show_settings() -> dict[str, Any]:
        """Every setting, and what runs here."""
        given = [setting for group in flows.setting_groups() for setting in group.settings]
        return {"settings": given, "about": flows.about()}

    return settings
