"""What is known of many accounts as numbered facts: what a portfolio's insight may rest on. Pure.

Not the reading of it (`Picture` is what a statement answers) nor what to make of it. Names are tokens: A1, A2 ...
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict

from services.evidence.facts import Aspect, Topic
from services.evidence.subject import Subject
from services.health import TENTH, bucket
from services.numbering import SIGNALS, Numbering
from services.vocabulary import (
    EvidenceSource,
    FactorDirection,
    HealthBucket,
    InsightScope,
    RenewalWindow,
    RiskSignalCode,
    Segment,
)

MOST_NAMED = 5
HORIZON = 90
"Days within which a renewal counts for the ARR at risk."
OVER = EvidenceSource.PORTFOLIO
HURTS, HELPS = FactorDirection.HURTS, FactorDirection.HELPS
TONES = {HealthBucket.GREEN: HELPS, HealthBucket.AMBER: FactorDirection.NEUTRAL, HealthBucket.RED: HURTS}
SEGMENTS = {Segment.SMB: "SMB", Segment.MID_MARKET: "Mid-Market", Segment.ENTERPRISE: "Enterprise"}
WINDOWS = {
    RenewalWindow.OVERDUE: "overdue",
    RenewalWindow.D0_30: "due within 30 days",
    RenewalWindow.D31_60: "due in 31 to 60 days",
    RenewalWindow.D61_90: "due in 61 to 90 days",
    RenewalWindow.D91_180: "due in 91 to 180 days",
}


class BucketPart(TypedDict):
    bucket: str
    accounts: int
    arr: str
    share_of_arr: str
    "0 to 1."


class SegmentPart(TypedDict):
    segment: str
    accounts: int
    arr: str
    average_score: str | None


class RenewalPart(TypedDict):
    window: str
    accounts: int
    arr: str
    arr_in_red: str


class BeforePart(TypedDict):
    """The same accounts as of 30 days earlier."""

    day: str
    accounts: int
    arr: str
    average_score: str | None
    arr_in_red: str
    arr_in_amber: str


class SignalPart(TypedDict):
    code: str
    severity: str


class RiskPart(TypedDict):
    """One of the accounts that ask for most attention."""

    name: str
    arr: str
    score: str | None
    bucket: str
    renewal_date: str | None
    signals: list[SignalPart]


class Picture(TypedDict):
    """Everything that a portfolio's insight may rest on. Numbers are strings but counts; None is "no data"."""

    account_count: int
    scored_accounts: int
    total_arr: str
    average_score: str | None
    arr_weighted_score: str | None
    by_bucket: list[BucketPart]
    by_segment: list[SegmentPart]
    renewals: list[RenewalPart]
    arr_in_red: str
    arr_in_red_or_amber: str
    arr_at_risk: str
    "RED or AMBER, and the renewal overdue or within 90 days."
    before: BeforePart | None
    top_risks: list[RiskPart]
    "The most urgent first."


def subject(picture: Picture, *, day: date, currency: str) -> Subject:
    """The accounts on `day`, their money in `currency` (ISO 4217). The same picture always gets the same numbers."""
    facts = Numbering()
    _totals(facts, picture, day, currency)
    if picture["before"] is not None:
        _changes(facts, picture, picture["before"], day, currency)
    _slices(facts, picture, day, currency)
    for place, risk in enumerate(picture["top_risks"][:MOST_NAMED], start=1):
        _risk(facts, f"A{place}", risk, day, currency)
    return Subject(
        scope=InsightScope.PORTFOLIO,
        day=day,
        facts=tuple(facts.facts.values()),
        names={f"A{place}": risk["name"] for place, risk in enumerate(picture["top_risks"][:MOST_NAMED], start=1)},
    )


