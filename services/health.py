"""Health: facts, a scorecard and a day in; a score with its exact parts out. Pure: no clock, no session.

The rule, as docs/health.md tells it: effective weights over the measures that have data, a coverage gate,
and contributions that add up to the score. Arithmetic is of integers and exact; a score is rounded once.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import lcm
from operator import neg
from typing import Final, NamedTuple

from services.readings import READERS, Reader, Reading
from services.readings import Facts as Facts
from services.records import record
from services.scorecards import DEFAULT, Scorecard, ScorecardMeasure
from services.vocabulary import FactorDirection, HealthBucket, HealthSource, MeasureCode, MissingReason

TENTH: Final = Decimal("0.1")
_NOISE: Final = Decimal("1e-18")
"Far above Decimal's rounding error, far below the distance of any real score from a tie."
SILENT_BELOW: Final = Decimal("0.10")
SUPPORT: Final = frozenset({MeasureCode.TICKET_RATE, MeasureCode.CRITICAL_TICKETS, MeasureCode.SLA_BREACHES})
_TENTHS: Final = tuple(Decimal(tenths).scaleb(-1) for tenths in range(1001))
_BITS: Final = 128
_LOST_BITS: Final = 1 << (_BITS - 1) | 1 << 5
"""A half, and what cutting eleven parts off after 128 bits may take from their sum. A true score that is no tie is
further from one than that: with as many seats and logins as the tables hold, its denominator is below 2**87."""


@record()
class Factor:
    """One measure's part in a score. `contribution` and `points_lost` are in points, one decimal."""

    measure: MeasureCode
    raw_value: str
    sub_score: Decimal
    weight: Decimal
    effective_weight: Decimal
    contribution: Decimal
    points_lost: Decimal
    direction: FactorDirection
    observed_on: date


@record()
class Missing:
    measure: MeasureCode
    reason: MissingReason
    weight: Decimal


@record()
class Health:
    """A score from 0.0 to 100.0 with one decimal, or None; its bucket; and what it is made of."""

    score: Decimal | None
    bucket: HealthBucket
    source: HealthSource
    coverage: Decimal
    factors: tuple[Factor, ...]
    missing: tuple[Missing, ...]
    scorecard_version: int


class _Ramp(NamedTuple):
    """A measure of a card, ready to weigh: a reading n/d is worth (rise * n + base * d) / (run * d) points of 100."""

    measure: MeasureCode
    printed_weight: Decimal
    weight: int
    rise: int
    base: int
    run: int


class _Coverage(NamedTuple):
    """What follows from which measures of a card have data; weights as in _Ramp."""

    weight: int
    share: Decimal
    is_enough: bool
    effective_weights: tuple[Decimal, ...]
    missing: tuple[Missing, ...]


def score(facts: Facts, day: date, card: Scorecard = DEFAULT) -> Health:
    """The account's health on `day`.

    >>> from services.vocabulary import Segment
    >>> dead = Facts(segment=Segment.ENTERPRISE, observed_on=date(2026, 1, 1), active_users=0, seats_purchased=50,
    ...     feature_x_adoption=Decimal(0), weekly_active_pct=Decimal(0), tickets_last_30d=0, critical_tickets_90d=0,
    ...     sla_breaches_90d=0, qbr_last_date=date(2026, 1, 1))
    >>> score(dead, date(2026, 1, 1)).score
    Decimal('12.5')
    """
    readings = [read(facts, day, measure) for measure, read in _readers(card)]
    used = facts.utilisation
    if used is not None and used < SILENT_BELOW:
        _silence(card, readings)
    covered = _coverage(card, tuple([None if isinstance(one, Reading) else one for one in readings]))
    total: Decimal | None = None
    factors: tuple[Factor, ...] = ()
    source = HealthSource.NONE
    if covered.is_enough:
        total, factors = _weigh(_ramps(card), readings, covered)
        source = HealthSource.COMPUTED
    elif facts.imported_score is not None:
        total, source = facts.imported_score.quantize(TENTH, ROUND_HALF_UP), HealthSource.IMPORTED
    return Health(total, bucket(total, card), source, covered.share, factors, covered.missing, card.version)


def bucket(total: Decimal | None, card: Scorecard = DEFAULT) -> HealthBucket:
    """The bucket of a stored score.

    >>> bucket(Decimal("75.0")).value, bucket(Decimal("74.9")).value, bucket(None).value
    ('GREEN', 'AMBER', 'UNKNOWN')
    """
    if total is None:
        return HealthBucket.UNKNOWN
    if total >= card.green_from:
        return HealthBucket.GREEN
    return HealthBucket.AMBER if total >= card.amber_from else HealthBucket.RED


def shares(parts: Sequence[Decimal], total: Decimal, step: Decimal = TENTH) -> list[Decimal]:
    """`parts` rounded to multiples of `step` that add up to `total` exactly, by the largest remainder.

    >>> shares([Decimal("33.33"), Decimal("33.33"), Decimal("33.34")], Decimal("100.0"))
    [Decimal('33.3'), Decimal('33.3'), Decimal('33.4')]
    """
    unit = int(step / _NOISE)
    pairs = [divmod(int(part.quantize(_NOISE, ROUND_HALF_EVEN) / _NOISE), unit) for part in parts]
    whole = _shared([units for units, _ in pairs], [rest for _, rest in pairs], int(total / step))
    return [units * step for units in whole]


