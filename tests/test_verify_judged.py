"""The check against sentences that people judged by hand."""

import pytest

from services.evidence.drafts import Draft, Finding
from services.evidence.verify import Verified, verify
from services.vocabulary import FindingKind
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
