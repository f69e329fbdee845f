"""What the rules write of each kind of account: golden pages, and that what matters is told, first, and holds.

`UPDATE_GOLDEN=1 pytest tests/test_advice.py` writes the pages anew.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from services import account_facts, portfolio_facts
from services.advice import write
from services.evidence.drafts import Draft
from services.evidence.facts import Topic
from services.evidence.subject import Subject
from services.evidence.verify import verify
from services.playbook_library import PLAYBOOKS
from services.portfolio_facts import Picture as PortfolioPicture
from services.vocabulary import MeasureCode, RiskLevel, RiskSignalCode
from tests.insight_accounts import ACCOUNTS, DAY, UNKNOWN, WELL, Account, anybody, picture
from tests.insight_pages import page
from tests.insight_portfolios import PORTFOLIOS

GOLDEN = Path(__file__).parent / "golden" / "insights"
KEYS = frozenset(playbook.key for playbook in PLAYBOOKS)
SUBJECTS: Mapping[str, Subject] = {
    **{kind: account_facts.subject(picture(account), day=DAY, currency="USD") for kind, account in ACCOUNTS.items()},
    **{kind: portfolio_facts.subject(one, day=DAY, currency="USD") for kind, one in PORTFOLIOS.items()},
}
PLANTED: Mapping[str, tuple[Topic, ...]] = {
    "failing_enterprise": (Topic.RENEWAL, Topic.LICENSE_UTILISATION, Topic.CRITICAL_TICKETS),
    "silent": (Topic.LICENSE_UTILISATION,),
    "usage_drop": (Topic.LOGINS,),
    "near_renewal_red": (Topic.RENEWAL,),
    "overdue": (Topic.RENEWAL,),
    "detractor": (Topic.NPS,),
    "critical_support": (Topic.CRITICAL_TICKETS,),
    "onboarding_stalled": (Topic.ONBOARDING_PROGRESS,),
    "growing_but_unhealthy": (Topic.EXPANSION,),
    "healthy_but_shrinking": (Topic.ARR,),
    "data_stale": (Topic.DATA_AGE,),
    "unknown": (Topic.COVERAGE,),
    "imported_only": (Topic.SCORE, Topic.COVERAGE),
    "green_with_a_gap": (Topic.FEATURE_ADOPTION,),
    "recovering": (Topic.SCORE,),
    "small": (Topic.LICENSE_UTILISATION,),
    "new_customer": (Topic.CUSTOMER_SINCE,),
    "over_utilised": (Topic.ACTIVE_USERS,),
}


@pytest.mark.parametrize("kind", SUBJECTS)
def test_the_page_of_each_kind_reads_as_it_was_approved(kind: str) -> None:
    subject = SUBJECTS[kind]
    written, file = page(subject, write(subject)), GOLDEN / f"{kind}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written, encoding="utf-8")

    assert written == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", SUBJECTS)
def test_every_sentence_of_the_rules_holds(kind: str) -> None:
    assert_holds(SUBJECTS[kind], write(SUBJECTS[kind]))


@pytest.mark.parametrize("kind", PLANTED)
def test_the_trouble_that_was_planted_is_among_the_first_three_findings(kind: str) -> None:
    subject = SUBJECTS[kind]
    told = {
        fact.topic for finding in write(subject).findings[:3] for fact in map(subject.fact, finding.evidence) if fact
    }

    assert told.issuperset(PLANTED[kind])


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_grave_signals_are_told_and_answered(kind: str) -> None:
    assert_well_made(SUBJECTS[kind], write(SUBJECTS[kind]))


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_of_any_account_every_sentence_holds_and_every_grave_signal_is_told(random: Random) -> None:
    subject = account_facts.subject(picture(anybody(random)), day=DAY, currency="USD")
    draft = write(subject)
    note(page(subject, draft))

    assert_well_made(subject, draft)
    assert_holds(subject, draft)
    assert draft == write(subject)


POOR = replace(
    WELL, active_users=110, feature_x_adoption=Decimal("0.1000"), weekly_active_pct=Decimal("0.1000"),
    time_to_value_days=88, tickets_last_30d=28, critical_tickets_90d=1, nps=0, qbr_last_date=DAY - timedelta(110),
    session_minutes=Decimal(2600) * 7,
)  # fmt: skip
SHAPES: Mapping[str, tuple[Account, str, str]] = {
    "a score that falls without a signal": (
        Account(facts=replace(WELL, nps=0), before=replace(WELL, feature_x_adoption=Decimal("0.9000"))),
        "Acme is losing ground: its score fell by 6.5 points",
        "The Net Promoter Score took 4.4 points off the score.",
    ),
    "broken service levels alone": (
        Account(facts=replace(WELL, sla_breaches_90d=3)),
        "Acme suffers from broken service levels",
        "Service levels were broken again and again: 3 breaches in the last quarter.",
    ),
    "too few seats in use against the segment": (
        Account(facts=replace(WELL, active_users=96), peers={MeasureCode.LICENSE_UTILISATION: "78.0"}),
        "Acme uses 48 % of its licences",
        "Its score for licence utilisation is 5.2 points below the median of its segment.",
    ),
    "a green account whose review is overdue": (
        Account(facts=replace(WELL, qbr_last_date=DAY - timedelta(130))),
        "Acme had its last business review 130 days ago",
        "The last business review took place on 21 November 2025, 130 days ago.",
    ),
    "a survey that is too old and nothing else missing": (
        Account(facts=replace(WELL, nps_on=DAY - timedelta(200))),
        "Acme is healthy on all counts",
        "The last answer for the Net Promoter Score is too old to count.",
    ),
    "a good account that its own record doubts": (
        Account(facts=WELL, renewal_date=DAY + timedelta(40), renewal_risk=RiskLevel.HIGH),
        "Acme comes up for renewal in 40 days on uncertain ground, with ARR of $120,000 at stake",
        "ARR of $120,000 is what it is about.",
    ),
    "an account that is known by its review alone": (
        Account(facts=replace(UNKNOWN, qbr_last_date=DAY - timedelta(130)), logins_before=None),
        "Too little is known of Acme to judge its health",
        "The last business review took place on 21 November 2025.",
    ),
    "a handful of users on many seats": (
        Account(facts=replace(WELL, active_users=9)),
        "Acme has gone quiet",
        "Hardly anybody is there: 9 users are active, with 200 seats paid for.",
    ),
    "seats in use on paper and no login": (
        Account(facts=replace(WELL, metric_logins=0, session_logins=None, session_minutes=None)),
        "Acme has gone quiet",
        "The customer has gone quiet, with 0 logins in a month.",
    ),
    "an onboarding of which nobody tells the progress": (
        Account(facts=replace(WELL, onboarding=True), customer_since=DAY - timedelta(200)),
        "Acme is stuck in its onboarding",
        "The onboarding does not end: the customer has been with us since 12 September 2025.",
    ),
    "more users than seats and poor health": (
        Account(facts=replace(WELL, active_users=220, nps=-100, critical_tickets_90d=5, tickets_last_30d=40)),
        "Acme is under fire, with 5 critical tickets in the last quarter",
        "Beyond what was bought, 20 active users share the seats.",
    ),
    "an overdue renewal in the dark": (
        Account(facts=UNKNOWN, logins_before=None, renewal_date=DAY - timedelta(5)),
        "Acme is 5 days past its renewal, with ARR of $120,000 open",
        "The renewal was due on 26 March 2026, and there is nothing to win it back with.",
    ),
    "a silent customer past its renewal": (
        Account(facts=replace(WELL, active_users=9), renewal_date=DAY - timedelta(5)),
        "Acme is 5 days past its renewal, with ARR of $120,000 open",
        "Hardly anybody is there: 9 users are active, with 200 seats paid for.",
    ),
    "a customer's own score and no more": (
        Account(facts=replace(UNKNOWN, imported_score=Decimal("64.0")), logins_before=None),
        "Acme is known by its own score alone",
        "The score of 64 points is the customer's own.",
    ),
    "a young customer that is live": (
        Account(facts=WELL, customer_since=DAY - timedelta(40)),
        "Acme is healthy on all counts",
        "The customer has been with us since 19 February 2026, too short a time to judge habits.",
    ),
    "red without a signal, and as it was": (
        Account(facts=POOR, before=replace(POOR, qbr_last_date=DAY - timedelta(140))),
        "Acme stands still at a health score of 35.1 points",
        "The time to first value was 88 days, long enough for a sponsor to lose patience. Most points are lost on time to first value: ",
    ),
    "a middling green account with a renewal far off": (
        Account(facts=replace(WELL, feature_x_adoption=Decimal("0.5000"))),
        "Acme is healthy, with room left in feature adoption",
        "Feature adoption is at 50 %: known to many, a habit of few.",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rarer_shapes_are_told_in_their_own_words(shape: str) -> None:
    account, headline, sentence = SHAPES[shape]
    subject = account_facts.subject(picture(account), day=DAY, currency="USD")
    draft = write(subject)

    found = verify(draft, subject, playbooks=KEYS)

    assert found.headline == headline
    assert any(sentence in finding.text for finding in found.findings), [one.text for one in found.findings]
    assert_holds(subject, draft)


def test_a_customer_that_left_gets_no_playbook_and_no_talk_of_renewal() -> None:
    left = picture(ACCOUNTS["failing_enterprise"])
    left["status"] = "CHURNED"
    subject = account_facts.subject(left, day=DAY, currency="EUR")

    draft = write(subject)

    assert draft.headline == "{account} has left, and these are its last figures"
    assert [(action.playbook, action.priority) for action in draft.actions] == [(None, RiskLevel.LOW)]
    assert not any("renewal" in finding.text.lower() for finding in draft.findings)
    assert_holds(subject, draft)


def test_portfolios_of_all_sorts_are_written_of_without_a_sentence_that_does_not_hold() -> None:
    strained, well = PORTFOLIOS["portfolio_under_strain"], PORTFOLIOS["portfolio_that_is_well"]
    top = strained["top_risks"]
    shaken: PortfolioPicture = {**strained, "arr_at_risk": "0.00", "top_risks": [top[3], {**top[4], "score": None}]}
    blank: PortfolioPicture = {
        **well, "account_count": 0, "scored_accounts": 0, "total_arr": "0.00", "average_score": None,
        "arr_weighted_score": None, "by_bucket": [], "by_segment": [], "renewals": [], "before": None, "top_risks": [],
    }  # fmt: skip
    praised: PortfolioPicture = {**well, "before": None, "top_risks": []}
    grown = well["before"]
    assert grown is not None
    shrunk: PortfolioPicture = {
        **well, "before": {**grown, "arr": "2000000.00", "average_score": "90.0", "arr_in_red": "0.00"},
        "top_risks": [{**top[0], "score": "90.0", "bucket": "GREEN"}],
    }  # fmt: skip
    flat: PortfolioPicture = {
        **well, "before": {**grown, "arr": well["total_arr"], "average_score": "82.6", "arr_in_red": "0.00"},
    }  # fmt: skip
    headlines = []
    for picture_ in (shaken, blank, praised, shrunk, flat):
        subject = portfolio_facts.subject(picture_, day=DAY, currency="USD")
        draft = write(subject)
        assert_holds(subject, draft)
        headlines.append(draft.headline)

    assert headlines == [
        "ARR in RED stands at {E7}, with time left to act",
        "Too little is known of the portfolio to judge its health",
        "The portfolio is well, at an average health score of {E5}",
        "The portfolio is well, at an average health score of {E5}",
        "The portfolio is well, at an average health score of {E5}",
    ]


def assert_holds(subject: Subject, draft: Draft) -> None:
    found = verify(draft, subject, playbooks=KEYS)
    assert (found.sentences_dropped, found.numbers_verified) == (0, found.numbers_found)
    assert (len(found.findings), len(found.actions)) == (len(draft.findings), len(draft.actions))


def assert_well_made(subject: Subject, draft: Draft) -> None:
    grave = {signal.code for signal in subject.signals if signal.severity is RiskLevel.HIGH}
    told = {key for finding in draft.findings for key in finding.evidence}
    answered = {
        code
        for action in draft.actions
        for one in subject.choices
        if one.playbook == action.playbook
        for code in one.because
    }
    keys = {fact.key for fact in subject.facts}
    assert {
        signal.code for signal in subject.signals if signal.code in grave and signal.evidence[0] not in told
    } == set()
    assert 3 <= len(draft.findings) <= 6
    assert 1 <= len(draft.actions) <= 4
    assert grave - answered <= unanswerable(subject) or len(draft.actions) == 4
    assert told <= keys
    assert all(finding.evidence and finding.text for finding in draft.findings)
    assert {action.playbook for action in draft.actions} <= {None, *(one.playbook for one in subject.choices)}
    assert all(action.evidence and action.due_in_days for action in draft.actions)


def unanswerable(subject: Subject) -> set[RiskSignalCode]:
    """Signals that none of the playbooks to choose from answers."""
    return {signal.code for signal in subject.signals} - {code for one in subject.choices for code in one.because}
