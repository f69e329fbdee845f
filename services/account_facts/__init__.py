"""What is known of an account as numbered facts: the only thing that an insight of it may rest on. Pure.

Not the reading of it (`Picture` is what a statement answers) nor what to make of it (services.advice, or a model).
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.account_facts.measures import MEASURES, Measure, tone_of_change
from services.account_facts.picture import BeforePart, HealthPart, Picture, RecommendationPart
from services.account_facts.raised import raised
from services.evidence.facts import Aspect, Topic
from services.evidence.subject import Choice, Subject
from services.health import TENTH, Factor, bucket
from services.health_diff import difference, snapshot
from services.numbering import Numbering
from services.playbook_library import get
from services.renewals import window
from services.signals import STALE_AFTER
from services.vocabulary import (
    AccountStatus,
    EvidenceSource,
    FactorDirection,
    HealthBucket,
    HealthSource,
    InsightScope,
    MeasureCode,
    MissingReason,
    RenewalWindow,
    RiskSignalCode,
    Segment,
)

__all__ = ["Picture", "subject"]

YEAR = 365
MONTH = 30
TONES = {
    HealthBucket.GREEN: FactorDirection.HELPS,
    HealthBucket.AMBER: FactorDirection.NEUTRAL,
    HealthBucket.RED: FactorDirection.HURTS,
    HealthBucket.UNKNOWN: None,
}


def subject(picture: Picture, *, day: date, currency: str) -> Subject:
    """The account on `day`, its money in `currency` (ISO 4217). The same picture always gets the same numbers."""
    facts = Numbering()
    health, before = picture["health"], picture["before"]
    if health is not None:
        _score(facts, health, before)
        _measures(facts, health, before)
    label = "Account status"
    facts.add("status", Topic.CUSTOMER_SINCE, Aspect.LEVEL, label, picture["status"], None, _told(picture))
    _money(facts, picture, currency)
    _renewal(facts, picture, day)
    _use(facts, picture)
    _gaps(facts, picture, day)
    signals = tuple(raised(facts, signal, currency) for signal in picture["signals"])
    choices = tuple(_choice(facts, one, health) for one in picture["recommendations"])
    return Subject(
        scope=InsightScope.ACCOUNT,
        day=day,
        facts=tuple(facts.facts.values()),
        signals=signals,
        choices=choices,
        bucket=HealthBucket.UNKNOWN if health is None else HealthBucket(health["bucket"]),
        segment=Segment(picture["segment"]),
        names={"account": picture["name"]},
    )


def _score(facts: Numbering, health: HealthPart, before: BeforePart | None) -> None:
    on, now = date.fromisoformat(health["day"]), HealthBucket(health["bucket"])
    source, topic = EvidenceSource.HEALTH_FACTOR, Topic.SCORE
    if health["score"] is not None:
        own = health["source"] == HealthSource.IMPORTED
        label = "Health score from the customer's own file" if own else "Health score"
        facts.add("score", topic, Aspect.LEVEL, label, health["score"], "points", on, source, tone=TONES[now])
    facts.add("bucket", Topic.BUCKET, Aspect.LEVEL, "Health bucket", now, None, on, source, tone=TONES[now])
    if health["score"] is None or before is None or before["score"] is None:
        return
    was_on, was = date.fromisoformat(before["day"]), Decimal(before["score"])
    days, change = (on - was_on).days, Decimal(health["score"]) - was
    label = f"Health score {days} days before"
    facts.add("score.before", topic, Aspect.BEFORE, label, was, "points", was_on, source, window_days=days)
    label = f"Health bucket {days} days before"
    facts.add("bucket.before", Topic.BUCKET, Aspect.BEFORE, label, bucket(was), None, was_on, source, window_days=days)
    label = f"Change of the health score over {days} days"
    tone = _tone(change)
    facts.add("score.change", topic, Aspect.CHANGE, label, change, "points", on, source, tone=tone, window_days=days)
    if not (health["factors"] and before["factors"]):
        return
    for cause in difference(snapshot(before), snapshot(health)):
        measure = MEASURES[cause.measure] if cause.measure else None
        what = measure.label if measure else "Another version of the scorecard"
        facts.add(
            f"{cause.measure}.cause", measure.topic if measure else topic, Aspect.CAUSE,
            f"{what}: its part in the change of the score over {days} days", cause.points, "points", on, source,
            tone=_tone(cause.points), window_days=days,
        )  # fmt: skip


def _measures(facts: Numbering, health: HealthPart, before: BeforePart | None) -> None:
    was = {factor.measure: factor for factor in snapshot(before).factors} if before else {}
    now = {factor.measure: factor for factor in snapshot(health).factors}
    peers = {MeasureCode(part["measure"]): part["versus_peers"] for part in health["factors"]}
    days = (date.fromisoformat(health["day"]) - date.fromisoformat(before["day"])).days if before else 0
    for code, factor in now.items():
        measure = MEASURES[code]
        source, on, tone = EvidenceSource.HEALTH_FACTOR, factor.observed_on, factor.direction
        facts.add(
            f"{code}.level", measure.topic, Aspect.LEVEL, measure.label, measure.value(factor.raw_value), measure.unit,
            on, source, tone=tone, window_days=measure.window_days,
        )  # fmt: skip
        if code in was:
            _against(facts, measure, was[code], factor, days)
        if (against := peers[code]) is not None:
            label = f"{measure.label}: points against the segment's median"
            tone_of = _tone(Decimal(against))
            facts.add(f"{code}.peers", measure.topic, Aspect.PEERS, label, against, "points", on, source, tone=tone_of)
        if factor.points_lost:
            label = f"{measure.label}: points of the score that it loses"
            facts.add(
                f"{code}.lost", measure.topic, Aspect.LOST, label, factor.points_lost, "points", on, source, tone=tone
            )


def _against(facts: Numbering, measure: Measure, was: Factor, now: Factor, days: int) -> None:
    """The measure's value before, and its change where it changed."""
    source, before, after = EvidenceSource.HEALTH_FACTOR, measure.value(was.raw_value), measure.value(now.raw_value)
    label = f"{measure.label}, {days} days before"
    facts.add(
        f"{measure.code}.before", measure.topic, Aspect.BEFORE, label, before, measure.unit, was.observed_on, source,
        window_days=days,
    )  # fmt: skip
    if before == after or (measure.code is MeasureCode.QBR_RECENCY and after - before == days):
        return  # days since a review pass by themselves
    facts.add(
        f"{measure.code}.change", measure.topic, Aspect.CHANGE, f"{measure.label}: change over {days} days",
        after - before, measure.unit_of_change, now.observed_on, source,
        tone=tone_of_change(measure.code, after - before), window_days=days,
    )  # fmt: skip


