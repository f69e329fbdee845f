"""The check against answers made from seeds: true ones are kept, and no value can be changed unseen."""

from random import Random

import pytest

from services.evidence.drafts import Draft
from services.evidence.judging import judge
from services.evidence.sentences import split
from services.evidence.verify import verify
from tests.model_answers import STYLES, corruptions, honest, is_still_true, wrong_texts


@pytest.mark.parametrize("style", range(len(STYLES)))
def test_true_answers_in_every_style_are_kept(style: int) -> None:
    dropped = found = verified = 0
    for seed in range(style, 500, len(STYLES)):
        draft, subject = honest(seed)
        checked = verify(draft, subject, playbooks=())
        dropped += checked.sentences_dropped
        found, verified = found + checked.numbers_found, verified + checked.numbers_verified

    assert (dropped, found) == (0, verified)


@pytest.mark.parametrize("seed", range(60))
def test_no_changed_value_is_kept_where_it_is_no_longer_true(seed: int) -> None:
    draft, subject = honest(seed)
    random = Random(seed)

    kept = [
        wrong
        for finding in draft.findings
        for sentence in split(finding.text)
        for wrong in wrong_texts(sentence, subject, random)
        if not is_still_true(wrong) and judge(wrong, subject.facts, subject).text is not None
    ]

    assert kept == []


def test_a_corrupted_draft_loses_the_sentence_and_keeps_the_others() -> None:
    draft, subject = honest(3)
    whole = verify(draft, subject, playbooks=())

    for corrupted in corruptions(draft, subject):
        checked = verify(corrupted, subject, playbooks=())
        changed = next(new for new, old in zip(corrupted.findings, draft.findings, strict=True) if new != old)
        if not is_still_true(changed.text):
            assert checked.sentences_dropped > whole.sentences_dropped
            assert checked.numbers_verified < checked.numbers_found


def test_corruptions_need_no_subject() -> None:
    draft, _ = honest(3)

    assert all(isinstance(one, Draft) and one != draft for one in corruptions(draft))
