"""Public holidays and make-up working days by region, and up to which year they are officially known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from warnings import catch_warnings, simplefilter

import holidays


def off_and_on(regions: Iterable[str], years: Iterable[int]) -> tuple[frozenset[date], frozenset[date]]:
    """Days on which somebody has off, and days off that are worked (调休), in any of `regions`."""
    off: set[date] = set()
    on: set[date] = set()
    for region in regions:
        for year in years:
            closed, worked = _of(region, year)
            off |= closed
            on |= worked
    return frozenset(off - on), frozenset(on)


def known_region(region: str) -> bool:
    """Is there a country `CN`, or a part of one `DE-BY`?"""
    country, _, part = region.partition("-")
    return country in (known := holidays.list_supported_countries()) and (not part or part in known[country])


def regions(country: str = "") -> tuple[str, ...]:
    """All countries by their two letters, or the parts of one: `DE-BY`."""
    known = holidays.list_supported_countries()
    if country:
        return tuple(f"{country}-{part}" for part in sorted(known.get(country, ())))
    return tuple(sorted(code for code in known if len(code) == 2))


def official_until(region: str) -> int | None:
    """The last year whose notice the source knows; None where a law names the days of all years.

    Only where the government moves days by a yearly notice is a later year a guess.
    """
    table = holidays.country_holidays(region.partition("-")[0])
    if not table.has_substituted_holidays:
        return None
    noticed = getattr(table, "special_public_holidays", None) or {}
    return max((year for year in noticed if isinstance(year, int)), default=None)


@lru_cache(maxsize=1024)
def _of(region: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    country, _, part = region.partition("-")
    table = holidays.country_holidays(country, subdiv=part or None)
    if not table.start_year <= year <= table.end_year:
        return frozenset(), frozenset()
    with catch_warnings():
        # Some regions say on stderr that a part of what they know ends earlier.
        simplefilter("ignore")
        table = holidays.country_holidays(country, subdiv=part or None, years=year)
    on = {day for day in getattr(table, "weekend_workdays", ()) if day.year == year}
    return frozenset(day for day in table if day.year == year), frozenset(on)
