"""The HTTP application: /graphql, /healthz, the error reports, and what surrounds every request."""

import logging

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from graph.endpoint import Endpoint, Parts
from graph.tracing import Tracing
from services import ids, uploads
from services.errors import NotFound, Rejected, Unavailable

log = logging.getLogger(__name__)


def application(parts: Parts) -> ServerErrorMiddleware:
    """The application, ready to be served."""
    settings = parts.settings
    if not settings.cors_origins and not settings.cors_origin_pattern:
        return ServerErrorMiddleware(Tracing(_Routes(parts)))
    cors = CORSMiddleware(
        _Routes(parts),
        allow_origins=settings.cors_origins,
        allow_origin_regex=settings.cors_origin_pattern or None,
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "authorization", "x-request-id"],
        expose_headers=["x-request-id", "x-process-time"],
        max_age=600,
    )
    return ServerErrorMiddleware(Tracing(cors))


class _Routes:
    """GraphQL by the shortest way, everything else by Starlette."""

    def __init__(self, parts: Parts) -> None:
        self._graphql = Endpoint(parts)
        self._others = Starlette(
            routes=[
                Route("/healthz", _Health(parts).check),
                Route("/uploads/{id}/errors.csv", _Reports(parts).download),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_graphql = scope["type"] == "http" and scope["path"] == "/graphql"
        await (self._graphql if is_graphql else self._others)(scope, receive, send)


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


__all__ = ["Parts", "application"]
