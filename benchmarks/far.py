"""A fake GitLab in a process of its own, so that it does not compete with the sender for one interpreter.

    python -m benchmarks.far TICKETS

Prints `{"url", "token", "secret", "project"}` and serves until its standard input is closed.
"""

from __future__ import annotations

import json
import sys

from tests.fakes.gitlab_server import FakeGitLab

from .webhooks import PROJECT


def main(tickets: int) -> None:
    """Serve `tickets` issues, numbered from 1."""
    with FakeGitLab() as fake:
        fake.person("dana", name="Dana", role="customer")
        names = [fake.add(project=PROJECT, title="the export", by="dana") for _ in range(tickets)]
        project = int(names[0].partition("/")[0])
        shown = {"url": fake.url, "token": fake.token, "secret": fake.secret, "project": project}
        print(json.dumps(shown), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