def _totals(facts: Numbering, picture: Picture, day: date, currency: str) -> None:
    level = Aspect.LEVEL
    facts.add("accounts", Topic.ACCOUNTS, level, "Accounts", picture["account_count"], "accounts", day, OVER)
    scored = picture["scored_accounts"]
    facts.add("scored", Topic.ACCOUNTS, level, "Accounts with a score", scored, "accounts", day, OVER)
    if picture["account_count"]:
        share = (Decimal(scored) * 100 / picture["account_count"]).quantize(TENTH, ROUND_HALF_UP)
        facts.add("coverage", Topic.COVERAGE, level, "Share of accounts with a score", share, "%", day, OVER)
    facts.add("arr", Topic.ARR, level, "ARR of all accounts", Decimal(picture["total_arr"]), currency, day, OVER)
    for name, label in (("average_score", "Average health score"), ("arr_weighted_score", "Health score by ARR")):
        score = picture[name]  # type: ignore[literal-required]
        if score is not None:
            tone = TONES[bucket(Decimal(score))]
            facts.add(name, Topic.SCORE, level, label, score, "points", day, OVER, tone=tone)
    red, risk = Decimal(picture["arr_in_red"]), Decimal(picture["arr_at_risk"])
    tone_of_red, tone_of_risk = HURTS if red else HELPS, HURTS if risk else HELPS
    facts.add("red", Topic.ARR_IN_RED, level, "ARR in RED", red, currency, day, OVER, tone=tone_of_red)
    both = Decimal(picture["arr_in_red_or_amber"])
    facts.add("unwell", Topic.ARR, level, "ARR in RED or AMBER", both, currency, day, OVER, of="RED or AMBER")
    label = "ARR at risk: RED or AMBER, with the renewal overdue or within 90 days"
    facts.add(
        "risk", Topic.ARR_AT_RISK, level, label, risk, currency, day, OVER, tone=tone_of_risk, window_days=HORIZON
    )


def _changes(facts: Numbering, picture: Picture, before: BeforePart, day: date, currency: str) -> None:
    on = date.fromisoformat(before["day"])
    days = (day - on).days

    def compared(
        name: str, topic: Topic, what: str, now: str, was: str, unit: str, *, more_is: FactorDirection
    ) -> None:
        change = Decimal(now) - Decimal(was)
        less_is = HELPS if more_is is HURTS else HURTS
        label = f"{what}, {days} days before"
        facts.add(f"{name}.before", topic, Aspect.BEFORE, label, Decimal(was), unit, on, OVER, window_days=days)
        if change:
            tone, label = more_is if change > 0 else less_is, f"{what}: change over {days} days"
            facts.add(
                f"{name}.change", topic, Aspect.CHANGE, label, change, unit, day, OVER, tone=tone, window_days=days
            )

    compared("arr", Topic.ARR, "ARR", picture["total_arr"], before["arr"], currency, more_is=HELPS)
    if picture["average_score"] is not None and before["average_score"] is not None:
        score, was = picture["average_score"], before["average_score"]
        compared("average_score", Topic.SCORE, "Average health score", score, was, "points", more_is=HELPS)
    red, was = picture["arr_in_red"], before["arr_in_red"]
    compared("red", Topic.ARR_IN_RED, "ARR in RED", red, was, currency, more_is=HURTS)
    accounts, were = str(picture["account_count"]), str(before["accounts"])
    compared("accounts", Topic.ACCOUNTS, "Accounts", accounts, were, "accounts", more_is=HELPS)


