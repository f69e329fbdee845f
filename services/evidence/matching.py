"""Whether a quantity is the value of a fact: number, sign, unit, rounding. Not what the sentence says it of."""

from decimal import Decimal
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.quantities import Kind, Quantity, Slack

SIGNED: Final = frozenset({Aspect.CHANGE, Aspect.PEERS, Aspect.CAUSE})
"Aspects whose sign tells a direction, which a verb may tell instead."


def matches(quantity: Quantity, fact: Fact) -> bool:
    if quantity.kind is Kind.FACT:
        return quantity.key == fact.key
    if quantity.kind is Kind.DATE:
        day = fact.day
        return (
            day is not None
            and quantity.begin is not None
            and quantity.end is not None
            and quantity.begin <= day <= quantity.end
        )
    number = fact.number
    if number is None or not _has_unit(quantity, fact):
        return False
    if quantity.change:
        return fact.aspect is Aspect.CHANGE and fact.number == quantity.number
    if fact.aspect in SIGNED and not quantity.signed:
        number = abs(number)
    return _equal(quantity, number)


def kind_of(fact: Fact) -> Kind | None:
    """How a sentence writes the fact's value; None for a word."""
    if fact.day is not None:
        return Kind.DATE
    if fact.number is None:
        return None
    if fact.is_money:
        return Kind.MONEY
    return _KINDS.get(fact.unit or "", Kind.COUNT)


_KINDS: Final = {
    "%": Kind.PERCENT,
    "points": Kind.POINTS,
    "percentage points": Kind.SHARE_POINTS,
    "days": Kind.DAYS,
    "minutes": Kind.MINUTES,
}


def _has_unit(quantity: Quantity, fact: Fact) -> bool:
    if quantity.kind is Kind.MONEY:
        return fact.is_money and quantity.currency == fact.unit
    kind = kind_of(fact)
    if quantity.kind is Kind.COUNT and quantity.noun:
        return fact.unit == quantity.noun
    if quantity.kind is Kind.COUNT:
        large = fact.is_money and abs(quantity.number) >= 1000
        bare = kind is Kind.POINTS and fact.topic is Topic.SCORE
        return kind is Kind.COUNT or large or bare
    if quantity.kind is Kind.POINTS and fact.topic is Topic.NPS and fact.aspect is Aspect.LEVEL:
        return False
    if quantity.kind is Kind.POINTS and kind is Kind.SHARE_POINTS:
        return True
    return quantity.kind is kind


def _equal(quantity: Quantity, number: Decimal) -> bool:
    """Equal, or rounded honestly: to the digits shown where "about" or a k says so, on the right side of "over"."""
    gap = number - quantity.number
    step = quantity.step
    if quantity.slack is Slack.OVER:
        return 0 < gap < max(step, _last_digit(quantity.number))
    if quantity.slack is Slack.UNDER:
        return 0 < -gap < max(step, _last_digit(quantity.number))
    if gap == 0:
        return True
    if quantity.fraction:
        return abs(gap) <= Decimal("0.05") and quantity.number != int(quantity.number)
    if quantity.rounded or quantity.slack is Slack.ABOUT:
        return abs(gap) * 2 <= step and abs(gap) * 20 <= abs(number)
    return False


def _last_digit(number: Decimal) -> Decimal:
    """The weight of the last digit that is not zero: 10 of 130."""
    whole = number.normalize()
    return Decimal(1).scaleb(int(whole.as_tuple().exponent)) if whole else Decimal(1)
