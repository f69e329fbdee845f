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

    A green account is left alone unless a signal asks; below green the points alone can ask.
    """
    recommended = [_recommendation(playbook, health, signals) for playbook in PLAYBOOKS]
    wanted = [
        one for one in recommended
        if one.because or (health.bucket in (HealthBucket.AMBER, HealthBucket.RED) and one.points_recoverable > 0)
    ]  # fmt: skip
    return tuple(sorted(wanted, key=lambda one: (-one.relevance, -one.points_recoverable, one.playbook))[:MOST])


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