def _shared(whole: list[int], rests: Sequence[int], total: int) -> list[int]:
    """What `whole` lacks of `total` given to those with the largest rests, the earlier of equals first."""
    left = total - sum(whole)
    if left:
        for index in sorted(range(len(whole)), key=list(map(neg, rests)).__getitem__)[:left]:
            whole[index] += 1
    return whole


def _silence(card: Scorecard, readings: "list[Reading | MissingReason]") -> None:
    """Where hardly anybody uses the product, nobody is there to complain: a support measure of zero says nothing."""
    for index, (measure, reading) in enumerate(zip(card.measures, readings, strict=True)):
        if measure.measure in SUPPORT and isinstance(reading, Reading) and not reading.numerator:
            readings[index] = MissingReason.NO_DATA


def _weigh(
    ramps: Sequence[_Ramp], readings: Sequence[Reading | MissingReason], covered: _Coverage
) -> tuple[Decimal, tuple[Factor, ...]]:
    """The score, rounded once, and its factors, whose printed parts add up to it."""
    present = [(ramp, one) for ramp, one in zip(ramps, readings, strict=True) if isinstance(one, Reading)]
    subs: list[tuple[int, FactorDirection]] = []
    earned: list[int] = []
    earned_rests: list[int] = []
    lost: list[int] = []
    lost_rests: list[int] = []
    for (_, _, weight, rise, base, run), (value, parts, _, _) in present:
        under = run * parts
        over = min(max(0, rise * value + base * parts), 100 * under)
        subs.append(((20 * over + under) // (2 * under), _direction(over, under)))
        whole = covered.weight * under
        tenths, rest = divmod(10 * weight * over, whole)
        earned.append(tenths)
        earned_rests.append((rest << _BITS) // whole)
        tenths, rest = divmod(10 * weight * (100 * under - over), whole)
        lost.append(tenths)
        lost_rests.append((rest << _BITS) // whole)
    total = sum(earned) + (sum(earned_rests) + _LOST_BITS >> _BITS)
    factors = [
        Factor(ramp.measure, reading.raw, _TENTHS[sub], ramp.printed_weight, effective_weight,
               _TENTHS[contribution], _TENTHS[points_lost], direction, reading.observed_on)
        for (ramp, reading), (sub, direction), effective_weight, contribution, points_lost in zip(
            present, subs, covered.effective_weights, _shared(earned, earned_rests, total),
            _shared(lost, lost_rests, 1000 - total), strict=True
        )
    ]  # fmt: skip
    return _TENTHS[total], tuple(factors)


def _direction(over: int, under: int) -> FactorDirection:
    """Of a sub-score as a fraction."""
    if over >= _HELPS_FROM * under:
        return FactorDirection.HELPS
    return FactorDirection.NEUTRAL if over >= _NEUTRAL_FROM * under else FactorDirection.HURTS


_HELPS_FROM: Final = int(DEFAULT.green_from)
_NEUTRAL_FROM: Final = int(DEFAULT.amber_from)


@lru_cache
def _readers(card: Scorecard) -> tuple[tuple[ScorecardMeasure, Reader], ...]:
    return tuple((measure, READERS[measure.measure]) for measure in card.measures)


@lru_cache
def _ramps(card: Scorecard) -> tuple[_Ramp, ...]:
    weights = [measure.weight.as_integer_ratio() for measure in card.measures]
    common = lcm(*(parts for _, parts in weights))
    return tuple(
        _Ramp(measure.measure, measure.weight, weight * (common // parts), *_line(measure))
        for measure, (weight, parts) in zip(card.measures, weights, strict=True)
    )


def _line(measure: ScorecardMeasure) -> tuple[int, int, int]:
    """rise, base and run: 100 * (value - zero_at) / (hundred_at - zero_at) in integers, run above 0."""
    zero, zero_parts = measure.zero_at.as_integer_ratio()
    length, length_parts = (measure.hundred_at - measure.zero_at).as_integer_ratio()
    sign = 1 if length > 0 else -1
    return sign * 100 * length_parts * zero_parts, sign * -100 * length_parts * zero, abs(length) * zero_parts


@lru_cache(maxsize=4096)
def _coverage(card: Scorecard, gaps: tuple[MissingReason | None, ...]) -> _Coverage:
    """By the reason for which each of the card's measures has no data, None where it has."""
    ramps = _ramps(card)
    known = [ramp.weight for ramp, gap in zip(ramps, gaps, strict=True) if gap is None]
    applicable = [ramp.weight for ramp, gap in zip(ramps, gaps, strict=True) if gap is not MissingReason.NOT_APPLICABLE]
    share = Decimal(sum(known)) / (sum(applicable) or 1)
    return _Coverage(
        weight=sum(known),
        share=share.quantize(Decimal("0.0001"), ROUND_HALF_UP),
        is_enough=share >= card.least_coverage,
        effective_weights=tuple(shares([Decimal(one) / sum(known) for one in known], Decimal(1), Decimal("0.0001"))),
        missing=tuple(
            Missing(ramp.measure, gap, ramp.printed_weight)
            for ramp, gap in zip(ramps, gaps, strict=True)
            if gap is not None
        ),
    )
