"""The figures of one run as a page: what must hold first, then every table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .accepts import NONE
from .bars import bars
from .clock import LIBRARY, WALK

HEAD = """# Benchmarks

```
make bench                                  # all of it, about ten minutes; writes this page and results/
.venv/bin/python -m benchmarks --quick      # a look, about two minutes; prints the page
.venv/bin/python -m benchmarks --only timers --only requests
```

Read ratios within one run, not absolute figures: what is compared runs in turns on the same machine.
PostgreSQL is measured where `TEST_POSTGRES_URL`, or a server on 127.0.0.1:5432, answers.
This page is written by the full run; do not edit it.
"""


def page(result: dict[str, Any]) -> str:
    """The page in Markdown."""
    parts = result["parts"]
    sections = [HEAD, _machine(result), _bars(parts)]
    for name, section in _SECTIONS.items():
        if name in parts:
            sections.append(section(parts[name]))
    return "\n".join(section.rstrip() + "\n" for section in sections)


def _machine(result: dict[str, Any]) -> str:
    known = result["machine"]
    versions = ", ".join(f"{name} {known[name]}" for name in ("SQLite", "PostgreSQL") if name in known)
    return (
        f"Last run: {result['at']}, {result['seconds']} s, {known['system']}, {known['processors']} processors, "
        f"Python {known['python']}, {versions}.\n"
        f"Load of the machine before and after: {known['load_before']}, {known['load_after']}.\n"
    )


def _bars(parts: dict[str, Any]) -> str:
    rows = [
        (
            bar.claim,
            f"{bar.seen:.2f}",
            f"{'≥' if bar.at_least else '≤'} {bar.limit:g}",
            "held" if bar.held else "MISSED",
        )
        for bar in bars(parts)
    ]
    return "## What must hold\n\n" + _table(("what", "seen", "limit", ""), rows)


def _accepts(figures: dict[str, Any]) -> str:
    engines = figures["engines"]
    connections = list(engines[NONE])
    rows = [(engine, *(_rate(one[c]) for c in connections)) for engine, one in engines.items()]
    syncs = figures["fdatasync_per_s"]
    most = connections[-1]
    near = [
        f"- {engine}: {one[most]['ratio']:.0%} of the endpoint without storage at {most} connections, "
        f"{one[most]['rate'] / syncs:.2f} accepts for each fdatasync that the disk could do."
        for engine, one in engines.items()
        if engine != NONE
    ]
    return "\n".join(
        (
            "## Durable accepts\n",
            "Signed GitLab webhooks of 6.3 KB, each with an id of its own, over 500 tickets; "
            "one process sends them to the web role in another.",
            "All endpoints verify, read and log alike; they differ in what they store. "
            "Requests a second / p50 ms / p99 ms (share of the endpoint without storage).\n",
            _table(("engine", *(f"{c} connections" for c in connections)), rows),
            f"The disk does {syncs:,.0f} fdatasync/s of 8 KiB. How near we are to the limit:\n",
            *near,
        )
    )


def _rate(one: dict[str, float]) -> str:
    refused = f", {one['refused']} refused" if one["refused"] else ""
    return f"{one['rate']:,.0f} / {one['p50_ms']:.1f} / {one['p99_ms']:.0f} ({one['ratio']:.2f}{refused})"


def _decisions(figures: dict[str, Any]) -> str:
    rows = [
        (
            f"{int(size):,}",
            f"{one['same_ticket_us']:,.0f} / {one['same_ticket_eval_us']:,.0f} ({one['same_ticket_ratio']:.2f})",
            f"{one['new_ticket_us']:,.0f} / {one['new_ticket_eval_us']:,.0f} ({one['new_ticket_ratio']:.2f})",
            f"{one['decision_us'] / 1000:,.1f}",
            f"{one['decisions_per_s']:,.0f}",
        )
        for size, one in figures.items()
    ]
    return (
        "## Decisions\n\nA ticket of 2 KB, Chinese and English.\n"
        "µs of processor time of our conditions / of Python's `eval` of the same (ratio): "
        "on a ticket looked at before, and on a new one, folding included.\n"
        "A whole decision asks all built-in plugins about a new ticket and makes one plan; all threads count.\n\n"
        + _table(("rules", "same ticket", "new ticket", "whole decision, ms", "decisions per processor second"), rows)
    )


def _recount(figures: dict[str, Any]) -> str:
    rows = [
        (
            database,
            f"{one['tickets']:,}",
            f"{one['tickets_per_s']:,.0f} ({one['seconds']:,.0f} s)",
            "yes" if one["due_soonest_first"] else "no",
            f"{one['beside_p50_ms']:.1f} / {one['alone_p50_ms']:.1f} ({one['p50_ratio']:.2f})",
            f"{one['beside_p99_ms']:.1f} / {one['alone_p99_ms']:.1f} ({one['p99_ratio']:.2f})",
        )
        for database, one in figures.items()
    ]
    return (
        "## A calendar is edited\n\nEvery open ticket has two clocks in the hours of that calendar; all are computed "
        "anew in the process that answers webhooks meanwhile, 50 a second.\n"
        "ms until an answer: meanwhile / before (ratio).\n\n"
        + _table(("database", "open tickets", "tickets/s", "due soonest first", "p50", "p99"), rows)
    )


def _choice(figures: dict[str, Any]) -> str:
    rows = [
        (
            database,
            f"{one['people']:,}",
            f"{one['many_ms']:.1f} ({one['many']:,})",
            f"{one['few_ms']:.1f} ({one['few']:,})",
            f"{one['ratio']:.2f}",
        )
        for database, one in figures.items()
    ]
    return (
        "## Who gets a ticket\n\nWhat all people of a team hold is read, they are ranked, and the best one's slot is "
        "claimed; ms (open tickets).\n\n" + _table(("database", "people", "many tickets", "few", "ratio"), rows)
    )


def _counting(figures: dict[str, Any]) -> str:
    row = (
        f"{figures['with_us']:,.0f} / {figures['without_us']:,.0f} ({figures['ratio']:.2f})",
        f"{figures['count_us']:.1f}",
        f"{figures['scrape_ms']:.1f}",
    )
    return (
        "## Counting\n\nProcessor time, in one process, SQLite: an accept by the whole web role with and without "
        "metrics (ratio); one count; one scrape.\n\n" + _table(("accept, µs", "count, µs", "scrape, ms"), [row])
    )


def _clock(figures: dict[str, Any]) -> str:
    rows = [
        (
            f"`{what}`, 350 days",
            f"{(one := figures[what])['us']:.2f}",
            f"{one[f'{LIBRARY}_us']:,.0f} ({one[f'{LIBRARY}_ratio']:,.0f})",
            f"{one['walk_us']:,.0f} ({one['walk_ratio']:,.0f})",
        )
        for what in ("open_seconds", "add")
    ]
    metric = figures["metric"]
    return (
        "## The clock\n\nProcessor time for one question about working time, µs, and how many of ours fit into one "
        "of theirs.\n\n"
        + _table(("question", "ours", f"`{LIBRARY}`", WALK), rows)
        + f"\nOne metric of a ticket with {metric['events']} events: {metric['us']:,.0f} µs.\n"
    )


def _requests(figures: dict[str, Any]) -> str:
    occasions = list(next(iter(figures.values())))
    rows = [
        (name, *(f"{one[o]['reads']:g} + {one[o]['writes']:g}" for o in occasions)) for name, one in figures.items()
    ]
    return (
        "## Requests to the tracker\n\nReads + writes for all webhooks of one occasion.\n"
        "An applied decision changes priority, team and the note.\n\n" + _table(("tracker", *occasions), rows)
    )


def _latency(figures: dict[str, Any]) -> str:
    rows = [
        (
            database,
            occasion,
            f"{f['ack_p50']:.1f} / {f['ack_p99']:.1f}",
            f"{f['write_p50']:.0f} / {f['write_p99']:.0f}",
        )
        for database, one in figures.items()
        for occasion, f in one.items()
    ]
    return (
        "## From the webhook to the write, when idle\n\nGitLab, web and worker in one process.\n"
        "p50 / p99 in ms: until the acknowledgement, and from there until the tracker has the write.\n\n"
        + _table(("database", "occasion", "acknowledged", "written"), rows)
    )


def _typed(figures: dict[str, Any]) -> str:
    row = (f"{figures['first_ms']:.0f}", f"{figures['p50_ms']:.0f}", f"{figures['p99_ms']:.0f}")
    return (
        "## From typing a ticket to its decision, when idle\n\n"
        "The page of the shipped rules, on SQLite, in ms; the first ticket after the start is on its own.\n\n"
        + _table(("first", "p50", "p99"), [row])
    )


def _timers(figures: dict[str, Any]) -> str:
    rows = [
        (
            database,
            f"{one['pending']:,}",
            f"{one['idle_us']:,.0f} / {one['idle_none_us']:,.0f} ({one['idle_ratio']:.2f})",
            f"{one['due_us'] / 1000:,.1f} / {one['due_none_us'] / 1000:,.1f} ({one['due_ratio']:.2f})",
        )
        for database, one in figures.items()
    ]
    return "## Timers\n\nMedians with that many pending / with none (ratio).\n\n" + _table(
        ("database", "pending", "idle tick, µs", "tick with ten due, ms"), rows
    )


def _desk(figures: dict[str, Any]) -> str:
    rows = [
        (database, page, f"{seen['many_ms']:.1f} / {seen['few_ms']:.1f} ({seen['ratio']:.2f})")
        for database, one in figures.items()
        for page, seen in one["pages"].items()
    ]
    sizes = next(iter(figures.values()))
    return (
        "## Pages with many tickets in the store\n\n"
        "Through the whole web role, in ms; a page of the desk has 50 tickets, the ticket is one that was worked.\n\n"
        + _table(("database", "page", f"{sizes['many']:,} tickets / {sizes['few']:,} (ratio)"), rows)
    )


def _growth(figures: dict[str, Any]) -> str:
    rows = [
        (database, *(f"{one[name]:.0f}" for name in ("tickets_mb", "events_mb", "left_mb")))
        for database, one in figures.items()
    ]
    head = ("database", "10,000 tickets, decided once", "10,000 further events", "left of a ticket and six events")
    return (
        "## Growth\n\nMB on disk after `pointsman db vacuum`, indexes included, by the shipped rules.\n"
        "A ticket has a text of 1.3 KB, a further event a webhook of 6.3 KB; it changes nothing. "
        "Left is what stays for 10,000 tickets when events and inputs are past their time.\n\n" + _table(head, rows)
    )


def _hostile(figures: dict[str, Any]) -> str:
    rows = [
        (plugin, f"{one['p50_ms']:.1f}", f"{one['p99_ms']:.1f}", one["failures"], one["refused"])
        for plugin, one in figures.items()
    ]
    return (
        "## Acknowledgements beside a plugin that sleeps for ever\n\n"
        "Web and worker in one process, SQLite, a webhook each 60 ms.\n"
        "The sleeper is killed after 0.5 s and asked again each second.\n\n"
        + _table(("third-party plugin", "p50 ms", "p99 ms", "times killed", "refused"), rows)
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


_SECTIONS = {
    "accepts": _accepts,
    "counting": _counting,
    "decisions": _decisions,
    "clock": _clock,
    "recount": _recount,
    "choice": _choice,
    "requests": _requests,
    "typed": _typed,
    "latency": _latency,
    "timers": _timers,
    "desk": _desk,
    "growth": _growth,
    "hostile": _hostile,
}
