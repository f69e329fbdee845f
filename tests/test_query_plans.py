"""The document of query plans is written from questions that the product still answers."""

from collections.abc import Iterator

import pytest

from bench.plans import FILE, QUESTIONS, Listening, Question, plan
from services.db.connection import Database
from services.db.statement import Statement
from tests.worlds import TODAY, account


@pytest.fixture
def listening(database: Database, database_url: str) -> Iterator[Listening]:
    with database.writing() as session:
        account(session, "Acme")
    listening = Listening(database_url)
    yield listening
    listening.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_every_question_has_a_plan_and_a_chapter(listening: Listening, question: Question) -> None:
    lines = plan(listening, question, Statement(today=TODAY))

    assert any("Limit" in line for line in lines)
    assert lines[-1].startswith("Execution Time: ")
    assert f"## {question.title}\n" in FILE.read_text()
