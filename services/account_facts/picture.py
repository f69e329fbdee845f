"""The exact shape of the document that one SQL statement answers of an account. Numbers are strings, days ISO dates."""

from typing import Any, TypedDict


class FactorPart(TypedDict):
    """A factor as the snapshot keeps it, and its points against the segment's median where there are enough peers."""

    measure: str
    raw_value: str
    sub_score: str
    weight: str
    effective_weight: str
    contribution: str
    points_lost: str
    versus_peers: str | None
    direction: str
    observed_on: str


class MissingPart(TypedDict):
    measure: str
    reason: str
    weight: str


class HealthPart(TypedDict):
    """The newest snapshot on or before the day."""

    day: str
    score: str | None
    bucket: str
    source: str
    coverage: str
    "0 to 1."
    scorecard_version: int
    factors: list[FactorPart]
    missing: list[MissingPart]


class BeforePart(TypedDict):
    """The newest snapshot that is 30 to 60 days older."""

    day: str
    score: str | None
    coverage: str
    scorecard_version: int
    factors: list[Any]
    "As the snapshot keeps them."


class EvidencePart(TypedDict):
    key: str
    label: str
    value: str
    unit: str | None
    observed_on: str
    source: str


class SignalPart(TypedDict):
    code: str
    severity: str
    since: str
    evidence: list[EvidencePart]


class RecommendationPart(TypedDict):
    playbook: str
    relevance: str
    because: list[str]
    points_recoverable: str


class Picture(TypedDict):
    """Everything that an account's insight may rest on. None is "no data"."""

    name: str
    segment: str
    status: str
    arr: str
    arr_a_year_ago: str | None
    expansion: str | None
    renewal_date: str | None
    customer_since: str | None
    observed_on: str
    "The day that the account's own record was last told."
    seats_purchased: int | None
    active_users: int | None
    logins: int | None
    "Of the last 30 days."
    logins_before: int | None
    "Of the 30 days before those."
    last_metric_on: str | None
    last_active_on: str | None
    health: HealthPart | None
    before: BeforePart | None
    signals: list[SignalPart]
    recommendations: list[RecommendationPart]
