"""The HTTP API in front of the Lambda function: each request becomes a payload of version 2.0, as API Gateway sends it.

Not a router: every path goes to the one handler, except GraphiQL's files, which stand in for a content network here.
"""

import asyncio
import base64
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from local.explorer import Asset
from local.lambdas import ACCOUNT, Context, Crashed, Handler, invoke
from services.settings import is_for_loopback

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

LARGEST_BODY = 6 * 1024 * 1024
"Bytes that Lambda takes in one invocation."
TIMEOUT = 30.0
"Seconds after which API Gateway gives up."
ASSETS = "/graphiql/"
TEXT = ("text/", "application/json", "application/javascript", "application/xml")
"Content types that API Gateway passes on as text; everything else travels as base64."


class Gateway:
    """An ASGI application that calls `handler(event, context)` in a few threads. Close it to let them go."""

    def __init__(self, handler: Handler, *, assets: Mapping[str, Asset] | None = None, threads: int = 4) -> None:
        self._handler = handler
        self._assets = assets or {}
        self._loops: list[asyncio.AbstractEventLoop] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lambda", initializer=self._give_loop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"the gateway speaks HTTP, not {scope['type']}")
        asset = self._assets.get(scope["path"].removeprefix(ASSETS)) if scope["path"].startswith(ASSETS) else None
        if asset is not None and scope["method"] in {"GET", "HEAD"}:
            headers = [(b"content-type", asset.content_type.encode()), (b"cache-control", b"max-age=86400")]
            await _send(send, 200, headers, asset.content)
            return
        if not is_for_loopback(scope["headers"]):
            await _send_json(send, 421, {"message": "Misdirected Request"})
            return
        body = await _body(receive)
        if body is None:
            await _send_json(send, 413, {"message": "Request Entity Too Large"})
            return
        event = request_event(scope, body, at=datetime.now(UTC))
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._call, event)
        if isinstance(answer, Mapping) and "statusCode" in answer:
            await _send(send, int(answer["statusCode"]), list(_headers(answer)), _content(answer))
        else:
            if not isinstance(answer, Crashed):
                log.error("the handler answered no status: %r", answer)
            await _send_json(send, 500, {"message": "Internal Server Error"})

    def close(self) -> None:
        """Wait for the calls under way."""
        self._threads.shutdown()
        for loop in self._loops:
            loop.close()

    def _call(self, event: dict[str, Any]) -> Any:
        return invoke(self._handler, event, Context("graphql", TIMEOUT))

    def _give_loop(self) -> None:
        # Mangum runs the application on the thread's own loop, which only a main thread is born with.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        self._loops.append(loop)


def request_event(scope: Scope, body: bytes, *, at: datetime) -> dict[str, Any]:
    """The request as API Gateway's HTTP API hands it to Lambda: payload format 2.0."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    cookies = [cookie.strip() for line in headers.pop("cookie", []) for cookie in line.split(";") if cookie.strip()]
    source = scope["client"][0] if scope.get("client") else "127.0.0.1"
    headers.setdefault("x-forwarded-for", []).append(source)
    headers["x-forwarded-proto"] = [scope.get("scheme", "http")]
    query = scope["query_string"].decode("latin-1")
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters.setdefault(name, []).append(value)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": scope["path"],
        "rawQueryString": query,
        "headers": {name: ",".join(values) for name, values in headers.items()},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": headers.get("host", ["localhost"])[0],
            "domainPrefix": "local",
            "http": {
                "method": scope["method"],
                "path": scope["path"],
                "protocol": f"HTTP/{scope['http_version']}",
                "sourceIp": source,
                "userAgent": headers.get("user-agent", [""])[0],
            },
            "requestId": uuid.uuid4().hex,
            "routeKey": "$default",
            "stage": "$default",
            "time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(at.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if parameters:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in parameters.items()}
    if body:
        text = _as_text(body, event["headers"])
        event["isBase64Encoded"] = text is None
        event["body"] = base64.b64encode(body).decode() if text is None else text
    return event


def _as_text(body: bytes, headers: Mapping[str, str]) -> str | None:
    if not headers.get("content-type", "").lower().startswith(TEXT) or "content-encoding" in headers:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


async def _body(receive: Receive) -> bytes | None:
    """All of it; None where it is larger than Lambda takes."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > LARGEST_BODY:
            return None
    return b"".join(parts)


def _headers(answer: Mapping[str, Any]) -> Iterable[Header]:
    for name, value in (answer.get("headers") or {}).items():
        yield name.lower().encode("latin-1"), str(value).encode("latin-1")
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        for value in values:
            yield name.lower().encode("latin-1"), str(value).encode("latin-1")
    for cookie in answer.get("cookies") or ():
        yield b"set-cookie", cookie.encode("latin-1")


def _content(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    return base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()


async def _send_json(send: Send, status: int, document: Mapping[str, str]) -> None:
    await _send(send, status, [(b"content-type", b"application/json")], json.dumps(document).encode())


async def _send(send: Send, status: int, headers: list[Header], content: bytes) -> None:
    if status not in {204, 304} and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
