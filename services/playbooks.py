"""Which playbooks to run for an account, from its signals and the points its measures lose. Pure.

Every account that is not green and has data gets at least one: a signal's playbook, or that of the costliest measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from services.health import Health
from services.playbook_library import PLAYBOOKS, Playbook
from services.signals import Signal
from services.vocabulary import HealthBucket, RiskLevel, RiskSignalCode

MOST: Final = 5
SIGNAL_SHARE: Final = Decimal("0.6")
"How much of the relevance the gravest answered signal decides; the rest is the share of lost points it could win back."
OF_A_MEASURE: Final = frozenset({
    RiskSignalCode.LOW_UTILISATION, RiskSignalCode.CRITICAL_SUPPORT, RiskSignalCode.DETRACTOR,
    RiskSignalCode.QBR_OVERDUE,
})  # fmt: skip
"Signals that are a measure's own poor reading; the others tell of a situation."
SEVERITY: Final = {RiskLevel.LOW: Decimal("0.4"), RiskLevel.MEDIUM: Decimal("0.7"), RiskLevel.HIGH: Decimal("1")}


@dataclass(frozen=True, slots=True)
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
    offered = [(playbook, _recommendation(playbook, health, signals)) for playbook in PLAYBOOKS]
    wanted = [
        one for playbook, one in offered if one.because or (_is_of_a_measure(playbook) and one.points_recoverable)
    ]
    if health.bucket not in (HealthBucket.AMBER, HealthBucket.RED):
        wanted = [one for one in wanted if one.because]
    elif not wanted:
        wanted = [one for _, one in offered if one.points_recoverable]
    return tuple(sorted(wanted, key=lambda one: (-one.relevance, -one.points_recoverable, one.playbook))[:MOST])


def _is_of_a_measure(playbook: Playbook) -> bool:
    return not OF_A_MEASURE.isdisjoint(playbook.triggers)


def _recommendation(playbook: Playbook, health: Health, signals: Sequence[Signal]) -> Recommendation:
    answered = [signal for signal in signals if signal.code in playbook.triggers]
    points = health.points_lost(playbook.measures)
    lost = 100 - health.score if health.score is not None else Decimal(0)
    gravity = max((SEVERITY[signal.severity] for signal in answered), default=Decimal(0))
    relevance = SIGNAL_SHARE * gravity + (1 - SIGNAL_SHARE) * (points / lost if lost else Decimal(0))
    return Recommendation(
        playbook=playbook.key,
        relevance=relevance.quantize(Decimal("0.01"), ROUND_HALF_UP),
        because=tuple(signal.code for signal in answered),
        points_recoverable=points,
    )
