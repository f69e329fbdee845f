"""How a measure's stored value reads as a fact: its topic, label, unit and number."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.evidence.facts import Topic
from services.scorecards import DEFAULT
from services.vocabulary import FactorDirection, MeasureCode

UNITS: Final[Mapping[MeasureCode, str | None]] = {
    MeasureCode.LICENSE_UTILISATION: "%",
    MeasureCode.FEATURE_ADOPTION: "%",
    MeasureCode.WEEKLY_ACTIVE: "%",
    MeasureCode.SESSION_MINUTES: "minutes",
    MeasureCode.TIME_TO_VALUE: "days",
    MeasureCode.TICKET_RATE: None,
    MeasureCode.CRITICAL_TICKETS: "tickets",
    MeasureCode.SLA_BREACHES: "breaches",
    MeasureCode.NPS: None,
    MeasureCode.QBR_RECENCY: "days",
    MeasureCode.ONBOARDING_PROGRESS: "%",
}
WINDOWS: Final[Mapping[MeasureCode, int]] = {
    MeasureCode.SESSION_MINUTES: 30,
    MeasureCode.TICKET_RATE: 30,
    MeasureCode.CRITICAL_TICKETS: 90,
    MeasureCode.SLA_BREACHES: 90,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as facts name it. `rises_to_health` where more of it is better."""

    code: MeasureCode
    topic: Topic
    label: str
    unit: str | None
    window_days: int | None
    rises_to_health: bool

    @property
    def unit_of_change(self) -> str | None:
        return "percentage points" if self.unit == "%" else "points" if self.code is MeasureCode.NPS else self.unit

    def value(self, raw: str) -> Decimal:
        """The number of a stored value.

        >>> MEASURES[MeasureCode.TICKET_RATE].value("9.6 per 100 seats"), MEASURES[MeasureCode.NPS].value("+12")
        (Decimal('9.6'), Decimal('12'))
        """
        return Decimal(raw.split()[0])


MEASURES: Final[Mapping[MeasureCode, Measure]] = {
    measure.measure: Measure(
        measure.measure,
        Topic(measure.measure.value),
        measure.label,
        UNITS[measure.measure],
        WINDOWS.get(measure.measure),
        measure.hundred_at > measure.zero_at,
    )
    for measure in DEFAULT.measures
}


def tone_of_change(code: MeasureCode, change: Decimal) -> FactorDirection:
    """Whether a change (not 0) of the measure's value is for the better."""
    better = (change > 0) == MEASURES[code].rises_to_health
    return FactorDirection.HELPS if better else FactorDirection.HURTS
