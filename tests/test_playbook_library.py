"""The library of playbooks: nothing is left without a playbook, and each can be followed as it stands."""

import re

import pytest

from services import playbook_library
from services.errors import NotFound
from services.playbook_library import PLAYBOOKS, Playbook
from services.vocabulary import MeasureCode, PlaybookCategory, RiskSignalCode

each = pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.key)


def test_every_risk_signal_is_answered_by_a_playbook() -> None:
    assert {signal for playbook in PLAYBOOKS for signal in playbook.triggers} == set(RiskSignalCode)


def test_every_measure_is_worked_on_by_a_playbook() -> None:
    assert {measure for playbook in PLAYBOOKS for measure in playbook.measures} == set(MeasureCode)


def test_every_category_has_a_playbook() -> None:
    assert {playbook.category for playbook in PLAYBOOKS} == set(PlaybookCategory)


def test_keys_and_titles_are_unique() -> None:
    assert len({playbook.key for playbook in PLAYBOOKS}) == len(PLAYBOOKS)
    assert len({playbook.title for playbook in PLAYBOOKS}) == len(PLAYBOOKS)


@each
def test_a_key_is_in_kebab_case_and_finds_its_playbook(playbook: Playbook) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", playbook.key)
    assert playbook_library.get(playbook.key) is playbook


def test_a_key_that_nothing_has_is_not_found() -> None:
    with pytest.raises(NotFound, match="there is no playbook 'buy-them-lunch'"):
        playbook_library.get("buy-them-lunch")


@each
def test_steps_are_numbered_from_one_and_due_in_that_order(playbook: Playbook) -> None:
    days = [step.due_in_days for step in playbook.steps]
    assert [step.order for step in playbook.steps] == list(range(1, len(playbook.steps) + 1))
    assert days == sorted(days)
    assert 3 <= len(days) <= 7
    assert days[0] >= 0
    assert days[-1] <= 120


@each
def test_the_effort_is_between_an_hour_and_three_days(playbook: Playbook) -> None:
    assert 1 <= playbook.effort_hours <= 24


@each
def test_a_playbook_names_no_signal_and_no_measure_twice(playbook: Playbook) -> None:
    assert len(set(playbook.triggers)) == len(playbook.triggers) >= 1
    assert len(set(playbook.measures)) == len(playbook.measures)


@each
def test_texts_are_whole_and_free_of_placeholders(playbook: Playbook) -> None:
    for text in (playbook.title, playbook.description, *(step.title for step in playbook.steps)):
        assert text == " ".join(text.split())
        assert text[0].isupper()
        assert not re.search(r"[{}<>\[\]%_]|todo|tbd|lorem|xxx|\.\.\.", text, re.IGNORECASE)
    assert playbook.description.endswith(".")
    assert not [step.title for step in playbook.steps if step.title.endswith(".") or len(step.title) > 120]
