"""The how-to pages run: each command in order, with the files that a page writes, and what is shown of its answer."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connector.rulebook import load
from connector.rulebook.sections import SECTIONS
from connector.settings import MEGABYTE, Settings
from tests.rulebook.samples import BOTH, Catalog
from tests.service.outside import quick
from tests.service.setting_up import setting_up
from tests.web.api.place import furnished

from .pages import ROOT, Block, blocks, text_of
from .test_examples import load_folder
from .test_quickstart import in_order

FOLDER = ROOT / "docs" / "how-to"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
OTHERS = {"curl", "kubectl", "docker", "ln", "systemctl", "deploy/install.sh"}
"""Programs that are not ours; what is said of them is held by the tests of the deployment."""
MAY_FIND = ("doctor", "check --online")
"""They find something here: nobody serves, and the tracker knows none of our people."""


@dataclass
class Ground:
    """Where a page is tried: a folder with rules and settings, and what the last command said.

    `places` says where the addresses of the page are here.
    """

    folder: Path
    settings: dict[str, str]
    places: dict[str, str] = field(default_factory=dict)
    said: str = ""
    tried: int = 0

    def run(self, words: list[str]) -> None:
        env = dict(self.settings)
        while found := re.fullmatch(r"POINTSMAN_([A-Z_]+)=(.*)", words[0]):
            env[found[1]], words = found[2], words[1:]
        assert words[0] == "pointsman"
        words = [self.places.get(word, word) for word in words[1:]]
        # A test is no terminal, where the answer is typed.
        words += ["--yes"] if words[0] == "setup" and "--dry-run" not in words else []
        done = quick(*words, **env)
        self.said, self.tried = done.stdout, self.tried + 1
        may = {0, 1} if " ".join(words).startswith(MAY_FIND) else {0}
        assert done.returncode in may, f"{words}: {done.stdout}{done.stderr}"


@contextmanager
def desk(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """An installation with tickets, one parked event; no tracker but its own."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    patch.chdir(folder)
    settings = {"DATA_DIR": "var", "RULES_DIR": "rules"}
    (folder / "var").mkdir()
    with furnished(f"sqlite:///{folder / 'var' / 'pointsman.db'}", folder / "var"):
        pass
    yield Ground(folder, settings)


@contextmanager
def with_a_token(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """The same where the program `reports` has a token already."""
    with desk(folder, patch) as ground:
        ground.run(["pointsman", "token", "make", "reports"])
        yield ground


@contextmanager
def connected(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """The same beside a GitLab that was set up, and whose rule file is live."""
    with setting_up("gitlab", folder, patch) as found:
        assert found.run("--yes").returncode == 0
        file = folder / "rules" / "acme-support.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace("mode: shadow", "mode: live"), encoding="utf-8")
        yield Ground(folder, found.settings)


@contextmanager
def beside_a_jira(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """A desk that is not connected; a Jira Data Center whose token stands in `.env`."""
    with setting_up("dc", folder, patch) as found:
        (folder / ".env").write_text(f"HELP_TOKEN={found.settings.pop('JIRA_TOKEN')}\n", encoding="utf-8")
        places = {"https://jira.example": found.fake.url, "https://desk.example": found.public_url}
        yield Ground(folder, found.settings, places)


GROUNDS: dict[str, Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[Ground]]] = {
    "add-a-second-tracker": beside_a_jira,
    "apply-to-existing-tickets": connected,
    "go-live": connected,
    "rotate-secrets": with_a_token,
}


FEWEST = {
    "sign-in-by-oidc": 0,
    "run-on-kubernetes": 0,
    "upgrade": 4,
    "roles-and-tokens": 3,
    "add-a-second-tracker": 4,
}
"""How many commands a page has at least, where it is not one."""


def file_of(text: str, block: Block) -> str:
    """The file that the sentence before `block` says it is; '' if it says none."""
    before = "\n".join(text.splitlines()[: block.line - 1]).rstrip().splitlines()[-1]
    found = re.search(r"`([\w./-]+)`:$", before)
    return found[1] if found and block.kind else ""


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_do_what_it_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = FOLDER / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    with GROUNDS.get(page, desk)(tmp_path, monkeypatch) as ground:
        for block in blocks(path):
            if name := file_of(text, block):
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_text(block.text, encoding="utf-8")
            elif block.kind == "text":
                in_order([line.strip() for line in block.text.splitlines()], ground.said)
            elif block.kind == "":
                for line in block.text.splitlines():
                    _try(ground, line)
        assert ground.tried >= FEWEST.get(page, 1), "the page has commands, and they were not found"


def _try(ground: Ground, line: str) -> None:
    words = shlex.split(line)
    if words[0] in OTHERS or all(re.fullmatch(r"[A-Z_]+=.*", word) for word in words):
        return
    ground.run(words)


def test_what_is_said_of_a_second_tracker_loads(tmp_path: Path):
    trackers, files, names = (b.text for b in blocks(FOLDER / "add-a-second-tracker.md") if b.kind == "yaml")
    for name, text in {
        "_trackers.yaml": trackers,
        "desk.yaml": f"{files}plugins: [priority]\n",
        "_names.yaml": names,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    env = {"HELP_TOKEN": "a", "HELP_WEBHOOK_SECRET": "b"}
    book = load(tmp_path, Catalog(plugins=tuple(SECTIONS)), env=env, defaults=BOTH)
    assert book.connections["help"].secrets == ("b",)
    assert book.file_for("help", "SUP") is book.file_for("gitlab", "acme/support")


def test_what_goes_live_is_a_mode(tmp_path: Path):
    (live,) = (b.text for b in blocks(FOLDER / "go-live.md") if b.kind == "yaml")
    book = load_folder(tmp_path, {"desk.yaml": f"applies_to: {{gitlab: [a/b]}}\nplugins: [priority]\n{live}"})
    assert book.file_for("gitlab", "a/b").mode == "live"


def test_the_proxy_lets_through_what_we_take():
    page = text_of("docs/how-to/run-behind-a-proxy.md")
    assert f"client_max_body_size {Settings().body_limit // MEGABYTE}m;" in page
    assert f"proxy_pass http://{Settings().host}:{Settings().port};" in page


@pytest.mark.parametrize("page", ["run-on-kubernetes", "upgrade"])
def test_what_other_programs_are_asked_about_exists(page: str):
    text = text_of(f"docs/how-to/{page}.md")
    cluster = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "deploy/kubernetes").glob("*.yaml"))
    for name in re.findall(r"deploy(?:ment)?/(pointsman-[a-z]+)", text):
        assert f"metadata: {{name: {name}}}" in cluster
    for unit in re.findall(r"systemctl restart (pointsman-[a-z]+@?)", text):
        assert (ROOT / "deploy" / "systemd" / f"{unit}.service").exists()
    for name in re.findall(r"`([a-z]+\.yaml)`", text):
        assert (ROOT / "deploy" / "kubernetes" / name).exists()
    for name in re.findall(r"^ *(POINTSMAN_\w+)=", text, re.MULTILINE):
        assert f"{name}:" in cluster


def test_every_page_is_listed_by_its_title():
    listed = dict(re.findall(r"^- \[([^\]]+)\]\(([\w-]+)\.md\)$", text_of("docs/how-to/README.md"), re.MULTILINE))
    assert listed == {text_of(f"docs/how-to/{page}.md").splitlines()[0].removeprefix("# "): page for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short(page: str):
    assert len(text_of(f"docs/how-to/{page}.md").splitlines()) <= 90
