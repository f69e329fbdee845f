"""Health: a score, what it is made of, what it is missing, and how it went on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.types import Info

from graph.types.common import Node, PageInfo
from graph.words import described, told, under_key
from services import scorecards
from services import vocabulary as words


@described
class HealthFactor:
    """One measure's part in a score. The contributions of all factors add up to the score exactly."""

    measure: words.MeasureCode = told("What was measured.")
    dimension: words.Dimension = told("The side of the relationship that the measure belongs to.")
    label: str = told("The measure's name for a person.")
    raw_value: str = told("The value behind the sub-score, with its unit.")
    sub_score: Decimal = told("The value on the card's ramp, 0 to 100.")
    weight: Decimal = told("Weight on the scorecard.")
    effective_weight: Decimal = told("Share of the weight of the measures that had data; all add up to 1.")
    contribution: Decimal = told("Points of the score that this measure earned: effective weight times sub-score.")
    points_lost: Decimal = told("Points that this measure kept the account from having.")
    versus_peers: Decimal | None = told(
        "Points above or below the median of the segment; null with fewer than 8 accounts to compare, and in history."
    )
    direction: words.FactorDirection = told("Whether it helps or hurts: HELPS from 75, HURTS below 50.")
    observed_on: date = told("The day the value is about.")


@described
class MissingMeasure:
    """A measure that the score had to do without."""

    measure: words.MeasureCode = told("What could not be measured.")
    reason: words.MissingReason = told("Why not.")
    weight: Decimal = told("Its weight on the scorecard.")


@described
class ScorecardMeasure:
    """One measure on a scorecard and the ramp that turns its value into a sub-score."""

    measure: words.MeasureCode = told("What is measured.")
    dimension: words.Dimension = told("The side of the relationship that it belongs to.")
    label: str = told("Its name for a person.")
    weight: Decimal = told("How much it counts.")
    zero_at: Decimal = told("The value whose sub-score is 0.")
    hundred_at: Decimal = told("The value whose sub-score is 100; between both the ramp is straight.")
    missing_policy: words.MissingPolicy = told("What happens to its weight where there is no data.")
    stale_after_days: int | None = told("A value older than so many days counts as missing; null: never.")


@described
class Scorecard(Node):
    """How health is scored: the measures, their weights and the thresholds of the buckets."""

    id: strawberry.ID = told("Opaque.")
    name: str = told("Its name.")
    version: int = told("Stored with every score, so that a score tells which card made it.")
    applies_to: list[words.Segment] = told("The segments that it scores.")
    measures: list[ScorecardMeasure] = told("What it looks at.")
    green_from: Decimal = told("The lowest GREEN score.")
    amber_from: Decimal = told("The lowest AMBER score; below it is RED.")
    least_coverage: Decimal = told("With less than this share of the weight having data there is no score.")
    active_from: datetime = told("When it came into use.")


@described
class Health:
    """How well an account is, as of its newest snapshot, and why."""

    source: words.HealthSource = told("Where the score comes from.")
    score: Decimal | None = told("0 to 100 with one decimal; null when coverage is too low.")
    bucket: words.HealthBucket = told("GREEN from 75.0, AMBER from 50.0, RED below, UNKNOWN without a score.")
    trend: words.Trend = told("Where the score is going over 30 days; less than 5 points either way is FLAT.")
    change_30d: Decimal | None = told(
        "Points against the newest snapshot 30 to 60 days before this one; null without one.", name="change30d"
    )
    coverage: Decimal = told("Share of the applicable weight that had data, 0 to 1.")
    factors: list[HealthFactor] = told("What the score is made of; empty where it is not this product's own.")
    missing: list[MissingMeasure] = told("What the score had to do without.")
    as_of: date = told("The day of the snapshot.")
    computed_at: datetime | None = told("When the snapshot was computed; null where the account was never scored.")

    @strawberry.field(description="The card that made the score.")
    def scorecard(self, info: Info[Any, Any]) -> Scorecard:
        return scorecards.get(under_key(self, info))  # type: ignore[return-value]


@described
class HealthSnapshot:
    """The health of an account on one day. There is at most one for each account and day."""

    day: date = told("The day.", name="date")
    score: Decimal | None = told("0 to 100 with one decimal; null where coverage was too low.")
    bucket: words.HealthBucket = told("The bucket that day.")
    coverage: Decimal = told("Share of the applicable weight that had data, 0 to 1.")
    scorecard_version: int = told("The card that made it.")
    factors: list[HealthFactor] = told("What the score was made of.")


@described
class HealthSnapshotEdge:
    """A snapshot and where it lies."""

    cursor: str = told("To go on from here.")
    node: HealthSnapshot = told("The snapshot.")


@described
class HealthSnapshotConnection:
    """Snapshots, the newest first."""

    edges: list[HealthSnapshotEdge] = told("The page's snapshots with their cursors.")
    nodes: list[HealthSnapshot] = told("The page's snapshots.")
    page_info: PageInfo = told("Where the page lies.")
