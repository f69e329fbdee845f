"""In which order a column writes its dates: ISO always reads, any other order must be said or proven.

Not the reading of one cell's date: that is services.csv_rows.cells.
"""

import re
from collections.abc import Collection
from datetime import date
from functools import lru_cache

YEAR_MONTH_DAY = "YEAR_MONTH_DAY"
DAY_MONTH_YEAR = "DAY_MONTH_YEAR"
MONTH_DAY_YEAR = "MONTH_DAY_YEAR"
CONTRADICTED = "CONTRADICTED"
"The column proves both orders."
EITHER = "EITHER"
"The cell reads in both orders, as different days."
NEITHER = "NEITHER"
"The cell is no date at all, is empty, or is the same day in both orders."

ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T ](.*))?")
YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?:[T ](.*))?")
MIDNIGHT = re.compile(r"0?0:00(:00(\.0+)?)?( ?(Z|UTC|[+-]00:?00))?|12:00(:00)? ?AM", re.IGNORECASE)


@lru_cache(maxsize=4096)
def proof(text: str) -> str:
    """What one cell says about its column's order.

    >>> proof("2026-01-05"), proof("31/12/2025"), proof("12/31/2025"), proof("03/04/2026"), proof("05/05/2026")
    ('YEAR_MONTH_DAY', 'DAY_MONTH_YEAR', 'MONTH_DAY_YEAR', 'EITHER', 'NEITHER')
    """
    text = text.strip()
    if ISO.fullmatch(text):
        return YEAR_MONTH_DAY
    found = YEAR_LAST.fullmatch(text)
    if not found:
        return NEITHER
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day_first, month_first = day(year, second, first), day(year, first, second)
    if day_first == month_first:  # the same day, or no day at all
        return NEITHER
    if month_first is None:
        return DAY_MONTH_YEAR
    return MONTH_DAY_YEAR if day_first is None else EITHER


def settle(stated: str | None, proofs: Collection[str]) -> str | None:
    """The order a column is read in, from what the upload states and what all its cells prove; None if not settled.

    >>> settle(None, {"EITHER", "DAY_MONTH_YEAR"}), settle(None, {"EITHER"}), settle("MONTH_DAY_YEAR", {"EITHER"})
    ('DAY_MONTH_YEAR', None, 'MONTH_DAY_YEAR')
    >>> settle(None, {"DAY_MONTH_YEAR", "MONTH_DAY_YEAR"}), settle(None, {"YEAR_MONTH_DAY"})
    ('CONTRADICTED', 'YEAR_MONTH_DAY')
    """
    in_question = {DAY_MONTH_YEAR, MONTH_DAY_YEAR, EITHER} & set(proofs)
    if not in_question:
        return YEAR_MONTH_DAY if YEAR_MONTH_DAY in proofs else None
    if stated:
        return stated
    proven = in_question - {EITHER}
    if len(proven) == 2:
        return CONTRADICTED
    return proven.pop() if proven else None


def day(year: int, month: int, day: int) -> date | None:
    """That day of the calendar, if there is one.

    >>> day(2024, 2, 29), day(2025, 2, 29)
    (datetime.date(2024, 2, 29), None)
    """
    try:
        return date(year, month, day)
    except ValueError:
        return None
