"""Days and periods as sentences write them. Not which fact holds them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.evidence.words import Tokens, low


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or all days from `begin` to `end`, that ends before token `last`."""

    last: int
    begin: date
    end: date


MONTHS: Final[Mapping[str, int]] = {
    word: number
    for number, name in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
    for word in (name, name[:3])
} | {"sept": 9}


def span(tokens: Tokens, at: int, today: date) -> Span | None:
    """The day or period that begins at a token; None where none does, or none that is read safely.

    A day without a year is the one nearest to `today`. 03/04/2026 may be March or April and is not read.
    """
    return (
        _numeric(tokens, at) or _day_first(tokens, at, today) or _month_first(tokens, at, today) or _quarter(tokens, at)
    )


_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?", re.ASCII)
_YEAR: Final = re.compile(r"20\d\d", re.ASCII)
_QUARTER: Final = re.compile(r"q([1-4])", re.ASCII)


def _numeric(tokens: Tokens, at: int) -> Span | None:
    if found := _ISO.fullmatch(tokens[at].low):
        return _one_day(at + 1, *map(int, found.groups()))
    if found := _SLASHED.fullmatch(tokens[at].low):
        one, other, year = map(int, found.groups())
        if one == other or one > 12:
            return _one_day(at + 1, year, other, one)
        if other > 12:
            return _one_day(at + 1, year, one, other)
    return None


def _day_first(tokens: Tokens, at: int, today: date) -> Span | None:
    """10 March 2026, 10th of March, the 10th of March."""
    day = _DAY.fullmatch(tokens[at].low)
    month_at = at + 1 + (low(tokens, at + 1) == "of")
    if day is None or not _is_month(tokens, month_at):
        return None
    return _with_year(tokens, month_at + 1, MONTHS[tokens[month_at].low], int(day[1]), today)


def _month_first(tokens: Tokens, at: int, today: date) -> Span | None:
    """March 10th, 2026, or March 2026 as a whole; a month alone only where its neighbours make it one."""
    if not _is_month(tokens, at):
        return None
    month = MONTHS[tokens[at].low]
    if day := _DAY.fullmatch(low(tokens, at + 1)):
        return _with_year(tokens, at + 2, month, int(day[1]), today)
    if _YEAR.fullmatch(low(tokens, at + 1)):
        return _whole_month(at + 2, int(tokens[at + 1].low), month)
    around = min((today.year - 1, today.year, today.year + 1), key=lambda year: abs(date(year, month, 15) - today))
    return _whole_month(at + 1, around, month)


def _quarter(tokens: Tokens, at: int) -> Span | None:
    """Q1 2026."""
    found = _QUARTER.fullmatch(tokens[at].low)
    if found is None or not _YEAR.fullmatch(low(tokens, at + 1)):
        return None
    year, first = int(tokens[at + 1].low), int(found[1]) * 3 - 2
    begin, last_month = _whole_month(0, year, first), _whole_month(0, year, first + 2)
    return Span(at + 2, begin.begin, last_month.end)


def _is_month(tokens: Tokens, at: int) -> bool:
    """Written with a capital, since "may" and "march" are verbs too."""
    return low(tokens, at) in MONTHS and tokens[at].text[0].isupper()


def _with_year(tokens: Tokens, at: int, month: int, day: int, today: date) -> Span | None:
    comma = low(tokens, at) == ","
    if _YEAR.fullmatch(low(tokens, at + comma)):
        return _one_day(at + comma + 1, int(tokens[at + comma].low), month, day)
    near = [one for year in (-1, 0, 1) if (one := _one_day(at, today.year + year, month, day))]
    return min(near, key=lambda one: abs(one.begin - today), default=None)


def _one_day(last: int, year: int, month: int, day: int) -> Span | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Span(last, found, found)


def _whole_month(last: int, year: int, month: int) -> Span:
    begin = date(year, month, 1)
    return Span(last, begin, (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1))
