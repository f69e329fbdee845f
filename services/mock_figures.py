"""The figures of one made-up company, day by day: its story's levels with some noise. Pure; chance is handed in.

Drawn from the last day backwards, so that a longer past adds older days to a shorter one's and changes nothing else.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from services.mock_stories import Span, Story
from services.vocabulary import RiskLevel

MONTH: Final = 30
"Days from one observation to the next."
_QUARTER: Final = 90
_WEEK: Final = (0.95, 1.0, 1.0, 0.97, 0.84, 0.12, 0.10)
"How much of a busy day each day sees, Monday first."
_EVENTS_A_LOGIN: Final = 9


class Observation(NamedTuple):
    """What is known of the company on a day. Fields are columns of account_observations."""

    observed_on: date
    seats_purchased: int
    tickets_last_30d: int
    active_users: int | None = None
    feature_x_adoption: float | None = None
    weekly_active_pct: float | None = None
    time_to_value_days: int | None = None
    critical_tickets_90d: int | None = None
    sla_breaches_90d: int | None = None
    nps: int | None = None
    nps_on: date | None = None
    qbr_last_date: date | None = None
    onboarding: bool | None = None
    onboarding_progress: float | None = None
    expansion_oppty_dollar: Decimal | None = None
    renewal_risk: RiskLevel | None = None


class Usage(NamedTuple):
    """One day's use. Fields are columns of daily_metrics."""

    day: date
    logins: int
    events: int
    feature_x_events: int
    avg_session_min: float | None
    errors: int
    ticket_backlog: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A story and the company that it happens to."""

    story: Story
    start: date
    "First day of the contract."
    last: date
    "The day of the world, or the day the company was lost."
    seats: int
    lean: float
    "How far above or below the story the company runs, as a factor near 1."
    trouble: float
    "The same for its tickets."
    mood: float
    "The same for its NPS, in points to add."
    asked: int
    "How many days before the last day the newest survey was; earlier ones came every 90 days."
    reviewed: int | None
    "Likewise the newest business review; None where none are held."
    first_value: int | None
    expansion: Decimal | None
    risk: RiskLevel | None


def observations(chance: Random, course: Course, since: date, *, documented: bool) -> tuple[Observation, ...]:
    """Every 30 days back from the last day to `since`, within the contract; of the last day always. Oldest first.

    Where the company is not `documented`, only its seats and tickets are known.
    """
    life = (course.last - max(since, course.start)).days
    observe = _observe if documented else _glimpse
    return tuple(observe(chance, course, age) for age in range(0, max(life, 0) + 1, MONTH))[::-1]


def usage(chance: Random, course: Course, since: date) -> tuple[Usage, ...]:
    """Every day from `since`, or the start of the contract, to the last day. Oldest first."""
    life = (course.last - max(since, course.start)).days
    return tuple(_use(chance, course, age) for age in range(life + 1))[::-1]


def _glimpse(chance: Random, course: Course, age: int) -> Observation:
    return Observation(
        observed_on=course.last - timedelta(age),
        seats_purchased=course.seats,
        tickets_last_30d=_count(
            chance, _level(course, course.story.tickets, age) * course.trouble * course.seats / 100
        ),
    )


def _observe(chance: Random, course: Course, age: int) -> Observation:
    story = course.story
    survey = _newest(course.asked, age)
    survey_on = course.last - timedelta(survey)
    nps = story.nps if survey_on >= course.start else None
    active = course.seats * _level(course, story.utilisation, age) * course.lean
    return _glimpse(chance, course, age)._replace(
        active_users=round(active * chance.uniform(0.98, 1.02)),
        feature_x_adoption=_share(chance, _level(course, story.adoption, age) * course.lean),
        weekly_active_pct=_share(chance, _level(course, story.weekly, age) * course.lean),
        time_to_value_days=course.first_value,
        critical_tickets_90d=_count(chance, _level(course, story.critical, age) * course.trouble),
        sla_breaches_90d=_count(chance, _level(course, story.breaches, age) * course.trouble),
        nps=None if nps is None else round(_level(course, nps, survey) + course.mood),
        nps_on=None if nps is None else survey_on,
        qbr_last_date=_reviewed_on(course, age),
        onboarding=story.progress is not None,
        onboarding_progress=_share(chance, _level(course, story.progress, age)) if story.progress else None,
        expansion_oppty_dollar=course.expansion,
        renewal_risk=course.risk,
    )


def _reviewed_on(course: Course, age: int) -> date | None:
    if course.reviewed is None:
        return None
    reviewed_on = course.last - timedelta(_newest(course.reviewed, age))
    return reviewed_on if reviewed_on >= course.start else None


def _use(chance: Random, course: Course, age: int) -> Usage:
    story, noise = course.story, chance.random
    day = course.last - timedelta(age)
    active = course.seats * _level(course, story.utilisation, age) * course.lean
    busy = active * _level(course, story.weekly, age) * _WEEK[day.weekday()]
    logins = round(busy * (0.85 + 0.3 * noise()))
    events = int(logins * _EVENTS_A_LOGIN * (0.8 + 0.4 * noise()))
    minutes = _level(course, story.minutes, age) * course.lean * (0.9 + 0.2 * noise())
    trouble = _level(course, story.tickets, age) * course.trouble
    return Usage(
        day=day,
        logins=logins,
        events=events,
        feature_x_events=int(events * 0.4 * _level(course, story.adoption, age)),
        avg_session_min=round(minutes, 2) if logins else None,
        errors=int(events * trouble * 0.002 + noise()),
        ticket_backlog=int(trouble * course.seats / 300 + noise()),
    )


def _level(course: Course, span: Span, age: int) -> float:
    """Where a figure stood `age` days before the last day: moving straight within the turn, steady before it."""
    before, now = span
    turn = course.story.turn
    return now + (before - now) * age / turn if age < turn else before


def _newest(last: int, age: int) -> int:
    """Age of the newest of what happens every 90 days, most lately `last` days ago, as of `age` days ago.

    >>> _newest(40, 0), _newest(40, 40), _newest(40, 60)
    (40, 40, 130)
    """
    return last + _QUARTER * max(0, math.ceil((age - last) / _QUARTER))


def _share(chance: Random, level: float) -> float:
    return round(min(1.0, max(0.0, level * chance.uniform(0.97, 1.03))), 4)


def _count(chance: Random, level: float) -> int:
    """The whole number below the level or the one above it, the nearer one more often."""
    return int(level + chance.random())
