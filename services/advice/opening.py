"""The headline, which says the one thing, and the summary: how it stands, what weighs most, where to begin."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from services.advice.gaps import is_own
from services.advice.measures import NAMES, loses
from services.advice.reading import HELPS, HURTS, Reading, amount, capital, period, ref
from services.advice.risks import ranked
from services.evidence.drafts import Action
from services.evidence.facts import Aspect, Topic
from services.health import DEAD_BAND
from services.vocabulary import HealthBucket, RiskSignalCode


def headline(reading: Reading) -> str:
    """One line of the gravest signal; of the change, the gap or the calm where there is none."""
    if reading.churned:
        return "{account} has left, and these are its last figures"
    for signal in ranked(reading):
        if text := _HEADLINES[signal.code](reading):
            return text
    return _calm(reading)


def summary(reading: Reading, first: Action) -> str:
    """How it stands, what weighs most, and where to begin."""
    return " ".join(
        [*_standing(reading), *_weighing(reading), f"The first step: {first.title[0].lower()}{first.title[1:]}."]
    )


def _calm(reading: Reading) -> str:
    score, change = reading.number(Topic.SCORE), reading.number(Topic.SCORE, Aspect.CHANGE)
    if score is None:
        return "Too little is known of {account} to judge its health"
    if change and amount(change) >= DEAD_BAND:
        if change.tone is HURTS:
            return f"{{account}} is losing ground: its score fell by {ref(change)}"
        return f"{{account}} is on its way back: its score rose by {ref(change)}"
    if reading.subject.bucket is not HealthBucket.GREEN:
        stands = "starts out" if change is None else "stands still"
        return f"{{account}} {stands} at a health score of {ref(score)}"
    if reading.number(Topic.ACTIVE_USERS, label="Users beyond"):
        return "{account} is healthy and has outgrown its contract"
    lost = next((one for one in reading.lost if one.tone is HURTS), None)
    return f"{{account}} is healthy but for {NAMES[lost.topic]}" if lost else "{account} is healthy on all counts"


def _renewal_overdue(r: Reading) -> str:
    days, arr = r.number(Topic.RENEWAL), r.number(Topic.ARR)
    return f"{{account}} is {ref(days)} past its renewal, with ARR of {ref(arr)} open" if days and arr else ""


def _renewal_at_risk(r: Reading) -> str:
    days, arr = r.number(Topic.RENEWAL), r.number(Topic.ARR)
    poor = "in poor health" if r.subject.bucket is HealthBucket.RED else "on uncertain ground"
    if days is None or arr is None:
        return ""
    return f"{{account}} comes up for renewal in {ref(days)} {poor}, with ARR of {ref(arr)} at stake"


def _silent(r: Reading) -> str:
    seats, users = r.number(Topic.SEATS), r.number(Topic.ACTIVE_USERS)
    if seats and users and not users.number:
        return f"{{account}} pays for {ref(seats)} seats that lie unused"
    return "{account} has gone quiet"


def _usage_drop(r: Reading) -> str:
    change = r.number(Topic.LOGINS, Aspect.CHANGE)
    return f"{{account}} is slipping away: logins fell by {ref(change)}" if change else ""


def _score_drop(r: Reading) -> str:
    change = r.number(Topic.SCORE, Aspect.CHANGE)
    return f"{{account}} lost {ref(change)} of its health score{period(change)}" if change else ""


def _low_utilisation(r: Reading) -> str:
    used = r.number(Topic.LICENSE_UTILISATION)
    return f"{{account}} uses {ref(used)} of its licences" if used else ""


def _detractor(r: Reading) -> str:
    nps = r.number(Topic.NPS)
    return f"{{account}} would not recommend us: its NPS is {ref(nps)}" if nps else ""


def _critical(r: Reading) -> str:
    critical = r.number(Topic.CRITICAL_TICKETS)
    if critical is None or not critical.number:
        return "{account} suffers from broken service levels"
    return f"{{account}} is under fire, with {ref(critical)} critical tickets in the last quarter"


def _onboarding(r: Reading) -> str:
    done = r.number(Topic.ONBOARDING_PROGRESS)
    return f"{{account}} is stuck in its onboarding at {ref(done)}" if done else "{account} is stuck in its onboarding"


def _shrinking(r: Reading) -> str:
    change = r.number(Topic.ARR, Aspect.CHANGE)
    return f"{{account}} is healthy, and yet its ARR fell by {ref(change)} in a year" if change else ""


def _qbr(r: Reading) -> str:
    days = r.number(Topic.QBR_RECENCY)
    return f"{{account}} had its last business review {ref(days)} ago" if days else ""


def _stale(r: Reading) -> str:
    score, age = r.number(Topic.SCORE), r.number(Topic.DATA_AGE)
    if score is None:
        return "Too little is known of {account} to judge its health"
    if is_own(score):
        return "{account} is known by its own score alone"
    return f"The newest data of {{account}} is {ref(age)} old" if age else ""


_HEADLINES: Final[Mapping[RiskSignalCode, Callable[[Reading], str]]] = {
    RiskSignalCode.RENEWAL_OVERDUE: _renewal_overdue,
    RiskSignalCode.RENEWAL_AT_RISK: _renewal_at_risk,
    RiskSignalCode.SILENT_CUSTOMER: _silent,
    RiskSignalCode.USAGE_DROP: _usage_drop,
    RiskSignalCode.SCORE_DROP: _score_drop,
    RiskSignalCode.CRITICAL_SUPPORT: _critical,
    RiskSignalCode.DETRACTOR: _detractor,
    RiskSignalCode.LOW_UTILISATION: _low_utilisation,
    RiskSignalCode.ONBOARDING_STALLED: _onboarding,
    RiskSignalCode.GROWING_BUT_UNHEALTHY: lambda _: "{account} is being sold to before it is well",
    RiskSignalCode.HEALTHY_BUT_SHRINKING: _shrinking,
    RiskSignalCode.QBR_OVERDUE: _qbr,
    RiskSignalCode.DATA_STALE: _stale,
}


def _standing(reading: Reading) -> Iterator[str]:
    score, bucket = reading.number(Topic.SCORE), reading.word(Topic.BUCKET)
    before = reading.number(Topic.SCORE, Aspect.BEFORE)
    if score is None or bucket is None:
        coverage, arr = reading.number(Topic.COVERAGE), reading.number(Topic.ARR)
        if coverage:
            yield f"Data coverage is {ref(coverage)}, too little for a health score."
        if arr:
            yield f"That leaves ARR of {ref(arr)} to luck."
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
        yield f"{capital(loses(first.topic))} {ref(first)} and {NAMES[others[0].topic]} {ref(others[0])}."
    else:
        yield f"{capital(loses(first.topic))} {ref(first)}, and little else is amiss."
