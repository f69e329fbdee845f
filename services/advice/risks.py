"""What the raised signals come to in words: one finding a theme, in the signals' order. Not how they are ranked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from services.advice.reading import HURTS, NEUTRAL, Reading, Theme, Told, finding, period, ref
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
    due, days, arr = r.day(Topic.RENEWAL), r.number(Topic.RENEWAL), r.number(Topic.ARR)
    if due and days:
        yield f"The renewal was due on {ref(due)} and has been open for {ref(days)}."
    if arr:
        yield f"ARR of {ref(arr)} runs on without a signature, and silence in that state is rarely a yes."


def _renewal_at_risk(r: Reading) -> Iterator[str]:
    due, days, arr, score = r.day(Topic.RENEWAL), r.number(Topic.RENEWAL), r.number(Topic.ARR), r.number(Topic.SCORE)
    if due and days:
        yield f"The renewal is due on {ref(due)}, {ref(days)} from now."
    if arr and score and score.tone is HURTS:
        yield f"A health score of {ref(score)} is a poor hand for that talk, and ARR of {ref(arr)} is what it is about."
    elif arr and score and score.tone is NEUTRAL:
        yield f"A health score of {ref(score)} does not carry it by itself, and ARR of {ref(arr)} is what it is about."
    elif arr:
        yield f"ARR of {ref(arr)} is what it is about."
    own = r.word(Topic.RENEWAL)
    if own and own.value == RiskLevel.HIGH:
        yield f"The account's own record rates the risk of the renewal as {ref(own)}."


def _silent_customer(r: Reading) -> Iterator[str]:
    used, users, seats = r.number(Topic.LICENSE_UTILISATION), r.number(Topic.ACTIVE_USERS), r.number(Topic.SEATS)
    logins, last = r.number(Topic.LOGINS), r.day(Topic.LOGINS)
    if used and users and seats and not users.number:
        yield f"What was bought lies unused: licence utilisation is {ref(used)}, with {ref(seats)} paid for."
    elif used and users and seats and used.tone is HURTS:
        yield f"Hardly anybody is there: {ref(users)} are active, with {ref(seats)} paid for."
    elif logins:
        yield f"The customer has gone quiet, with {ref(logins)} in a month."
    if last:
        yield f"The last login was on {ref(last)}."
    if any(gap.topic is Topic.TICKET_RATE for gap in r.gaps):
        yield "A calm support desk is no comfort here, for who does not log in does not complain."
    renewal = r.number(Topic.RENEWAL)
    if renewal and r.day(Topic.RENEWAL) and r.raised(RiskSignalCode.RENEWAL_OVERDUE) is None:
        yield f"The renewal is {ref(renewal)} away, and there is little to renew for."


def _low_utilisation(r: Reading) -> Iterator[str]:
    used, idle = r.number(Topic.LICENSE_UTILISATION), r.number(Topic.SEATS, label="Seats without")
    if used and idle:
        yield f"Licence utilisation is only {ref(used)}: {ref(idle)} seats are paid for and idle."
    change, peers = r.changed(Topic.LICENSE_UTILISATION, HURTS), r.number(Topic.LICENSE_UTILISATION, Aspect.PEERS)
    if change:
        yield f"Utilisation fell by {ref(change)}{period(change)}."
    elif peers and peers.tone is HURTS:
        yield f"In licence utilisation the account stands {ref(peers)} below the median of its segment."


def _usage_drop(r: Reading) -> Iterator[str]:
    change, before, now = (r.number(Topic.LOGINS, side) for side in (Aspect.CHANGE, Aspect.BEFORE, Aspect.LEVEL))
    if change and before and now:
        yield f"Logins fell by {ref(change)} in a month, from {ref(before)} to {ref(now)}."
    weekly = r.changed(Topic.WEEKLY_ACTIVE, HURTS)
    if weekly:
        yield f"Weekly activity fell by {ref(weekly)} with them."


def _critical_support(r: Reading) -> Iterator[str]:
    critical, breaches = r.number(Topic.CRITICAL_TICKETS), r.number(Topic.SLA_BREACHES)
    if critical and breaches and critical.number and breaches.number:
        yield f"The last quarter saw {ref(critical)} critical tickets and {ref(breaches)} of the SLA."
    elif critical and critical.number:
        yield f"Critical tickets pile up: {ref(critical)} in the last quarter."
    elif breaches:
        yield f"Service levels were broken again and again: {ref(breaches)} in the last quarter."
    change, rate = r.changed(Topic.CRITICAL_TICKETS, HURTS), r.number(Topic.TICKET_RATE)
    if change:
        yield f"Critical tickets are up by {ref(change)}{period(change)}."
    if rate and rate.tone is HURTS:
        yield f"The everyday load is heavy too, with a ticket rate of {ref(rate)}."


def _detractor(r: Reading) -> Iterator[str]:
    nps, change, lost = r.number(Topic.NPS), r.changed(Topic.NPS, HURTS), r.number(Topic.NPS, Aspect.LOST)
    if nps:
        yield f"The customer would not recommend us: its Net Promoter Score is {ref(nps)}."
    if change:
        yield f"The NPS fell by {ref(change)} against the survey before."
    elif lost:
        yield f"The NPS alone costs {ref(lost)} of score."


def _onboarding_stalled(r: Reading) -> Iterator[str]:
    done, since = r.number(Topic.ONBOARDING_PROGRESS), r.day(Topic.CUSTOMER_SINCE)
    if done and since:
        yield f"The onboarding is stuck at {ref(done)}, though the customer has been with us since {ref(since)}."
    elif since:
        yield f"The onboarding does not end: the customer has been with us since {ref(since)}."
    was = r.number(Topic.ONBOARDING_PROGRESS, Aspect.BEFORE)
    if done and was and was.number == done.number and period(was) == " in a month":
        yield f"The onboarding was at {ref(was)} a month earlier, too."


def _growing_but_unhealthy(r: Reading) -> Iterator[str]:
    growth, expansion, score = r.number(Topic.ARR, Aspect.CHANGE), r.number(Topic.EXPANSION), r.number(Topic.SCORE)
    if growth and growth.number and growth.number > 0:
        yield f"ARR grew by {ref(growth)} in a year on ground that does not carry it."
    if expansion:
        yield f"An expansion of {ref(expansion)} is on the table, with a customer that is not well."
    elif beyond := r.number(Topic.ACTIVE_USERS, label="Users beyond"):
        yield f"Beyond what was bought, {ref(beyond)} active users share the seats."
    if score:
        yield f"The health score of {ref(score)} says to mend first and sell after."


def _healthy_but_shrinking(r: Reading) -> Iterator[str]:
    change, was, now = r.number(Topic.ARR, Aspect.CHANGE), r.number(Topic.ARR, Aspect.BEFORE), r.number(Topic.ARR)
    if change and was and now:
        yield f"ARR fell by {ref(change)} in a year, from {ref(was)} to {ref(now)}."
    yield "The use of the product does not show why: ask about budget, headcount and rivals."


def _qbr_overdue(r: Reading) -> Iterator[str]:
    days, last = r.number(Topic.QBR_RECENCY), r.day(Topic.QBR_RECENCY)
    if days and last:
        yield f"The last business review took place on {ref(last)}, {ref(days)} ago."
    elif last:
        yield f"The last business review took place on {ref(last)}."
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
