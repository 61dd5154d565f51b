"""Carries out the steps of a plan one by one, each noted before and after; nothing is made twice."""

from __future__ import annotations

import os
from typing import assert_never

from ...env_file import with_values
from ...errors import TrackerError
from ...trackers.admin import Admin
from .files import digest, read_or_empty, with_entry, write_openly, write_privately
from .found import There
from .record import Record
from .remedies import Stop, remedy
from .steps import ByHand, MakeHook, MakeLabel, MendHook, Prove, Step, WriteConnection, WriteEnv, WriteRules
from .wanted import Wanted, first


def adopt(record: Record, there: There) -> None:
    """Things that an interrupted set-up was about to make, and that are there now, are ours."""
    key = there.project.key
    for item in record.items:
        if item.done or item.project not in ("", key):
            continue
        if item.kind == "label" and item.name.casefold() in there.labels:
            record.finish(item.kind, item.project, item.name)
        if item.kind == "hook" and there.hook:
            record.finish(item.kind, item.project, item.name, id=there.hook.id)


class Actor:
    """Does the steps. `do` returns the id of a webhook that it made, else ''; it raises `Stop` with a remedy."""

    def __init__(self, wanted: Wanted, project: str, admin: Admin, record: Record) -> None:
        self._wanted, self._project = wanted, project
        self._admin, self._record = admin, record
        record.url = wanted.url
        # Jira's webhook serves all projects of the connection, GitLab's the one that it is in.
        self._home = project if wanted.kind == "gitlab" else ""

    def start(self) -> None:
        """Note that the project is set up with this connection, so that another one's end leaves what both need."""
        self._record.finish("project", self._project, self._project)

    def do(self, step: Step) -> str:
        try:
            return self._do(step)
        except TrackerError as error:
            raise Stop(remedy(error, self._wanted)) from None
        except OSError as error:
            raise Stop(f"{error.filename}: {error.strerror}: make it writable, and run the same again") from None

    def _do(self, step: Step) -> str:
        match step:
            case WriteEnv():
                self._write_env(step)
            case WriteConnection():
                self._write_connection(step)
            case WriteRules():
                self._write_rules(step)
            case MakeLabel():
                self._make_label(step)
            case MakeHook():
                return self._make_hook(step)
            case MendHook():
                self._admin.send(step.call)
                return step.id
            case ByHand() | Prove():
                pass
            case _:
                assert_never(step)
        return ""

    def _write_env(self, step: WriteEnv) -> None:
        text = read_or_empty(step.path)
        for name in step.values:
            # A name that has been there is somebody's: it is never taken away again.
            if f"{name}=" not in text:
                self._record.begin("env", "", name, path=str(step.path), made=not text)
        write_privately(step.path, with_values(text, step.values))
        for name, value in step.values.items():
            if self._record.find("env", "", name):
                self._record.finish("env", "", name, digest=digest(first(value)))
        if self._wanted.trackers_file.exists():
            # A running service looks into its secrets when this file changes.
            os.utime(self._wanted.trackers_file)

    def _write_connection(self, step: WriteConnection) -> None:
        text = read_or_empty(step.path)
        self._record.begin("connection", "", self._wanted.name, path=str(step.path), line=step.text, made=not text)
        write_openly(step.path, with_entry(text, step.text))
        self._record.finish("connection", "", self._wanted.name)

    def _write_rules(self, step: WriteRules) -> None:
        self._record.begin("rules", self._project, str(step.path), digest=digest(step.text))
        write_openly(step.path, step.text)
        self._record.finish("rules", self._project, str(step.path))

    def _make_label(self, step: MakeLabel) -> None:
        self._record.begin("label", self._project, step.name)
        try:
            self._admin.send(step.call)
        except TrackerError as error:
            if error.status != 409:
                raise
            # Somebody else made it meanwhile: it is theirs.
            if item := self._record.find("label", self._project, step.name):
                self._record.drop(item)
            return
        self._record.finish("label", self._project, step.name)

    def _make_hook(self, step: MakeHook) -> str:
        self._record.begin("hook", self._home, step.url)
        id = self._admin.made(self._admin.send(step.call))
        self._record.finish("hook", self._home, step.url, id=id)
        return id
