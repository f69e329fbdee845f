"""How a measure is spoken of: its name in prose, what a poor value of it means, what a good one looks like."""

from collections.abc import Mapping
from typing import Final

from services.advice.reading import HURTS, ref
from services.evidence.facts import Fact, Topic

NAMES: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "licence utilisation",
    Topic.FEATURE_ADOPTION: "feature adoption",
    Topic.WEEKLY_ACTIVE: "weekly activity",
    Topic.SESSION_MINUTES: "session length",
    Topic.TIME_TO_VALUE: "time to first value",
    Topic.TICKET_RATE: "the ticket rate",
    Topic.CRITICAL_TICKETS: "critical tickets",
    Topic.SLA_BREACHES: "SLA breaches",
    Topic.NPS: "the Net Promoter Score",
    Topic.QBR_RECENCY: "the business review",
    Topic.ONBOARDING_PROGRESS: "onboarding progress",
}
PLURAL: Final = frozenset({Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES})
_POOR: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "Licence utilisation is {}, so much of what was bought lies idle.",
    Topic.FEATURE_ADOPTION: "Feature adoption is at {}: people come in and pass by what makes the product stick.",
    Topic.WEEKLY_ACTIVE: "Weekly activity is at {}, so the product is no habit yet.",
    Topic.SESSION_MINUTES: "A session lasts {} on average, short for real work.",
    Topic.TIME_TO_VALUE: "The time to first value was {}, long enough for a sponsor to lose patience.",
    Topic.TICKET_RATE: "The customer asks for much help, seat for seat: the ticket rate is {}.",
    Topic.CRITICAL_TICKETS: "Critical tickets weigh on the relationship: {} in the last quarter.",
    Topic.SLA_BREACHES: "Service levels were not kept: {} in the last quarter.",
    Topic.NPS: "The Net Promoter Score is {}, and critics talk.",
    Topic.QBR_RECENCY: "The last business review was {} ago.",
    Topic.ONBOARDING_PROGRESS: "The onboarding is {} done, with the harder part to come.",
}
_FAIR: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "Licence utilisation is {}, and the other seats wait for a person with a task.",
    Topic.FEATURE_ADOPTION: "Feature adoption is at {}: known to many, a habit of few.",
    Topic.WEEKLY_ACTIVE: "Weekly activity is at {}, fair and not yet a habit.",
    Topic.SESSION_MINUTES: "A session lasts {} on average, enough for a look and little for work.",
    Topic.TIME_TO_VALUE: "The time to first value was {}, slower than it had to be.",
    Topic.TICKET_RATE: "The ticket rate is {}: people ask what they should not have to ask.",
    Topic.CRITICAL_TICKETS: "Critical tickets are no alarm and no calm: {} in the last quarter.",
    Topic.SLA_BREACHES: "Service levels were broken now and then: {} in the last quarter.",
    Topic.NPS: "The Net Promoter Score is {}: too many are undecided.",
    Topic.QBR_RECENCY: "The last business review was {} ago, so the next belongs in the calendar.",
    Topic.ONBOARDING_PROGRESS: "The onboarding is {} done, on its way and not there.",
}
_STRONG: Final[Mapping[Topic, str]] = {
    Topic.LICENSE_UTILISATION: "licence utilisation is {}",
    Topic.FEATURE_ADOPTION: "feature adoption is at {}",
    Topic.WEEKLY_ACTIVE: "weekly activity is at {}",
    Topic.SESSION_MINUTES: "a session lasts {}",
    Topic.TIME_TO_VALUE: "the time to first value was {}",
    Topic.TICKET_RATE: "the ticket rate is {}",
    Topic.CRITICAL_TICKETS: "critical tickets stand at {} in the last quarter",
    Topic.SLA_BREACHES: "service levels show {} in the last quarter",
    Topic.NPS: "the Net Promoter Score is {}",
    Topic.QBR_RECENCY: "the last business review was {} ago",
    Topic.ONBOARDING_PROGRESS: "the onboarding is {} done",
}
_NONE: Final[Mapping[Topic, str]] = {
    Topic.TICKET_RATE: "no ticket came in",
    Topic.CRITICAL_TICKETS: "no critical ticket is on record",
    Topic.SLA_BREACHES: "service levels were kept",
    Topic.QBR_RECENCY: "the business review has just been held",
}
"Of these, nothing is the best there is."


def weak(level: Fact) -> str:
    """A sentence of a measure that does poorly or middling."""
    return (_POOR if level.tone is HURTS else _FAIR)[level.topic].format(ref(level))


def strong(level: Fact) -> str:
    """A clause of a measure that does well."""
    if not level.number and level.topic in _NONE:
        return _NONE[level.topic]
    return _STRONG[level.topic].format(ref(level))


def costs(topic: Topic) -> str:
    """The measure with its verb: "the ticket rate costs", "critical tickets cost"."""
    return f"{NAMES[topic]} {'cost' if topic in PLURAL else 'costs'}"
