"""The check against sentences that people judged by hand."""

import pytest

from services import account_facts, portfolio_facts
from services.evidence.drafts import Action, Draft, Finding
from services.evidence.verify import Verified, verify
from services.vocabulary import FindingKind, RiskLevel
from tests import blind_sentences as blind
from tests.insight_accounts import ACCOUNTS, DAY, picture
from tests.insight_portfolios import STRAINED
from tests.judged_sentences import FACTS, FALSE, SECOND_FALSE, SECOND_TRUE, SUBJECT, THIRD_FALSE, THIRD_TRUE, TRUE

KEYS = tuple(fact.key for fact in FACTS)
TOO_CAREFUL = {
    "There were {E17} in the last 90 days.",  # would be shown as "4 tickets", which are critical ones
    "Less than a third of licences is in use.",  # by more than the rounding that the check allows
    "The score declined mainly due to NPS, which took {E23} off.",  # two words of cause, and the second names nothing
    "Weekly active users ({E34}) look steady.",  # of which no fact tells
}


def _checked(text: str) -> Verified:
    finding = Finding(text, FindingKind.OPPORTUNITY, KEYS)
    return verify(Draft("", "", (finding,), ()), SUBJECT, playbooks=())


def test_true_sentences_are_kept() -> None:
    assert {text for text in (*TRUE, *SECOND_TRUE, *THIRD_TRUE) if _checked(text).sentences_dropped} == TOO_CAREFUL


@pytest.mark.parametrize("text", [*FALSE, *SECOND_FALSE, *THIRD_FALSE])
def test_a_false_sentence_is_dropped(text: str) -> None:
    assert _checked(text).findings == ()


SUBJECTS = {
    "F": account_facts.subject(picture(ACCOUNTS["failing_enterprise"]), day=DAY, currency="USD"),
    "R": account_facts.subject(picture(ACCOUNTS["recovering"]), day=DAY, currency="EUR"),
    "G": account_facts.subject(picture(ACCOUNTS["growing_but_unhealthy"]), day=DAY, currency="USD"),
    "O": account_facts.subject(picture(ACCOUNTS["onboarding_stalled"]), day=DAY, currency="GBP"),
    "P": portfolio_facts.subject(STRAINED, day=DAY, currency="EUR"),
}


def _is_kept(line: str) -> bool:
    """Whether it is kept as a finding of any kind, or as an action's title."""
    about, cited, text = line.split(" | ")
    keys = tuple(cited.split())
    action = Action(text, "This matters.", RiskLevel.HIGH, None, keys, 7)
    drafts = [Draft("", "", (Finding(text, kind, keys),), ()) for kind in FindingKind]
    checked = [verify(draft, SUBJECTS[about], playbooks=()) for draft in (*drafts, Draft("", "", (), (action,)))]
    return any(one.findings or one.actions for one in checked)


def test_what_others_wrote_in_truth_is_kept_but_for_what_is_known_to_be_lost() -> None:
    assert [line for line in (*blind.TRUE, *blind.TOO_CAREFUL) if not _is_kept(line)] == blind.TOO_CAREFUL


@pytest.mark.parametrize("line", [*blind.FALSE, *blind.ATTACKS])
def test_what_others_wrote_to_deceive_is_dropped(line: str) -> None:
    assert not _is_kept(line)


@pytest.mark.parametrize(
    "line",
    [
        "O | E52 | Onboarding at {account} has stalled at {E52}.",
        "R | E43 | The account has been a customer since {E43}.",
        "P | E6 | The average health score is {E6}.",
        "P | E52 | {A1} is healthy.",
        "F | E53 E54 | The renewal was {E54} ago.",
        "F | E54 | {account} renewed in {E54}, some time ago.",
        "F | E54 | Since the renewal there are {E54}.",
        "F | E57 | {E57} worked in the product every day.",
        "F | E12 | Licence utilisation is strong.",
        "R | E31 | The open critical tickets need an owner.",
        "R | E31 | Critical tickets weigh on the account.",
        "G | E44 | The expansion was agreed.",
        "F | E61 | Logins FELL by {E61}.",
    ],
)
def test_a_value_that_took_another_s_place_is_dropped(line: str) -> None:
    assert not _is_kept(line)


def test_a_value_is_kept_beside_its_label_s_own_words() -> None:
    assert _is_kept("P | E6 | Weighted by ARR, the health score is {E6}.")
    assert _is_kept("R | E43 | The status of the account is {E43}.")


def test_a_playbook_s_own_title_is_kept_as_an_action() -> None:
    assert _is_kept("R | E40 | Hold the overdue business review")
