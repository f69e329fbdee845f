"""Connections: opened late, reopened when they died, never left in a transaction, one thread each, one process each."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest
from sqlalchemy import text

from services.db import connection
from services.db.connection import LARGEST, Database
from services.errors import TooLarge, Unavailable
from tests.pooling import BEGIN, EMPTY, misunderstanding, waking


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


def test_who_asks_first_waits_for_the_connection_that_is_being_opened(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, may_open, begun = connection._open, threading.Event(), threading.Event()
    opening: list[str] = []

    def slowly(url: str, until: float) -> connection.Connection:
        opening.append(threading.current_thread().name)
        begun.set()
        may_open.wait(30)
        return opened(url, until)

    monkeypatch.setattr(connection, "_open", slowly)
    database.open_meanwhile()
    begun.wait(30)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(database.read, "select 1")
        may_open.set()
        assert asked.result(30) == 1

    assert opening == ["connecting"]


def test_who_connects_meanwhile_leaves_it_to_others_to_say_what_is_wrong() -> None:
    database = Database("", patience=timedelta(seconds=30))
    database.open_meanwhile()

    with pytest.raises(Unavailable, match="DATABASE_URL is not set"):
        database.read("select 1")


def test_what_the_driver_says_to_who_connects_meanwhile_is_written_nowhere(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Python writes what ends a thread as it is, past the log that leaves messages out."""
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(connection, "is_shared", _lost)
    database = Database(database_url)

    database.open_meanwhile()
    with pytest.raises(psycopg2.InterfaceError):
        database.read("select 1")
    for thread in threading.enumerate():
        if thread.name == "connecting":
            thread.join(30)

    assert capfd.readouterr().err == ""


def _lost(_: object) -> bool:
    raise psycopg2.InterfaceError("connection already closed")


def test_a_missing_address_is_said() -> None:
    with pytest.raises(Unavailable, match="DATABASE_URL is not set"):
        Database("").read("select 1")


def test_a_read_survives_a_connection_that_was_killed(database: Database, database_url: str) -> None:
    before = database.read("select pg_backend_pid()")
    _kill_others(database_url)

    assert database.read("select pg_backend_pid()") != before


def test_a_write_survives_a_connection_that_was_killed_while_idle(database: Database, database_url: str) -> None:
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


def test_a_read_that_loses_the_connection_of_a_write_is_unavailable(database: Database, database_url: str) -> None:
    def write() -> None:
        with database.writing() as session:
            session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_1')"))
            _kill_others(database_url)
            database.read("select 1")

    with pytest.raises(Unavailable):
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


def test_a_read_that_comes_first_is_in_the_transaction_too(database: Database) -> None:
    current = "select pg_current_xact_id()::text"
    with database.writing() as session:
        first = database.read(current)
        session.execute(text("select 1"))

        assert database.read(current) == first


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
    [raw] = database._idle

    assert not raw.get_dsn_parameters().get("options")
    assert database.read("select count(*) from pg_prepared_statements") == 0


@pytest.fixture
def several(database: Database, database_url: str) -> Iterator[Database]:
    with closing(Database(database_url, connections=3)) as several:
        yield several


def test_threads_work_side_by_side_on_connections_of_their_own(several: Database) -> None:
    together = threading.Barrier(3, timeout=30)

    def work(_: int) -> int:
        with several.writing() as session:
            together.wait()  # all three are in a transaction at once
            pid = session.connection().exec_driver_sql("select pg_backend_pid()").scalar_one()
            assert several.read("select pg_backend_pid()") == pid, "a read within a unit of work belongs to it"
            return int(pid)

    with ThreadPoolExecutor(3) as threads:
        pids = list(threads.map(work, range(3)))

    assert len(set(pids)) == 3


def test_a_thread_waits_so_long_while_all_connections_are_in_use(database_url: str) -> None:
    several = Database(database_url, connections=3, patience=timedelta(milliseconds=50))
    entered, go = threading.Barrier(4, timeout=30), threading.Event()

    def hold(_: int) -> None:
        with several.writing():
            entered.wait()
            go.wait(30)

    with ThreadPoolExecutor(3) as threads:
        held = [threads.submit(hold, number) for number in range(3)]
        entered.wait()
        with pytest.raises(Unavailable, match="all connections to the database are in use or being opened"):
            several.read("select 1")
        go.set()
        for one in held:
            one.result()

    assert several.read("select 1") == 1
    several.close()


def test_a_database_that_is_woken_may_refuse_once(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with waking(database_url) as address, closing(Database(address)) as database:
        assert database.read("select 1") == 1

    assert "connecting failed, trying once more: " in caplog.text


def test_who_connects_is_patient_no_longer_than_told() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        database = Database(f"postgresql://nobody@127.0.0.1:{port}/nothing", patience=timedelta(seconds=1))
        with pytest.raises(Unavailable, match="timeout expired"):
            database.read("select 1")
        assert silent.accept()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()  # there was no time left to try it again


def test_a_change_whose_connection_lost_its_thread_is_made_on_another(database_url: str, database: Database) -> None:
    with misunderstanding(database_url, BEGIN, EMPTY) as address, closing(Database(address)) as misunderstood:
        with misunderstood.writing() as session:
            session.execute(text("insert into events (kind, subject) values ('ACCOUNT_CHANGED', 'acc_1')"))

        assert misunderstood.read("select count(*) from events") == 1


def test_a_read_whose_connection_lost_its_thread_is_repeated_on_another(database_url: str) -> None:
    asked, nonsense = b"Q\0\0\0\x0dselect 7\0", b"?\0\0\0\x04Z\0\0\0\x05I"
    with misunderstanding(database_url, asked, nonsense) as address, closing(Database(address)) as misunderstood:
        assert misunderstood.read("select 7") == 7


def test_connections_that_all_died_are_replaced(several: Database, database_url: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda _: several.read("select pg_sleep(0.05)"), range(3))) == ["", "", ""]
    assert len(several._idle) == 3
    _kill_others(database_url)

    assert several.read("select 1") == 1
    assert len(several._idle) == 1, "the others were as old"


def test_a_forked_process_opens_its_own_and_leaves_its_parents_alone(database: Database) -> None:
    mine = database.read("select pg_backend_pid()")
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        try:
            os.write(writing, str(database.read("select pg_backend_pid()")).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert int(os.read(reading, 20)) != mine
    assert database.read("select pg_backend_pid()") == mine
    os.close(reading)
    os.close(writing)


def test_a_document_that_no_answer_has_room_for_is_not_looked_into(database: Database) -> None:
    sql = "select repeat('1', %(size)s)"

    largest = database.document(sql, {"size": LARGEST})

    assert largest is not None
    assert len(largest.text) == LARGEST
    with pytest.raises(TooLarge):
        database.document(sql, {"size": LARGEST + 1})