def _money(facts: Numbering, picture: Picture, currency: str) -> None:
    on, arr, was = _told(picture), Decimal(picture["arr"]), picture["arr_a_year_ago"]
    facts.add("arr", Topic.ARR, Aspect.LEVEL, "ARR", arr, currency, on)
    if was is not None:
        facts.add(
            "arr.before", Topic.ARR, Aspect.BEFORE, "ARR a year ago", Decimal(was), currency, on, window_days=YEAR
        )
    if was is not None and Decimal(was) and (change := _percent(arr, Decimal(was))):
        label, tone = "Change of ARR over a year", _tone(change)
        facts.add("arr.change", Topic.ARR, Aspect.CHANGE, label, change, "%", on, tone=tone, window_days=YEAR)
    if picture["expansion"] is not None and Decimal(picture["expansion"]):
        expansion = Decimal(picture["expansion"])
        facts.add("expansion", Topic.EXPANSION, Aspect.LEVEL, "Expansion opportunity", expansion, currency, on)


def _renewal(facts: Numbering, picture: Picture, day: date) -> None:
    on = _told(picture)
    if picture["renewal_date"] is not None and picture["status"] != AccountStatus.CHURNED:
        renewal = date.fromisoformat(picture["renewal_date"])
        days = (renewal - day).days
        overdue = window(renewal, day) is RenewalWindow.OVERDUE
        tone = FactorDirection.HURTS if overdue else None
        facts.add("renewal", Topic.RENEWAL, Aspect.LEVEL, "Renewal date", renewal, None, on, tone=tone)
        label = "Days since the renewal was due" if overdue else "Days to the renewal"
        facts.add("renewal.days", Topic.RENEWAL, Aspect.LEVEL, label, abs(days), "days", day, tone=tone)
    if picture["customer_since"] is not None:
        since = date.fromisoformat(picture["customer_since"])
        facts.add("customer_since", Topic.CUSTOMER_SINCE, Aspect.LEVEL, "Customer since", since, None, on)


