"""Behind a pooler such as Neon's: many clients, two server processes, and connections that die while nobody looks."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

import handler
from local.lambdas import Context
from local.postgres import Postgres
from services.db.connection import Database
from services.db.migrate import upgrade
from services.errors import Unavailable
from services.settings import Settings
from tests import pgbouncer
from tests.conftest import TABLES
from tests.container import serving
from tests.importing import Importer
from tests.insight_function import Deployed, deployed
from tests.insights import ASK, JOB
from tests.machine import REPOSITORY
from tests.pgbouncer import SERVERS, PgBouncer
from tests.worlds import account

CLIENTS = 40
PAGE = "{ accounts(first: 50) { totalCount nodes { id name health { score } } } portfolioMetrics { accountCount } }"
CHANGE = """mutation ($id: ID!, $owner: String!) { updateAccount(input: {id: $id, owner: $owner}) {
  account { owner } userErrors { message } } }"""
SCORE = "mutation { recomputeHealth(input: {}) { job { status progress { done total } } userErrors { message } } }"
UPLOAD = """mutation { requestUploadUrl(input: {kind: ACCOUNTS, fileName: "a.csv", sizeBytes: 9}) {
  upload { status } userErrors { message } } }"""
PROGRAM = pgbouncer.program()

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="there is no pgbouncer here (Debian: apt-get install pgbouncer)"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server of this module's own, since it is restarted."""
    with (
        tempfile.TemporaryDirectory(prefix="insights-pooled-", ignore_cleanup_errors=True) as folder,
        Postgres(Path(folder) / "pg") as server,
    ):
        upgrade(server.url)
        yield server


@pytest.fixture(scope="module")
def pooler(server: Postgres) -> Iterator[PgBouncer]:
    assert PROGRAM is not None
    with PgBouncer(PROGRAM, server.url) as pooler:
        yield pooler


@pytest.fixture(scope="module")
def container(pooler: PgBouncer) -> Iterator[httpx.Client]:
    """The API as a container serves it, all its connections through the pooler."""
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with serving(pooler.url, connections=CLIENTS, **credentials) as client:
        yield client


@pytest.fixture
def direct(server: Postgres, pooler: PgBouncer) -> Iterator[Database]:
    """The database itself, without the pooler; emptied at the end."""
    with closing(Database(server.url)) as direct:
        yield direct
    with closing(psycopg2.connect(server.url)) as raw, raw, raw.cursor() as cursor:
        cursor.execute(f"truncate {TABLES} restart identity")


@pytest.fixture
def pooled(pooler: PgBouncer, direct: Database) -> Iterator[Database]:
    with closing(Database(pooler.url)) as pooled:
        yield pooled


@pytest.fixture
def accounts(direct: Database) -> list[str]:
    """The ids of as many accounts as there are clients."""
    with direct.writing() as session:
        return [f"acc_{account(session, f'Account {number}')}" for number in range(CLIENTS)]


@pytest.fixture
def function(pooler: PgBouncer, direct: Database, aws: str) -> Iterator[Deployed]:
    """The functions of handler.py, one connection to the pooler."""
    with deployed(pooler.url, aws) as function:
        yield function


def test_forty_clients_share_two_server_processes(
    container: httpx.Client, function: Deployed, pooler: PgBouncer, direct: Database, accounts: list[str]
) -> None:
    rounds = 3

    def client(number: int) -> list[dict[str, Any]]:
        told = []
        for turn in range(rounds):
            told.append(_ask(container, CHANGE, id=accounts[number], owner=f"{number}-{turn}"))
            told.append(_ask(container, PAGE))
            told.append(_ask(container, SCORE if number % 10 == 0 else UPLOAD if number % 10 == 1 else PAGE))
        return told

    _open_all_connections(container, pooler)
    with ThreadPoolExecutor(CLIENTS) as threads:
        asked = [threads.submit(client, number) for number in range(CLIENTS)]
        for _ in range(rounds):
            assert function.ask(PAGE)["accounts"]["totalCount"] == CLIENTS
        answers = [one.result() for one in asked]

    assert pooler.count("servers") <= SERVERS
    for number, told in enumerate(answers):
        changed = [one["updateAccount"]["account"] for one in told if "updateAccount" in one]
        assert changed == [{"owner": f"{number}-{turn}"} for turn in range(rounds)]
        for one in told:
            assert one.get("accounts", {"totalCount": CLIENTS})["totalCount"] == CLIENTS
            done = {"status": "SUCCEEDED", "progress": {"done": CLIENTS, "total": CLIENTS}}
            assert one.get("recomputeHealth", {"job": done})["job"] == done
    assert _changes(direct) == {(id_, turn): 1 for id_ in accounts for turn in range(rounds)}
    assert direct.read("select count(*) from uploads") == rounds * 4
    assert direct.read("select count(*) from jobs where status = 'SUCCEEDED'") == rounds * 4


