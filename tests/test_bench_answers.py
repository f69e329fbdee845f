"""What counts as the same answer between variants of the bench, and that the variants written in Python give it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bench import asking
from bench.calling import Caller, caller
from bench.figures import Differs
from bench.peers import naive, ours, raw, shapes
from services import mock_data
from services.db.connection import Database


@pytest.fixture
def calling() -> Iterator[Caller]:
    with caller() as calling:
        yield calling


@pytest.fixture
def world(database: Database, database_url: str) -> str:
    with database.writing() as session:
        mock_data.generate(session, accounts=120, days=30, seed=3, replace=False, actor="test", now=datetime.now(UTC))
    return database_url


def test_equal_answers_are_the_same_whatever_their_cursors_say() -> None:
    asking.same({"a": [1, {"endCursor": "x"}]}, {"a": [1, {"endCursor": "y"}]}, "raw")


@pytest.mark.parametrize(
    ("found", "place"),
    [
        ({"a": [{"b": "2"}]}, "data.a.0.b"),
        ({"a": [{"b": 1}, {"b": 1}]}, "data.a"),
        ({"a": [{"b": 1, "c": 1}]}, "data.a.0"),
        ({"a": [{"b": True}]}, "data.a.0.b"),
        ({"a": [{"b": None}]}, "data.a.0.b"),
    ],
)
def test_another_answer_is_told_by_its_place(found: object, place: str) -> None:
    with pytest.raises(Differs, match=f"raw answers otherwise at {place}:"):
        asking.same({"a": [{"b": 1}]}, found, "raw")


def test_a_missing_cursor_is_another_answer() -> None:
    with pytest.raises(Differs, match="endCursor"):
        asking.same({"endCursor": "x"}, {"endCursor": None}, "raw")


@pytest.mark.parametrize("answer", [b"<html>", b'{"data": null}', b'{"data": {}, "errors": [{"message": "no"}]}'])
def test_an_answer_that_is_none_is_refused(answer: bytes) -> None:
    with pytest.raises(Differs):
        asking.data(answer, "raw")


@pytest.mark.parametrize("name", asking.NAMES)
def test_one_statement_by_hand_answers_what_we_answer(name: str, world: str, calling: Caller) -> None:
    question = asking.question(name)
    with ours.database(world) as database:
        expected = asking.data(calling.call(ours.over(database), ours.PATH, question.body), "ours")

    with closing(raw.connection(world)) as connection:
        found = asking.data(calling.call(raw.application(connection), f"/{name}", question.variables_body), "raw")

    asking.same(expected, found, "raw")


def test_the_naive_version_answers_what_we_answer(world: str, calling: Caller) -> None:
    question = asking.question("Q2")
    with ours.database(world) as database:
        expected = asking.data(calling.call(ours.over(database), ours.PATH, question.body), "ours")

    with naive.application(world) as application:
        found = asking.data(calling.call(application, "/graphql", question.body), "naive")

    asking.same(expected, found, "naive")


def test_a_peer_s_answer_in_our_shape_is_ours_but_for_its_layout() -> None:
    metric = {"day": "2026-01-02", "logins": 1, "events": 2, "featureXEvents": 3, "avgSessionMin": "4.00",
              "errors": 5, "ticketBacklog": 6}  # fmt: skip
    node = {"rowId": "7", "name": "Acme", "score": "50.0", "bucket": "AMBER", "scoredOn": "2026-01-02",
            "health": {"coverage": "0.9000", "factorList": [{"measure": "NPS"}]},
            "dailyMetrics": {"nodes": [metric]}}  # fmt: skip

    shaped = shapes.of_postgraphile("Q2", {"accounts": {"nodes": [node]}})

    health = {"score": "50.0", "bucket": "AMBER", "coverage": "0.9000", "asOf": "2026-01-02",
              "factors": [{"measure": "NPS"}]}  # fmt: skip
    day = {"date": "2026-01-02", "logins": 1, "events": 2, "featureEvents": 3, "avgSessionMinutes": "4.00",
           "errors": 5, "ticketBacklog": 6}  # fmt: skip
    expected = {"id": "acc_7", "name": "Acme", "health": health, "dailyMetrics": {"nodes": [day]}}
    assert shaped == {"accounts": {"nodes": [expected]}}
