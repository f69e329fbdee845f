"""Which words speak of which topic. Not whether what they say of it holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.evidence.facts import Topic
from services.evidence.words import Tokens


@dataclass(frozen=True, slots=True)
class Mention:
    """Words from token `first` up to `last` (exclusive) that name one of `topics`."""

    first: int
    last: int
    topics: frozenset[Topic]


def mentions(tokens: Tokens, present: Iterable[Topic]) -> list[Mention]:
    """Every mention, the longest phrase first where several begin at one word.

    A word that may mean several topics means those that the subject has facts of.
    """
    return list(_mentions(tokens, frozenset(present)))


def _mentions(tokens: Tokens, present: frozenset[Topic]) -> Iterator[Mention]:
    at = 0
    words = [token.low for token in tokens]
    while at < len(words):
        for length in range(min(LONGEST, len(words) - at), 0, -1):
            meant = PHRASES.get(tuple(words[at : at + length]))
            if meant is not None:
                yield Mention(at, at + length, _resolved(meant, present))
                at += length
                break
        else:
            at += 1


def _resolved(meant: tuple[tuple[Topic, ...], ...], present: frozenset[Topic]) -> frozenset[Topic]:
    """The first group that the subject knows anything of, or else the first."""
    for group in meant:
        if known := present.intersection(group):
            return known
    return frozenset(meant[0])


_T = Topic

_WORDS: Final[Mapping[tuple[tuple[Topic, ...], ...], str]] = {
    ((_T.LICENSE_UTILISATION,),): """
        licence utilisation|license utilisation|licence utilization|license utilization|utilisation|utilization
        |seat utilisation|seat utilization|seat usage|licence usage|license usage|licence use|license use
        |seat use|unused licences|unused licenses|unused seats|idle seats|idle licences|licences in use
        |licenses in use|seats in use|licence adoption|seat adoption|licence rollout""",
    ((_T.LICENSE_UTILISATION, _T.SEATS),): "licences|licenses|seats|seat|licence|license|paid seats",
    ((_T.SEATS,),): """
        purchased seats|seats purchased|seat count|seats bought|bought seats|contracted seats|licensed seats
        |number of seats""",
    ((_T.LICENSE_UTILISATION, _T.SEATS), (_T.LICENSE_UTILISATION,)): "purchased licences|purchased licenses",
    ((_T.FEATURE_ADOPTION,), (_T.LICENSE_UTILISATION,)): "adoption|adopted|adopt",
    ((_T.FEATURE_ADOPTION,),): """
        feature adoption|key feature|core feature|feature usage|feature use|adoption of the key feature|feature
        |features""",
    ((_T.WEEKLY_ACTIVE,),): """
        weekly active users|weekly active|weekly active share|weekly activity|active in a week|active weekly
        |active each week|active every week|active in a given week|weekly users|weekly engagement""",
    ((_T.SESSION_MINUTES,),): """
        session length|session minutes|sessions|session|average session|session time|session duration
        |minutes a session|minutes per session|time in the product|average session length""",
    ((_T.TIME_TO_VALUE,),): "time to value|first value|days to first value|time-to-value|time to first value|ramp-up",
    ((_T.TICKET_RATE,),): """
        tickets|ticket|support tickets|support ticket|ticket volume|support volume|ticket load|support load
        |tickets per seat|ticket rate|tickets per 100 seats|support ticket rate|rate of tickets""",
        ((_T.CRITICAL_TICKETS,),): """
        critical tickets|critical ticket|critical support tickets|critical support ticket|critical issues
        |critical issue|urgent tickets|severe tickets|critical cases|critical incidents|critical support
        |critical support issues""",
    ((_T.SLA_BREACHES,),): """
        sla breaches|sla breach|breaches|breach|slas|sla|broken service levels|service levels|service level
        |service level breaches|missed service levels|sla misses""",
    ((_T.NPS,),): """
        nps|nps score|net promoter score|net promoter|promoter|promoters|detractor|detractors|advocacy|sentiment
        |customer sentiment|survey|willingness to recommend|recommend us|recommendation score""",
    ((_T.QBR_RECENCY,),): """
        qbr|qbrs|business review|business reviews|quarterly business review|executive business review|ebr
        |quarterly business reviews|quarterly review|review meeting|review recency|qbr recency""",
    ((_T.ONBOARDING_PROGRESS,),): "onboarding|onboarding progress|go-live|implementation|rollout progress",
    ((_T.SCORE,),): """
        score|health score|health scores|scores|health|overall health|average score|average health score
        |account health|points of health|health points""",
    ((_T.BUCKET,), (_T.SCORE,)): "bucket|health bucket|status colour|band",
    ((_T.COVERAGE,),): """
        coverage|coverage of the score|coverage of the health score
        |data coverage|score coverage|of its data|weight of the score|data completeness|of the data
        |of its weight|of the weight""",
    ((_T.DATA_AGE,), (_T.COVERAGE,)): """
        data|newest data|latest data|last data|data age|freshness|data freshness|newest figures|latest figures
        |last update|newest figure|last figures""",
    ((_T.ARR,),): """
        arr|annual recurring revenue|recurring revenue|revenue|contract value|annual value|annual contract value
        |contract worth|total arr|account value|spend|annual spend""",
    ((_T.ARR,), (_T.RENEWAL,)): "book of business",
    ((_T.EXPANSION,),): """
        expansion|expansion opportunity|expansion potential|upsell|upsell opportunity|upsell potential
        |growth opportunity|expansion pipeline|cross-sell|potential expansion|growth potential""",
    ((_T.RENEWAL,), (_T.RENEWALS_DUE,)): """
        renewal|renewal date|contract|contract end|renews|renew|renewing|contract renews|renewals|contracts
        |renewal window|contract ends|contract expires|expires|contract renewal|the contract renews
        |up for renewal|renewal conversation|renewal call|renewal talk""",
    ((_T.RENEWALS_DUE,), (_T.RENEWAL,)): """
        renewals due|due for renewal|renewals coming up|upcoming renewals|renewals fall due""",
    ((_T.LOGINS,), (_T.ACTIVE_USERS, _T.LICENSE_UTILISATION, _T.WEEKLY_ACTIVE)): """
        usage|activity|product usage|engagement|use of the product|usage levels|usage volume""",
    ((_T.LOGINS,),): """
        logins|login|log-ins|login activity|login volume|login count|login counts|login frequency|log in|logs in
        |logged in|logging in|people log in|sign-ins|fewer people log in|login numbers|login rate|sign in""",
    ((_T.ACTIVE_USERS,),): "active users|active user|users|user|active people|people use|active seats|user base|active",
    ((_T.SEATS, _T.LICENSE_UTILISATION),): "entitlement|entitlements",
    ((_T.CUSTOMER_SINCE,),): """
        customer since|a customer since|been a customer|customer for|customer relationship|been with us
        |with us since|relationship began|joined|first contract|became a customer|tenure|status|account status""",
    ((_T.ACCOUNTS,),): "accounts|account|customers|portfolio",
    ((_T.ARR_IN_RED,), (_T.ARR,)): """
        arr in red|arr in the red|red arr|revenue in red|arr of red accounts|arr in red accounts|arr sits in red
        |arr is in red|arr is red|arr sits in red accounts|arr in the red bucket|sits in red
        |sits in red accounts""",
    ((_T.ARR_AT_RISK,), (_T.ARR,)): """
        arr at risk|arr is at risk|revenue at risk|at-risk arr|revenue is at risk|arr at stake|arr under threat
        |recurring revenue at risk|recurring revenue is at risk|arr that is at risk""",
}  # fmt: skip


def _phrases() -> dict[tuple[str, ...], tuple[tuple[Topic, ...], ...]]:
    found = {}
    for meant, phrases in _WORDS.items():
        for phrase in phrases.split("|"):
            found[tuple(phrase.strip().replace("-", " - ").split())] = meant
    return found


PHRASES: Final = _phrases()
LONGEST: Final = max(map(len, PHRASES))
INVERSE: Final = frozenset(
    {_T.TIME_TO_VALUE, _T.TICKET_RATE, _T.CRITICAL_TICKETS, _T.SLA_BREACHES, _T.QBR_RECENCY, _T.DATA_AGE}
)
"Topics of which less is better."