def _slices(facts: Numbering, picture: Picture, day: date, currency: str) -> None:
    for one in picture["by_bucket"]:
        name, count, arr = one["bucket"], one["accounts"], Decimal(one["arr"])
        if count:
            tone, level = TONES.get(HealthBucket(name)), Aspect.LEVEL
            share = (Decimal(one["share_of_arr"]) * 100).quantize(TENTH, ROUND_HALF_UP)
            label = f"Accounts in {name}"
            facts.add(label, Topic.ACCOUNTS, level, label, count, "accounts", day, OVER, tone=tone, of=name)
            label = f"ARR in {name}"
            facts.add(label, Topic.ARR, level, label, arr, currency, day, OVER, tone=tone, of=name)
            label = f"Share of ARR in {name}"
            facts.add(label, Topic.ARR, level, label, share, "%", day, OVER, tone=tone, of=name)
    for part in picture["by_segment"]:
        if part["accounts"]:
            name, score = SEGMENTS[Segment(part["segment"])], part["average_score"]
            label = f"Accounts in {name}"
            facts.add(label, Topic.ACCOUNTS, Aspect.LEVEL, label, part["accounts"], "accounts", day, OVER, of=name)
            label, arr = f"ARR in {name}", Decimal(part["arr"])
            facts.add(label, Topic.ARR, Aspect.LEVEL, label, arr, currency, day, OVER, of=name)
            if score is not None:
                tone = TONES[bucket(Decimal(score))]
                label = f"Average health score in {name}"
                facts.add(label, Topic.SCORE, Aspect.LEVEL, label, score, "points", day, OVER, tone=tone, of=name)
    for window in picture["renewals"]:
        ahead = RenewalWindow(window["window"])
        if window["accounts"] and ahead in WINDOWS:
            _renewals(facts, ahead, window, day, currency)


def _renewals(facts: Numbering, ahead: RenewalWindow, part: RenewalPart, day: date, currency: str) -> None:
    when, tone = WINDOWS[ahead], HURTS if ahead is RenewalWindow.OVERDUE else None
    topic, level = Topic.RENEWALS_DUE, Aspect.LEVEL
    label = f"Renewals {when}"
    facts.add(label, topic, level, label, part["accounts"], "accounts", day, OVER, tone=tone)
    label, arr = f"ARR of renewals {when}", Decimal(part["arr"])
    facts.add(label, topic, level, label, arr, currency, day, OVER, tone=tone)
    if red := Decimal(part["arr_in_red"]):
        label = f"ARR in RED of renewals {when}"
        facts.add(label, topic, level, label, red, currency, day, OVER, tone=HURTS, of=HealthBucket.RED)


def _risk(facts: Numbering, token: str, risk: RiskPart, day: date, currency: str) -> None:
    name, level, tone = f"{{{token}}}", Aspect.LEVEL, TONES.get(HealthBucket(risk["bucket"]))
    arr = Decimal(risk["arr"])
    facts.add(f"{token}.arr", Topic.ARR, level, f"ARR of {name}", arr, currency, day, of=token)
    if risk["score"] is not None:
        source, label = EvidenceSource.HEALTH_FACTOR, f"Health score of {name}"
        facts.add(
            f"{token}.score", Topic.SCORE, level, label, risk["score"], "points", day, source, tone=tone, of=token
        )
    label = f"Health bucket of {name}"
    facts.add(f"{token}.bucket", Topic.BUCKET, level, label, risk["bucket"], None, day, tone=tone, of=token)
    if risk["renewal_date"] is not None:
        renewal = date.fromisoformat(risk["renewal_date"])
        late = HURTS if renewal < day else None
        label = f"Renewal of {name}"
        facts.add(f"{token}.renewal", Topic.RENEWAL, level, label, renewal, None, day, tone=late, of=token)
        label = f"Days {'since the renewal was due' if late else 'to the renewal'} of {name}"
        days = abs((renewal - day).days)
        facts.add(f"{token}.days", Topic.RENEWAL, level, label, days, "days", day, tone=late, of=token)
    for signal in risk["signals"]:
        topic, what = SIGNALS[RiskSignalCode(signal["code"])]
        label = f"{what} of {name}: how grave"
        facts.add(
            f"{token}.{signal['code']}",
            topic,
            Aspect.SIGNAL,
            label,
            signal["severity"],
            None,
            day,
            tone=HURTS,
            of=token,
        )
