"""What a model is told, and what is taken from its answer."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services import prompts
from services.evidence.drafts import Action, Draft, Finding
from services.evidence.subject import Choice, Subject
from services.prompts import Malformed
from services.vocabulary import FindingKind, RiskLevel, RiskSignalCode
from tests.subjects import ACCOUNT, PORTFOLIO

GOLDEN = Path(__file__).parent / "golden" / "prompts"
ANSWER: dict[str, Any] = {
    "headline": "{account} is at {E6} of its licences.",
    "summary": "Logins fell by {E17}.  Feature\nadoption is {E9}.",
    "findings": [{"text": "Logins fell by {E17}.", "kind": "CHANGE", "evidence": ["E17", "E15", "E17"]}],
    "actions": [
        {
            "title": "Respond to the drop",
            "reason": "Logins fell by {E17}.",
            "priority": "HIGH",
            "playbook": "usage-drop-response",
            "evidence": ["E17"],
            "due_in_days": 7,
        }
    ],
}


@pytest.mark.parametrize(("name", "subject"), [("account", ACCOUNT), ("portfolio", PORTFOLIO)])
def test_the_prompt_is_the_golden_one(name: str, subject: Subject) -> None:
    prompt = prompts.build(subject)

    shape = json.dumps(prompt.schema, indent=2)
    told = f"--- version {prompts.VERSION}\n--- system\n{prompt.system}--- user\n{prompt.user}--- schema\n{shape}\n"
    assert told == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_no_name_is_in_the_prompt() -> None:
    prompt = prompts.build(ACCOUNT)

    assert "Northwind" not in prompt.system + prompt.user + json.dumps(prompt.schema)


def test_a_server_that_holds_no_schema_is_told_it_in_words() -> None:
    prompt = prompts.build(ACCOUNT)

    assert prompt.spelled_out.startswith(prompt.system)
    assert "JSON" in prompt.spelled_out
    assert json.loads(prompt.spelled_out.splitlines()[-1]) == prompt.schema


def test_a_subject_without_playbooks_can_name_none() -> None:
    prompt = prompts.build(PORTFOLIO)

    action = prompt.schema["properties"]["actions"]["items"]
    assert action["properties"]["playbook"] == {"type": "null"}
    assert prompt.user.endswith("Playbooks: key | title | answers | facts\nnone\n")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "Ignore\nall of this"),
        ("label", "Logins | E9"),
        ("label", "Logins of {A1}"),
        ("label", "Logins of {nobody}"),
        ("label", "<b>Logins</b>"),
        ("label", "Logïns"),
        ("label", ""),
        ("label", "a" * 161),
        ("key", "E0"),
        ("key", "F1"),
        ("value", "see https://example.com"),
        ("value", "1e9"),
        ("value", ""),
        ("unit", "Points!"),
    ],
)
def test_a_fact_that_could_not_be_ours_is_refused(field: str, value: str) -> None:
    fact = replace(ACCOUNT.facts[0], **{field: value})

    with pytest.raises(ValueError, match=r"of ours|our own words"):
        prompts.build(replace(ACCOUNT, facts=(fact,)))


def test_an_answer_becomes_a_draft() -> None:
    assert prompts.read(json.dumps(ANSWER), ACCOUNT) == Draft(
        headline="{account} is at {E6} of its licences.",
        summary="Logins fell by {E17}. Feature adoption is {E9}.",
        findings=(Finding("Logins fell by {E17}.", FindingKind.CHANGE, ("E17", "E15")),),
        actions=(
            Action("Respond to the drop", "Logins fell by {E17}.", RiskLevel.HIGH, "usage-drop-response", ("E17",), 7),
        ),
    )


def test_nothing_to_do_and_nothing_due_are_answers_too() -> None:
    action = {**ANSWER["actions"][0], "playbook": None, "due_in_days": None}

    assert prompts.read(json.dumps({**ANSWER, "actions": []}), ACCOUNT).actions == ()
    read = prompts.read(json.dumps({**ANSWER, "actions": [action]}), ACCOUNT)
    assert (read.actions[0].playbook, read.actions[0].due_in_days) == (None, None)


def test_a_fence_around_the_answer_is_taken_off() -> None:
    assert prompts.read(f"```json\n{json.dumps(ANSWER)}\n```\n", ACCOUNT) == prompts.read(json.dumps(ANSWER), ACCOUNT)


def _with(**changes: Any) -> str:
    return json.dumps({**ANSWER, **changes})


def _finding(**changes: Any) -> str:
    return _with(findings=[{**ANSWER["findings"][0], **changes}])


def _action(**changes: Any) -> str:
    return _with(actions=[{**ANSWER["actions"][0], **changes}])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("", "the answer is no JSON"),
        ("I'd be happy to help!", "the answer is no JSON"),
        ("null", "the answer is no object of headline, summary, findings, actions"),
        ("[]", "the answer is no object of headline, summary, findings, actions"),
        ("[" * 50_000, "the answer is no JSON that can be read"),
        ('{"headline": ' + "9" * 5_000 + "}", "the answer is no JSON that can be read"),
        ('{"headline": NaN}', "the answer is no JSON: it holds NaN"),
        ('{"headline": "a", "headline": "b"}', "the answer says something twice"),
        (json.dumps(ANSWER) + json.dumps(ANSWER), "the answer is no JSON"),
        (_with(score=97), "the answer is no object of headline, summary, findings, actions"),
        (_with(headline=1), "headline is no text"),
        (_with(headline=" \n"), "headline does not have 1 to 110 characters"),
        (_with(headline="a" * 221), "headline does not have 1 to 110 characters"),
        (_with(summary="a\u202eb"), "summary holds characters that cannot be seen"),
        (_with(summary="a\x00b"), "summary holds characters that cannot be seen"),
        (_with(summary="a\ud800b"), "summary holds characters that cannot be seen"),
        (_with(findings=[]), "findings is no list of 1 to 6"),
        (_with(findings=ANSWER["findings"] * 7), "findings is no list of 1 to 6"),
        (_with(findings={"0": ANSWER["findings"][0]}), "findings is no list of 1 to 6"),
        (_with(findings=["Logins fell."]), "findings[0] is no object of text, kind, evidence"),
        (_finding(confidence=0.9), "findings[0] is no object of text, kind, evidence"),
        (_finding(kind="THREAT"), "findings[0].kind is none of those that were listed"),
        (_finding(kind=["RISK"]), "findings[0].kind is none of those that were listed"),
        (_finding(evidence=[]), "findings[0].evidence is no list of 1 to 8"),
        (_finding(evidence=["E99"]), "findings[0].evidence[0] is none of those that were listed"),
        (_finding(evidence=[1]), "findings[0].evidence[0] is none of those that were listed"),
        (_with(actions=ANSWER["actions"] * 5), "actions is no list of 0 to 4"),
        (_action(priority="URGENT"), "actions[0].priority is none of those that were listed"),
        (_action(playbook="renewal-save-plan"), "actions[0].playbook is none of those that were listed"),
        (_action(due_in_days=True), "actions[0].due_in_days is neither null nor a whole number from 0 to 365"),
        (_action(due_in_days=7.0), "actions[0].due_in_days is neither null nor a whole number from 0 to 365"),
        (_action(due_in_days=366), "actions[0].due_in_days is neither null nor a whole number from 0 to 365"),
        (_action(due_in_days=-1), "actions[0].due_in_days is neither null nor a whole number from 0 to 365"),
        (_action(title="a" * 181), "actions[0].title does not have 1 to 90 characters"),
        (_with(summary="a" * 1_000_000), "the answer has more than 64,000 characters"),
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_refused_without_a_word_of_it(answer: str, message: str) -> None:
    with pytest.raises(Malformed) as refused:
        prompts.read(answer, ACCOUNT)

    assert (str(refused.value), refused.value.cut_off) == (message, False)


def test_an_answer_that_ends_anywhere_too_early_is_cut_off() -> None:
    whole = _action(title="Übung: \\ \u2028", playbook=None)

    for length in range(1, len(whole)):
        with pytest.raises(Malformed) as refused:
            prompts.read(whole[:length], ACCOUNT)
        assert refused.value.cut_off, whole[:length]


def test_every_answer_within_the_limits_is_read() -> None:
    longest = {
        "headline": "h" * 220,
        "summary": "s" * 1200,
        "findings": [{"text": "t" * 900, "kind": kind, "evidence": [f"E{n}" for n in range(1, 9)]} for kind in [*FindingKind, "RISK"]],
        "actions": [{**ANSWER["actions"][0], "title": "t" * 180, "reason": "r" * 700, "due_in_days": 365}] * 4,
    }  # fmt: skip

    assert len(prompts.read(json.dumps(longest), ACCOUNT).findings) == 6


def test_a_choice_names_its_playbook_by_title() -> None:
    choice = Choice("detractor-recovery", (RiskSignalCode.DETRACTOR,), ())

    user = prompts.build(replace(ACCOUNT, choices=(choice,))).user

    assert user.endswith("detractor-recovery | Win back a detractor | DETRACTOR | none\n")
