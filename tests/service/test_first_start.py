"""What is made at a tracker after our first start is news, whichever of our processes was up first."""

from __future__ import annotations

from pathlib import Path

import pytest

import app
from connector.engine.services import first_seen
from connector.settings import Settings
from tests.engine.line import write_rules


@pytest.mark.parametrize("build", [app.build_web, app.build_worker], ids=["web", "worker"])
def test_each_role_notes_when_we_first_started(build, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var", rules_dir=write_rules(tmp_path / "rules", {}))
    services = app.build_services(settings)
    try:
        build(services)
        assert services.store.meta.get(first_seen("local"))
    finally:
        services.host.close()
        services.store.close()
