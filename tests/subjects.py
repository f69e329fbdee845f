"""An account and a portfolio as their facts tell them, for tests of what is asked about them."""

from datetime import date
from typing import Final

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Choice, Raised, Subject
from services.vocabulary import (
    EvidenceSource,
    FactorDirection,
    HealthBucket,
    InsightScope,
    RiskLevel,
    RiskSignalCode,
    Segment,
)

DAY: Final = date(2026, 6, 30)
HELPS, NEUTRAL, HURTS = FactorDirection
LEVEL, BEFORE, CHANGE, PEERS, LOST, SIGNAL, SINCE, CAUSE, MISSING = Aspect

_ROWS: Final[tuple[tuple[Topic, Aspect, str, str, str | None, FactorDirection | None, int | None], ...]] = (
    (Topic.SCORE, LEVEL, "Health score", "48.5", "points", HURTS, None),
    (Topic.BUCKET, LEVEL, "Health bucket", "RED", None, HURTS, None),
    (Topic.SCORE, BEFORE, "Health score 30 days before", "61.0", "points", None, 30),
    (Topic.SCORE, CHANGE, "Change of the health score over 30 days", "-12.5", "points", HURTS, 30),
    (Topic.LOGINS, CAUSE, "Logins: its part in the change of the score over 30 days", "-8.0", "points", HURTS, 30),
    (Topic.LICENSE_UTILISATION, LEVEL, "Licence utilisation", "31.4", "%", HURTS, None),
    (Topic.LICENSE_UTILISATION, PEERS, "Licence utilisation: points against the segment's median", "-4.1", "points", HURTS, None),
    (Topic.LICENSE_UTILISATION, LOST, "Licence utilisation: points of the score that it loses", "13.0", "points", HURTS, None),
    (Topic.FEATURE_ADOPTION, LEVEL, "Feature adoption", "82.0", "%", HELPS, None),
    (Topic.CRITICAL_TICKETS, LEVEL, "Critical tickets in 90 days", "4", "tickets", HURTS, 90),
    (Topic.NPS, LEVEL, "Net Promoter Score", "-20", None, HURTS, None),
    (Topic.ARR, LEVEL, "ARR", "120000", "USD", None, None),
    (Topic.RENEWAL, LEVEL, "Renewal date", "2026-08-10", None, None, None),
    (Topic.RENEWAL, LEVEL, "Days to the renewal", "41", "days", None, None),
    (Topic.LOGINS, LEVEL, "Logins in 30 days", "83", "logins", None, 30),
    (Topic.LOGINS, BEFORE, "Logins in the 30 days before", "166", "logins", None, 30),
    (Topic.LOGINS, CHANGE, "Change of logins over 30 days", "-50.0", "%", HURTS, 30),
    (Topic.LOGINS, SIGNAL, "Drop in usage: how grave", "HIGH", None, HURTS, None),
    (Topic.LOGINS, SINCE, "Drop in usage since", "2026-06-12", None, None, None),
    (Topic.SCORE, LOST, "Points that the playbook “Respond to a drop in usage” could win back", "9.5", "points", None, None),
    (Topic.QBR_RECENCY, MISSING, "Days since the last business review: why it is not known", "NO_DATA", None, None, None),
)  # fmt: skip
ACCOUNT: Final = Subject(
    scope=InsightScope.ACCOUNT,
    day=DAY,
    facts=tuple(
        Fact(f"E{at}", topic, aspect, label, value, unit, DAY, EvidenceSource.ACCOUNT, tone, window)
        for at, (topic, aspect, label, value, unit, tone, window) in enumerate(_ROWS, 1)
    ),
    signals=(Raised(RiskSignalCode.USAGE_DROP, RiskLevel.HIGH, ("E18", "E19", "E15", "E16", "E17")),),
    choices=(Choice("usage-drop-response", (RiskSignalCode.USAGE_DROP,), ("E20",)),),
    bucket=HealthBucket.RED,
    segment=Segment.ENTERPRISE,
    names={"account": "Northwind Traders"},
)
PORTFOLIO: Final = Subject(
    scope=InsightScope.PORTFOLIO,
    day=DAY,
    facts=(
        Fact("E1", Topic.ACCOUNTS, LEVEL, "Accounts", "214", "accounts", DAY, EvidenceSource.PORTFOLIO),
        Fact("E2", Topic.ARR_IN_RED, LEVEL, "ARR in red", "1480000.00", "EUR", DAY, EvidenceSource.PORTFOLIO, HURTS),
        Fact("E3", Topic.ARR, LEVEL, "ARR of {A1}", "310000", "EUR", DAY, EvidenceSource.ACCOUNT, of="A1"),
        Fact("E4", Topic.SCORE, LEVEL, "Health score of {A2}", "22.5", "points", DAY, EvidenceSource.HEALTH_FACTOR, HURTS, of="A2"),
    ),
    names={"A1": "Northwind Traders", "A2": "Contoso"},
)  # fmt: skip
