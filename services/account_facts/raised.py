"""The facts of a raised signal: its severity, its first day, and its own evidence where no fact tells that yet."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from services.account_facts.picture import SignalPart
from services.evidence.facts import Aspect, Topic
from services.evidence.subject import Raised
from services.numbering import SIGNALS, Numbering
from services.vocabulary import EvidenceSource, FactorDirection, RiskLevel, RiskSignalCode

# (the fact's name, its topic and its side): the name that services.account_facts gave where it told the same.
EVIDENCE: Final[Mapping[str, tuple[str, Topic, Aspect]]] = {
    "utilisation": ("LICENSE_UTILISATION.level", Topic.LICENSE_UTILISATION, Aspect.LEVEL),
    "active_users": ("users", Topic.ACTIVE_USERS, Aspect.LEVEL),
    "seats_purchased": ("seats", Topic.SEATS, Aspect.LEVEL),
    "logins_30d": ("logins", Topic.LOGINS, Aspect.LEVEL),
    "logins_before": ("logins.before", Topic.LOGINS, Aspect.BEFORE),
    "logins_change": ("logins.change", Topic.LOGINS, Aspect.CHANGE),
    "critical_tickets_90d": ("CRITICAL_TICKETS.level", Topic.CRITICAL_TICKETS, Aspect.LEVEL),
    "sla_breaches_90d": ("SLA_BREACHES.level", Topic.SLA_BREACHES, Aspect.LEVEL),
    "nps": ("NPS.level", Topic.NPS, Aspect.LEVEL),
    "qbr_last_date": ("qbr_on", Topic.QBR_RECENCY, Aspect.LEVEL),
    "customer_since": ("customer_since", Topic.CUSTOMER_SINCE, Aspect.LEVEL),
    "onboarding_progress": ("ONBOARDING_PROGRESS.level", Topic.ONBOARDING_PROGRESS, Aspect.LEVEL),
    "renewal_date": ("renewal", Topic.RENEWAL, Aspect.LEVEL),
    "renewal_risk": ("renewal_risk", Topic.RENEWAL, Aspect.LEVEL),
    "health_score": ("score", Topic.SCORE, Aspect.LEVEL),
    "health_score_before": ("score.before", Topic.SCORE, Aspect.BEFORE),
    "arr": ("arr", Topic.ARR, Aspect.LEVEL),
    "arr_a_year_ago": ("arr.before", Topic.ARR, Aspect.BEFORE),
    "arr_change": ("arr.change", Topic.ARR, Aspect.CHANGE),
    "expansion_oppty_dollar": ("expansion", Topic.EXPANSION, Aspect.LEVEL),
    "coverage": ("coverage", Topic.COVERAGE, Aspect.LEVEL),
    "last_data_on": ("newest", Topic.DATA_AGE, Aspect.LEVEL),
}
MONEY: Final = frozenset({"arr", "arr_a_year_ago", "expansion_oppty_dollar"})
WINDOWS: Final[Mapping[str, int]] = {
    "logins_30d": 30, "logins_before": 30, "logins_change": 30, "critical_tickets_90d": 90, "sla_breaches_90d": 90,
    "health_score_before": 30, "arr_a_year_ago": 365, "arr_change": 365,
}  # fmt: skip
HURTING: Final[Mapping[RiskSignalCode, frozenset[str]]] = {
    RiskSignalCode.SILENT_CUSTOMER: frozenset({"utilisation", "logins_30d"}),
    RiskSignalCode.LOW_UTILISATION: frozenset({"utilisation"}),
    RiskSignalCode.USAGE_DROP: frozenset({"logins_change"}),
    RiskSignalCode.DETRACTOR: frozenset({"nps"}),
    RiskSignalCode.QBR_OVERDUE: frozenset({"qbr_last_date"}),
    RiskSignalCode.RENEWAL_OVERDUE: frozenset({"renewal_date"}),
}
"Evidence that speaks against the account by itself; other evidence only does so beside what it stands with."


def raised(facts: Numbering, signal: SignalPart, currency: str) -> Raised:
    """The signal, with the keys of its facts; those that are not numbered yet are."""
    code, since = RiskSignalCode(signal["code"]), date.fromisoformat(signal["since"])
    topic, label = SIGNALS[code]
    on = max((date.fromisoformat(one["observed_on"]) for one in signal["evidence"]), default=since)
    keys = [
        facts.add(
            f"{code}.signal", topic, Aspect.SIGNAL, f"{label}: how grave", signal["severity"], None, on,
            tone=FactorDirection.HURTS,
        ),
        facts.add(f"{code}.since", topic, Aspect.SINCE, f"{label} since", since, None, on),
    ]  # fmt: skip
    for one in signal["evidence"]:
        name, about, aspect = EVIDENCE[one["key"]]
        key = facts.add(
            name, about, aspect, one["label"], one["value"].removeprefix("+"),
            currency if one["key"] in MONEY else one["unit"], date.fromisoformat(one["observed_on"]),
            EvidenceSource(one["source"]),
            tone=FactorDirection.HURTS if one["key"] in HURTING.get(code, ()) else None,
            window_days=WINDOWS.get(one["key"]),
        )  # fmt: skip
        keys.append(key)
    return Raised(code, RiskLevel(signal["severity"]), tuple(keys))
