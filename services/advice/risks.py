"""What the raised signals come to in words: one finding a theme, in the signals' order. Not how they are ranked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from services.advice.reading import HELPS, HURTS, NEUTRAL, Reading, Theme, Told, finding, period, say
from services.evidence.facts import Aspect, Topic
from services.evidence.subject import Raised
from services.vocabulary import FindingKind, HealthBucket, RiskLevel, RiskSignalCode

THEMES: Final[Mapping[RiskSignalCode, Theme]] = {
    RiskSignalCode.RENEWAL_OVERDUE: Theme.RENEWAL,
    RiskSignalCode.RENEWAL_AT_RISK: Theme.RENEWAL,
    RiskSignalCode.SILENT_CUSTOMER: Theme.USE,
    RiskSignalCode.USAGE_DROP: Theme.USE,
    RiskSignalCode.LOW_UTILISATION: Theme.USE,
    RiskSignalCode.CRITICAL_SUPPORT: Theme.SUPPORT,
    RiskSignalCode.DETRACTOR: Theme.ADVOCACY,
    RiskSignalCode.ONBOARDING_STALLED: Theme.ONBOARDING,
    RiskSignalCode.GROWING_BUT_UNHEALTHY: Theme.MONEY,
    RiskSignalCode.HEALTHY_BUT_SHRINKING: Theme.MONEY,
    RiskSignalCode.QBR_OVERDUE: Theme.REVIEW,
}
"Of which theme each is. SCORE_DROP is told by services.advice.changes, DATA_STALE by services.advice.gaps."
WEIGHTS: Final = {RiskLevel.HIGH: 300, RiskLevel.MEDIUM: 200, RiskLevel.LOW: 100}


def risks(reading: Reading) -> list[Told]:
    """A finding for each theme that a signal raises, the gravest first."""
    by_theme: dict[Theme, list[Raised]] = {}
    for signal in ranked(reading):
        theme = THEMES.get(signal.code)
        if theme is not None and not (theme is Theme.RENEWAL and reading.churned):
            by_theme.setdefault(theme, []).append(signal)
    return [_told(reading, theme, signals) for theme, signals in by_theme.items()]


def ranked(reading: Reading) -> list[Raised]:
    """The signals, the gravest first; of equals, what ends the contract before what troubles it."""
    return sorted(reading.subject.signals, key=lambda signal: -weight(signal))


def weight(signal: Raised) -> int:
    """What a signal's finding weighs: by its severity, then by what it is."""
    return WEIGHTS[signal.severity] - _ORDER.index(signal.code)


def _told(reading: Reading, theme: Theme, signals: list[Raised]) -> Told:
    sentences: list[str] = []
    topics: set[Topic] = set()
    for signal in signals:
        tell, about = _TELLERS[signal.code]
        sentences += list(tell(reading))
        topics |= about
    also = [key for signal in signals for key in signal.evidence[:1]]
    told = finding(FindingKind.RISK, sentences[:3], also)
    if theme is Theme.MONEY and (moved := reading.number(Topic.ARR, Aspect.CHANGE)) and moved.key in told.evidence:
        told = replace(told, kind=FindingKind.CHANGE)
    heaviest = max(weight(signal) for signal in signals)
    return Told(theme, heaviest, told, frozenset(topics))


def _renewal_overdue(r: Reading) -> Iterator[str]:
    due, days = r.day(Topic.RENEWAL), r.number(Topic.RENEWAL)
    yield from say("The renewal was due on {} and has been open for {}.", due, days)
    runs_on = "ARR of {} runs on without a signature, and silence in that state is rarely a yes."
    yield from say(runs_on, r.number(Topic.ARR))


def _renewal_at_risk(r: Reading) -> Iterator[str]:
    arr, score = r.number(Topic.ARR), r.number(Topic.SCORE)
    yield from say("The renewal is due on {}, {} from now.", r.day(Topic.RENEWAL), r.number(Topic.RENEWAL))
    if score and score.tone in _NOT_ENOUGH:
        text = f"A health score of {{}} {_NOT_ENOUGH[score.tone]}, and ARR of {{}} is what it is about."
        yield from say(text, score, arr)
    else:
        yield from say("ARR of {} is what it is about.", arr)
    own = r.word(Topic.RENEWAL)
    if own and own.value == RiskLevel.HIGH:
        yield from say("The account's own record rates the risk of the renewal as {}.", own)


