"""What a request asks of the database is stopped in time, and nothing of that stays on a connection."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import orjson
import psycopg2
import pytest
from sqlalchemy import text

from services.db.connection import Database
from services.errors import TooLong
from services.settings import Settings
from tests.api import Api

SLEEP = "select pg_sleep(%(seconds)s) is null"
TIMEOUT = "select current_setting('statement_timeout')"


@pytest.fixture
def bounded(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url, longest=timedelta(milliseconds=50))) as one:
        yield one


@pytest.mark.parametrize("times", [1, 3], ids=["as it is", "prepared"])
def test_a_read_is_stopped_in_time_and_the_next_one_answered(bounded: Database, times: int) -> None:
    for _ in range(times):
        assert bounded.read(SLEEP, {"seconds": 0}) is False
    (before,) = bounded.rows("select pg_backend_pid()")

    with pytest.raises(TooLong, match="statement timeout"):
        bounded.read(SLEEP, {"seconds": 30})

    assert bounded.rows("select pg_backend_pid()") == [before]
    assert bounded.read(SLEEP, {"seconds": 0}) is False


def test_nothing_of_the_bound_stays_on_the_connection(bounded: Database) -> None:
    assert bounded.read(TIMEOUT) == "50ms"
    with bounded._borrowed() as raw, raw.cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
        cursor.execute(TIMEOUT)
        assert cursor.fetchone() == ("0",)


def test_a_change_is_stopped_in_time_and_leaves_nothing(bounded: Database, database: Database) -> None:
    def change() -> None:
        with bounded.writing() as session:
            session.execute(text("create table half_made (id integer)"))
            session.execute(text("select pg_sleep(30)"))

    with pytest.raises(TooLong):
        change()

    assert database.read("select to_regclass('half_made') is null") is True


def test_each_statement_of_a_change_has_that_time_anew(bounded: Database) -> None:
    with bounded.writing() as session:
        for _ in range(4):
            session.execute(text("select pg_sleep(0.02)"))
        assert bounded.read(TIMEOUT) == "50ms"

    assert bounded.read(TIMEOUT) == "50ms"


def test_a_change_that_waits_for_another_is_stopped_too(bounded: Database, database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("lock table accounts in access exclusive mode")

        with pytest.raises(TooLong), bounded.writing() as session:
            session.execute(text("update accounts set name = name"))


def test_a_client_is_told_to_ask_for_less(bounded: Database, database_url: str) -> None:
    api = Api(bounded, pytest.fail, Settings())
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as cursor:
        cursor.execute("lock table accounts in access exclusive mode")

        answer = api.send("POST", "/graphql", orjson.dumps({"query": "{ accounts { nodes { id } } }"}))

    assert answer.json()["errors"] == [
        {
            "message": (
                "the time for this was up: it was stopped or not begun, and changed nothing; ask for less at once"
            ),
            "locations": [{"line": 1, "column": 3}],
            "path": ["accounts"],
            "extensions": {"code": "TOO_LONG"},
        }
    ]


def test_work_that_nobody_waits_for_takes_as_long_as_it_takes(database: Database) -> None:
    assert database.read(TIMEOUT) == "0"
