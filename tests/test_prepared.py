"""Statements that a connection is asked for again are prepared: never where a pooler may lie between, never in vain."""

from contextlib import closing
from datetime import date
from decimal import Decimal

import psycopg2
import pytest
from sqlalchemy import text

from services.db import prepared
from services.db.connection import Database
from tests.pooling import FORGED, forging

COUNT = "select count(*) from pg_prepared_statements"


def test_a_statement_is_prepared_when_it_comes_again(database: Database) -> None:
    for number in range(3):
        assert database.read("select %(number)s::int + 1", {"number": number}) == number + 1
        assert database.read(COUNT) == min(number, 1)

    assert database.rows(
        "select calls from (select generic_plans + custom_plans as calls from pg_prepared_statements) s"
    ) == [(2,)]


def test_values_of_all_kinds_are_what_they_were(database: Database) -> None:
    sql = """select json_build_array(%(text)s::text, %(day)s::date + 1, %(amount)s::numeric, %(none)s::text,
      'b' = any(%(several)s::text[]), 'per%%cent' like %(pattern)s, %(text)s::text || '%%', %(flag)s::boolean)"""
    values = {
        "text": "it's 100 % \\ \"so\" $1", "day": date(2026, 2, 28), "amount": Decimal("1.50"), "none": None,
        "several": ["a", "b"], "pattern": "per%", "flag": True,
    }  # fmt: skip

    answers = [database.read(sql, values) for _ in range(4)]

    assert answers[0] == [values["text"], "2026-03-01", 1.5, None, True, True, f"{values['text']}%", True]
    assert answers == [answers[0]] * 4
    assert database.read(COUNT) == 1


def test_what_the_server_cannot_type_is_executed_as_it_is(database: Database) -> None:
    for _ in range(4):
        assert database.read("select json_build_array(%(thing)s)", {"thing": "x"}) == ["x"]

    assert database.read(COUNT) == 0


def test_a_failing_statement_fails_each_time_and_leaves_one_name_at_most(database: Database) -> None:
    for _ in range(4):
        with pytest.raises(psycopg2.errors.DivisionByZero):
            database.read("select 1 / %(nothing)s::int", {"nothing": 0})

    assert database.read(COUNT) <= 1
    assert database.read("select 1 / %(nothing)s::int", {"nothing": 1}) == 1


def test_statements_that_fail_by_their_values_outgrow_no_bound(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST", 3)
    for number in range(10):
        for _ in range(2):
            with pytest.raises(psycopg2.errors.DivisionByZero):
                database.read(f"select {number} / %(nothing)s::int", {"nothing": 0})

    assert database.read(COUNT) == 3
    assert database.read("select 9 / %(nothing)s::int", {"nothing": 3}) == 3
    assert database.read("select max(custom_plans) from pg_prepared_statements") == 1, "the values were at fault"


def test_long_statements_outgrow_no_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_CHARACTERS", 101)
    for size, kept in ((10, 1), (10, 1), (60, 1), (200, 1), (1, 2)):
        for _ in range(3):
            assert database.read(f"select %(a)s::int + {'1'.zfill(size)}", {"a": 1}) == 2
        assert database.read(COUNT) == kept


def test_a_migration_may_change_the_type_of_an_answer(database: Database, database_url: str) -> None:
    sql = "select it from of_a_test where it = %(it)s::int"
    with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
        raw.autocommit = True
        cursor.execute("create table of_a_test as select 1 as it")
        try:
            assert [database.read(sql, {"it": 1}) for _ in range(3)] == [1, 1, 1]
            cursor.execute("alter table of_a_test alter it type bigint")
            assert [database.read(sql, {"it": 1}) for _ in range(3)] == [1, 1, 1]
        finally:
            cursor.execute("drop table of_a_test")
    assert database.read(COUNT) == 1


def test_no_more_than_a_bound_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST", 3)
    for _ in range(2):
        for number in range(10):
            for _ in range(2):
                assert database.read(f"select %(a)s::int + {number}", {"a": 1}) == number + 1

    assert database.read(COUNT) == 3


def test_a_session_whose_statements_were_discarded_goes_on(database: Database) -> None:
    for _ in range(3):
        database.read("select %(a)s::int", {"a": 1})
    database.rows("select 1 where exists (select 1)")
    with database._borrowed() as raw, raw.cursor() as cursor:
        cursor.execute("discard plans; deallocate all")

    assert [database.read("select %(a)s::int", {"a": number}) for number in range(3)] == [0, 1, 2]


def test_discarded_statements_are_not_missed_when_room_is_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST", 3)
    for number in (*range(3), "discard", *range(10, 14)):
        if number == "discard":
            with database._borrowed() as raw, raw.cursor() as cursor:
                cursor.execute("deallocate all")
            continue
        for _ in range(2):
            assert database.read(f"select %(a)s::int + {number}", {"a": 1}) == int(number) + 1


def test_within_a_unit_of_work_nothing_is_prepared(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_1')"))
        for _ in range(3):
            assert database.read("select count(*) from events where subject = %(it)s", {"it": "acc_1"}) == 1

    assert database.read(COUNT) == 0


def test_behind_a_pooler_nothing_is_prepared(database_url: str) -> None:
    with forging(database_url) as address, closing(Database(address)) as database:
        for _ in range(4):
            assert database.read("select %(a)s::int", {"a": 7}) == 7
        [raw] = database._idle

        assert raw.info.backend_pid == FORGED
        assert database.read(COUNT) == 0
