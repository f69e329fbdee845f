"""The GraphQL API as a client meets it: events of the HTTP API in, decoded answers out. Not a second application.

It is built over a test's own database and clock; `handler.graphql` builds the same one over the wiring.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from mangum import Mangum

from graph.app import Parts, application
from services.db.connection import Database
from services.ports import Files, Tokens
from services.settings import Settings

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class KeptMessages:
    """A queue that keeps what it is sent. While `is_down` it takes nothing."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_down = False

    def send(self, job_ids: Sequence[str]) -> Sequence[str]:
        if self.is_down:
            return list(job_ids)
        self.sent += job_ids
        return ()

    def postpone(self, receipt: str, delay: timedelta) -> None:
        raise AssertionError(f"nobody received {receipt} from this queue, to have it back after {delay}")


class Api:
    """A client of the API. `now` is the server's clock and may be set between requests; `queue` holds what was sent.

    `headers` go with every query; `claims` are those that the HTTP API's authorizer tells of.
    """

    def __init__(
        self,
        database: Database,
        open_files: Callable[[], Files],
        settings: Settings,
        *,
        now: datetime = NOON,
        access: str = "open",
        tokens: Callable[[], Tokens] | None = None,
    ) -> None:
        self.now = now
        self.headers: dict[str, str] = {}
        self.claims: Mapping[str, str] | None = None
        self.queue = KeptMessages()
        settings = replace(settings, access=access)
        parts = Parts(settings, lambda: database, open_files, lambda: self.queue, lambda: self.now, tokens=tokens)
        self._http = Mangum(application(parts), lifespan="off")

    def __call__(self, query: str, variables: Mapping[str, object] | None = None, /, **more: object) -> dict[str, Any]:
        """The whole decoded answer, `data` and `errors`; the variables are a mapping, or named, or both.

        Asserts that the request was well-formed enough for status 200.
        """
        content = {"query": query, "variables": {**(variables or {}), **more}}
        answer = self.send("POST", "/graphql", orjson.dumps(content, default=str), self.headers)
        assert answer.status == 200, answer.body.decode()
        body: dict[str, Any] = answer.json()
        return body

    def data(self, query: str, variables: Mapping[str, object] | None = None, /, **more: object) -> dict[str, Any]:
        """The data of an answer. Asserts that no field failed."""
        body = self(query, variables, **more)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, query: str = ""
    ) -> Answer:
        """Any request at all; `query` is the part of the address behind the question mark."""
        request = event(method, path, body, headers, query=query)
        if self.claims is not None:
            request["requestContext"]["authorizer"] = {"jwt": {"claims": dict(self.claims), "scopes": None}}
        answer = self._http(request, _Invocation())  # type: ignore[arg-type]
        text = answer["body"]
        return Answer(
            answer["statusCode"],
            {name.lower(): value for name, value in answer["headers"].items()},
            base64.b64decode(text) if answer["isBase64Encoded"] else text.encode(),
        )


def event(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, query: str = ""
) -> dict[str, Any]:
    """A request as the HTTP API hands it to a function: payload version 2.0, header names in lower case."""
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    described = {"host": "api.example.com", "content-type": "application/json", **(headers or {})}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in described.items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "10/Mar/2026:12:00:00 +0000",
            "timeEpoch": 1773144000000,
        },
        "body": text,
        "isBase64Encoded": encoded,
    }


class _Invocation:
    """Lambda's context, as far as the application looks at it."""

    aws_request_id = "00000000-0000-4000-8000-000000000001"
