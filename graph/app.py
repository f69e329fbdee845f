"""The HTTP application: /graphql, /healthz, the error reports, and what surrounds every request."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import orjson
from cross_web import HTTPException
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL

from graph.context import Context
from graph.schema import schema
from graph.tracing import Tracing
from services import ids, uploads
from services.db.connection import Database
from services.errors import NotFound, Rejected, Unavailable
from services.ports import Clock, Files, Queue
from services.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is built over. None of it is opened before the first request that needs it."""

    settings: Settings
    database: Callable[[], Database]
    files: Callable[[], Files]
    queue: Callable[[], Queue]
    clock: Clock
    threads: Executor | None = None
    "Where GraphQL requests are worked on side by side; None where one comes at a time, as on Lambda."


def application(parts: Parts) -> Starlette:
    """The application, ready to be served."""
    settings = parts.settings
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_origin_regex=settings.cors_origin_pattern or None,
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "authorization", "x-request-id"],
        expose_headers=["x-request-id", "x-process-time"],
        max_age=600,
    )
    routes = [
        Route("/graphql", _Endpoint(parts)),
        Route("/healthz", _Health(parts).check),
        Route("/uploads/{id}/errors.csv", _Reports(parts).download),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Tracing), cors])


class _Endpoint(GraphQL[Context, None]):
    """Strawberry's view: our context, our JSON also where it refuses a request, our page."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(schema, graphql_ide="graphiql" if parts.settings.graphiql else None, subscription_protocols=())
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as refusal:
            error = {"message": refusal.reason, "extensions": {"code": "BAD_REQUEST"}}
            response = JSONResponse({"errors": [error]}, refusal.status_code)
        await response(scope, receive, send)

    async def get_context(self, request: Any, response: Any) -> Context:  # noqa: ARG002 - Strawberry's signature
        settings = self._parts.settings
        return Context(
            database=self._parts.database(),
            open_files=self._parts.files,
            open_queue=self._parts.queue,
            settings=settings,
            now=self._parts.clock(),
            base_url=settings.public_url or str(request.base_url).rstrip("/"),
            request_id=request.state.request_id,
            threads=self._parts.threads,
        )

    def decode_json(self, data: str | bytes) -> object:
        decoded = orjson.loads(data)
        if not isinstance(decoded, dict | list):
            raise HTTPException(400, "a request is a JSON object")
        return decoded

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    async def render_graphql_ide(self, request: Any) -> HTMLResponse:  # noqa: ARG002 - Strawberry's signature
        page = Template((Path(__file__).parent / "graphiql.html").read_text(encoding="utf-8"))
        return HTMLResponse(page.substitute(assets=self._parts.settings.graphiql_assets))


class _Health:
    """Whether this process can do its work: the database answers and has been migrated."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def check(self, _: Request) -> Response:
        try:
            revision = self._parts.database().revision()
        except Unavailable as error:
            log.error("not healthy: %s", error)
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ok", "schema": revision})


class _Reports:
    """Error reports: a stable address that leads to a fresh signed one, so that no query has to sign anything."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def download(self, request: Request) -> Response:
        try:
            upload_id = ids.uuid(request.path_params["id"], ids.UPLOAD)
            link = uploads.report_link(self._parts.database(), self._parts.files(), upload_id)
        except (Rejected, NotFound) as error:
            return JSONResponse({"error": str(error)}, 404)
        except Unavailable as error:
            log.error("no report: %s", error)
            return JSONResponse({"error": "the service cannot answer right now: try again"}, 503)
        if link is None:
            return JSONResponse({"error": "this upload has no error report"}, 404)
        return RedirectResponse(link, 302)
