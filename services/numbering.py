"""Gives each fact its key, in the order they come, and none twice. Not what the facts are of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.vocabulary import EvidenceSource, FactorDirection, RiskSignalCode


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
        of: str | None = None,
    ) -> str:
        """The key of the fact of that name: a new one, or that of the first that came under it."""
        if name not in self.facts:
            key = f"E{len(self.facts) + 1}"
            self.facts[name] = Fact(key, topic, aspect, label, str(value), unit, on, source, tone, window_days, of)
        return self.facts[name].key


SIGNALS: Final[Mapping[RiskSignalCode, tuple[Topic, str]]] = {
    RiskSignalCode.USAGE_DROP: (Topic.LOGINS, "Drop in usage"),
    RiskSignalCode.SILENT_CUSTOMER: (Topic.LICENSE_UTILISATION, "Silent customer"),
    RiskSignalCode.LOW_UTILISATION: (Topic.LICENSE_UTILISATION, "Low licence utilisation"),
    RiskSignalCode.CRITICAL_SUPPORT: (Topic.CRITICAL_TICKETS, "Critical support"),
    RiskSignalCode.DETRACTOR: (Topic.NPS, "Detractor"),
    RiskSignalCode.QBR_OVERDUE: (Topic.QBR_RECENCY, "Business review overdue"),
    RiskSignalCode.ONBOARDING_STALLED: (Topic.ONBOARDING_PROGRESS, "Onboarding stalled"),
    RiskSignalCode.RENEWAL_AT_RISK: (Topic.RENEWAL, "Renewal at risk"),
    RiskSignalCode.RENEWAL_OVERDUE: (Topic.RENEWAL, "Renewal overdue"),
    RiskSignalCode.SCORE_DROP: (Topic.SCORE, "Drop of the score"),
    RiskSignalCode.GROWING_BUT_UNHEALTHY: (Topic.ARR, "Growing but unhealthy"),
    RiskSignalCode.HEALTHY_BUT_SHRINKING: (Topic.ARR, "Healthy but shrinking"),
    RiskSignalCode.DATA_STALE: (Topic.DATA_AGE, "Data stale"),
}
"What each signal is about, and its name in a label."
