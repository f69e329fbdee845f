"""The check against sentences that people judged by hand."""

import pytest

from services.evidence.drafts import Draft, Finding
from services.evidence.verify import Verified, verify
from services.vocabulary import FindingKind
from tests.judged_sentences import FACTS, FALSE, SUBJECT, TRUE

KEYS = tuple(fact.key for fact in FACTS)
TOO_CLEVER = {"Mid-Market peers do better on licence utilisation, by 4.1 points."}
"True sentences that are dropped all the same: the direction is told of the peers."


def _checked(text: str) -> Verified:
    finding = Finding(text, FindingKind.OPPORTUNITY, KEYS)
    return verify(Draft("", "", (finding,), ()), SUBJECT, playbooks=())


def test_true_sentences_are_kept() -> None:
    assert {text for text in TRUE if _checked(text).sentences_dropped} == TOO_CLEVER


@pytest.mark.parametrize("text", FALSE)
def test_a_false_sentence_is_dropped(text: str) -> None:
    assert _checked(text).findings == ()
