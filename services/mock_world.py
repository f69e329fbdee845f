"""A made-up portfolio: companies with their contracts, their figures and their past. Pure; nothing is stored here.

Chance comes from the seed alone, and company n is the same however many are asked for. What happens to a company is
its archetype's story (services.mock_stories); the figures are drawn in services.mock_figures.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from services import mock_figures, mock_names
from services.mock_figures import Course, Observation, Usage
from services.mock_stories import PORTFOLIO, STORIES, Archetype
from services.vocabulary import AccountStatus, RiskLevel, Segment

_SEGMENTS: Final = ((Segment.SMB, Segment.MID_MARKET, Segment.ENTERPRISE), (45, 35, 20))
_REGIONS: Final = (("North America", "Europe", "Asia Pacific", "Latin America"), (42, 33, 17, 8))
"Each with how often it comes, in percent."
_ARR: Final = {
    Segment.SMB: (6_000, 30_000),
    Segment.MID_MARKET: (30_000, 150_000),
    Segment.ENTERPRISE: (150_000, 900_000),
}
_SEAT: Final = {Segment.SMB: (360, 560), Segment.MID_MARKET: (300, 480), Segment.ENTERPRISE: (240, 420)}
"Price of a seat a year: larger customers get better ones."
_FEWEST_SEATS: Final = 12
_YEAR: Final = timedelta(365)

ArrHistory = tuple[tuple[date, Decimal], ...]
"From which day on the company was worth how much a year, oldest first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A customer with its past. What was measured ends on the day of the world, or on the day the customer was lost."""

    archetype: Archetype
    external_id: str
    name: str
    arr: Decimal
    segment: Segment
    industry: str | None
    region: str | None
    cs_owner: str | None
    renewal_date: date
    status: AccountStatus
    churned_on: date | None
    arr_history: ArrHistory
    observations: tuple[Observation, ...]
    "At least one, oldest first."
    usage: tuple[Usage, ...]
    "Oldest first; none where nobody keeps track, or where the customer was lost before the days asked for."


@dataclass(frozen=True, slots=True)
class _Contract:
    start: date
    renewal: date
    churned_on: date | None = None


def build(accounts: int, days: int, seed: int, today: date) -> Iterator[Company]:
    """Companies 1 to `accounts`, one at a time: use on `days` days up to `today`, observations every 30 days back.

    A company has no figures from before it was a customer or after it was lost. Names last for a million companies.

    >>> [company.name for company in build(2, 1, 1, date(2026, 1, 1))]
    ['Granitestead College', 'Swandell Stores']
    """
    for first in range(1, accounts + 1, len(PORTFOLIO)):
        archetypes = Random(f"{seed}/from {first}").sample(PORTFOLIO, len(PORTFOLIO))
        for n, archetype in zip(range(first, accounts + 1), archetypes, strict=False):
            yield _company(n, archetype, days, seed, today)


def _company(n: int, archetype: Archetype, days: int, seed: int, today: date) -> Company:
    chance = Random(f"{seed}/{n}")
    name, industry = mock_names.company(seed, n)
    segment = chance.choices(*_SEGMENTS)[0]
    region = chance.choices(*_REGIONS)[0]
    owner = chance.choice(mock_names.OWNERS[segment])
    contract = _contract(chance, archetype, today)
    arr = _amount(chance, *_ARR[segment])
    history = _arr_history(chance, archetype, arr, contract, today)
    course = _course(chance, archetype, segment, arr, contract, today)
    documented = archetype is not Archetype.UNDOCUMENTED
    observed, used = Random(f"{seed}/{n}/observed"), Random(f"{seed}/{n}/used")
    return Company(
        archetype=archetype,
        external_id=f"MOCK-{seed}-{n:05d}",
        name=name,
        arr=history[-1][1],
        segment=segment,
        industry=industry if documented else None,
        region=region if documented else None,
        cs_owner=owner if documented else None,
        renewal_date=contract.renewal,
        status=_status(archetype),
        churned_on=contract.churned_on,
        arr_history=history,
        observations=mock_figures.observations(observed, course, today - timedelta(days), documented=documented),
        usage=mock_figures.usage(used, course, today - timedelta(days - 1)) if documented else (),
    )


def _status(archetype: Archetype) -> AccountStatus:
    if archetype is Archetype.CHURNED:
        return AccountStatus.CHURNED
    new = archetype in (Archetype.ONBOARDING, Archetype.STALLED)
    return AccountStatus.ONBOARDING if new else AccountStatus.ACTIVE


