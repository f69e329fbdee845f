"""Why a score is another one than on an earlier day: points per cause, which add up to the change. Pure.

Not a trend: it says nothing of the days in between. The rule, with e as it was on the earlier day:

- a measure with data on both days: e * (s' - s), the new sub-score against the old one;
- a measure without data any more: e * (m - s), one with data anew: e' * (s' - m), where m is today's mean of the
  measures that have data on both days (the earlier score where none has): the re-weighting is theirs;
- another version of the scorecard: what is left, and what a new ramp made of a value that did not change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.health import Factor, shares
from services.vocabulary import FactorDirection, MeasureCode, Word


class DiffKind(Word):
    """What made the score another."""

    VALUE_CHANGED = (
        "VALUE_CHANGED",
        "The measure reads another value; without a measure, the customer's own score does.",
    )
    DATA_APPEARED = "DATA_APPEARED", "The measure had no data before."
    DATA_MISSING = "DATA_MISSING", "The measure has no data any more."
    MODEL_CHANGED = "MODEL_CHANGED", "The scorecard has another version."


@dataclass(frozen=True, slots=True)
class Cause:
    """Signed points of the change, one decimal, never 0.0. `before` and `after` are the values as they were shown."""

    kind: DiffKind
    measure: MeasureCode | None
    points: Decimal
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was kept of a day's score. Without factors it is the customer's own, or none at all."""

    score: Decimal | None
    scorecard_version: int
    factors: tuple[Factor, ...]


def difference(before: Snapshot, after: Snapshot) -> tuple[Cause, ...]:
    """The causes of `after.score - before.score`, the largest first; none where a day has no score.

    Sub-scores are kept with one decimal: what that leaves over (less than 0.1 points) goes to the largest cause.
    """
    if before.score is None or after.score is None:
        return ()
    total = after.score - before.score
    if not before.factors and not after.factors:
        own = Cause(DiffKind.VALUE_CHANGED, None, total, str(before.score), str(after.score))
        return (own,) if total else ()
    parts = _parts(before, after, before.score)
    if before.scorecard_version != after.scorecard_version:
        versions = str(before.scorecard_version), str(after.scorecard_version)
        rest = total - sum(part.points for part in parts)
        parts.append(Cause(DiffKind.MODEL_CHANGED, None, rest, *versions))
    printed = shares(_adding_up(parts, total), total)
    causes = [
        Cause(part.kind, part.measure, points, part.before, part.after)
        for part, points in zip(parts, printed, strict=True)
        if points
    ]
    return tuple(sorted(causes, key=lambda cause: -abs(cause.points)))


def snapshot(document: Mapping[str, Any]) -> Snapshot:
    """A snapshot out of the JSON it is kept as, whose numbers are strings."""
    return Snapshot(
        score=None if document["score"] is None else Decimal(document["score"]),
        scorecard_version=document["scorecard_version"],
        factors=tuple(_factor(factor) for factor in document["factors"]),
    )


def _factor(document: Mapping[str, Any]) -> Factor:
    return Factor(
        measure=MeasureCode(document["measure"]),
        raw_value=document["raw_value"],
        sub_score=Decimal(document["sub_score"]),
        weight=Decimal(document["weight"]),
        effective_weight=Decimal(document["effective_weight"]),
        contribution=Decimal(document["contribution"]),
        points_lost=Decimal(document["points_lost"]),
        direction=FactorDirection(document["direction"]),
        observed_on=date.fromisoformat(document["observed_on"]),
    )


def _parts(before: Snapshot, after: Snapshot, score: Decimal) -> list[Cause]:
    """The causes that measures are, not rounded yet."""
    was = {factor.measure: factor for factor in before.factors}
    now = {factor.measure: factor for factor in after.factors}
    both = [measure for measure in was if measure in now]
    same_card = before.scorecard_version == after.scorecard_version
    mean_before = _mean([(was[one].weight, now[one].sub_score) for one in both], score)
    mean_after = _mean([(now[one].weight, now[one].sub_score) for one in both], score)
    weight_before = sum((factor.weight for factor in before.factors), Decimal(0))
    weight_after = sum((factor.weight for factor in after.factors), Decimal(0))
    changed = [
        Cause(DiffKind.VALUE_CHANGED, one, was[one].weight / weight_before * (now[one].sub_score - was[one].sub_score),
              was[one].raw_value, now[one].raw_value)
        for one in both
        if same_card or was[one].raw_value != now[one].raw_value
    ]  # fmt: skip
    vanished = [
        Cause(DiffKind.DATA_MISSING, one, was[one].weight / weight_before * (mean_before - was[one].sub_score),
              was[one].raw_value, None)
        for one in was
        if one not in now
    ]  # fmt: skip
    appeared = [
        Cause(DiffKind.DATA_APPEARED, one, now[one].weight / weight_after * (now[one].sub_score - mean_after),
              None, now[one].raw_value)
        for one in now
        if one not in was
    ]  # fmt: skip
    return changed + vanished + appeared


def _mean(weighted: Sequence[tuple[Decimal, Decimal]], otherwise: Decimal) -> Decimal:
    weight = sum((weight for weight, _ in weighted), Decimal(0))
    return sum((weight * value for weight, value in weighted), Decimal(0)) / weight if weight else otherwise


def _adding_up(parts: Sequence[Cause], total: Decimal) -> list[Decimal]:
    """The points of the parts, with what they lack of the total given to the largest: a changed one, of equals."""
    points = [part.points for part in parts]
    largest = max(range(len(parts)), key=lambda index: (abs(points[index]), parts[index].before != parts[index].after))
    return [one + (total - sum(points)) * (index == largest) for index, one in enumerate(points)]
