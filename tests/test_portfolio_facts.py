"""A portfolio's facts: totals, changes, groups, renewals, and the accounts under tokens instead of their names."""

from services.evidence.facts import Aspect, Topic, written
from services.portfolio_facts import Picture, subject
from services.vocabulary import FactorDirection, InsightScope
from tests.insight_accounts import DAY
from tests.insight_portfolios import STRAINED, WELL

HURTS, HELPS = FactorDirection.HURTS, FactorDirection.HELPS


def test_totals_and_changes_come_first_and_a_change_of_nothing_is_none() -> None:
    found = subject({**STRAINED, "account_count": 47, "by_bucket": [], "by_segment": [], "renewals": [], "top_risks": []},
                    day=DAY, currency="USD")  # fmt: skip

    assert [(fact.key, fact.topic, fact.aspect, fact.label, written(fact), fact.tone) for fact in found.facts] == [
        ("E1", Topic.ACCOUNTS, Aspect.LEVEL, "Accounts", "47 accounts", None),
        ("E2", Topic.ACCOUNTS, Aspect.LEVEL, "Accounts with a score", "44 accounts", None),
        ("E3", Topic.COVERAGE, Aspect.LEVEL, "Share of accounts with a score", "93.6 %", None),
        ("E4", Topic.ARR, Aspect.LEVEL, "ARR of all accounts", "$6,120,000", None),
        ("E5", Topic.SCORE, Aspect.LEVEL, "Average health score", "61.4 points", FactorDirection.NEUTRAL),
        ("E6", Topic.SCORE, Aspect.LEVEL, "Health score by ARR", "55.8 points", FactorDirection.NEUTRAL),
        ("E7", Topic.ARR_IN_RED, Aspect.LEVEL, "ARR in RED", "$1,960,000", HURTS),
        ("E8", Topic.ARR, Aspect.LEVEL, "ARR in RED or AMBER", "$3,850,000", None),
        ("E9", Topic.ARR_AT_RISK, Aspect.LEVEL,
         "ARR at risk: RED or AMBER, with the renewal overdue or within 90 days", "$1,390,000", HURTS),
        ("E10", Topic.ARR, Aspect.BEFORE, "ARR, 30 days before", "$6,050,000", None),
        ("E11", Topic.ARR, Aspect.CHANGE, "ARR: change over 30 days", "$70,000", HELPS),
        ("E12", Topic.SCORE, Aspect.BEFORE, "Average health score, 30 days before", "64 points", None),
        ("E13", Topic.SCORE, Aspect.CHANGE, "Average health score: change over 30 days", "-2.6 points", HURTS),
        ("E14", Topic.ARR_IN_RED, Aspect.BEFORE, "ARR in RED, 30 days before", "$1,120,000", None),
        ("E15", Topic.ARR_IN_RED, Aspect.CHANGE, "ARR in RED: change over 30 days", "$840,000", HURTS),
        ("E16", Topic.ACCOUNTS, Aspect.BEFORE, "Accounts, 30 days before", "47 accounts", None),
    ]  # fmt: skip
    assert (found.scope, found.bucket, found.signals, found.choices) == (InsightScope.PORTFOLIO, None, (), ())


def test_groups_that_hold_nobody_are_not_told() -> None:
    found = subject(WELL, day=DAY, currency="USD")

    labels = [fact.label for fact in found.facts if fact.of is not None and fact.of not in found.names]
    assert labels == [
        "ARR in RED or AMBER",
        "Accounts in GREEN", "ARR in GREEN", "Share of ARR in GREEN",
        "Accounts in AMBER", "ARR in AMBER", "Share of ARR in AMBER",
        "Accounts in Mid-Market", "ARR in Mid-Market", "Average health score in Mid-Market",
        "Accounts in Enterprise", "ARR in Enterprise", "Average health score in Enterprise",
    ]  # fmt: skip
    assert [fact.label for fact in found.facts if fact.topic is Topic.RENEWALS_DUE] == [
        "Renewals due within 30 days", "ARR of renewals due within 30 days",
    ]  # fmt: skip


def test_an_account_stands_under_its_token_and_its_name_in_no_fact() -> None:
    found = subject(STRAINED, day=DAY, currency="USD")

    assert dict(found.names) == {
        "A1": "Northwind Freight", "A2": "Castellan", "A3": "Ironbridge Rail", "A4": "Orchard & Sons", "A5": "Tessera",
    }  # fmt: skip
    assert [(fact.label, written(fact), fact.tone) for fact in found.facts if fact.of == "A4"] == [
        ("ARR of {A4}", "$64,000", None),
        ("Health score of {A4}", "66.1 points", FactorDirection.NEUTRAL),
        ("Health bucket of {A4}", "AMBER", FactorDirection.NEUTRAL),
        ("Renewal of {A4}", "19 March 2026", HURTS),
        ("Days since the renewal was due of {A4}", "12 days", HURTS),
        ("Renewal overdue of {A4}: how grave", "HIGH", HURTS),
    ]
    assert not any(name in fact.label + fact.value for name in found.names.values() for fact in found.facts)


def test_a_portfolio_of_nothing_has_facts_too() -> None:
    nothing: Picture = {
        "account_count": 0, "scored_accounts": 0, "total_arr": "0", "average_score": None, "arr_weighted_score": None,
        "by_bucket": [], "by_segment": [{"segment": "SMB", "accounts": 1, "arr": "0", "average_score": None}],
        "renewals": [], "arr_in_red": "0", "arr_in_red_or_amber": "0", "arr_at_risk": "0", "before": None,
        "top_risks": [{"name": "Nobody", "arr": "0", "score": None, "bucket": "UNKNOWN", "renewal_date": None,
                       "signals": []}],
    }  # fmt: skip

    assert [fact.label for fact in subject(nothing, day=DAY, currency="USD").facts] == [
        "Accounts", "Accounts with a score", "ARR of all accounts", "ARR in RED", "ARR in RED or AMBER",
        "ARR at risk: RED or AMBER, with the renewal overdue or within 90 days", "Accounts in SMB", "ARR in SMB",
        "ARR of {A1}", "Health bucket of {A1}",
    ]  # fmt: skip


def test_an_average_that_was_not_known_before_has_no_change() -> None:
    before = STRAINED["before"]
    assert before is not None

    found = subject({**STRAINED, "before": {**before, "average_score": None}}, day=DAY, currency="USD")

    assert not any(fact.topic is Topic.SCORE and fact.aspect is not Aspect.LEVEL for fact in found.facts)