def _contract(chance: Random, archetype: Archetype, today: date) -> _Contract:
    """Years old and renewed once a year, but for the customers in onboarding. The lost ones left at a renewal."""
    match archetype:
        case Archetype.ONBOARDING | Archetype.STALLED:
            age = chance.randint(25, 75) if archetype is Archetype.ONBOARDING else chance.randint(110, 170)
            start = today - timedelta(age)
            return _Contract(start, start + _YEAR)
        case Archetype.RENEWING_WELL:
            ahead = chance.randint(3, 60)
        case Archetype.RENEWING_POORLY:
            ahead = chance.randint(8, 85)
        case Archetype.OVERDUE:
            ahead = -chance.randint(4, 40)
        case Archetype.CHURNED:
            ahead = -chance.randint(15, 100)
        case _:
            ahead = chance.randint(95, 360)
    renewal = today + timedelta(ahead)
    return _Contract(
        start=renewal - _YEAR * chance.randint(2, 5),
        renewal=renewal,
        churned_on=renewal if archetype is Archetype.CHURNED else None,
    )


def _arr_history(chance: Random, archetype: Archetype, arr: Decimal, contract: _Contract, today: date) -> ArrHistory:
    """`arr` since the last change before the customer was lost."""
    recently = today - timedelta(chance.randint(30, 180))
    match archetype:
        case Archetype.GROWING_UNHEALTHY:
            return (contract.start, _part(chance, arr, 0.60, 0.80)), (recently, arr)
        case Archetype.SHRINKING_HEALTHY:
            return (contract.start, _part(chance, arr, 1.10, 1.40)), (recently, arr)
        case Archetype.FAILING if chance.random() < 0.4:
            return (contract.start, _part(chance, arr, 1.05, 1.25)), (recently, arr)
        case Archetype.HEALTHY | Archetype.RENEWING_WELL if chance.random() < 0.7:
            return (contract.start, _part(chance, arr, 0.82, 0.96)), (contract.renewal - _YEAR, arr)
    lost = () if contract.churned_on is None else ((contract.churned_on, Decimal(0)),)
    return (contract.start, arr), *lost


def _course(
    chance: Random, archetype: Archetype, segment: Segment, arr: Decimal, contract: _Contract, today: date
) -> Course:
    story = STORIES[archetype]
    if archetype is Archetype.ONBOARDING:
        story = replace(story, turn=(today - contract.start).days)
    reviewed = chance.randint(*story.reviewed)
    return Course(
        story=story,
        start=contract.start,
        last=contract.churned_on or today,
        seats=max(_FEWEST_SEATS, round(arr / chance.randint(*_SEAT[segment]))),
        lean=chance.uniform(0.90, 1.08),
        trouble=chance.uniform(0.6, 1.3),
        mood=chance.uniform(-20, 20),
        asked=chance.randint(*story.asked),
        reviewed=None if segment is Segment.SMB else reviewed,
        first_value=chance.randint(*story.first_value) if story.first_value else None,
        expansion=_expansion(chance, archetype, arr),
        risk=_risk(chance, archetype),
    )


def _expansion(chance: Random, archetype: Archetype, arr: Decimal) -> Decimal | None:
    if archetype is Archetype.GROWING_UNHEALTHY:
        return _part(chance, arr, 0.20, 0.50)
    wanted = archetype in (Archetype.HEALTHY, Archetype.RENEWING_WELL) and chance.random() < 0.4
    return _part(chance, arr, 0.08, 0.30) if wanted else None


def _risk(chance: Random, archetype: Archetype) -> RiskLevel | None:
    """The success manager's own judgement; not everyone writes one down."""
    match archetype:
        case Archetype.RENEWING_POORLY:
            return RiskLevel.HIGH
        case Archetype.FAILING | Archetype.SILENT | Archetype.CHURNED:
            return chance.choice((RiskLevel.HIGH, RiskLevel.MEDIUM, None))
        case Archetype.AVERAGE | Archetype.OVERDUE | Archetype.GROWING_UNHEALTHY:
            return chance.choice((RiskLevel.MEDIUM, RiskLevel.LOW, None))
        case Archetype.HEALTHY | Archetype.RENEWING_WELL | Archetype.SHRINKING_HEALTHY:
            return chance.choice((RiskLevel.LOW, None))
    return None


def _amount(chance: Random, low: int, high: int) -> Decimal:
    """Whole hundreds between the two; small amounts are more common than large ones, as among customers."""
    return Decimal(round(math.exp(chance.uniform(math.log(low), math.log(high))) / 100) * 100)


def _part(chance: Random, arr: Decimal, low: float, high: float) -> Decimal:
    return Decimal(round(float(arr) * chance.uniform(low, high) / 100) * 100)
