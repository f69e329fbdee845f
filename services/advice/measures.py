"""How a measure is spoken of: its name in prose, what a poor value of it means, what a good one looks like."""

from collections.abc import Mapping
from typing import Final

from services.advice.reading import ref
from services.evidence.facts import Fact, Topic

NAMES: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "licence utilisation",
    Topic.FEATURE_ADOPTION: "feature adoption",
    Topic.WEEKLY_ACTIVE: "weekly activity",
    Topic.SESSION_MINUTES: "session length",
    Topic.TIME_TO_VALUE: "time to first value",
    Topic.TICKET_RATE: "the ticket rate",
    Topic.CRITICAL_TICKETS: "critical tickets",
    Topic.SLA_BREACHES: "broken service levels",
    Topic.NPS: "the Net Promoter Score",
    Topic.QBR_RECENCY: "the age of the last business review",
    Topic.ONBOARDING_PROGRESS: "onboarding progress",
}
PLURAL: Final = frozenset({Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES})
_WEAK: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "Licence utilisation is {}, so part of what was bought lies idle.",
    Topic.FEATURE_ADOPTION: "Feature adoption is at {}: people come in and pass by what makes the product stick.",
    Topic.WEEKLY_ACTIVE: "Weekly activity is at {}, so the product is no habit yet.",
    Topic.SESSION_MINUTES: "A session lasts {} on average, short for real work.",
    Topic.TIME_TO_VALUE: "The time to first value is {}, long enough for a sponsor to lose patience.",
    Topic.TICKET_RATE: "Relative to its seats, the customer files many tickets: the monthly ticket rate is {}.",
    Topic.CRITICAL_TICKETS: "Critical tickets stand at {} for the quarter.",
    Topic.SLA_BREACHES: "Service levels were not kept: {} in the quarter.",
    Topic.NPS: "The Net Promoter Score is {}, which is no promise of loyalty.",
    Topic.QBR_RECENCY: "The last business review was {} ago.",
    Topic.ONBOARDING_PROGRESS: "The onboarding is {} done.",
}
_STRONG: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "licence utilisation is {}",
    Topic.FEATURE_ADOPTION: "feature adoption is at {}",
    Topic.WEEKLY_ACTIVE: "weekly activity is at {}",
    Topic.SESSION_MINUTES: "a session lasts {}",
    Topic.TIME_TO_VALUE: "first value came within {}",
    Topic.TICKET_RATE: "the ticket rate is {}",
    Topic.CRITICAL_TICKETS: "critical tickets stand at {}",
    Topic.SLA_BREACHES: "service levels saw {}",
    Topic.NPS: "the Net Promoter Score is {}",
    Topic.QBR_RECENCY: "the last business review was {} ago",
    Topic.ONBOARDING_PROGRESS: "the onboarding is {} done",
}
_NONE: Final[Mapping[Topic, str]] = {
    Topic.TICKET_RATE: "no ticket came in this month",
    Topic.CRITICAL_TICKETS: "no critical ticket is on record",
    Topic.SLA_BREACHES: "every service level was kept",
    Topic.QBR_RECENCY: "the business review has just been held",
}
"Of these, nothing is the best there is."


def weak(level: Fact) -> str:
    """A sentence of a measure that does poorly."""
    return _WEAK[level.topic].format(ref(level))


def strong(level: Fact) -> str:
    """A clause of a measure that does well."""
    if not level.number and level.topic in _NONE:
        return _NONE[level.topic]
    return _STRONG[level.topic].format(ref(level))
