"""In which notations values may be written, and which are refused whatever they say."""

from dataclasses import replace
from datetime import date

import pytest

from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.judging import judge
from services.evidence.quantities import counted
from services.evidence.reading import read
from services.evidence.words import tokens
from services.vocabulary import EvidenceSource, FactorDirection
from tests.judged_sentences import DAY, FACTS, SUBJECT

_MORE = (
    (Topic.LICENSE_UTILISATION, Aspect.CHANGE, "Change of licence utilisation", "-6.5", "percentage points", 30),
    (Topic.QBR_RECENCY, Aspect.PEERS, "Review against the segment's median", "-1.5", "points", None),
    (Topic.CRITICAL_TICKETS, Aspect.BEFORE, "Critical tickets, 30 days before", "2", "tickets", 30),
    (Topic.SEATS, Aspect.LEVEL, "Seats without an active user", "48", "seats", None),
    (Topic.ACTIVE_USERS, Aspect.LEVEL, "Users beyond the seats", "3", "users", None),
    (Topic.EXPANSION, Aspect.LEVEL, "Expansion in the pipeline", "2500000", "USD", None),
    (Topic.DATA_AGE, Aspect.LEVEL, "Newest data", "2026-02-02", None, None),
    (Topic.ONBOARDING_PROGRESS, Aspect.BEFORE, "Onboarding progress, 30 days before", "40.0", "%", 30),
    (Topic.TICKET_RATE, Aspect.LEVEL, "Tickets per 100 seats in 30 days", "9.6", "tickets", 30),
    (Topic.NPS, Aspect.LOST, "Points that NPS loses", "6.0", "points", None),
)
MORE = tuple(
    Fact(f"E{at}", topic, aspect, label, value, unit, DAY, EvidenceSource.ACCOUNT, FactorDirection.HURTS, window)
    for at, (topic, aspect, label, value, unit, window) in enumerate(_MORE, 101)
)
KNOWN = replace(SUBJECT, facts=(*FACTS, *MORE))


def _is_kept(text: str) -> bool:
    return judge(text, KNOWN.facts, KNOWN).text is not None


@pytest.mark.parametrize(
    "text",
    [
        "ARR is USD 120k.",
        "ARR is 120 thousand dollars.",
        "ARR is one hundred and twenty thousand dollars.",
        "ARR is $120,000 USD.",
        "The expansion is worth 2.5 million dollars.",
        "The expansion is worth about $2.5M.",
        "The expansion is worth more than $2M.",
        "Nearly 63 points is the health score.",
        "The health score is close to 63 points.",
        "The health score is just under 63 points.",
        "Licence utilisation fell by 6.5 percentage points in 30 days.",
        "Licence utilisation fell by 6.5 % points in 30 days.",
        "Licence utilisation fell by 6.5 pp in 30 days.",
        "Licence utilisation fell by 6.5 points in 30 days.",
        "Licence utilisation fell by {E101} percentage points in 30 days.",
        "Logins fell 50% month-over-month.",
        "Logins fell {E13} month over month.",
        "Logins fell 50% in a month.",
        "There were 4 critical tickets in the quarter.",
        "The score is 62.4/100.",
        "The score fell twelve-points in 30 days.",
        "The newest data is of today.",
        "The account's standing today rests on a score of 62.4.",
        "It takes an hour to call the sponsor.",
        "Once the sponsor agrees, set a date.",
        "There is no one way to do it.",
        "The contract renews in March 2026.",
        "The contract renews in Q1 2026.",
        "The customer joined on 15/06/2023.",
        "The customer joined on 06/15/2023.",
        "48 seats are idle.",
        "Active users exceed the seats by 3 users.",
        "The relationship is worth a call: a $120,000 account.",
        "There is no bucket to report.",
        "The ticket rate is 9.6 tickets.",
        "The severity of the drop in logins is HIGH.",
        "Logins in 30 days: 83",
        "The score fell as well as logins.",
        "For licence utilisation, accounts of its segment are ahead by 4.1 points.",
        "A clear cut plan matters.",
        "It is well below green.",
        "Critical tickets worsened from 2 tickets to 4 tickets.",
        "Logins saw a 50% overall drop in 30 days.",
        "Today's score is 62.4 points.",
        "Ask a couple of users.",
        "There are {E17} open critical support cases.",
        "The score has dropped, with {E3} lost.",
        "Licence utilisation costs the score 13 points.",
        "Red flags are few.",
        "Critical tickets rose from 2 tickets to 4 tickets.",
        "Critical tickets got worse, from 2 tickets to 4 tickets.",
        "The last business review is overdue.",
        "We could lift the score by 6 points through NPS.",
    ],
)
def test_a_true_value_is_kept_in_this_notation(text: str) -> None:
    assert _is_kept(text)


