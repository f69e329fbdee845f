"""The HTTP application around the graph: health, headers, origins, the explorer, the error reports."""

import asyncio
from collections.abc import MutableMapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from graph import limits
from graph.app import Parts, application
from services.db import migrations
from services.db.connection import LARGEST, Database
from services.settings import Settings
from tests.api import NOON, Api

NEWEST = max(path.name[:4] for path in (Path(migrations.__path__[0]) / "versions").glob("0*.py"))
QUERY = b'{"query": "{ viewer { id role workspaceName limits { maxDepth maxPageSize maxUploadBytes } } }"}'


def _api(database: Database, **settings: object) -> Api:
    def no_files() -> None:
        raise AssertionError("no request of these opens the bucket")

    return Api(database, no_files, replace(Settings(), **settings))  # type: ignore[arg-type]


def test_the_viewer_tells_who_asks_and_what_is_allowed(api: Api) -> None:
    answer = api.send("POST", "/graphql", QUERY).json()["data"]["viewer"]

    assert answer == {
        "id": "local", "role": "ADMIN", "workspaceName": "Success Insights",
        "limits": {"maxDepth": 14, "maxPageSize": 100, "maxUploadBytes": 10485760},
    }  # fmt: skip


def test_health_touches_the_database(api: Api) -> None:
    answer = api.send("GET", "/healthz")

    assert (answer.status, answer.json()) == (200, {"status": "ok", "schema": NEWEST})


def test_health_says_when_the_database_is_away() -> None:
    answer = _api(Database("postgresql://nobody@127.0.0.1:1/nothing")).send("GET", "/healthz")

    assert (answer.status, answer.json()) == (503, {"status": "unavailable"})


def test_every_answer_tells_its_request_and_its_time(api: Api) -> None:
    given = api.send("POST", "/graphql", QUERY, {"x-request-id": "trace-1"})
    odd = api.send("POST", "/graphql", QUERY, {"x-request-id": "no\nline breaks"})

    assert given.headers["x-request-id"] == "trace-1"
    assert odd.headers["x-request-id"] == "00000000-0000-4000-8000-000000000001"
    assert float(given.headers["x-process-time"]) >= 0


def test_a_stranger_s_path_does_not_fill_the_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "graph.tracing"):
        api.send("GET", "/" + "x" * 100_000)

    assert [vars(record)["path"] for record in caplog.records] == ["/" + "x" * 499]


def test_an_answer_is_no_larger_than_lambda_passes_on_wherever_it_is_asked_for(api: Api) -> None:
    api.data("mutation { generateMockData(input: {accounts: 20, days: 100, seed: 5}) { accountsCreated } }")
    names = ["date", "logins", "events", "featureEvents", "avgSessionMinutes", "errors", "ticketBacklog"]
    values = " ".join(f"{'a' * 99}{place}: {name}" for place, name in enumerate(names))
    lists = " ".join(f"d{place}: dailyMetrics(first: 100) {{ nodes {{ {values} }} }}" for place in range(3))
    asked = f"accounts(first: 20) {{ nodes {{ {lists} }} }}"

    one = api.send("POST", "/graphql", orjson.dumps({"query": f"{{ {asked} }}"}))
    two = api.send("POST", "/graphql", orjson.dumps({"query": f"{{ a: {asked} b: {asked} }}"}))

    assert LARGEST / 2 < len(one.body) < LARGEST
    error = {
        "message": "the answer would be too large: ask for fewer entries at once",
        "extensions": {"code": "ANSWER_TOO_LARGE"},
    }
    assert two.json() == {"data": None, "errors": [error]}


ORIGINS = {
    "cors_origins": ("https://app.example.com", "http://localhost:3000"),
    "cors_origin_pattern": r"https://insights-[a-z0-9-]+-team\.vercel\.app",
}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://app.example.com", True),
        ("http://localhost:3000", True),
        ("https://insights-git-main-team.vercel.app", True),
        ("https://insights-4f2a-team.vercel.app", True),
        ("https://evil.example.com", False),
        ("https://insights-x-team.vercel.app.evil.com", False),
        ("http://insights-x-team.vercel.app", False),
        ("https://xinsights-x-team.vercel.app", False),
        ("null", False),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_only_known_origins_are_let_in(database: Database, origin: str, allowed: bool, method: str) -> None:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }

    answer = _api(database, **ORIGINS).send(method, "/graphql", QUERY, headers)

    assert (answer.headers.get("access-control-allow-origin") == origin) is allowed


def test_the_explorer_is_there_by_setting_only(database: Database) -> None:
    html = {"accept": "text/html"}

    shown = _api(database, graphiql=True, graphiql_assets="/graphiql").send("GET", "/graphql", headers=html)
    hidden = _api(database).send("GET", "/graphql", headers=html)

    assert shown.status == 200
    assert b"/graphiql/graphiql.min.js" in shown.body
    assert b"http://" not in shown.body
    assert b"https://" not in shown.body
    assert hidden.status == 404


def test_a_body_has_a_bound(api: Api) -> None:
    most = api.send("POST", "/graphql", QUERY.rjust(limits.MAX_BYTES))
    more = api.send("POST", "/graphql", QUERY.rjust(limits.MAX_BYTES + 1))

    assert (most.status, more.status) == (200, 413)
    assert more.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_a_body_that_never_ends_is_not_kept(database: Database) -> None:
    taken, told = 0, []

    async def receive() -> dict[str, object]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": bytes(1_000_000), "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("status"))

    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "scheme": "http",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"content-type", b"application/json"), (b"host", b"localhost")],
    }  # fmt: skip
    parts = Parts(Settings(access="open"), lambda: database, pytest.fail, pytest.fail, lambda: NOON)
    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(application(parts)(scope, receive, send))

    assert (told, taken) == ([413, None], 2)


@pytest.mark.parametrize("path", ["/graphql", "/behind/a/proxy/graphql"])
def test_all_addresses_may_lie_below_another(database: Database, path: str) -> None:
    parts = Parts(Settings(access="open"), lambda: database, pytest.fail, pytest.fail, lambda: NOON)
    transport = httpx.ASGITransport(app=application(parts), root_path="/behind/a/proxy")

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, content=QUERY, headers={"content-type": "application/json"})

    with closing(asyncio.new_event_loop()) as loop:
        assert loop.run_until_complete(ask()).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/graphql/", "/uploads", "/uploads/upl_1/errors.csv", f"/uploads/upl_{'0' * 32}/errors.csv"]
)
def test_other_addresses_are_not_found(api: Api, path: str) -> None:
    assert api.send("GET", path).status in {404, 307}


def test_money_carries_the_workspaces_currency(database: Database) -> None:
    answer = _api(database, currency="EUR").data("{ accounts { totalArr { amount currency } } }")

    assert answer == {"accounts": {"totalArr": {"amount": "0.00", "currency": "EUR"}}}
