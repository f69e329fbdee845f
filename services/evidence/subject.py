"""What an insight is asked about: numbered facts, raised signals, playbooks to choose from. No customer's text in it
but under `names`, which no prompt shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.evidence.facts import Fact
from services.vocabulary import HealthBucket, InsightScope, RiskLevel, RiskSignalCode, Segment


@dataclass(frozen=True, slots=True)
class Raised:
    """A signal that holds, with the keys of the facts that it rests on."""

    code: RiskSignalCode
    severity: RiskLevel
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A playbook that fits: which signals it answers, and how many points it could win back (a fact, where any)."""

    playbook: str
    because: tuple[RiskSignalCode, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An account, or a portfolio, as its facts tell it on `day`."""

    scope: InsightScope
    day: date
    facts: tuple[Fact, ...]
    signals: tuple[Raised, ...] = ()
    "The gravest first. Empty for a portfolio."
    choices: tuple[Choice, ...] = ()
    "The most relevant first."
    bucket: HealthBucket | None = None
    segment: Segment | None = None
    names: Mapping[str, str]
    "What each name token stands for: {account}, or {A1}, {A2} ... of a portfolio."

    def fact(self, key: str) -> Fact | None:
        """The fact of that key; None where no fact has it."""
        return next((fact for fact in self.facts if fact.key == key), None)
