"""The one connection: opened late, reopened when it died, never left in a transaction, safe between threads."""

import threading

import psycopg2
import pytest
from sqlalchemy import text

from services.db import connection
from services.db.connection import Database
from services.errors import Unavailable


def _kill_others(url: str) -> None:
    raw = psycopg2.connect(url)
    with raw.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'success-insights'"
        )
    raw.close()


def test_nothing_connects_before_the_first_use() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(Unavailable, match="the database cannot be reached"):
        database.read("select 1")


def test_a_missing_address_is_said() -> None:
    with pytest.raises(Unavailable, match="DATABASE_URL is not set"):
        Database("").read("select 1")


def test_a_read_survives_a_connection_that_was_killed(database: Database, database_url: str) -> None:
    before = database.read("select pg_backend_pid()")
    _kill_others(database_url)

    assert database.read("select pg_backend_pid()") != before


def test_a_write_survives_a_connection_that_was_killed_while_idle(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE", connection.timedelta(0))
    database.read("select 1")
    _kill_others(database_url)

    with database.writing() as session:
        session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_1')"))

    assert database.read("select count(*) from events") == 1


def test_a_write_that_loses_its_connection_is_unavailable_and_leaves_nothing(
    database: Database, database_url: str
) -> None:
    def write() -> None:
        with database.writing() as session:
            session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_1')"))
            _kill_others(database_url)
            session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_2')"))

    with pytest.raises(Unavailable, match="did not take the change"):
        write()

    assert database.read("select count(*) from events") == 0


def test_an_exception_takes_everything_back_and_reads_go_on(database: Database) -> None:
    def write() -> None:
        with database.writing() as session:
            session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_1')"))
            raise KeyError("a defect of ours")

    with pytest.raises(KeyError):
        write()

    assert database.read("select count(*) from events") == 0


def test_reads_are_no_transaction(database: Database) -> None:
    database.read("select 1")

    state = "select state from pg_stat_activity where application_name = 'success-insights' and pid <> pg_backend_pid()"
    assert {row[0] for row in Database(database._url).rows(state)} <= {"idle"}


def test_threads_take_turns(database: Database) -> None:
    def write(number: int) -> None:
        with database.writing() as session:
            session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'x')"))
            session.execute(text("select pg_sleep(0.005)"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    threads += [threading.Thread(target=database.read, args=("select count(*) from events",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert database.read("select count(*) from events") == 8


def test_nothing_that_a_pooler_refuses_is_sent(database: Database) -> None:
    database.read("select 1")
    assert database._raw is not None

    assert not database._raw.get_dsn_parameters().get("options")
    assert database.read("select count(*) from pg_prepared_statements") == 0
