"""GET and POST /graphql: the question out of an HTTP request, the answer back. What surrounds it is graph.app's.

An ASGI application of its own and not Strawberry's view: what that does for uploads by form, batches, streams and
sockets, none of which this API has, took as much of the processor as all of the execution.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.door import Door
from graph.parts import Parts
from graph.replies import refuse, send_reply
from graph.schema import schema
from services.access import Identity
from services.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class _Refused(Exception):
    """A request that no operation can be taken from."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Endpoint:
    """The ASGI application of /graphql."""

    def __init__(self, parts: Parts, door: Door) -> None:
        self._parts = parts
        self._door = door

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            if scope["method"] not in ("GET", "POST"):
                raise _Refused(405, "GraphQL is asked by GET or POST")
            given: dict[str, str] = {}
            if scope["method"] == "GET":
                given = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
                if "query" not in given and _takes_pages(headers):
                    await send_reply(send, 200, self._page(), b"text/html; charset=utf-8")
                    return
            identity = await self._door.identity(scope)
            if scope["method"] == "GET":
                question: dict[str, Any] = {
                    name: _read(text.encode()) if name in _JSON and text else text for name, text in given.items()
                }
            else:
                question = _question(headers, await _body(receive))
            answer = await self._answer(scope, headers, question, identity)
        except _Refused as refused:
            error = {"message": refused.message, "extensions": {"code": "BAD_REQUEST"}}
            allow = [(b"allow", b"GET, POST")] if refused.status == 405 else []
            await send_reply(send, refused.status, orjson.dumps({"errors": [error]}), headers=allow)
        except (Unauthenticated, Unavailable) as error:
            await refuse(send, error)
        else:
            await send_reply(send, 200, answer)

    async def _answer(
        self, scope: "Scope", headers: Mapping[bytes, bytes], question: Mapping[str, Any], identity: Identity
    ) -> bytes:
        method = scope["method"]
        for name, kind, words in _SHAPES:
            if not isinstance(question.get(name), kind | None):
                raise _Refused(400, f"{name} must be {words}, or be left out")
        try:
            result = await schema.execute(
                question.get("query"),
                variable_values=question.get("variables"),
                operation_name=question.get("operationName"),
                operation_extensions=question.get("extensions"),
                context_value=self._context(scope, headers, identity),
                allowed_operation_types=OperationType.from_http(method),
            )
        except MissingQueryError as error:
            raise _Refused(400, "No GraphQL query found in the request") from error
        except CannotGetOperationTypeError as error:
            raise _Refused(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            raise _Refused(400, error.as_http_error_reason(method)) from error
        written: dict[str, Any] = {"data": result.data}
        if result.errors:
            written["errors"] = [error.formatted for error in result.errors]
        if result.extensions:
            written["extensions"] = result.extensions
        return orjson.dumps(written)

    def _context(self, scope: "Scope", headers: Mapping[bytes, bytes], identity: Identity) -> Context:
        parts = self._parts
        return Context(
            database=parts.database(),
            open_files=parts.files,
            open_queue=parts.queue,
            settings=parts.settings,
            now=parts.clock(),
            base_url=parts.settings.public_url or _base_url(scope, headers),
            request_id=scope["state"]["request_id"],
            identity=identity,
            threads=parts.threads,
        )

    def _page(self) -> bytes:
        settings = self._parts.settings
        if not settings.graphiql:
            raise _Refused(404, "there is no page here: ask with POST, or with GET and a query")
        page = Template((Path(__file__).parent / "graphiql.html").read_text(encoding="utf-8"))
        return page.substitute(assets=settings.graphiql_assets).encode()


MOST_BYTES: Final = 6_000_000
"Of a request's body: what Lambda takes, so that a container's memory is nobody's to fill."
_JSON: Final = ("variables", "extensions")
_SHAPES: Final = (
    ("query", str, "a text"),
    ("variables", dict, "an object"),
    ("operationName", str, "a text"),
    ("extensions", dict, "an object"),
)


def _question(headers: Mapping[bytes, bytes], body: bytes) -> dict[str, Any]:
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != b"application/json":
        raise _Refused(415, "the content type of a GraphQL request is application/json")
    question = _read(body)
    if not isinstance(question, dict):
        raise _Refused(400, "a request is one JSON object")
    return question


def _read(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _Refused(400, "the request is not JSON") from error


async def _body(receive: "Receive") -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts, size = [body], len(body)
        while size <= MOST_BYTES and message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        body = b"".join(parts)
    if len(body) > MOST_BYTES:
        raise _Refused(413, f"a request has at most {MOST_BYTES:,} bytes")
    return body


def _takes_pages(headers: Mapping[bytes, bytes]) -> bool:
    accept = headers.get(b"accept", b"")
    return b"text/html" in accept or b"*/*" in accept


def _base_url(scope: "Scope", headers: Mapping[bytes, bytes]) -> str:
    host = headers.get(b"host", b"").decode("latin-1")
    if not host:
        host = "{}:{}".format(*(scope.get("server") or ("localhost", 80)))
    return f"{scope['scheme']}://{host}{scope.get('root_path', '')}".rstrip("/")