_NOT_ENOUGH: Final = {HURTS: "is a poor hand for that talk", NEUTRAL: "does not carry it by itself"}


def _silent_customer(r: Reading) -> Iterator[str]:
    used, users, seats = r.number(Topic.LICENSE_UTILISATION), r.number(Topic.ACTIVE_USERS), r.number(Topic.SEATS)
    if used is None or used.tone is not HURTS:
        yield from say("The customer has gone quiet, with {} in a month.", r.number(Topic.LOGINS))
    elif users and users.number:
        yield from say("Hardly anybody is there: {} are active, with {} paid for.", users, seats)
    else:
        yield from say("What was bought lies unused: licence utilisation is {}, with {} paid for.", used, seats)
    yield from say("The last login was on {}.", r.day(Topic.LOGINS))
    if any(gap.topic is Topic.TICKET_RATE for gap in r.gaps):
        yield "A quiet support desk is no comfort here, for who does not log in does not complain."
    if r.raised(RiskSignalCode.RENEWAL_OVERDUE) is None:
        yield from say("The renewal is {} away, and there is little to renew for.", r.number(Topic.RENEWAL))


def _low_utilisation(r: Reading) -> Iterator[str]:
    used, idle = r.number(Topic.LICENSE_UTILISATION), r.number(Topic.SEATS, label="Seats without")
    yield from say("Licence utilisation is only {}: {} seats are paid for and idle.", used, idle)
    change, peers = r.changed(Topic.LICENSE_UTILISATION, HURTS), r.number(Topic.LICENSE_UTILISATION, Aspect.PEERS)
    if change:
        yield from say(f"Utilisation fell by {{}}{period(change)}.", change)
    elif peers and peers.tone is HURTS:
        yield from say("Its score for licence utilisation is {} below the median of its segment.", peers)


def _usage_drop(r: Reading) -> Iterator[str]:
    change, before, now = (r.number(Topic.LOGINS, side) for side in (Aspect.CHANGE, Aspect.BEFORE, Aspect.LEVEL))
    yield from say("Logins fell by {} in a month, from {} to {}.", change, before, now)
    yield from say("Weekly activity fell by {} with them.", r.changed(Topic.WEEKLY_ACTIVE, HURTS))


def _critical_support(r: Reading) -> Iterator[str]:
    critical, breaches = r.number(Topic.CRITICAL_TICKETS), r.number(Topic.SLA_BREACHES)
    if critical is None or not critical.number:
        yield from say("Service levels were broken again and again: {} in the last quarter.", breaches)
    elif breaches is None or not breaches.number:
        yield from say("The last quarter saw {} critical tickets, and each stops somebody's work.", critical)
    else:
        yield from say("The last quarter saw {} critical tickets and {} of the SLA.", critical, breaches)
    change, rate = r.changed(Topic.CRITICAL_TICKETS, HURTS), r.number(Topic.TICKET_RATE)
    if change:
        yield from say(f"Critical tickets are up by {{}}{period(change)}.", change)
    if rate and rate.tone is HURTS:
        yield from say("The everyday load is heavy too, with a ticket rate of {}.", rate)


def _detractor(r: Reading) -> Iterator[str]:
    yield from say("The customer would not recommend us: its Net Promoter Score is {}.", r.number(Topic.NPS))
    change = r.changed(Topic.NPS, HURTS)
    if change:
        yield from say("The NPS fell by {} against the survey before.", change)
    else:
        yield from say("The NPS alone costs {} of score.", r.number(Topic.NPS, Aspect.LOST))


def _onboarding_stalled(r: Reading) -> Iterator[str]:
    done, was = r.number(Topic.ONBOARDING_PROGRESS), r.number(Topic.ONBOARDING_PROGRESS, Aspect.BEFORE)
    since = r.day(Topic.CUSTOMER_SINCE)
    if done is None:
        yield from say("The onboarding does not end: the customer has been with us since {}.", since)
    else:
        yield from say("The onboarding is stuck at {}, though the customer has been with us since {}.", done, since)
    if done and was and was.number == done.number and period(was) == " in a month":
        yield from say("The onboarding was at {} a month earlier, too.", was)


