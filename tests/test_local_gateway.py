"""The gateway between HTTP and the Lambda handler, with the real Mangum and an application that echoes."""

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import httpx
import pytest
from mangum import Mangum
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.explorer import Asset
from local.gateway import LARGEST_BODY, Gateway, request_event


async def echo(request: Request) -> Response:
    return JSONResponse(
        {
            "method": request.method,
            "path": request.url.path,
            "scheme": request.url.scheme,
            "query": request.query_params.multi_items(),
            "cookies": request.cookies,
            "tags": request.headers.get("x-tag"),
            "body": base64.b64encode(await request.body()).decode(),
        }
    )


async def binary(request: Request) -> Response:
    response = Response(bytes(range(256)), media_type="application/octet-stream", status_code=201)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


async def nothing(request: Request) -> Response:
    return Response(status_code=204)


def crash(event: Mapping[str, Any], context: Any) -> Any:
    raise RuntimeError("the handler is broken")


APPLICATION = Starlette(
    routes=[
        Route("/binary", binary),
        Route("/nothing", nothing),
        Route("/{path:path}", echo, methods=["GET", "POST", "PUT"]),
    ]
)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    async def make() -> Mangum:
        return Mangum(APPLICATION, lifespan="off")

    gateway = Gateway(_elsewhere(make()), assets={"app.js": Asset(b"1", "text/javascript")})
    yield gateway
    gateway.close()


Send = Callable[..., httpx.Response]
T = TypeVar("T")


@pytest.fixture
def send(gateway: Gateway) -> Send:
    return partial(_send, gateway)


def _send(gateway: Gateway, method: str, path: str, **options: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(gateway)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            return await client.request(method, path, **options)

    return _elsewhere(ask())


def _elsewhere(work: Coroutine[Any, Any, T]) -> T:
    """Run it on a loop in a thread of its own: the main thread's loop is Mangum's, in other tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def test_a_request_arrives_as_it_was_sent(send: Send) -> None:
    answer = send(
        "POST",
        "/graphql/a%20b?x=1&x=2&empty=&y=%C3%A9",
        content='{"query": "é"}'.encode(),
        headers=[
            ("content-type", "application/json"), ("X-Tag", "one"), ("X-Tag", "two"), ("cookie", "s=1; t=2"),
        ],
    )  # fmt: skip
    assert answer.json() == {
        "method": "POST",
        "path": "/graphql/a b",
        "scheme": "http",
        "query": [["x", "1"], ["x", "2"], ["empty", ""], ["y", "é"]],
        "cookies": {"s": "1", "t": "2"},
        "tags": "one,two",
        "body": base64.b64encode('{"query": "é"}'.encode()).decode(),
    }


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/json", "multipart/form-data; boundary=x"])
def test_any_bytes_arrive_unchanged(send: Send, kind: str) -> None:
    answer = send("PUT", "/graphql", content=bytes(range(256)), headers={"content-type": kind})
    assert base64.b64decode(answer.json()["body"]) == bytes(range(256))


def test_bytes_and_several_cookies_come_back_unchanged(send: Send) -> None:
    answer = send("GET", "/binary")
    assert (answer.status_code, answer.content) == (201, bytes(range(256)))
    assert [cookie.split(";")[0] for cookie in answer.headers.get_list("set-cookie")] == ["a=1", "b=2"]


def test_an_empty_answer_stays_empty(send: Send) -> None:
    answer = send("GET", "/nothing")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_handler_that_raises_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    gateway = Gateway(crash)
    answer = _send(gateway, "GET", "/graphql")
    gateway.close()
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "the handler is broken" in caplog.text


def test_a_body_that_lambda_would_not_take_is_refused(send: Send) -> None:
    answer = send("POST", "/graphql", content=b"x" * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_the_explorers_files_come_from_the_gateway_itself(send: Send) -> None:
    answer = send("GET", "/graphiql/app.js")
    assert (answer.content, answer.headers["content-type"]) == (b"1", "text/javascript")
    assert send("GET", "/graphiql/unknown.js").json()["path"] == "/graphiql/unknown.js"


def test_many_requests_at_once_each_get_their_own_answer(send: Send) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: send("GET", f"/{number}"), range(40)))
    assert [answer.json()["path"] for answer in answers] == [f"/{number}" for number in range(40)]


def test_the_payload_is_api_gateways_version_2() -> None:
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/graphql",
        "query_string": b"a=1&a=2", "client": ("127.0.0.1", 5000),
        "headers": [
            (b"Host", b"api.test"), (b"User-Agent", b"curl"), (b"Cookie", b"s=1"), (b"content-type", b"text/csv"),
        ],
    }  # fmt: skip
    event = request_event(scope, b"hello", at=datetime(2026, 11, 22, 3, 30, tzinfo=UTC))
    assert event["requestContext"].pop("requestId")
    assert json.loads(json.dumps(event)) == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/graphql",
        "rawQueryString": "a=1&a=2",
        "cookies": ["s=1"],
        "headers": {
            "host": "api.test", "user-agent": "curl", "content-type": "text/csv",
            "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"a": "1,2"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "api.test",
            "domainPrefix": "local",
            "http": {
                "method": "POST", "path": "/graphql", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "curl",
            },
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:03:30:00 +0000",
            "timeEpoch": 1795318200000,
        },
        "body": "hello",
        "isBase64Encoded": False,
    }  # fmt: skip


def test_who_was_spoken_for_stays_named_as_in_api_gateways_events() -> None:
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/graphql",
        "query_string": b"", "client": ("127.0.0.1", 5000), "headers": [(b"x-forwarded-for", b"203.0.113.9")],
    }  # fmt: skip

    event = request_event(scope, b"", at=datetime(2026, 11, 22, 3, 30, tzinfo=UTC))

    assert event["headers"]["x-forwarded-for"] == "203.0.113.9,127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", ""])
def test_a_page_of_another_name_that_leads_here_is_not_answered(send: Send, host: str) -> None:
    answer = send("POST", "/graphql", content=b"{}", headers={"host": host})

    assert (answer.status_code, answer.json()) == (421, {"message": "Misdirected Request"})


def test_two_names_are_one_too_many(send: Send) -> None:
    headers = [("host", "evil.example"), ("host", "localhost")]

    assert send("POST", "/graphql", content=b"{}", headers=headers).status_code == 421
