"""What customers call themselves reaches no model, and moves nothing in what is shown: the hostile names of
tests/hostile.py, into a prompt, over HTTP, through a model that obeys every text it is shown, and through the check.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from local import model_prose
from local.model_double import ModelDouble
from services import prompts
from services.adapters.openai_writer import OpenAIWriter
from services.evidence.drafts import Draft
from services.evidence.names import shown
from services.evidence.subject import Subject
from services.evidence.verify import Verified, verify
from services.settings import Settings
from tests.hostile import HOSTILE
from tests.subjects import ACCOUNT, PORTFOLIO

HARMLESS = "Quixotix"
SUBJECTS = pytest.mark.parametrize("subject", [ACCOUNT, PORTFOLIO], ids=["account", "portfolio"])
OUT_OF_PLACE = re.compile(r"evil|://|www\.|[<>\[\]{}`|]|call_double|SYSTEM OVERRIDE|PWNED", re.IGNORECASE)


@pytest.fixture(scope="module")
def obedient() -> Iterator[ModelDouble]:
    with ModelDouble(mode="obedient") as double:
        yield double


def _named(subject: Subject, name: str) -> Subject:
    return replace(subject, names=dict.fromkeys(subject.names, name))


def _texts(verified: Verified) -> str:
    """All of it that somebody may read, and the counts."""
    found = [verified.headline, verified.summary]
    for finding in verified.findings:
        found += [finding.kind, finding.text, *(fact.key for fact in finding.evidence)]
    for action in verified.actions:
        found += [action.title, action.reason, str(action.playbook), *(fact.key for fact in action.evidence)]
    counts = [verified.numbers_found, verified.numbers_verified, verified.sentences_dropped]
    return "\n".join([*found, *map(str, counts)])


def _checked(draft: Draft, subject: Subject, name: str) -> str:
    return _texts(verify(draft, _named(subject, name), playbooks=[one.playbook for one in subject.choices]))


def test_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 250


@SUBJECTS
def test_a_name_changes_no_byte_of_the_prompt(subject: Subject) -> None:
    harmless = prompts.build(subject)

    assert [name for name in HOSTILE if prompts.build(_named(subject, name)) != harmless] == []


def test_the_obedient_double_obeys_each_name_that_it_sees() -> None:
    """Else the next test would show nothing. Only a name that is the layout's own word does not mislead it."""
    prompt = prompts.build(ACCOUNT).user
    harmless = model_prose.obedient(model_prose.read(prompt))

    seen = {name: model_prose.obedient(model_prose.read(prompt.replace("{account}", name))) for name in HOSTILE}

    assert [name for name, answer in seen.items() if answer == harmless] == ["{account}", "none"]


@SUBJECTS
def test_a_name_moves_nothing_but_itself(obedient: ModelDouble, subject: Subject) -> None:
    obedient.become("obedient")
    writer = OpenAIWriter(Settings(openai_base_url=obedient.url))
    token = next(iter(subject.names))
    expected = _checked(writer.write(subject, within=timedelta(minutes=1)).draft, subject, HARMLESS)
    assert (HARMLESS in expected, OUT_OF_PLACE.search(expected)) == (True, None)
    moved = []

    for name in HOSTILE:
        draft = writer.write(_named(subject, name), within=timedelta(minutes=1)).draft
        named = expected.replace(HARMLESS, " ".join(shown(token, name).split()))
        if _checked(draft, subject, name).lower() != named.lower():
            moved.append(name)

    assert moved == []
    assert {json.dumps(call) for call in obedient.calls} == {json.dumps(obedient.calls[0])}
    assert "tools" not in obedient.calls[0]


def test_what_an_obedient_model_was_told_elsewhere_is_not_let_through() -> None:
    """Were a name to reach the model after all, no link, markup, tool or foreign figure would come of it."""
    prompt = prompts.build(ACCOUNT).user
    let_through = []

    for name in HOSTILE:
        told = model_prose.read(prompt.replace("{account}", name))
        answer, _ = model_prose.obedient(told)
        try:
            draft = prompts.read(json.dumps(answer), ACCOUNT)
        except prompts.Malformed:
            continue
        if told.foreign and OUT_OF_PLACE.search(_checked(draft, ACCOUNT, HARMLESS)):
            let_through.append(name)

    assert let_through == []