def _restart_pooler(pooler: PgBouncer, _: Postgres) -> None:
    pooler.stop()
    pooler.start()


def _kill_clients(pooler: PgBouncer, _: Postgres) -> None:
    pooler.tell("kill postgres", "resume postgres")


def _time_clients_out(pooler: PgBouncer, _: Postgres) -> None:
    pooler.tell("set client_idle_timeout = 1")
    _wait_until(lambda: pooler.count("clients") == 0)
    pooler.tell("set client_idle_timeout = 0")


def _terminate_servers(_: PgBouncer, server: Postgres) -> None:
    with closing(psycopg2.connect(server.url)) as raw, raw.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null"
        )
        assert cursor.rowcount >= 1


def _time_servers_out(pooler: PgBouncer, _: Postgres) -> None:
    pooler.tell("set server_idle_timeout = 1")
    _wait_until(lambda: pooler.count("servers") == 0)
    pooler.tell("set server_idle_timeout = 600")


def _restart_server(_: PgBouncer, server: Postgres) -> None:
    server.__exit__(None, None, None)
    server.__enter__()


@pytest.mark.parametrize(
    "kill",
    [_restart_pooler, _kill_clients, _time_clients_out, _terminate_servers, _time_servers_out, _restart_server],
    ids=lambda kill: kill.__name__.strip("_"),
)
def test_no_client_is_told_of_connections_that_died_while_idle(
    container: httpx.Client,
    function: Deployed,
    pooler: PgBouncer,
    server: Postgres,
    direct: Database,
    accounts: list[str],
    kill: Callable[[PgBouncer, Postgres], None],
) -> None:
    """Asked at once after it, by as many as there are dead connections; one in two is a change."""
    for turn in range(2):  # a function's first question afterwards is a change, then a query
        _open_all_connections(container, pooler)
        function.ask(PAGE)
        direct.close()
        kill(pooler, server)

        def client(number: int, turn: int = turn) -> dict[str, Any]:
            if number % 2:
                return _ask(container, PAGE)
            return _ask(container, CHANGE, id=accounts[number], owner=f"{number}-{turn}")

        with ThreadPoolExecutor(CLIENTS) as threads:
            asked = [threads.submit(client, number) for number in range(CLIENTS)]
            if turn == 0:
                function.ask(CHANGE, id=accounts[1], owner="1-0")
            assert function.ask(PAGE)["accounts"]["totalCount"] == CLIENTS
            assert len([one.result() for one in asked]) == CLIENTS

    assert _changes(direct) == {(id_, turn): 1 for id_ in accounts[::2] for turn in range(2)} | {(accounts[1], 0): 1}


def test_files_insights_and_schedules_do_their_work(
    function: Deployed, pooled: Database, direct: Database, aws_settings: Settings
) -> None:
    importer = Importer(pooled, aws_settings, now=datetime.now(UTC))
    today = importer.now.date()
    names = [f"Account {number}" for number in range(2_100)]  # scored in two batches, by the scorer's second thread
    rows = "".join(f"{name},{1000 + number},SMB,5,10\n" for number, name in enumerate(names))
    known = importer.load("ACCOUNTS", f"name,arr,segment,active_users,seats_purchased\n{rows}Bad,x,SMB,1,2\n")
    days = "".join(f"{name},{today},3,4\n" for name in names[:50])
    used = importer.load("DAILY_METRICS", f"name,date,logins,events\n{days}")

    assert [(one["status"], one["counts"]) for one in (known, used)] == [
        ("PARTIAL", {"created": 2_100, "failed": 1}), ("SUCCEEDED", {"created": 50}),
    ]  # fmt: skip
    assert importer.errors(known) == [(2_102, "arr", "NOT_A_NUMBER", "x")]
    assert direct.rows("select count(*), count(scored_on) from accounts") == [(2_100, 2_100)]

    first = direct.read("select 'acc_' || min(id) from accounts")
    job = function.ask(ASK, account=first)["queueInsight"]["job"]["id"]
    assert function.work() == 1
    assert function.ask(JOB, id=job)["job"]["status"] == "SUCCEEDED"

    done = [handler.maintenance({"task": task}, Context("maintenance", 300)) for task in ("sweep", "nightly", "prune")]
    assert done[0] == {"sent": 0, "expired": 0, "uploads_ended": 0}
    assert done[1]["finished"]
    assert done[2]["finished"]
    again = function.ask(SCORE)["recomputeHealth"]["job"]
    assert again == {"status": "SUCCEEDED", "progress": {"done": 2_100, "total": 2_100}}


