"""What happens to a made-up customer, by archetype: where its figures stood and where they stand now. Data, no chance.

The figures are chosen so that the default scorecard sees what the archetype's name says (tests/test_mock_data.py).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Span = tuple[float, float]
"From the level before the turn to the level today."


class Archetype(StrEnum):
    """What kind of customer it is."""

    HEALTHY = "HEALTHY"
    AVERAGE = "AVERAGE"
    FAILING = "FAILING"
    SILENT = "SILENT"
    RENEWING_WELL = "RENEWING_WELL"
    RENEWING_POORLY = "RENEWING_POORLY"
    OVERDUE = "OVERDUE"
    GROWING_UNHEALTHY = "GROWING_UNHEALTHY"
    SHRINKING_HEALTHY = "SHRINKING_HEALTHY"
    ONBOARDING = "ONBOARDING"
    STALLED = "STALLED"
    UNDOCUMENTED = "UNDOCUMENTED"
    CHURNED = "CHURNED"


PORTFOLIO: Final = (
    (Archetype.HEALTHY,) * 6
    + (Archetype.AVERAGE,) * 5
    + (Archetype.FAILING,) * 3
    + (Archetype.SILENT,) * 2
    + (
        Archetype.RENEWING_WELL, Archetype.RENEWING_POORLY, Archetype.OVERDUE, Archetype.GROWING_UNHEALTHY,
        Archetype.SHRINKING_HEALTHY, Archetype.ONBOARDING, Archetype.STALLED, Archetype.UNDOCUMENTED, Archetype.CHURNED,
    )
)  # fmt: skip
"Twenty-five customers as a portfolio has them; a world is many of these, each in an order of its own."


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Levels of the measures. Shares are 0..1, tickets per 100 seats and 30 days, critical and breaches per 90 days."""

    turn: int
    "Days over which the levels move from the first to the second, up to today; in onboarding it is the whole contract."
    utilisation: Span
    adoption: Span
    weekly: Span
    minutes: Span
    tickets: Span
    critical: Span
    breaches: Span
    nps: Span | None
    asked: tuple[int, int] = (5, 60)
    "How many days ago the last survey was, at least and at most."
    reviewed: tuple[int, int]
    "Likewise the last business review."
    first_value: tuple[int, int] | None
    "Days from purchase to first value, at least and at most."
    progress: Span | None = None
    "Share of the onboarding that is done."


_WELL: Final = Story(
    turn=180, utilisation=(0.78, 0.88), adoption=(0.68, 0.80), weekly=(0.74, 0.82), minutes=(30, 34), tickets=(3, 2),
    critical=(0.3, 0.1), breaches=(0.1, 0), nps=(45, 58), reviewed=(8, 50), first_value=(12, 26),
)  # fmt: skip
_SO_SO: Final = Story(
    turn=180, utilisation=(0.62, 0.60), adoption=(0.52, 0.50), weekly=(0.52, 0.50), minutes=(21, 20), tickets=(5, 5),
    critical=(1, 1), breaches=(0.4, 0.4), nps=(20, 16), reviewed=(45, 100), first_value=(30, 50),
)  # fmt: skip
_FALLING: Final = Story(
    turn=90, utilisation=(0.66, 0.24), adoption=(0.50, 0.20), weekly=(0.55, 0.25), minutes=(20, 10), tickets=(6, 12),
    critical=(1, 4), breaches=(0.5, 3), nps=(10, -45), reviewed=(125, 190), first_value=(55, 85),
)  # fmt: skip

STORIES: Final = {
    Archetype.HEALTHY: _WELL,
    Archetype.RENEWING_WELL: _WELL,
    Archetype.SHRINKING_HEALTHY: _WELL,
    Archetype.AVERAGE: _SO_SO,
    Archetype.OVERDUE: _SO_SO,
    Archetype.UNDOCUMENTED: _SO_SO,
    Archetype.FAILING: _FALLING,
    Archetype.CHURNED: _FALLING,
    Archetype.RENEWING_POORLY: Story(
        turn=150, utilisation=(0.60, 0.40), adoption=(0.45, 0.30), weekly=(0.50, 0.36), minutes=(19, 14),
        tickets=(6, 9), critical=(1, 3), breaches=(0.5, 1.6), nps=(5, -20), reviewed=(90, 150), first_value=(45, 70),
    ),
    Archetype.SILENT: Story(
        turn=120, utilisation=(0.15, 0.03), adoption=(0.06, 0), weekly=(0.10, 0.01), minutes=(7, 3), tickets=(0.5, 0),
        critical=(0, 0), breaches=(0, 0), nps=(5, 0), asked=(190, 260), reviewed=(125, 210), first_value=(70, 110),
    ),
    Archetype.GROWING_UNHEALTHY: Story(
        turn=120, utilisation=(0.96, 1.08), adoption=(0.42, 0.32), weekly=(0.48, 0.40), minutes=(17, 13),
        tickets=(8, 12), critical=(2, 4), breaches=(1, 2.5), nps=(-5, -38), reviewed=(95, 150), first_value=(55, 80),
    ),
    Archetype.ONBOARDING: Story(
        turn=60, utilisation=(0.12, 0.62), adoption=(0.05, 0.40), weekly=(0.20, 0.60), minutes=(9, 22), tickets=(2, 7),
        critical=(0, 1), breaches=(0, 0.3), nps=None, reviewed=(5, 15), first_value=None, progress=(0.10, 0.80),
    ),
    Archetype.STALLED: Story(
        turn=110, utilisation=(0.22, 0.17), adoption=(0.10, 0.06), weekly=(0.20, 0.14), minutes=(11, 8), tickets=(3, 8),
        critical=(0, 1.5), breaches=(0, 0.6), nps=None, reviewed=(60, 100), first_value=None, progress=(0.30, 0.38),
    ),
}  # fmt: skip
