"""The headline, which says the one thing, and the summary: how it stands, what weighs most, where to begin."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final

from services.advice.gaps import is_own
from services.advice.measures import NAMES, costs
from services.advice.reading import HELPS, HURTS, NEUTRAL, Reading, amount, capital, period, ref, say
from services.advice.risks import ranked
from services.evidence.drafts import Action
from services.evidence.facts import Aspect, Topic
from services.scorecards import DEAD_BAND
from services.vocabulary import HealthBucket, RiskSignalCode


def headline(reading: Reading) -> str:
    """One line of the gravest signal; of the change, the gap or the calm where there is none."""
    if reading.churned:
        return "{account} has left, and these are its last figures"
    of_signals = chain.from_iterable(_HEADLINES[signal.code](reading) for signal in ranked(reading))
    return next(of_signals, None) or _calm(reading)


def summary(reading: Reading, first: Action) -> str:
    """How it stands, what weighs most, and where to begin."""
    return " ".join(
        [*_standing(reading), *_weighing(reading), f"The first step: {first.title[0].lower()}{first.title[1:]}."]
    )


def _calm(reading: Reading) -> str:
    score, change = reading.number(Topic.SCORE), reading.number(Topic.SCORE, Aspect.CHANGE)
    if score is None:
        return "{account} has no health score yet"
    if change and amount(change) >= DEAD_BAND:
        if change.tone is HURTS:
            return f"{{account}} is losing ground: its score fell by {ref(change)}"
        return f"{{account}} is on its way back: its score rose by {ref(change)}"
    if reading.subject.bucket is not HealthBucket.GREEN:
        stands = "starts out" if change is None else "stands still"
        return f"{{account}} {stands} at a health score of {ref(score)}"
    if reading.number(Topic.ACTIVE_USERS, label="Users beyond"):
        return "{account} is healthy and has outgrown its contract"
    for tone, text in ((HURTS, "healthy but for"), (NEUTRAL, "healthy, with room left in")):
        for lost in reading.lost:
            if lost.tone is tone:
                return f"{{account}} is {text} {NAMES[lost.topic]}"
    return "{account} is healthy on all counts"


def _renewal_at_risk(r: Reading) -> Iterator[str]:
    poor = "in poor health" if r.subject.bucket is HealthBucket.RED else "on uncertain ground"
    text = f"{{{{account}}}} comes up for renewal in {{}} {poor}, with ARR of {{}} at stake"
    yield from say(text, r.number(Topic.RENEWAL), r.number(Topic.ARR))


def _silent(r: Reading) -> Iterator[str]:
    users = r.number(Topic.ACTIVE_USERS)
    if users and not users.number:
        yield from say("{{account}} pays for {} seats that lie unused", r.number(Topic.SEATS))
    yield "{account} has gone quiet"


def _critical(r: Reading) -> Iterator[str]:
    critical = r.number(Topic.CRITICAL_TICKETS)
    if critical and critical.number:
        yield from say("{{account}} is under fire, with {} critical tickets in the last quarter", critical)
    yield "{account} suffers from broken service levels"


def _onboarding(r: Reading) -> Iterator[str]:
    yield from say("{{account}} is stuck in its onboarding at {}", r.number(Topic.ONBOARDING_PROGRESS))
    yield "{account} is stuck in its onboarding"


def _stale(r: Reading) -> Iterator[str]:
    score = r.number(Topic.SCORE)
    if score is None:
        yield "Too little is known of {account} to judge its health"
    elif is_own(score):
        yield "{account} is known by its own score alone"
    yield from say("The newest data of {{account}} is {} old", r.number(Topic.DATA_AGE))


def _of(text: str, *facts: tuple[Topic, Aspect]) -> Callable[[Reading], Iterator[str]]:
    """A headline of these facts."""
    return lambda r: say(text, *(r.number(topic, aspect) for topic, aspect in facts))


_LEVEL, _CHANGE = Aspect.LEVEL, Aspect.CHANGE
_HEADLINES: Final[Mapping[RiskSignalCode, Callable[[Reading], Iterator[str]]]] = {
    RiskSignalCode.RENEWAL_OVERDUE: _of(
        "{{account}} is {} past its renewal, with ARR of {} open", (Topic.RENEWAL, _LEVEL), (Topic.ARR, _LEVEL)
    ),
    RiskSignalCode.RENEWAL_AT_RISK: _renewal_at_risk,
    RiskSignalCode.SILENT_CUSTOMER: _silent,
    RiskSignalCode.USAGE_DROP: _of("{{account}} is slipping away: logins fell by {}", (Topic.LOGINS, _CHANGE)),
    RiskSignalCode.SCORE_DROP: _of("{{account}} lost {} of its health score", (Topic.SCORE, _CHANGE)),
    RiskSignalCode.CRITICAL_SUPPORT: _critical,
    RiskSignalCode.DETRACTOR: _of("{{account}} would not recommend us: its NPS is {}", (Topic.NPS, _LEVEL)),
    RiskSignalCode.LOW_UTILISATION: _of("{{account}} uses {} of its licences", (Topic.LICENSE_UTILISATION, _LEVEL)),
    RiskSignalCode.ONBOARDING_STALLED: _onboarding,
    RiskSignalCode.GROWING_BUT_UNHEALTHY: _of("{{account}} is being sold to before it is well"),
    RiskSignalCode.HEALTHY_BUT_SHRINKING: _of(
        "{{account}} is healthy, and yet its ARR fell by {} in a year", (Topic.ARR, _CHANGE)
    ),
    RiskSignalCode.QBR_OVERDUE: _of("{{account}} had its last business review {} ago", (Topic.QBR_RECENCY, _LEVEL)),
    RiskSignalCode.DATA_STALE: _stale,
}


def _standing(reading: Reading) -> Iterator[str]:
    score, bucket = reading.number(Topic.SCORE), reading.word(Topic.BUCKET)
    before = reading.number(Topic.SCORE, Aspect.BEFORE)
    if score is None or bucket is None:
        yield from say("Data coverage is {}, too little for a health score.", reading.number(Topic.COVERAGE))
        yield from say("That leaves ARR of {} to luck.", reading.number(Topic.ARR))
        return
    at = f"{ref(score)}, in the {ref(bucket)} bucket"
    if before is None:
        yield f"The health score is {at}, and the first on record."
    else:
        ago = "a month earlier" if period(before) == " in a month" else "earlier"
        yield f"The health score is {at}, against {ref(before)} {ago}."


def _weighing(reading: Reading) -> Iterator[str]:
    if not reading.lost:
        return
    first, *others = reading.lost
    if first.tone is HELPS:
        yield "What is measured is in good order."
    elif others and (reading.subject.signals or others[0].tone is not HELPS):
        yield f"{capital(costs(first.topic))} the score {ref(first)} and {NAMES[others[0].topic]} {ref(others[0])}."
    else:
        yield f"{capital(costs(first.topic))} the score {ref(first)}, and little else is amiss."
