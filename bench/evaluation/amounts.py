"""The quantities of a text as a reader sees them: numbers with what stands beside them, days, periods in words. Pure.

Its own reading of prose, made of a few patterns: nothing of services.evidence is used, so that the two can disagree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a sentence. `unit` is "%", "$" (any currency), or the word behind it in lower case."""

    value: Decimal
    unit: str
    signed: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Period:
    """A period in words, such as "in a month", and how many days that is, at least and at most."""

    said: str
    days: tuple[int, int]


def sentences(text: str) -> list[str]:
    """The sentences of a text; a full stop inside a number ends none."""
    return [one for one in re.split(r"(?<=[.!?])\s+(?=[^a-z])", text.strip()) if one]


def days(sentence: str) -> tuple[list[date | None], str]:
    """The dates of a sentence, None for one that the calendar does not have, and the sentence with them blanked out."""
    found: list[date | None] = []

    def taken(match: re.Match[str]) -> str:
        found.append(_day(match))
        return " " * len(match[0])

    for pattern in _DATES:
        sentence = pattern.sub(taken, sentence)
    return found, sentence


def amounts(sentence: str) -> list[Amount]:
    """The numbers of a sentence whose dates are blanked out, in their order; number words too."""
    found = [*_digits(sentence), *_words(sentence)]
    return sorted(found, key=lambda one: one.start)


def periods(sentence: str) -> list[Period]:
    return [Period(match[0], _PERIODS[match[1].lower()]) for match in _PERIOD.finditer(sentence)]


def unmeasured(sentence: str) -> str | None:
    """A share or a multiple in words ("half", "twice"), which no fact is told in; None without one."""
    match = _UNMEASURED.search(sentence)
    return match[0] if match else None


def _digits(sentence: str) -> Iterator[Amount]:
    for match in _NUMBER.finditer(sentence):
        value = Decimal(match["digits"].replace(",", ""))
        negative = (match["sign"] or match["inner"] or "") in ("-", "−")
        unit = "$" if match["money"] or match["code"] else (match["unit"] or "").lower()
        shown = "%" if unit in ("%", "percent", "per cent") else unit
        yield Amount(-value if negative else value, shown, bool(match["sign"] or match["inner"]), *match.span())


def _words(sentence: str) -> Iterator[Amount]:
    for match in _WORD.finditer(sentence):
        unit = (match["unit"] or "").lower()
        value = Decimal(_NUMBER_WORDS[match["word"].lower()])
        yield Amount(value, "%" if unit in ("%", "percent") else unit, False, *match.span())


def _day(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    month = parts["month"]
    number = int(month) if month.isdecimal() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(parts["year"]), number, int(parts["day"]))
    except ValueError:
        return None


_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH: Final = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DATES: Final = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,? (?P<year>\d{{4}})\b"),
    re.compile(rf"\b{_MONTH}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b"),
)
_NUMBER: Final = re.compile(
    r"(?<![\w.])(?P<sign>[-−+])?(?P<money>[$€£])?(?P<code>[A-Z]{3} )?(?P<inner>[-−+])?"
    r"(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?:[ -]?(?P<unit>%|percent(?:age points?)?|per cent|[a-z]+))?"
)
_NUMBER_WORDS: Final = {
    word: str(value)
    for value, words in {
        2: "two both", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten",
        11: "eleven", 12: "twelve dozen", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen",
        17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty", 40: "forty", 50: "fifty",
        60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety", 100: "hundred", 1000: "thousand", 1000000: "million",
    }.items()
    for word in words.split()
}  # fmt: skip
_WORD: Final = re.compile(
    rf"\b(?P<word>{'|'.join(_NUMBER_WORDS)})\b(?:[ -](?P<unit>%|percent(?:age points?)?|[a-z]+))?", re.IGNORECASE
)
_PERIODS: Final = {"week": (7, 7), "month": (28, 31), "quarter": (84, 92), "year": (360, 372)}
_PERIOD: Final = re.compile(
    r"\b(?:in|over|within|for|of|during|on)? ?(?:an? |the |this |last |past |previous |whole |full )+"
    r"(week|month|quarter|year)\b(?! of)",
    re.IGNORECASE,
)
_UNMEASURED: Final = re.compile(
    r"\b(?:half|halved|a third|two thirds|(?:a|one|three) quarters? of|twice|thrice|doubled?|tripled?|quadrupled?"
    r"|threefold|tenfold|\w+-fold)\b",
    re.IGNORECASE,
)
