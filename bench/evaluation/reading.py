"""Whether a text says what its evidence says: each number and day, what it is of, which way it went. Pure.

The facts' own values are held against the database elsewhere (bench.evaluation.truth). What has no number, no day and
no direction is not judged here: docs/evaluation.md tells the limits.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from bench.evaluation.amounts import Amount, amounts, days, periods, sentences, unmeasured
from bench.evaluation.directions import Direction, against_peers, directions
from services.evidence.facts import Aspect, Fact, Topic

MOVED: Final = frozenset({Aspect.CHANGE, Aspect.CAUSE})


def faults(text: str, evidence: Sequence[Fact]) -> list[str]:
    """What the text says and the evidence does not; empty where it says nothing else."""
    found: list[str] = []
    for at, sentence in enumerate(sentences(text)):
        before = " ".join(sentences(text)[:at])
        found += _faults(sentence, before, evidence)
    return found


def _faults(sentence: str, before: str, evidence: Sequence[Fact]) -> Iterator[str]:
    told, rest = days(sentence)
    for day in told:
        if day is None or all(fact.day != day for fact in evidence):
            yield f"no evidence has the day {day or 'that the calendar lacks'}: {sentence}"
    if share := unmeasured(rest):
        yield f"nobody measured “{share}”: {sentence}"
    ways = directions(rest)
    spoken: list[Fact] = []
    governing: set[int] = set()
    for one in amounts(rest):
        said = rest[one.start : one.end].strip()
        equal = [fact for fact in evidence if _equals(one, fact)]
        if not equal:
            if not _is_window(one, evidence):
                yield f"no evidence is “{said}”: {sentence}"
            continue
        named = [fact for fact in equal if _names(fact, sentence) or _names(fact, before)]
        if not named:
            yield f"“{said}” is not said of what it is ({equal[0].topic.value}): {sentence}"
            continue
        way = _way(one, ways, rest)
        fitting = [fact for fact in named if _goes(fact, one, way, rest)]
        if not fitting:
            yield f"“{said}” goes the other way, or does not say which ({named[0].label} {named[0].value}): {sentence}"
            continue
        spoken += fitting
        if way is not None and any(fact.aspect in MOVED for fact in fitting):
            governing.add(way.start)
    yield from _periods(rest, spoken, evidence)
    for way in ways:
        if way.start not in governing and not _supported(way, spoken, evidence):
            yield f"no evidence went the way of “{way.said}”: {sentence}"


def _equals(one: Amount, fact: Fact) -> bool:
    """Whether the fact is shown as that number: the same but for a sign that words may tell, in a unit that fits."""
    number = fact.number
    if number is None or abs(number) != abs(one.value):
        return False
    if one.unit == "$" or fact.is_money:
        return one.unit == "$" and fact.is_money
    if one.unit == "%" or fact.unit == "%":
        return one.unit == "%" and fact.unit == "%"
    if one.unit.startswith("percentage"):
        return fact.unit == "percentage points"
    if one.unit in _UNITS:
        return _UNITS[one.unit] in (fact.unit or "")
    return True


def _is_window(one: Amount, evidence: Sequence[Fact]) -> bool:
    return one.unit in ("day", "days") and any(fact.window_days == one.value for fact in evidence)


def _names(fact: Fact, text: str) -> bool:
    return re.search(_NAMES[fact.topic], text, re.IGNORECASE) is not None


def _way(one: Amount, ways: Sequence[Direction], sentence: str) -> Direction | None:
    """The word of direction that the number belongs to: the nearest before it, or one right behind it."""
    behind = [
        way for way in ways if re.fullmatch(r"[\w\s%]{0,18}", sentence[one.end : way.start]) and way.start >= one.end
    ]
    before = [way for way in ways if way.end <= one.start and way.governs]
    return before[-1] if before else next(iter(behind), None)


def _goes(fact: Fact, one: Amount, way: Direction | None, sentence: str) -> bool:
    """Whether the sentence gives the fact its right sign."""
    assert fact.number is not None
    sign = (fact.number > 0) - (fact.number < 0)
    if fact.aspect is Aspect.PEERS:
        told = against_peers(sentence)
        return told == sign if told else one.signed and one.value == fact.number
    if fact.aspect in MOVED:
        if one.signed and one.value != fact.number:
            return False
        return way.sign == sign if way is not None else one.signed
    preposition = sentence[: one.start].rpartition(" ")[0].rpartition(" ")[2].lower()
    if preposition == ("to" if fact.aspect is Aspect.BEFORE else "from"):
        return False
    if fact.aspect is Aspect.BEFORE:
        return one.value == fact.number and re.search(_PAST, sentence, re.IGNORECASE) is not None
    return one.value == fact.number


def _periods(sentence: str, spoken: Sequence[Fact], evidence: Sequence[Fact]) -> Iterator[str]:
    """A period in words must be what a fact of the sentence looks over; of the evidence, where none looks over any."""
    if not spoken:
        return
    windows = _windows(spoken) or _windows(evidence)
    for one in periods(sentence):
        least, most = one.days
        if not any(least <= window <= most for window in windows):
            told = ", ".join(map(str, sorted(windows))) or "none"
            yield f"“{one.said.strip()}” is not the days that the evidence looks over ({told}): {sentence}"


def _windows(facts: Sequence[Fact]) -> set[int]:
    return {fact.window_days for fact in facts if fact.window_days is not None}


def _supported(way: Direction, spoken: Sequence[Fact], evidence: Sequence[Fact]) -> bool:
    """Whether some change of the evidence went that way; a word of loss may speak of points that a measure loses."""
    if way.sign < 0 and any(fact.aspect is Aspect.LOST for fact in spoken):
        return True
    if any(fact.aspect in MOVED and _sign(fact.number) == way.sign for fact in evidence):
        return True
    before = {fact.topic: fact.number for fact in evidence if fact.aspect is Aspect.BEFORE and fact.number is not None}
    levels = [fact for fact in evidence if fact.aspect is Aspect.LEVEL and fact.topic in before]
    return any(fact.number is not None and _sign(fact.number - before[fact.topic]) == way.sign for fact in levels)


def _sign(number: Decimal | None) -> int:
    return 0 if number is None else (number > 0) - (number < 0)


_UNITS: Final = {
    "point": "points", "points": "points", "day": "days", "days": "days", "minute": "minutes", "minutes": "minutes",
    "login": "logins", "logins": "logins", "user": "users", "users": "users", "seat": "seats", "seats": "seats",
    "ticket": "tickets", "tickets": "tickets", "breach": "breaches", "breaches": "breaches",
}  # fmt: skip
"A unit in words, and what a fact's unit must hold for it; other words behind a number are no units."
_PAST: Final = r"\b(?:before|was|were|had|from|earlier|ago|previous(?:ly)?|once|then|against|after)\b"
_NAMES: Final = {
    Topic.LICENSE_UTILISATION: r"utili[sz]ation|licen[cs]e|\buses?\b",
    Topic.FEATURE_ADOPTION: r"adoption|feature",
    Topic.WEEKLY_ACTIVE: r"weekly|active",
    Topic.SESSION_MINUTES: r"session|minutes",
    Topic.TIME_TO_VALUE: r"value",
    Topic.TICKET_RATE: r"ticket",
    Topic.CRITICAL_TICKETS: r"critical",
    Topic.SLA_BREACHES: r"breach|service level|\bSLA\b",
    Topic.NPS: r"\bNPS\b|promoter",
    Topic.QBR_RECENCY: r"review|\bQBR\b",
    Topic.ONBOARDING_PROGRESS: r"onboarding",
    Topic.SCORE: r"score|health|points",
    Topic.BUCKET: r"bucket|health",
    Topic.COVERAGE: r"coverage|data",
    Topic.DATA_AGE: r"data",
    Topic.ARR: r"\bARR\b|revenue",
    Topic.EXPANSION: r"expansion",
    Topic.RENEWAL: r"renew|contract",
    Topic.LOGINS: r"log(?:ged|s|ging)?[ -]?ins?\b",
    Topic.ACTIVE_USERS: r"users?\b|active",
    Topic.SEATS: r"seat|licen[cs]e|idle",
    Topic.CUSTOMER_SINCE: r"customer|since|with us",
    Topic.ACCOUNTS: r"account",
    Topic.ARR_IN_RED: r"\bARR\b|revenue",
    Topic.ARR_AT_RISK: r"\bARR\b|revenue",
    Topic.RENEWALS_DUE: r"renew",
}
"A word of each topic that a sentence, or one before it, must have where it gives a number of it."
