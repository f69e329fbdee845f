"""The scorecards: which measures make health, how much each weighs and how it becomes points. Data, no arithmetic."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from services.errors import NotFound
from services.vocabulary import Dimension, MeasureCode, MissingPolicy, Segment

DEAD_BAND: Final = Decimal(5)
"Points by which a score must have moved for anybody to speak of a trend."


@dataclass(frozen=True, slots=True)
class ScorecardMeasure:
    """One measure on a card. Its sub-score runs straight from `zero_at` (0) to `hundred_at` (100), flat beyond both."""

    measure: MeasureCode
    dimension: Dimension
    label: str
    weight: Decimal
    zero_at: Decimal
    hundred_at: Decimal
    stale_after_days: int | None = None
    missing_policy: MissingPolicy = MissingPolicy.REWEIGHT


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """A set of measures and the thresholds that turn their score into a bucket. Each equals itself alone."""

    version: int
    name: str
    applies_to: tuple[Segment, ...]
    measures: tuple[ScorecardMeasure, ...]
    green_from: Decimal
    amber_from: Decimal
    least_coverage: Decimal
    active_from: datetime

    @property
    def id(self) -> str:
        return f"scd_{self.version}"


def _measure(
    measure: MeasureCode,
    dimension: Dimension,
    label: str,
    weight: int,
    ramp: tuple[str, str],
    stale_after_days: int | None = None,
) -> ScorecardMeasure:
    zero_at, hundred_at = (Decimal(end) for end in ramp)
    return ScorecardMeasure(measure, dimension, label, Decimal(weight), zero_at, hundred_at, stale_after_days)


DEFAULT: Final = Scorecard(
    version=1,
    name="Default",
    applies_to=tuple(Segment),
    measures=(
        _measure(MeasureCode.LICENSE_UTILISATION, Dimension.ADOPTION, "Licence utilisation", 20, ("0", "0.9")),
        _measure(MeasureCode.FEATURE_ADOPTION, Dimension.ADOPTION, "Feature adoption", 10, ("0", "1")),
        _measure(MeasureCode.WEEKLY_ACTIVE, Dimension.ADOPTION, "Weekly active users", 5, ("0", "1")),
        _measure(MeasureCode.SESSION_MINUTES, Dimension.ENGAGEMENT, "Minutes a session", 10, ("5", "40")),
        _measure(MeasureCode.TIME_TO_VALUE, Dimension.ENGAGEMENT, "Days to first value", 10, ("90", "7")),
        _measure(MeasureCode.TICKET_RATE, Dimension.SUPPORT, "Tickets per 100 seats in 30 days", 8, ("15", "0")),
        _measure(MeasureCode.CRITICAL_TICKETS, Dimension.SUPPORT, "Critical tickets in 90 days", 8, ("5", "0")),
        _measure(MeasureCode.SLA_BREACHES, Dimension.SUPPORT, "SLA breaches in 90 days", 4, ("3", "0")),
        _measure(MeasureCode.NPS, Dimension.ADVOCACY, "Net Promoter Score", 15, ("-100", "100"), 180),
        _measure(MeasureCode.QBR_RECENCY, Dimension.PROCESS, "Days since the last business review", 5, ("120", "0")),
        _measure(MeasureCode.ONBOARDING_PROGRESS, Dimension.PROCESS, "Onboarding progress", 5, ("0", "1")),
    ),
    green_from=Decimal("75.0"),
    amber_from=Decimal("50.0"),
    least_coverage=Decimal("0.40"),
    active_from=datetime(2026, 11, 1, tzinfo=UTC),
)

SCORECARDS: Final = (DEFAULT,)


def get(version: int) -> Scorecard:
    """The card of that version; raises NotFound."""
    for card in SCORECARDS:
        if card.version == version:
            return card
    raise NotFound(f"there is no scorecard version {version}")
