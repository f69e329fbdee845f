"""What surrounds every request: its id, how long it took, one line in the log, and what browsers must not do."""

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from services import logs, tracing

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
LONGEST: Final = 500
"Characters of a path that are told: a stranger may send any number."

SAFETY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
)
"Answers are for whoever asked, are what they say they are, and come by HTTPS alone where they came so once."
POLICY: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"Of what is no page: a browser that is led to an answer runs and shows nothing in it. A page brings its own."


class Tracing:
    """Middleware: takes the caller's X-Request-Id, or Lambda's, or makes one; answers it and X-Process-Time."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        token = logs.request_id.set(request_id)
        status = 500
        # Lambda's own span, where ADOT's layer makes one, is under the caller's already.
        parent = {} if tracing.trace_id() else tracing.of_headers(dict(scope["headers"]))
        path = scope["path"][:LONGEST]
        facts = {"http.request.method": scope["method"], "url.path": path, "request_id": request_id}

        async def timed(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                told = (("x-request-id", request_id), ("x-process-time", f"{time.perf_counter() - began:.4f}"))
                headers = [*message["headers"], *((name.encode(), value.encode()) for name, value in told), *SAFETY]
                if not any(name == POLICY[0] for name, _ in headers):
                    headers.append(POLICY)
                message["headers"] = headers
            await send(message)

        try:
            with tracing.span(scope["method"], facts, kind="SERVER", parent=parent):
                await self._app(scope, receive, timed)
                tracing.note({"http.response.status_code": status}, failed=status >= 500)
        finally:
            seconds = round(time.perf_counter() - began, 4)
            figures = {"method": scope["method"], "path": path, "status": status, "seconds": seconds}
            log.info("answered", extra=figures)
            logs.request_id.reset(token)


def _request_id(scope: "Scope") -> str:
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    if _ID.fullmatch(given):
        return given
    context: Any = scope.get("aws.context")
    return getattr(context, "aws_request_id", "") or uuid.uuid4().hex
