"""A numbered fact: the only thing that an insight's sentences may rest on. Not where facts come from, nor how they are
checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from services.vocabulary import EvidenceSource, FactorDirection


class Topic(StrEnum):
    """What a fact is about. A sentence that states a fact's value must speak of its topic."""

    LICENSE_UTILISATION = "LICENSE_UTILISATION"
    FEATURE_ADOPTION = "FEATURE_ADOPTION"
    WEEKLY_ACTIVE = "WEEKLY_ACTIVE"
    SESSION_MINUTES = "SESSION_MINUTES"
    TIME_TO_VALUE = "TIME_TO_VALUE"
    TICKET_RATE = "TICKET_RATE"
    CRITICAL_TICKETS = "CRITICAL_TICKETS"
    SLA_BREACHES = "SLA_BREACHES"
    NPS = "NPS"
    QBR_RECENCY = "QBR_RECENCY"
    ONBOARDING_PROGRESS = "ONBOARDING_PROGRESS"
    SCORE = "SCORE"
    BUCKET = "BUCKET"
    COVERAGE = "COVERAGE"
    DATA_AGE = "DATA_AGE"
    ARR = "ARR"
    EXPANSION = "EXPANSION"
    RENEWAL = "RENEWAL"
    LOGINS = "LOGINS"
    ACTIVE_USERS = "ACTIVE_USERS"
    SEATS = "SEATS"
    CUSTOMER_SINCE = "CUSTOMER_SINCE"
    ACCOUNTS = "ACCOUNTS"
    "Of a portfolio: how many accounts, in all or of a kind."
    ARR_IN_RED = "ARR_IN_RED"
    ARR_AT_RISK = "ARR_AT_RISK"
    RENEWALS_DUE = "RENEWALS_DUE"


class Aspect(StrEnum):
    """Which side of its topic a fact tells."""

    LEVEL = "LEVEL"
    "As it stands."
    BEFORE = "BEFORE"
    "As it stood at an earlier time, which the label names."
    CHANGE = "CHANGE"
    "From before to now, with its sign."
    PEERS = "PEERS"
    "Points against the median of the segment, with their sign."
    LOST = "LOST"
    "Points of the score that it loses, and so could win back."
    SIGNAL = "SIGNAL"
    "A raised risk signal; the value is its severity."
    SINCE = "SINCE"
    "The day that a signal began."
    CAUSE = "CAUSE"
    "Its signed points in the change of the score over 30 days: what words of cause may speak of."
    MISSING = "MISSING"
    "Why it is not known; the value is the reason."


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as it was stored.

    `value` is a plain decimal ("-31.0"), an ISO date or a word; `unit` is "%", "points", "days", "minutes", an ISO 4217
    code for money, a plural noun for a count, or None. A label may hold name tokens (see Subject.names) and nothing
    else that a customer wrote.
    """

    key: str
    "E1, E2, ..."
    topic: Topic
    aspect: Aspect
    label: str
    value: str
    unit: str | None
    observed_on: date
    source: EvidenceSource
    tone: FactorDirection | None = None
    "Whether it speaks for the account or against it; None where it does neither."
    window_days: int | None = None
    "The days that it counts over or looks back on, which a sentence may therefore name."
    of: str | None = None
    "Of a portfolio: the name token of the account it is about, or the word of the group (a bucket, a segment)."

    @property
    def number(self) -> Decimal | None:
        """The value as a number; None for a date or a word."""
        try:
            found = Decimal(self.value)
        except InvalidOperation:
            return None
        return found if found.is_finite() else None

    @property
    def day(self) -> date | None:
        """The value as a day; None for a number or a word."""
        if len(self.value) != 10 or self.value[4:5] != "-":
            return None
        try:
            return date.fromisoformat(self.value)
        except ValueError:
            return None

    @property
    def is_money(self) -> bool:
        return self.unit is not None and len(self.unit) == 3 and self.unit.isupper()


SYMBOLS: Final[Mapping[str, str]] = {"USD": "$", "EUR": "€", "GBP": "£"}


def written(fact: Fact, *, signed: bool = True) -> str:
    """The value as a sentence shows it, unit included: "31 %", "$120,000", "1 April 2026", "14 logins", "-9.5 points".

    Unsigned, a number loses its sign, for sentences whose verb tells the direction.

    >>> from datetime import date
    >>> drop = Fact("E1", Topic.LOGINS, Aspect.CHANGE, "Change", "-31.0", "%", date(2026, 1, 1), EvidenceSource.ACCOUNT)
    >>> written(drop), written(drop, signed=False)
    ('-31 %', '31 %')
    """
    if (day := fact.day) is not None:
        return f"{day.day} {day:%B %Y}"
    number = fact.number
    if number is None:
        return fact.value
    shown = number if signed else abs(number)
    plain = shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown.normalize()
    if fact.is_money:
        assert fact.unit is not None
        whole = shown == shown.to_integral_value()
        amount = f"{abs(shown):,.0f}" if whole else f"{abs(shown):,.2f}"
        symbol = SYMBOLS.get(fact.unit, f"{fact.unit} ")
        return f"{'-' if shown < 0 else ''}{symbol}{amount}"
    signs = "+" if signed and number > 0 and fact.aspect in (Aspect.CHANGE, Aspect.PEERS, Aspect.CAUSE) else ""
    unit = fact.unit
    if unit and unit.endswith("s") and abs(shown) == 1:
        unit = unit.removesuffix("es") if unit.endswith("ches") else unit[:-1]
    return f"{signs}{plain:,}" + (f" {unit}" if unit else "")
