"""The page about setting up: its addresses are those that exist for it, and its options those of the command."""

from __future__ import annotations

import re

from tests.fakes.gitlab_server import FakeGitLab
from tests.fakes.jira_server import FakeJira

from .pages import section, text_of
from .test_examples import help_of

NAMED, WORD = re.compile(r"[(][?]P<(\w+)>[^)]*[)]"), r":\1"
PAGE = text_of("docs/setup.md")


def listed(heading: str) -> set[str]:
    """The requests in the first column of a table."""
    table = section(PAGE, heading)
    first = "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    return set(re.findall(r"`((?:GET|POST|PUT|DELETE) [^`]+)`", first))


def test_every_address_of_gitlab_is_on_the_page() -> None:
    with FakeGitLab() as fake:
        routes = [(verb, path.pattern, do) for verb, path, do in fake._rest.routes]
        mine = [(verb, path) for verb, path, do in routes if getattr(do, "__self__", None) is fake.admin]
    ours = {f"{verb} {NAMED.sub(WORD, path)}" for verb, path in mine}
    assert listed("### GitLab") == ours


def test_every_address_of_jira_is_on_the_page() -> None:
    with FakeJira() as fake:
        ours = {f"{verb} {path.replace('([^/]+)', ':id')}" for verb, path, _ in fake.admin._routes()}
    assert listed("### Jira") == ours


def test_every_option_is_on_the_page() -> None:
    for option in set(re.findall(r"--[a-z-]+", help_of("setup"))) - {"--help"}:
        assert f"`{option}`" in PAGE or f" {option} " in PAGE, option
