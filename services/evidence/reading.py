"""Every number, share, amount, duration and date of a sentence, in whatever notation, and those that cannot be read.

Reading is narrow and suspicion is wide: what looks like a quantity and is not read here is `unread`, and its sentence
cannot be held by anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from services.evidence.dates import span
from services.evidence.facts import Fact
from services.evidence.numerals import CURRENCIES, Numeral, numeral
from services.evidence.quantities import NOUNS, Kind, Quantity, counted, slack
from services.evidence.shares import fraction_of, multiple
from services.evidence.vague import is_harmless, is_suspicious
from services.evidence.words import Kind as Token
from services.evidence.words import Tokens, low


@dataclass(frozen=True, slots=True)
class Read:
    quantities: tuple[Quantity, ...]
    unread: int
    "How many tokens look like a quantity and are none that can be read."


def read(tokens: Tokens, today: date, facts: Mapping[str, Fact], *, plan: bool = False) -> Read:
    """All quantities of a sentence in their order. `plan` where it says what to do rather than what is."""
    found: list[Quantity] = []
    unread = at = 0
    while at < len(tokens):
        if quantity := _reference(tokens, at, facts) or _quantity(tokens, at, today, plan):
            found.append(quantity)
            unread += _is_signed_apart(tokens, at)
            at = quantity.last
            continue
        strange = tokens[at].kind is Token.FACT or is_suspicious(tokens, at)
        unread += strange and not is_harmless(tokens, at, plan=plan)
        at += 1
    return Read(tuple(found), unread)


def _is_signed_apart(tokens: Tokens, at: int) -> bool:
    """Whether a sign stands right before what has its own: "-{E3}", "-USD 12"."""
    return at > 0 and tokens[at - 1].text in ("-", "−", "–", "+", "±") and tokens[at - 1].end == tokens[at].start


def _reference(tokens: Tokens, at: int, facts: Mapping[str, Fact]) -> Quantity | None:
    """A reference to a fact, with the unit that a sentence may repeat beside it; None where the unit is another one."""
    begin = at + (tokens[at].low in CURRENCIES)
    if begin >= len(tokens) or tokens[begin].kind is not Token.FACT or tokens[begin].low not in facts:
        return None
    fact, last = facts[tokens[begin].low], begin + 1
    if begin > at and CURRENCIES[tokens[at].low] != fact.unit:
        return None
    after = low(tokens, last + (low(tokens, last) == "-"))
    if low(tokens, last) == "per" and low(tokens, last + 1) == "cent":
        return Quantity(at, last + 2, Kind.FACT, key=fact.key) if fact.unit == "%" else None
    if after == "percentage" and fact.unit == "percentage points":
        return Quantity(at, last + 2, Kind.FACT, key=fact.key)
    if low(tokens, last + 1) in ("over", "on"):
        return Quantity(at, last, Kind.FACT, key=fact.key)  # "month over month"
    if (after == "points" and _is_verb(tokens, last)) or not (after in _TIMES or after in CURRENCIES):
        return Quantity(at, last, Kind.FACT, key=fact.key)
    unit = CURRENCIES.get(after) or {"percent": "%", "pct": "%", "%": "%"}.get(after, after.removesuffix("s") + "s")
    return Quantity(at, last + 1 + (low(tokens, last) == "-"), Kind.FACT, key=fact.key) if unit == fact.unit else None


def _quantity(tokens: Tokens, at: int, today: date, plan: bool) -> Quantity | None:
    if day := span(tokens, at, today):
        return Quantity(at, day.last, Kind.DATE, begin=day.begin, end=day.end)
    if window := _named_window(tokens, at):
        return window
    if tokens[at].low in _DAYS and not is_harmless(tokens, at, plan=plan):
        told = today + timedelta(_DAYS[tokens[at].low])
        return Quantity(at, at + 1, Kind.DATE, begin=told, end=told)
    if share := multiple(tokens, at) or fraction_of(tokens, at):
        return replace(share, slack=slack(tokens, at))
    if low(tokens, at) in ("one", "zero") and is_harmless(tokens, at, plan=False):
        return None
    if tokens[at].low in ("usd", "eur", "gbp", "$", "€", "£") and (amount := numeral(tokens, at + 1)):
        return None if amount.currency else _measured(tokens, at, replace(amount, currency=CURRENCIES[tokens[at].low]))
    number = numeral(tokens, at)
    return _measured(tokens, at, number) if number else None


_TIMES: Final[Mapping[str, tuple[Kind, int]]] = {
    "day": (Kind.DAYS, 1), "days": (Kind.DAYS, 1), "week": (Kind.DAYS, 7), "weeks": (Kind.DAYS, 7),
    "month": (Kind.DAYS, 30), "months": (Kind.DAYS, 30), "year": (Kind.DAYS, 365), "years": (Kind.DAYS, 365),
    "quarter": (Kind.DAYS, 90), "quarters": (Kind.DAYS, 90),
    "minute": (Kind.MINUTES, 1), "minutes": (Kind.MINUTES, 1), "mins": (Kind.MINUTES, 1), "min": (Kind.MINUTES, 1),
    "hour": (Kind.MINUTES, 60), "hours": (Kind.MINUTES, 60),
    "point": (Kind.POINTS, 1), "points": (Kind.POINTS, 1), "pts": (Kind.POINTS, 1),
    "percent": (Kind.PERCENT, 1), "%": (Kind.PERCENT, 1), "pct": (Kind.PERCENT, 1),
}  # fmt: skip


def _measured(tokens: Tokens, at: int, found: Numeral) -> Quantity | None:
    """A number with the unit that follows it."""
    last, kind, scale, hyphened = found.last, Kind.COUNT, 1, bool(found.tail)
    word = found.tail or low(tokens, last)
    if not found.tail and word == "-" and low(tokens, last + 1) in _TIMES:
        word, last, hyphened = low(tokens, last + 1), last + 1, True
    if word == "per" and low(tokens, last + 1) == "cent":
        word, last = "percent", last + 1
    if word in ("percentage", "%", "pp", "percent") and (word == "pp" or low(tokens, last + 1) in ("points", "point")):
        end = last + 1 + (word != "pp")
        return Quantity(at, end, Kind.SHARE_POINTS, found.number, found.signed, found.step, False, slack(tokens, at))
    if word == "points" and _is_verb(tokens, last):
        word = ""  # the verb
    if word == "out" and low(tokens, last + 1) == "of" and low(tokens, last + 2) in ("100", "hundred"):
        return Quantity(at, last + 3, Kind.POINTS, found.number, found.signed, found.step, False, slack(tokens, at))
    if found.tail and found.tail not in _TIMES:
        return None
    if word in _TIMES and not found.currency and not (found.percent and low(tokens, last + 1) in ("over", "on", "-")):
        kind, scale = _TIMES[word]
        last += not found.tail
        if found.percent:
            return None
    elif found.currency or word in ("dollars", "dollar", "euros", "usd", "eur", "gbp"):
        kind = Kind.MONEY
        if not found.currency:
            found, last = replace(found, currency=CURRENCIES[word]), last + 1
        elif word in CURRENCIES:
            if CURRENCIES[word] != found.currency:
                return None
            last += 1
        if found.percent:
            return None
    elif found.percent:
        kind = Kind.PERCENT
    after = low(tokens, last)
    named = kind is Kind.MONEY and (after in _TIMES or counted(tokens, last) not in ("", "accounts", "renewals"))
    doubled = after in NOUNS or (after in _TIMES and low(tokens, last + 1) not in ("over", "on"))
    if named or (kind in (Kind.POINTS, Kind.DAYS, Kind.MINUTES) and doubled):
        return None
    return Quantity(
        at, last, kind, found.number * scale, found.signed, found.step * scale, found.suffix, slack(tokens, at),
        found.currency, hyphened=hyphened, noun=counted(tokens, last) if kind is Kind.COUNT else "",
    )  # fmt: skip


_DAYS: Final[Mapping[str, int]] = {"today": 0, "tomorrow": 1, "yesterday": -1}


def _is_verb(tokens: Tokens, points: int) -> bool:
    """ "-20 points to trouble", rather than "3 points to the score" or "62 points to 50"."""
    aim = [low(tokens, points + step) for step in (2, 3)]
    to_score = aim[0] == "score" or aim in (["the", "score"], ["the", "health"])
    number = points + 2 < len(tokens) and tokens[points + 2].kind in (Token.NUMBER, Token.FACT)
    return low(tokens, points + 1) in ("to", "at") and not to_score and not number


_NAMED: Final[Mapping[str, int]] = {"week": 7, "month": 30, "quarter": 90, "year": 365, "fortnight": 14}


def _named_window(tokens: Tokens, at: int) -> Quantity | None:
    """the last month, a month, month over month."""
    word = low(tokens, at)
    if word in _NAMED and (low(tokens, at + 1), low(tokens, at + 2)) in (("over", word), ("on", word)):
        return Quantity(at, at + 3, Kind.DAYS, Decimal(_NAMED[word]), hyphened=True)
    if word in _NAMED and [low(tokens, at + step) for step in range(1, 5)] in (
        ["-", "over", "-", word],
        ["-", "on", "-", word],
    ):
        return Quantity(at, at + 5, Kind.DAYS, Decimal(_NAMED[word]), hyphened=True)
    after = low(tokens, at + 1)
    if word in ("last", "past", "previous", "prior") and after in _NAMED and low(tokens, at - 1) == "the":
        return Quantity(at, at + 2, Kind.DAYS, Decimal(_NAMED[after]))
    if word == "the" and after in ("quarter", "month", "year") and low(tokens, at + 2) != "of":
        return Quantity(at, at + 2, Kind.DAYS, Decimal(_NAMED[after]))
    if word == "a" and after in _NAMED and after != "quarter" and low(tokens, at - 2) != "active":
        return Quantity(at, at + 2, Kind.DAYS, Decimal(_NAMED[after]))
    return None
