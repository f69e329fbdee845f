"""GET and POST /graphql: the question out of an HTTP request, the answer back. What surrounds it is graph.app's.

An ASGI application of its own and not Strawberry's view: what that does for uploads by form, batches, streams and
sockets, none of which this API has, took as much of the processor as all of the execution.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.door import Door
from graph.limits import MAX_BYTES, MAX_VALUES
from graph.parts import Parts
from graph.replies import refuse, send_reply
from graph.schema import schema
from graph.trusted import Trusted, asked_for
from services.access import Identity
from services.db.connection import LARGEST
from services.errors import TooLarge, Unauthenticated, Unavailable

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class _Refused(Exception):
    """A request that no operation can be taken from. `allow`: the methods that the address takes instead."""

    def __init__(self, status: int, message: str, *, code: str = "BAD_REQUEST", allow: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.allow = allow


class Endpoint:
    """The ASGI application of /graphql."""

    def __init__(self, parts: Parts, door: Door) -> None:
        self._parts = parts
        self._door = door
        self._trusted = Trusted(parts.settings.trusted_documents)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        as_graphql = _takes_graphql(headers)
        kind = GRAPHQL if as_graphql else JSON
        try:
            given: dict[str, str] = {}
            if scope["method"] == "GET":
                given = dict(parse_qsl(scope["query_string"].decode(errors="replace"), keep_blank_values=True))
            asks_for_page = scope["method"] == "GET" and "query" not in given and _takes_pages(headers)
            if asks_for_page and self._parts.settings.graphiql:
                await self._send_page(send)
                return
            identity = await self._door.identity(scope)
            if asks_for_page:
                raise _Refused(404, "there is no page here: ask with POST, or with GET and a query")
            if scope["method"] not in ("GET", "POST"):
                raise _Refused(405, "GraphQL is asked by GET or POST", allow=b"GET, POST")
            if scope["method"] == "GET":
                question: dict[str, Any] = {
                    name: (_read(text.encode()) if text else None) if name in _JSON else text
                    for name, text in given.items()
                }
            else:
                question = _question(headers, await _body(receive))
            is_executed, answer = await self._answer(scope, headers, question, identity)
        except _Refused as refused:
            error = {"message": refused.message, "extensions": {"code": refused.code}}
            allow = [(b"allow", refused.allow)] if refused.allow else []
            await send_reply(send, refused.status, orjson.dumps({"errors": [error]}), kind, allow)
        except (Unauthenticated, Unavailable) as error:
            await refuse(send, error, kind)
        else:
            await send_reply(send, 400 if as_graphql and not is_executed else 200, answer, kind)

    async def _answer(
        self, scope: "Scope", headers: Mapping[bytes, bytes], question: Mapping[str, Any], identity: Identity
    ) -> tuple[bool, bytes]:
        """Whether anything was executed, and what to answer."""
        method = scope["method"]
        for name, kind, words in _SHAPES:
            if not isinstance(question.get(name), kind | None):
                raise _Refused(400, f"{name} must be {words}, or be left out")
        if _holds_more(question.get("variables"), MAX_VALUES):
            raise _Refused(413, f"the variables of a request hold at most {MAX_VALUES:,} values")
        text = question.get("query")
        named = asked_for(question)
        if named is not None and (text is None or self._trusted.text(named) is not None):
            text = self._trusted.text(named)
            if text is None:
                return False, _NOT_FOUND
        if self._parts.settings.trusted_documents_only and not self._trusted.has(text):
            return False, _UNKNOWN
        try:
            result = await schema.execute(
                text,
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
            raise _Refused(405, error.as_http_error_reason(method), allow=b"POST") from error
        is_executed = result.data is not None or not result.errors or any(one.path for one in result.errors)
        written: dict[str, Any] = {"data": result.data} if is_executed else {}
        if result.errors:
            written["errors"] = [error.formatted for error in result.errors]
        if result.extensions:
            written["extensions"] = result.extensions
        answer = orjson.dumps(written)
        return is_executed, answer if len(answer) <= LARGEST else _TOO_LARGE

    def _context(self, scope: "Scope", headers: Mapping[bytes, bytes], identity: Identity) -> Context:
        parts = self._parts
        return Context(
            all_data=parts.database(),
            open_files=parts.files,
            open_queue=parts.queue,
            settings=parts.settings,
            now=parts.clock(),
            base_url=parts.settings.public_url or _base_url(scope, headers),
            request_id=scope["state"]["request_id"],
            identity=identity,
            threads=parts.threads,
        )

    async def _send_page(self, send: "Send") -> None:
        from graph import explorer

        settings = self._parts.settings
        policy = (b"content-security-policy", explorer.policy(settings.graphiql_assets))
        await send_reply(send, 200, explorer.page(settings.graphiql_assets), b"text/html; charset=utf-8", [policy])


JSON: Final = b"application/json; charset=utf-8"
GRAPHQL: Final = b"application/graphql-response+json; charset=utf-8"
_UTF8: Final = (b"", b"charset=utf-8", b'charset="utf-8"')
_NOT_FOUND: Final = orjson.dumps(
    {"errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]}
)
"In the words that Apollo's clients know, and ask again with the text."
_TOO_LARGE: Final = orjson.dumps(
    {"data": None, "errors": [{"message": str(TooLarge()), "extensions": {"code": "ANSWER_TOO_LARGE"}}]}
)
_UNKNOWN: Final = orjson.dumps(
    {"errors": [{"message": "only known documents are answered here", "extensions": {"code": "UNKNOWN_DOCUMENT"}}]}
)
_JSON: Final = ("variables", "extensions")
_SHAPES: Final = (
    ("query", str, "a text"),
    ("variables", dict, "an object"),
    ("operationName", str, "a text"),
    ("extensions", dict, "an object"),
    ("documentId", str, "a text"),
)


def _question(headers: Mapping[bytes, bytes], body: bytes) -> dict[str, Any]:
    kind, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    if kind.strip() != b"application/json" or parameters.strip() not in _UTF8:
        # Browsers send other types to anybody without asking first: this rule keeps pages of others out.
        raise _Refused(415, "the content type of a GraphQL request is application/json, in UTF-8")
    question = _read(body)
    if isinstance(question, list):
        raise _Refused(400, "a request is one JSON object: several are several requests")
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
        while size <= MAX_BYTES and message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        body = b"".join(parts)
    if len(body) > MAX_BYTES:
        raise _Refused(413, f"a request has at most {MAX_BYTES:,} bytes")
    return body


def _holds_more(variables: Any, most: int) -> bool:
    """Whether there are more values than so many, at any depth."""
    values, waiting = 0, [variables]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            values += len(one)
            if values > most:
                return True
            waiting += one.values() if isinstance(one, dict) else one
    return False


def _takes_graphql(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a client knows GraphQL's own type of answers, whose status tells whether anything was executed."""
    return b"application/graphql-response+json" in headers.get(b"accept", b"").lower()


def _takes_pages(headers: Mapping[bytes, bytes]) -> bool:
    accept = headers.get(b"accept", b"")
    return b"text/html" in accept or b"*/*" in accept


def _base_url(scope: "Scope", headers: Mapping[bytes, bytes]) -> str:
    host = headers.get(b"host", b"").decode("latin-1")
    if not host:
        host = "{}:{}".format(*(scope.get("server") or ("localhost", 80)))
    return f"{scope['scheme']}://{host}{scope.get('root_path', '')}".rstrip("/")
