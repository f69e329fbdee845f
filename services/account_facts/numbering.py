"""Gives each fact its key, in the order they come, and none twice. Not what the facts are."""

from dataclasses import dataclass, field
from datetime import date

from services.evidence.facts import Aspect, Fact, Topic
from services.vocabulary import EvidenceSource, FactorDirection


@dataclass(slots=True)
class Numbering:
    """The facts so far, by a name of their own that tells when the same fact comes again."""

    facts: dict[str, Fact] = field(default_factory=dict)

    def add(
        self,
        name: str,
        topic: Topic,
        aspect: Aspect,
        label: str,
        value: object,
        unit: str | None,
        on: date,
        source: EvidenceSource = EvidenceSource.ACCOUNT,
        *,
        tone: FactorDirection | None = None,
        window_days: int | None = None,
    ) -> str:
        """The key of the fact of that name: a new one, or that of the first that came under it."""
        if name not in self.facts:
            key = f"E{len(self.facts) + 1}"
            self.facts[name] = Fact(key, topic, aspect, label, str(value), unit, on, source, tone, window_days)
        return self.facts[name].key
