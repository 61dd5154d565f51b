"""What all open tickets contribute to loads is stored anew where rules weigh them otherwise, or know other people.

So a desk that begins to choose among people begins with their true loads, and one that goes on after a pause does.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..core.digest import value_digest
from ..rulebook import Rulebook
from ..store.load_rows import FOUND
from .services import Services
from .shares import keeps_loads, share_of, weights_of

WEIGHED = "loads/weighed"
"""The name under which the store keeps by which rules all tickets were weighed; '' or nothing: they are not."""
BATCH = 200


def weigh_all(services: Services) -> Iterator[int]:
    """Weigh every ticket that counts, or did, if they were weighed by other rules: some at a time, how many.

    Interrupted it begins anew; what is stored already stays as it is. Clocks are to be counted before: a ticket
    waits where they stand still.
    """
    book, meta = services.rules.current, services.store.meta
    wanted = weighed_by(book)
    if (meta.get(WEIGHED) or "") == wanted:
        return
    after = "", ""
    while wanted and (names := _weigh(services, book, after)):
        after = names[-1]
        yield len(names)
    meta.set(WEIGHED, wanted)


def make_sure(services: Services) -> None:
    """Before anybody is chosen, all tickets were weighed once."""
    if not services.store.meta.get(WEIGHED):
        for _ in weigh_all(services):
            pass


def weighed_by(book: Rulebook) -> str:
    """The same for books by which all tickets weigh the same; '' for one that chooses nobody."""
    if not keeps_loads(book):
        return ""
    files = [
        (file.applies_to, by["effort"], by["waiting_weight"]) for file in book.files for by in [weights_of(file)]
    ]
    return value_digest({"files": files, "people": sorted(book.desk.people)})


def _weigh(services: Services, book: Rulebook, after: tuple[str, str]) -> list[tuple[str, str]]:
    with services.store.begin() as work:
        rows = {(row.tracker, row.id): row for row in work.held(after, BATCH)}
        cycles = work.cycles(rows)
        work.put_loads({name: share_of(book, row, cycles[name]) for name, row in rows.items()}, FOUND)
    return list(rows)