@pytest.mark.parametrize(
    "text",
    [
        "ARR is minus -120,000 dollars.",
        "ARR is $120,000 euros.",
        "ARR is USD $120,000.",
        "ARR is $120,000%.",
        "ARR is $120,000$.",
        "ARR is €{E5}.",
        "ARR is -{E5}.",
        "ARR is $0k.",
        "ARR is 120,000-dollar.",
        "ARR is $120,000 seats.",
        "Logins fell 50% days in 30 days.",
        "Logins fell 50% percent in 30 days.",
        "Logins fell {E13} points.",
        "The score fell {E3} per cent.",
        "The score fell {E3} days.",
        "3/4 of the seats are used.",
        "9/4 of the seats are used.",
        "A half of the year is over.",
        "In the second half, logins fell.",
        "Five in four seats are used.",
        "There is 30/02/2026 to think of.",
        "The contract renews on 2026-02-30.",
        "The contract renews on February 30.",
        "The contract renews in April.",
        "The session took an hour.",
        "The sponsor logged in once.",
        "Another 4 logins were seen, a single one.",
        "One critical ticket is open.",
        "Nobody logs in.",
        "There is no earlier score to compare it with.",
        "No logins were seen.",
        "The severity is LOW.",
        "Health went from green to amber.",
        "All seats are used.",
        "All licences are used, every ticket is closed.",
        "Several SLA breaches are open.",
        "The highest ARR is here.",
        "{E9} of the {E11} are in use.",
        "4 breaches on {E10} is a lot.",
        "Logins went from {E12} to 30 days.",
        "Logins went from {E12} to {E9}.",
        "The invoice is overdue.",
        "The renewal is overdue.",
        "The renewal in {E7} was long ago.",
        "As logins fall, the score drops.",
        "Since logins fell, the score is down.",
        "The score of {E1} could be recovered.",
        "Critical tickets are 2 points lower than in the segment.",
        "Business reviews are 1.5 points higher than in the segment.",
        "Critical tickets fell from 4 tickets to 2 tickets.",
        "Logins hardly moved.",
        "Logins are larger than a year ago.",
        "The score is better than that of peers.",
        "Renewal talks renewed on 10 March 2026.",
        "{A7} renews on {E6}.",
        "Licence utilisation fell 4.1 points.",
        "The score stood at 62.4 points before that.",
        "ARR of 120,000 NPS is too much.",
        "9.6 tickets came in.",
        "ARR is $",
        "Call IBM about it.",
        "The userBase is large.",
        "The newest data is one day old.",
        "Talks are down to the sponsor.",
        "The contract renewed in {E7}.",
        "Feature adoption fell.",
        "Onboarding progress fell.",
        "Logins fell 50 per cent points.",
        "The change of the score over 12 points is known.",
    ],
)
def test_a_value_is_dropped_in_this_notation(text: str) -> None:
    assert not _is_kept(text)


def test_what_looks_like_a_quantity_and_is_none_is_counted() -> None:
    found = tokens("Q5 saw XII users, 12,5 seats and hundreds more; three dozen tickets, eightfold, in FY26.")
    assert found is not None

    assert (len(read(found, date(2026, 2, 2), {}).quantities), read(found, date(2026, 2, 2), {}).unread) == (2, 6)


def test_a_fact_of_a_word_shaped_like_a_day_is_no_day() -> None:
    fact = replace(FACTS[0], value="2026-13-45")

    assert (fact.day, fact.number) == (None, None)


def test_a_renewal_gone_by_is_not_told_as_to_come() -> None:
    facts = tuple(
        replace(fact, value="2026-01-10") if fact.key == "E6" else replace(fact, label="Days since the renewal was due")
        for fact in FACTS
        if fact.key in ("E6", "E7")
    )
    subject = replace(SUBJECT, facts=facts)
    texts = (
        "The renewal was due on {E6}.",
        "The renewal is overdue.",
        "The contract renews on {E6}.",
        "The upcoming renewal is on {E6}.",
    )

    assert [judge(text, facts, subject).text is not None for text in texts] == [True, True, False, False]


def test_a_noun_behind_too_many_adjectives_is_not_what_a_number_counts() -> None:
    found = tokens("4 open paid active total tickets")
    assert found is not None

    assert (counted(found, 1), counted(found, 2)) == ("", "tickets")