def _growing_but_unhealthy(r: Reading) -> Iterator[str]:
    growth, expansion = r.number(Topic.ARR, Aspect.CHANGE), r.number(Topic.EXPANSION)
    if growth and growth.tone is HELPS:
        yield from say("ARR grew by {} in a year on ground that does not carry it.", growth)
    if expansion:
        yield from say("An expansion of {} is on the table, with a customer that is not well.", expansion)
    else:
        beyond = r.number(Topic.ACTIVE_USERS, label="Users beyond")
        yield from say("Beyond what was bought, {} active users share the seats.", beyond)
    yield from say("The health score of {} says to mend first and sell after.", r.number(Topic.SCORE))


def _healthy_but_shrinking(r: Reading) -> Iterator[str]:
    change, was, now = r.number(Topic.ARR, Aspect.CHANGE), r.number(Topic.ARR, Aspect.BEFORE), r.number(Topic.ARR)
    yield from say("ARR fell by {} in a year, from {} to {}.", change, was, now)
    yield "The use of the product does not show why: ask about budget, headcount and rivals."


def _qbr_overdue(r: Reading) -> Iterator[str]:
    days, last = r.number(Topic.QBR_RECENCY), r.day(Topic.QBR_RECENCY)
    if days:
        yield from say("The last business review took place on {}, {} ago.", last, days)
    else:
        yield from say("The last business review took place on {}.", last)
    if r.subject.bucket is not HealthBucket.GREEN:
        yield "What the product means to the sponsor has not been asked for that long."


_Teller = Callable[[Reading], Iterator[str]]
_TELLERS: Final[Mapping[RiskSignalCode, tuple[_Teller, frozenset[Topic]]]] = {
    RiskSignalCode.RENEWAL_OVERDUE: (_renewal_overdue, frozenset()),
    RiskSignalCode.RENEWAL_AT_RISK: (_renewal_at_risk, frozenset()),
    RiskSignalCode.SILENT_CUSTOMER: (
        _silent_customer,
        frozenset({Topic.LICENSE_UTILISATION, Topic.WEEKLY_ACTIVE, Topic.FEATURE_ADOPTION, Topic.SESSION_MINUTES}),
    ),
    RiskSignalCode.USAGE_DROP: (_usage_drop, frozenset({Topic.WEEKLY_ACTIVE})),
    RiskSignalCode.LOW_UTILISATION: (_low_utilisation, frozenset({Topic.LICENSE_UTILISATION})),
    RiskSignalCode.CRITICAL_SUPPORT: (
        _critical_support,
        frozenset({Topic.CRITICAL_TICKETS, Topic.SLA_BREACHES, Topic.TICKET_RATE}),
    ),
    RiskSignalCode.DETRACTOR: (_detractor, frozenset({Topic.NPS})),
    RiskSignalCode.ONBOARDING_STALLED: (_onboarding_stalled, frozenset({Topic.ONBOARDING_PROGRESS})),
    RiskSignalCode.GROWING_BUT_UNHEALTHY: (_growing_but_unhealthy, frozenset()),
    RiskSignalCode.HEALTHY_BUT_SHRINKING: (_healthy_but_shrinking, frozenset()),
    RiskSignalCode.QBR_OVERDUE: (_qbr_overdue, frozenset({Topic.QBR_RECENCY})),
}
_ORDER: Final = (
    RiskSignalCode.RENEWAL_OVERDUE,
    RiskSignalCode.RENEWAL_AT_RISK,
    RiskSignalCode.ONBOARDING_STALLED,
    RiskSignalCode.SILENT_CUSTOMER,
    RiskSignalCode.USAGE_DROP,
    RiskSignalCode.CRITICAL_SUPPORT,
    RiskSignalCode.DETRACTOR,
    RiskSignalCode.LOW_UTILISATION,
    RiskSignalCode.SCORE_DROP,
    RiskSignalCode.GROWING_BUT_UNHEALTHY,
    RiskSignalCode.HEALTHY_BUT_SHRINKING,
    RiskSignalCode.QBR_OVERDUE,
    RiskSignalCode.DATA_STALE,
)
