"""Which playbooks to run for an account, from its signals and the points its measures lose. Pure.

Every account that is not green and has data gets at least one: a signal's playbook, or that of the costliest measure.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from services.health import Health
from services.playbook_library import PLAYBOOKS, Playbook
from services.records import record
from services.signals import Signal
from services.vocabulary import HealthBucket, MeasureCode, RiskLevel, RiskSignalCode

MOST: Final = 5
SIGNAL_SHARE: Final = Decimal("0.6")
"How much of the relevance the gravest answered signal decides; the rest is the share of lost points it could win back."
POINTS_SHARE: Final = 1 - SIGNAL_SHARE
OF_A_MEASURE: Final = frozenset({
    RiskSignalCode.LOW_UTILISATION, RiskSignalCode.CRITICAL_SUPPORT, RiskSignalCode.DETRACTOR,
    RiskSignalCode.QBR_OVERDUE,
})  # fmt: skip
"Signals that are a measure's own poor reading; the others tell of a situation."
SEVERITY: Final = {RiskLevel.LOW: Decimal("0.4"), RiskLevel.MEDIUM: Decimal("0.7"), RiskLevel.HIGH: Decimal("1")}
_NO_POINTS: Final = Decimal("0.0")
_HUNDREDTH: Final = Decimal("0.01")


@record()
class Recommendation:
    """A playbook by its key, 0..1 relevant, because of these signals, able to win back so many points."""

    playbook: str
    relevance: Decimal
    because: tuple[RiskSignalCode, ...]
    points_recoverable: Decimal


def recommend(health: Health, signals: Sequence[Signal]) -> tuple[Recommendation, ...]:
    """At most five playbooks, the most relevant first.

    A green account is left alone unless a signal asks. Below green lost points ask too, for a playbook that works on a
    measure; one for a situation, such as a renewal at risk, is offered without its signal only where nothing else fits.
    """
    is_below_green = health.bucket is HealthBucket.AMBER or health.bucket is HealthBucket.RED
    lost = {factor.measure: factor.points_lost for factor in health.factors}
    offered = _offered(tuple([(signal.code, signal.severity) for signal in signals]))
    wanted = []
    for offer in offered:
        if offer.because or (is_below_green and offer.is_of_a_measure):
            points = _recoverable(offer.playbook, lost)
            if offer.because or points:
                wanted.append(_recommendation(offer, points, health))
    if is_below_green and not wanted:
        all_points = [(offer, _recoverable(offer.playbook, lost)) for offer in offered]
        wanted = [_recommendation(offer, points, health) for offer, points in all_points if points]
    return tuple(sorted(wanted, key=lambda one: (-one.relevance, -one.points_recoverable, one.playbook))[:MOST])


@record()
class _Offer:
    """A playbook before an account's points are known: what it answers, and the relevance that comes of that."""

    playbook: Playbook
    because: tuple[RiskSignalCode, ...]
    relevance: Decimal
    is_of_a_measure: bool


@lru_cache(maxsize=4096)
def _offered(raised: tuple[tuple[RiskSignalCode, RiskLevel], ...]) -> tuple[_Offer, ...]:
    """The whole library, seen from these signals."""
    return tuple(
        _Offer(
            playbook,
            tuple(code for code, _ in raised if code in playbook.triggers),
            SIGNAL_SHARE * max((SEVERITY[level] for code, level in raised if code in playbook.triggers), default=0),
            not OF_A_MEASURE.isdisjoint(playbook.triggers),
        )
        for playbook in PLAYBOOKS
    )


def _recoverable(playbook: Playbook, lost: Mapping[MeasureCode, Decimal]) -> Decimal:
    """The points that the playbook's measures keep the account from having."""
    points = _NO_POINTS
    for measure in playbook.measures:
        if measure in lost:
            points += lost[measure]
    return points


def _recommendation(offer: _Offer, points: Decimal, health: Health) -> Recommendation:
    relevance = offer.relevance
    if points and health.score is not None:
        relevance += POINTS_SHARE * (points / (100 - health.score))
    return Recommendation(offer.playbook.key, relevance.quantize(_HUNDREDTH, ROUND_HALF_UP), offer.because, points)
