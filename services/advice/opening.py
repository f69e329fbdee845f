"""The headline, which says the one thing, and the summary: how it stands, what weighs most, where to begin."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from services.advice.measures import NAMES
from services.advice.reading import HURTS, Reading, amount, listed, ref
from services.evidence.facts import Aspect, Topic
from services.health import DEAD_BAND
from services.vocabulary import HealthBucket, RiskSignalCode


def headline(reading: Reading) -> str:
    """One line of the gravest signal; of the change, the gap or the calm where there is none."""
    if reading.churned:
        return "{account} has left, and these are its last figures"
    for signal in reading.subject.signals:
        text = _HEADLINES[signal.code](reading)
        if text:
            return text
    return _calm(reading)


def _calm(reading: Reading) -> str:
    score, change = reading.number(Topic.SCORE), reading.number(Topic.SCORE, Aspect.CHANGE)
    lost = next((one for one in reading.lost if one.tone is HURTS), None)
    if score is None:
        return "Too little is known of {account} to judge its health"
    if change and amount(change) >= DEAD_BAND:
        rose = change.tone is not HURTS
        return f"{{account}} {'is recovering' if rose else 'is losing ground'}: the score {'rose' if rose else 'fell'} by {ref(change)}"
    if reading.number(Topic.ACTIVE_USERS, label="Users beyond") and reading.subject.bucket is HealthBucket.GREEN:
        return "{account} is healthy and has outgrown its contract"
    if reading.subject.bucket is HealthBucket.GREEN:
        return (
            f"{{account}} is healthy, with one gap: {NAMES[lost.topic]}"
            if lost
            else "{account} is healthy and asks for nothing but attention"
        )
    if change is None:
        return f"{{account}} starts out at a health score of {ref(score)}"
    return f"{{account}} stands still at a health score of {ref(score)}"


def _renewal_overdue(r: Reading) -> str:
    days, arr = r.number(Topic.RENEWAL), r.number(Topic.ARR)
    return f"{{account}} is {ref(days)} past its renewal, with ARR of {ref(arr)} open" if days and arr else ""


def _renewal_at_risk(r: Reading) -> str:
    days, arr = r.number(Topic.RENEWAL), r.number(Topic.ARR)
    poor = "in poor health" if r.subject.bucket is HealthBucket.RED else "on uncertain ground"
    return (
        f"{{account}} comes up for renewal in {ref(days)} {poor}, with ARR of {ref(arr)} at stake"
        if days and arr
        else ""
    )


def _silent(r: Reading) -> str:
    seats, users = r.number(Topic.SEATS), r.number(Topic.ACTIVE_USERS)
    if seats and users and not users.number:
        return f"{{account}} pays for {ref(seats)} that nobody uses"
    return "{account} has gone quiet"


def _usage_drop(r: Reading) -> str:
    change = r.number(Topic.LOGINS, Aspect.CHANGE)
    return f"{{account}} is slipping away: logins fell by {ref(change)}" if change else ""


def _score_drop(r: Reading) -> str:
    change = r.number(Topic.SCORE, Aspect.CHANGE)
    return f"{{account}} lost {ref(change)} of its health score in a month" if change else ""


def _low_utilisation(r: Reading) -> str:
    used = r.number(Topic.LICENSE_UTILISATION)
    return f"{{account}} uses {ref(used)} of its licences" if used else ""


def _detractor(r: Reading) -> str:
    nps = r.number(Topic.NPS)
    return f"{{account}} would not recommend us: its NPS is {ref(nps)}" if nps else ""


def _critical(r: Reading) -> str:
    critical = r.number(Topic.CRITICAL_TICKETS)
    return (
        f"Critical tickets wear {{account}} down: {ref(critical)} in the quarter"
        if critical and critical.number
        else ("Broken service levels wear {account} down")
    )


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
    if "own file" in score.label:
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
    RiskSignalCode.GROWING_BUT_UNHEALTHY: lambda _: "{account} is being sold more before it is well",
    RiskSignalCode.HEALTHY_BUT_SHRINKING: _shrinking,
    RiskSignalCode.QBR_OVERDUE: _qbr,
    RiskSignalCode.DATA_STALE: _stale,
}


def summary(reading: Reading) -> str:
    return " ".join([*_standing(reading), *_weighing(reading)])


def _standing(reading: Reading) -> Iterator[str]:
    score, bucket, change = (
        reading.number(Topic.SCORE), reading.word(Topic.BUCKET), reading.number(Topic.SCORE, Aspect.CHANGE)
    )  # fmt: skip
    if score is None:
        arr = reading.number(Topic.ARR)
        yield "There is no health score, which is not the same as a good one."
        if arr:
            yield f"ARR of {ref(arr)} rests on a customer that nobody here can describe."
        return
    stands = (
        f"The health score is {ref(score)}, in the {ref(bucket)} bucket"
        if bucket
        else f"The health score is {ref(score)}"
    )
    if change is None:
        yield f"{stands}, with no earlier score to compare it with."
    elif amount(change) < DEAD_BAND:
        yield f"{stands}, and has hardly moved in a month."
    else:
        yield f"{stands}, {'down' if change.tone is HURTS else 'up'} {ref(change)} in a month."


def _weighing(reading: Reading) -> Iterator[str]:
    lost = [one for one in reading.lost if one.tone is HURTS][:2]
    if lost:
        parts = [f"{NAMES[one.topic]} ({ref(one)})" for one in lost]
        yield f"What costs it most is {listed(parts)}."
    elif reading.subject.bucket is HealthBucket.GREEN:
        yield "No measure is in a poor state."
    points = next((reading.subject.fact(one.evidence[0]) for one in reading.subject.choices if one.evidence), None)
    if points is not None and amount(points) >= 1:
        yield f"The first action works on {ref(points)} of the lost score."
