"""Rule files and plugins: do they load, and do they apply to anything?"""

from __future__ import annotations

from collections.abc import Iterator

from ...core.spelling import counted
from ..presence import processes_of
from .findings import Finding, fine, tell
from .patient import Patient

RULES, PLUGINS = "rules", "plugins"
MOST = 20


def rule_checks(patient: Patient) -> Iterator[Finding]:
    """Mistakes and warnings of the newest files, and projects and connections that nothing joins."""
    for problem in patient.rules.problems[:MOST]:
        spot = f"{problem.file}:{problem.line}:{problem.column}"
        yield tell("rules_broken", RULES, problem=problem.text, spot=spot)
    book = patient.book
    for hint in book.warnings[:MOST]:
        spot = f"{hint.file}:{hint.line}:{hint.column}"
        yield tell("rules_hint", RULES, problem=hint.text, spot=spot)
    if patient.rules.problems:
        return
    if not book.files:
        yield tell("no_rules", RULES, folder=patient.rules.folder)
        return
    yield fine("rules", RULES, f"{counted(len(book.files), 'rule file')} without mistakes")
    for file in book.files:
        if file.mode == "shadow":
            yield tell("shadow", RULES, file=file.path)
    claimed = {name for file in book.files for name in file.applies_to}
    for name in sorted(claimed - set(book.connections)):
        yield tell("not_connected", RULES, name=name, setting=name.upper())
    for name in sorted(set(patient.connections) - claimed):
        yield tell("unused", RULES, name=name)


def plugin_checks(patient: Patient) -> Iterator[Finding]:
    """Plugins that cannot be loaded, or are not asked any more."""
    listed = patient.book.plugins()
    # Our own host asks no plugin: who knows of a quarantine are the processes that work tickets.
    ill = dict(_quarantines(patient))
    for info in patient.host.info():
        if info.problem:
            yield tell("plugin_broken", PLUGINS, name=info.name, why=info.problem, path=info.path)
        elif info.name in ill:
            yield tell("plugin_quarantined", PLUGINS, name=info.name, why=ill[info.name], path=info.path)
    if listed:
        yield fine("plugins", PLUGINS, f"{counted(len(listed), 'plugin')} asked")


def _quarantines(patient: Patient) -> Iterator[tuple[str, str]]:
    """Each plugin that a process does not ask any more, with the process and the class of its last error."""
    if patient.store is None:
        return
    for process in processes_of(patient.store, patient.clock()):
        for name, condition in process.plugins.items():
            if condition.quarantined:
                yield name, f"{condition.last_error or 'it failed'}, in the process {process.id}"
