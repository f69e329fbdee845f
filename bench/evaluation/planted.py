"""The accounts of an evaluation: ten problems, each planted in one account of ten, and healthy controls. Pure; chance
comes from the seed alone. Not the writing of them (bench.evaluation.world).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any, Final

from services import mock_figures, mock_names
from services.evidence.facts import Topic
from services.mock_figures import Course, Observation, Usage
from services.mock_stories import Story
from services.vocabulary import AccountStatus, Segment

DAY: Final = date(2026, 3, 31)
"The day of every evaluation, so that a seed means the same accounts whenever it is run."
HISTORY: Final = 120
"Days of use and observations before DAY."
A_CONTROL_AFTER: Final = 10
"Planted accounts for each healthy control."


class Problem(StrEnum):
    """What is wrong with an account."""

    USAGE_DROP = "USAGE_DROP"
    SILENT_CUSTOMER = "SILENT_CUSTOMER"
    LOW_UTILISATION = "LOW_UTILISATION"
    CRITICAL_SUPPORT = "CRITICAL_SUPPORT"
    DETRACTOR = "DETRACTOR"
    QBR_OVERDUE = "QBR_OVERDUE"
    ONBOARDING_STALLED = "ONBOARDING_STALLED"
    RENEWAL_AT_RISK = "RENEWAL_AT_RISK"
    GROWING_BUT_UNHEALTHY = "GROWING_BUT_UNHEALTHY"
    HEALTHY_BUT_SHRINKING = "HEALTHY_BUT_SHRINKING"


TOPICS: Final = {
    Problem.USAGE_DROP: {Topic.LOGINS, Topic.WEEKLY_ACTIVE},
    Problem.SILENT_CUSTOMER: {Topic.LOGINS, Topic.LICENSE_UTILISATION, Topic.ACTIVE_USERS},
    Problem.LOW_UTILISATION: {Topic.LICENSE_UTILISATION, Topic.SEATS, Topic.ACTIVE_USERS},
    Problem.CRITICAL_SUPPORT: {Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES},
    Problem.DETRACTOR: {Topic.NPS},
    Problem.QBR_OVERDUE: {Topic.QBR_RECENCY},
    Problem.ONBOARDING_STALLED: {Topic.ONBOARDING_PROGRESS, Topic.CUSTOMER_SINCE},
    Problem.RENEWAL_AT_RISK: {Topic.RENEWAL},
    Problem.GROWING_BUT_UNHEALTHY: {Topic.ARR, Topic.EXPANSION},
    Problem.HEALTHY_BUT_SHRINKING: {Topic.ARR},
}
"What a finding must rest on, on any one of these, to have found the problem."


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """An account as it is written into the database. `problem` is None for a healthy control."""

    number: int
    problem: Problem | None
    name: str
    segment: Segment
    status: AccountStatus
    renewal_date: date
    arr_history: tuple[tuple[date, Decimal], ...]
    "Oldest first; the last is what it is worth today."
    observations: tuple[Observation, ...]
    usage: tuple[Usage, ...]
    scored_on: tuple[date, ...]
    "Oldest first, DAY last."


def accounts(seed: int, planted: int) -> Iterator[Planted]:
    """`planted` accounts with a problem, the problems in turn, and a healthy control after each ten of them."""
    problems = tuple(Problem)
    number = 0
    for at in range(planted):
        number += 1
        yield _account(seed, number, problems[at % len(problems)], variant=at // len(problems))
        if (at + 1) % A_CONTROL_AFTER == 0:
            number += 1
            yield _account(seed, number, None, variant=at // len(problems))


_WELL: Final = Story(
    turn=120, utilisation=(0.80, 0.84), adoption=(0.72, 0.76), weekly=(0.74, 0.77), minutes=(31, 32), tickets=(3, 2.5),
    critical=(0.2, 0.2), breaches=(0.1, 0.1), nps=(46, 50), reviewed=(10, 40), first_value=(12, 28),
)  # fmt: skip
_FAIR: Final = replace(
    _WELL, utilisation=(0.72, 0.70), adoption=(0.55, 0.53), weekly=(0.58, 0.56), minutes=(24, 23), tickets=(5, 5.5),
    nps=(22, 18), reviewed=(40, 80), first_value=(30, 50),
)  # fmt: skip
_STORIES: Final = {
    None: _WELL,
    Problem.USAGE_DROP: replace(_WELL, turn=40, utilisation=(0.82, 0.64), weekly=(0.76, 0.34), minutes=(30, 22)),
    Problem.SILENT_CUSTOMER: replace(
        _FAIR, turn=90, utilisation=(0.30, 0.03), adoption=(0.10, 0.01), weekly=(0.20, 0.01), minutes=(9, 3),
        tickets=(1, 0), critical=(0, 0), breaches=(0, 0), asked=(190, 250),
    ),
    Problem.LOW_UTILISATION: replace(_WELL, utilisation=(0.44, 0.37), adoption=(0.66, 0.64)),
    Problem.CRITICAL_SUPPORT: replace(_WELL, turn=60, tickets=(5, 9), critical=(1, 4.6), breaches=(0.3, 2.6)),
    Problem.DETRACTOR: replace(_WELL, turn=60, nps=(15, -42), asked=(4, 20)),
    Problem.QBR_OVERDUE: replace(_WELL, reviewed=(135, 210)),
    Problem.ONBOARDING_STALLED: replace(
        _FAIR, turn=110, utilisation=(0.55, 0.52), adoption=(0.40, 0.38), progress=(0.30, 0.36), nps=None,
        reviewed=(15, 40), first_value=None,
    ),
    Problem.RENEWAL_AT_RISK: _FAIR,
    Problem.GROWING_BUT_UNHEALTHY: replace(
        _FAIR, utilisation=(0.95, 1.02), adoption=(0.46, 0.42), weekly=(0.50, 0.46), minutes=(19, 16), tickets=(7, 9),
        critical=(0.8, 1), nps=(8, 4),
    ),
    Problem.HEALTHY_BUT_SHRINKING: _WELL,
}  # fmt: skip
_Figures = Mapping[str, Any]
_BLEMISHES: Final[tuple[_Figures, ...]] = (
    {},
    {"first_value": (55, 70)},
    {"tickets": (6, 7)},
    {"adoption": (0.50, 0.44)},
    {"minutes": (22, 18)},
)
"What else is not quite well, so that the planted problem has to be told from it; a control has none."
_RIVALS: Final[tuple[_Figures, ...]] = (
    {"critical": (1, 2.6)},
    {"nps": (12, -14)},
    {"reviewed": (130, 190)},
)
"A second problem of middling weight, in two variants of five."
_OWN: Final[Mapping[Problem, set[str]]] = {
    Problem.USAGE_DROP: {"minutes"},
    Problem.SILENT_CUSTOMER: {"minutes", "adoption", "tickets"},
    Problem.CRITICAL_SUPPORT: {"tickets", "critical"},
    Problem.DETRACTOR: {"nps"},
    Problem.QBR_OVERDUE: {"reviewed"},
    Problem.ONBOARDING_STALLED: {"nps", "first_value"},
    Problem.GROWING_BUT_UNHEALTHY: {"adoption", "minutes", "tickets"},
    Problem.HEALTHY_BUT_SHRINKING: {"critical", "nps", "reviewed"},
}
"The figures that make a problem what it is, which nothing else may touch."


def _account(seed: int, number: int, problem: Problem | None, *, variant: int) -> Planted:
    chance = Random(f"evaluation/{seed}/{number}")
    sizes = (Segment.MID_MARKET, Segment.ENTERPRISE)
    segment = chance.choice(sizes if problem is Problem.QBR_OVERDUE else (Segment.SMB, *sizes))
    arr = Decimal(chance.randint(60, 4_000) * 100)
    new = problem is Problem.ONBOARDING_STALLED
    age = chance.randint(HISTORY + 5, HISTORY + 50) if new else chance.randint(500, 1_500)
    story = _STORIES[problem]
    if problem is not None:
        offered = _RIVALS if variant % 5 in (1, 3) else _BLEMISHES
        fitting = [one for one in offered if _OWN.get(problem, set()).isdisjoint(one)]
        story = replace(story, **chance.choice(fitting or _BLEMISHES[:1]))
    course = _course(chance, story, segment, arr, DAY - timedelta(age), problem)
    return Planted(
        number=number,
        problem=problem,
        name=mock_names.company(seed, number)[0],
        segment=segment,
        status=AccountStatus.ONBOARDING if new else AccountStatus.ACTIVE,
        renewal_date=DAY + timedelta(_days_to_renewal(chance, problem)),
        arr_history=_arr_history(chance, arr, course.start, problem),
        observations=mock_figures.observations(chance, course, DAY - timedelta(HISTORY), documented=True),
        usage=mock_figures.usage(chance, course, DAY - timedelta(HISTORY - 1)),
        scored_on=_scored_on(variant),
    )


def _course(
    chance: Random, story: Story, segment: Segment, arr: Decimal, start: date, problem: Problem | None
) -> Course:
    growing = problem is Problem.GROWING_BUT_UNHEALTHY
    return Course(
        story=story,
        start=start,
        last=DAY,
        seats=max(24, round(arr / chance.randint(300, 500))),
        lean=chance.uniform(0.97, 1.03),
        trouble=chance.uniform(0.95, 1.05),
        mood=chance.uniform(-4, 4),
        asked=chance.randint(*story.asked),
        reviewed=None if segment is Segment.SMB else chance.randint(*story.reviewed),
        first_value=chance.randint(*story.first_value) if story.first_value else None,
        expansion=Decimal(round(arr * 3 / 10)) if growing else None,
        risk=None,
    )


def _days_to_renewal(chance: Random, problem: Problem | None) -> int:
    return chance.randint(8, 85) if problem is Problem.RENEWAL_AT_RISK else chance.randint(120, 350)


def _arr_history(
    chance: Random, arr: Decimal, start: date, problem: Problem | None
) -> tuple[tuple[date, Decimal], ...]:
    match problem:
        case Problem.GROWING_BUT_UNHEALTHY:
            factor = 0.75
        case Problem.HEALTHY_BUT_SHRINKING:
            factor = 1.25
        case _:
            return ((start, arr),)
    before = Decimal(round(float(arr) * factor * chance.uniform(0.95, 1.05) / 100) * 100)
    return (start, before), (DAY - timedelta(chance.randint(20, 200)), arr)


def _scored_on(variant: int) -> tuple[date, ...]:
    """Every 30 days and a week ago; for one variant in five the score of a month ago is missing."""
    backs = (105, 75, 45, 14, 0) if variant % 5 == 4 else (90, 60, 30, 7, 0)
    return tuple(DAY - timedelta(back) for back in backs)