LEFT = """
select json_build_object(
  'settings', (select coalesce(json_agg(name || '=' || setting order by name), '[]') from pg_settings
    where source = 'session' and name not in ('application_name', 'client_encoding', 'DateStyle',
      'IntervalStyle', 'standard_conforming_strings', 'TimeZone')),
  'locks', (select count(*) from pg_locks where locktype = 'advisory'),
  'temporary', (select count(*) from pg_class where relpersistence = 't'),
  'prepared', (select count(*) from pg_prepared_statements))
"""
"All that could meet another client: what the pooler itself sets for each is left out."


@pytest.mark.parametrize("most", [0, 100])
def test_nothing_is_left_to_whom_a_server_process_serves_next(
    server: Postgres, direct: Database, aws_settings: Settings, most: int
) -> None:
    assert PROGRAM is not None
    if most and pgbouncer.version(PROGRAM) < (1, 21):
        pytest.skip("this pgbouncer is older than 1.21, which has max_prepared_statements")
    settings = {"max_prepared_statements": most} if most else {}
    with (
        PgBouncer(PROGRAM, server.url, settings) as pooler,
        ExitStack() as opened,
        ThreadPoolExecutor(SERVERS) as threads,
    ):
        two = [opened.enter_context(closing(Database(pooler.url))) for _ in range(SERVERS)]
        texts = [f"name,arr,segment\nAcme {number},1,SMB\n" for number in range(SERVERS)]
        importers = [Importer(database, aws_settings) for database in two]
        loaded = threads.map(lambda importer, text: importer.load("ACCOUNTS", text), importers, texts)
        assert [one["status"] for one in loaded] == ["SUCCEEDED"] * SERVERS
        for number in range(4):
            known = {"number": number}
            assert (
                list(threads.map(lambda one, known=known: one.read("select %(number)s::int", known), two))
                == [number] * SERVERS
            )

        left = {}
        for database in two:  # held in a transaction, each has a server process of its own
            session = opened.enter_context(database.writing())
            pid, told = session.connection().exec_driver_sql(f"select pg_backend_pid(), ({LEFT})").one()
            left[pid] = told
        assert list(left.values()) == [{"settings": [], "locks": 0, "temporary": 0, "prepared": 0}] * SERVERS
        assert len(left) == SERVERS


def test_the_pooler_is_who_its_certificate_says_or_is_not_spoken_to(pooler: PgBouncer, tmp_path: Path) -> None:
    another = pgbouncer.a_certificate(tmp_path)
    for url, why in (
        (pooler.address(certificate=another), "certificate verify failed"),
        (pooler.url.replace("localhost", "example.com"), "does not match host name"),
        (pooler.url.replace("verify-full", "disable"), "SSL required"),
    ):
        with pytest.raises(Unavailable, match=why):
            Database(url).read("select 1")


def test_a_silent_server_is_given_up_by_tcp(pooled: Database) -> None:
    import socket

    pooled.read("select 1")
    [raw] = pooled._idle

    with socket.socket(fileno=os.dup(raw.fileno())) as spoken:
        assert spoken.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 5_000


def test_migrations_pass_through_it_and_go_past_it_where_they_can(pooler: PgBouncer, server: Postgres) -> None:
    with closing(psycopg2.connect(server.url)) as raw, raw.cursor() as cursor:
        raw.autocommit = True
        for name in ("through", "past"):
            cursor.execute(f"create database {name}")
    past = server.url.replace("/postgres?", "/past?")
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"

    upgrade(pooler.address("through"))
    subprocess.run(
        [sys.executable, "-m", "local", "migrate"], cwd=REPOSITORY, check=True,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": nowhere, "DATABASE_URL_DIRECT": past},
    )  # fmt: skip

    with closing(Database(pooler.address("through"))) as one, closing(Database(past)) as other:
        assert one.revision() == other.revision() == Database(server.url).revision()


def _open_all_connections(container: httpx.Client, pooler: PgBouncer) -> None:
    """Let the container have as many connections to the pooler as it may have for GraphQL."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        with ExitStack() as held:
            for _ in range(SERVERS):
                raw = held.enter_context(closing(psycopg2.connect(pooler.url)))
                held.enter_context(raw.cursor()).execute("select 1")  # and no commit: nobody else is served meanwhile
            asked = [threads.submit(_ask, container, PAGE) for _ in range(CLIENTS)]
            _wait_until(lambda: pooler.count("clients") >= CLIENTS + SERVERS)
        for one in asked:
            one.result()


def _ask(client: httpx.Client, query: str, **variables: object) -> dict[str, Any]:
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def _changes(direct: Database) -> dict[tuple[str, int], int]:
    """How often each account's owner became that of a turn."""
    sql = """select 'acc_' || account_id, f ->> 'after', count(*) from changes, jsonb_array_elements(fields) f
      where source <> 'IMPORT' group by 1, 2"""
    return {(id_, int(after.partition("-")[2])): count for id_, after, count in direct.rows(sql)}


def _wait_until(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)
