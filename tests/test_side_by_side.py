"""In a container requests are worked on side by side: one that waits for the database holds up no other."""

import asyncio
import os
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import psycopg2
import pytest

from graph.app import Parts, application
from graph.threads import Threads
from services import logs
from services.db.connection import Database
from services.errors import Unavailable
from services.settings import Settings
from tests.api import NOON, KeptMessages
from tests.container import serving


@pytest.fixture
def client(database: Database, database_url: str) -> Iterator[httpx.AsyncClient]:
    with closing(Database(database_url, connections=2)) as several, closing(Threads(2)) as threads:
        parts = Parts(Settings(access="open"), lambda: several, pytest.fail, KeptMessages, lambda: NOON, threads)
        transport = httpx.ASGITransport(app=application(parts))
        yield httpx.AsyncClient(transport=transport, base_url="http://localhost")


def _run(asking: Coroutine[Any, Any, Any]) -> Any:
    """On a loop of its own: asyncio.run would take the process's away."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(asking)


def test_a_request_that_waits_holds_up_no_other(client: httpx.AsyncClient, database_url: str) -> None:
    locked, go = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
            cursor.execute("lock table accounts in access exclusive mode")
            locked.set()
            go.wait(30)

    async def ask(query: str) -> object:
        return (await client.post("/graphql", json={"query": query}, headers={"x-request-id": "mine"})).json()["data"]

    async def both() -> tuple[object, object]:
        waiting = asyncio.ensure_future(ask("{ accounts { nodes { id } } }"))
        answered = await asyncio.wait_for(ask("{ uploads { nodes { id } } }"), 20)
        assert not waiting.done()
        go.set()
        return await asyncio.wait_for(waiting, 20), answered

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(30)
    try:
        assert _run(both()) == ({"accounts": {"nodes": []}}, {"uploads": {"nodes": []}})
    finally:
        go.set()
        holder.join()


def test_a_failure_in_a_thread_is_logged_under_its_request(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    caplog.handler.addFilter(lambda _: told.append(logs.request_id.get()) is None)
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")

    async def ask(transport: httpx.ASGITransport) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            content = {"query": "{ accounts { totalCount } }"}
            return await client.post("/graphql", json=content, headers={"x-request-id": "mine"})

    with closing(Threads(1)) as threads:
        parts = Parts(Settings(access="open"), lambda: nowhere, pytest.fail, KeptMessages, lambda: NOON, threads)
        answer = _run(ask(httpx.ASGITransport(app=application(parts))))

    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert "unavailable: the database cannot be reached" in caplog.text
    assert set(told) == {"mine"}


def test_a_thread_outlives_the_loop_that_asked_it() -> None:
    begun, go = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go.wait(30)

    async def leave() -> None:
        asked = asyncio.ensure_future(threads.run(hold))
        await asyncio.sleep(0)
        assert begun.wait(30)
        asked.cancel()

    async def ask() -> object:
        return await asyncio.wait_for(threads.run(lambda: "answered"), 20)

    with closing(Threads(1)) as threads:
        _run(leave())
        go.set()
        assert _run(ask()) == "answered"


def test_no_failure_of_a_call_leaves_it_unanswered() -> None:
    def stop() -> None:
        raise StopIteration

    async def ask() -> object:
        return await asyncio.wait_for(threads.run(stop), 20)

    with closing(Threads(1)) as threads, pytest.raises(RuntimeError, match="StopIteration"):
        _run(ask())


def test_a_forked_process_has_threads_of_its_own() -> None:
    async def ask() -> object:
        return await asyncio.wait_for(threads.run(os.getpid), 20)

    with closing(Threads(2)) as threads:
        assert _run(ask()) == os.getpid()
        child = os.fork()
        if child == 0:
            right = False
            try:
                right = _run(ask()) == os.getpid()
            finally:
                os._exit(0 if right else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_call_that_no_thread_begins_with_in_time_is_given_up_for_good() -> None:
    begun, go, called = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go.wait(30)

    async def ask() -> None:
        holding = asyncio.ensure_future(threads.run(hold))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match="all threads are at work"):
            await threads.run(called.set)
        go.set()
        await holding
        await threads.run(lambda: None)  # behind whatever still waited

    with closing(Threads(1, patience=timedelta(milliseconds=50))) as threads:
        _run(ask())

    assert not called.is_set()


def test_a_container_at_its_limit_says_so_and_is_healthy(database: Database, database_url: str) -> None:
    question = {"query": "{ accounts { nodes { id } } }"}
    with (
        serving(database_url, connections=1, DATABASE_PATIENCE_SECONDS="1") as client,
        ThreadPoolExecutor(1) as threads,
    ):
        with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
            cursor.execute("lock table accounts in access exclusive mode")
            first = threads.submit(client.post, "/graphql", json=question)
            until = time.monotonic() + 30
            while not database.read("select count(*) from pg_locks where not granted"):
                assert time.monotonic() < until
                time.sleep(0.02)

            told = client.post("/graphql", json=question)
            health = client.get("/healthz")
        answered = first.result()

    error = {"message": "the service cannot answer right now: try again", "extensions": {"code": "UNAVAILABLE"}}
    assert (told.status_code, told.json()) == (200, {"errors": [error]})
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert answered.json()["data"] == {"accounts": {"nodes": []}}
