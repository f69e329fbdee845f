"""Answers of the HTTP application, as ASGI sends them."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from services.errors import Failure, Unauthenticated

if TYPE_CHECKING:
    from starlette.types import Send

log = logging.getLogger(__name__)


async def send_reply(
    send: "Send",
    status: int,
    body: bytes,
    content_type: bytes = b"application/json",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    all_headers = [(b"content-length", str(len(body)).encode()), (b"content-type", content_type), *headers]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: "Send", failure: Failure, content_type: bytes = b"application/json") -> None:
    """Answer somebody whom nobody knows (401), or cannot tell whether they do (503)."""
    if isinstance(failure, Unauthenticated):
        error = {"message": str(failure), "extensions": {"code": "UNAUTHENTICATED"}}
        await send_reply(send, 401, orjson.dumps({"errors": [error]}), content_type, [(b"www-authenticate", b"Bearer")])
        return
    log.error("nobody can be let in: %s", failure)
    error = {"message": "the service cannot answer right now: try again", "extensions": {"code": "UNAVAILABLE"}}
    await send_reply(send, 503, orjson.dumps({"errors": [error]}), content_type)
