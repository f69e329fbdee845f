"""The gateway between HTTP and the Lambda handler, with the real Mangum and an application that echoes."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

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
    # Mangum makes an event loop that nobody closes where it finds none.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    gateway = Gateway(Mangum(APPLICATION, lifespan="off"), assets={"app.js": Asset(b"1", "text/javascript")})
    asyncio.set_event_loop(None)
    loop.close()
    yield gateway
    gateway.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(gateway: Gateway, anyio_backend: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://api.test:8000") as client:
        yield client


pytestmark = pytest.mark.anyio


async def test_a_request_arrives_as_it_was_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post(
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
async def test_any_bytes_arrive_unchanged(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.put("/graphql", content=bytes(range(256)), headers={"content-type": kind})
    assert base64.b64decode(answer.json()["body"]) == bytes(range(256))


async def test_bytes_and_several_cookies_come_back_unchanged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/binary")
    assert (answer.status_code, answer.content) == (201, bytes(range(256)))
    assert [cookie.split(";")[0] for cookie in answer.headers.get_list("set-cookie")] == ["a=1", "b=2"]


async def test_an_empty_answer_stays_empty(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_handler_that_raises_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    gateway = Gateway(crash)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://api.test") as client:
        answer = await client.get("/graphql")
    gateway.close()
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "the handler is broken" in caplog.text


async def test_a_body_that_lambda_would_not_take_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", content=b"x" * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


async def test_the_explorers_files_come_from_the_gateway_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphiql/app.js")
    assert (answer.content, answer.headers["content-type"]) == (b"1", "text/javascript")
    assert (await client.get("/graphiql/unknown.js")).json()["path"] == "/graphiql/unknown.js"


async def test_many_requests_at_once_each_get_their_own_answer(client: httpx.AsyncClient, gateway: Gateway) -> None:
    answers = await asyncio.gather(*(client.get(f"/{number}") for number in range(40)))
    assert [answer.json()["path"] for answer in answers] == [f"/{number}" for number in range(40)]


async def test_the_payload_is_api_gateways_version_2() -> None:
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