def _use(facts: Numbering, picture: Picture) -> None:
    on, users, seats = _told(picture), picture["active_users"], picture["seats_purchased"]
    if seats is not None:
        facts.add("seats", Topic.SEATS, Aspect.LEVEL, "Seats purchased", seats, "seats", on)
    if users is not None:
        facts.add("users", Topic.ACTIVE_USERS, Aspect.LEVEL, "Active users", users, "users", on)
    if users is not None and seats and users < seats:
        facts.add("idle", Topic.SEATS, Aspect.LEVEL, "Seats without an active user", seats - users, "seats", on)
    if users is not None and seats and users > seats:
        facts.add("beyond", Topic.ACTIVE_USERS, Aspect.LEVEL, "Users beyond the seats", users - seats, "users", on)
    counted, logins, was = picture["last_metric_on"], picture["logins"], picture["logins_before"]
    source = EvidenceSource.DAILY_METRIC
    if counted is not None and logins is not None:
        on = date.fromisoformat(counted)
        facts.add(
            "logins", Topic.LOGINS, Aspect.LEVEL, "Logins in 30 days", logins, "logins", on, source,
            tone=None if logins else FactorDirection.HURTS, window_days=MONTH,
        )  # fmt: skip
        if was is not None:
            label = "Logins in the 30 days before"
            facts.add("logins.before", Topic.LOGINS, Aspect.BEFORE, label, was, "logins", on, source, window_days=MONTH)
        if was and (change := _percent(Decimal(logins), Decimal(was))):
            facts.add(
                "logins.change", Topic.LOGINS, Aspect.CHANGE, "Change of logins over 30 days", change, "%", on, source,
                tone=_tone(change), window_days=MONTH,
            )  # fmt: skip
    if picture["last_active_on"] is not None:
        active = date.fromisoformat(picture["last_active_on"])
        facts.add("active_on", Topic.LOGINS, Aspect.LEVEL, "Last day with a login", active, None, active, source)


def _choice(facts: Numbering, one: RecommendationPart, health: HealthPart | None) -> Choice:
    playbook = get(one["playbook"])
    points, evidence = Decimal(one["points_recoverable"]), list[str]()
    if points and health is not None:
        label = f"Points that the playbook “{playbook.title}” could win back"
        on = date.fromisoformat(health["day"])
        key = facts.add(
            f"{playbook.key}.points", Topic.SCORE, Aspect.LOST, label, points, "points", on,
            EvidenceSource.HEALTH_FACTOR,
        )  # fmt: skip
        evidence.append(key)
    return Choice(playbook.key, tuple(RiskSignalCode(code) for code in one["because"]), tuple(evidence))


def _gaps(facts: Numbering, picture: Picture, day: date) -> None:
    health = picture["health"]
    if health is not None:
        on, source = date.fromisoformat(health["day"]), EvidenceSource.HEALTH_FACTOR
        for gap in health["missing"]:
            if gap["reason"] != MissingReason.NOT_APPLICABLE:
                measure = MEASURES[MeasureCode(gap["measure"])]
                label = f"{measure.label}: why it is not known"
                facts.add(f"{measure.code}.gap", measure.topic, Aspect.MISSING, label, gap["reason"], None, on, source)
        coverage = (Decimal(health["coverage"]) * 100).quantize(TENTH, ROUND_HALF_UP)
        label = "Weight of the score that had data"
        facts.add("coverage", Topic.COVERAGE, Aspect.LEVEL, label, coverage, "%", on, source)
    told = [date.fromisoformat(one) for one in (picture["observed_on"], picture["last_metric_on"]) if one is not None]
    newest = max(told)
    facts.add("newest", Topic.DATA_AGE, Aspect.LEVEL, "Newest data", newest, None, newest)
    age = day - newest
    tone = FactorDirection.HURTS if age > STALE_AFTER else None
    facts.add("age", Topic.DATA_AGE, Aspect.LEVEL, "Age of the newest data", age.days, "days", day, tone=tone)


def _told(picture: Picture) -> date:
    return date.fromisoformat(picture["observed_on"])


def _percent(now: Decimal, was: Decimal) -> Decimal:
    return ((now - was) * 100 / was).quantize(TENTH, ROUND_HALF_UP)


def _tone(change: Decimal) -> FactorDirection | None:
    if not change:
        return None
    return FactorDirection.HELPS if change > 0 else FactorDirection.HURTS
