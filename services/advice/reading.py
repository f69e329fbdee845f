"""Looks facts up by what they tell, and ties sentences to the facts they rest on. No judgement of its own."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.evidence.drafts import Finding
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Raised, Subject
from services.vocabulary import FactorDirection, FindingKind, RiskSignalCode

HURTS, NEUTRAL, HELPS = FactorDirection.HURTS, FactorDirection.NEUTRAL, FactorDirection.HELPS


class Theme(StrEnum):
    """What a finding is about; an insight has one finding of a theme."""

    RENEWAL = "RENEWAL"
    USE = "USE"
    SCORE = "SCORE"
    SUPPORT = "SUPPORT"
    ADVOCACY = "ADVOCACY"
    ONBOARDING = "ONBOARDING"
    MONEY = "MONEY"
    REVIEW = "REVIEW"
    DATA = "DATA"
    MEASURE = "MEASURE"
    STRENGTH = "STRENGTH"
    PROSPECT = "PROSPECT"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding that could be written, and how much it weighs against others (see services.advice.account)."""

    theme: Theme
    weight: int
    finding: Finding
    topics: frozenset[Topic] = frozenset()
    "Measures that it has dealt with."


@dataclass(frozen=True, slots=True)
class Reading:
    """A subject that can be asked."""

    subject: Subject

    def all(self, topic: Topic, aspect: Aspect = Aspect.LEVEL, *, of: str | None = None) -> list[Fact]:
        return [one for one in self.subject.facts if (one.topic, one.aspect) == (topic, aspect) and one.of == of]

    def number(
        self, topic: Topic, aspect: Aspect = Aspect.LEVEL, *, label: str = "", of: str | None = None
    ) -> Fact | None:
        """The fact whose value is a number; the first whose label begins so."""
        facts = self.all(topic, aspect, of=of)
        return next((one for one in facts if one.number is not None and one.label.startswith(label)), None)

    def day(self, topic: Topic, aspect: Aspect = Aspect.LEVEL, *, of: str | None = None) -> Fact | None:
        """The fact whose value is a day."""
        return next((one for one in self.all(topic, aspect, of=of) if one.day is not None), None)

    def word(self, topic: Topic, aspect: Aspect = Aspect.LEVEL, *, of: str | None = None) -> Fact | None:
        """The fact whose value is neither a number nor a day."""
        return next((one for one in self.all(topic, aspect, of=of) if one.number is None and one.day is None), None)

    def raised(self, code: RiskSignalCode) -> Raised | None:
        return next((one for one in self.subject.signals if one.code is code), None)

    def changed(self, topic: Topic, tone: FactorDirection) -> Fact | None:
        """The change of the measure, where it is of that tone."""
        change = self.number(topic, Aspect.CHANGE)
        return change if change is not None and change.tone is tone else None

    def causes(self, tone: FactorDirection) -> list[Fact]:
        """What moved the score that way, the largest part first."""
        return [one for one in self.subject.facts if one.aspect is Aspect.CAUSE and one.tone is tone]

    @property
    def lost(self) -> list[Fact]:
        """Points that the measures lose, the most first."""
        facts = [one for one in self.subject.facts if one.aspect is Aspect.LOST and one.topic is not Topic.SCORE]
        return sorted(facts, key=lambda one: -amount(one))

    @property
    def helping(self) -> list[Fact]:
        """Measures that do well, as the scorecard orders them."""
        return [
            one
            for one in self.subject.facts
            if one.aspect is Aspect.LEVEL and one.tone is HELPS and one.topic in MEASURED
        ]

    @property
    def gaps(self) -> list[Fact]:
        return [one for one in self.subject.facts if one.aspect is Aspect.MISSING]

    @property
    def churned(self) -> bool:
        status = self.word(Topic.CUSTOMER_SINCE)
        return status is not None and status.value == "CHURNED"


MEASURED = frozenset({
    Topic.LICENSE_UTILISATION, Topic.FEATURE_ADOPTION, Topic.WEEKLY_ACTIVE, Topic.SESSION_MINUTES, Topic.TIME_TO_VALUE,
    Topic.TICKET_RATE, Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES, Topic.NPS, Topic.QBR_RECENCY,
    Topic.ONBOARDING_PROGRESS,
})  # fmt: skip


def ref(fact: Fact) -> str:
    """The reference to the fact's value in a text."""
    return f"{{{fact.key}}}"


def say(text: str, *facts: Fact | None) -> Iterator[str]:
    """The sentence with references in place of its braces; nothing where one of the facts is not known."""
    known = [ref(fact) for fact in facts if fact is not None]
    if len(known) == len(facts):
        yield text.format(*known)


def period(fact: Fact) -> str:
    """The time that a change took, for the end of a sentence: " in a month"."""
    return " in a month" if fact.window_days in (30, 31) else f" in {fact.window_days} days"


def amount(fact: Fact) -> Decimal:
    """How much it is, whatever its sign; 0 of a word."""
    return abs(fact.number or Decimal(0))


def finding(kind: FindingKind, sentences: Iterable[str], also: Iterable[str] = ()) -> Finding:
    """The sentences as one text, resting on the facts that they refer to and on those of `also`."""
    text = " ".join(sentences)
    return Finding(text, kind, cited(text, also))


def cited(text: str, also: Iterable[str] = ()) -> tuple[str, ...]:
    """The keys that the text refers to, then the others, none twice."""
    return tuple(dict.fromkeys([*re.findall(r"\{(E\d+)\}", text), *also]))


def listed(parts: list[str]) -> str:
    """The parts as a sentence lists them.

    >>> listed(["one", "two", "three"])
    'one, two and three'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
