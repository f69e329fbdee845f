"""The HTTP application: /graphql, the other addresses, and what surrounds every request.

A crash is for the server to answer, with 500 and a line in its log: uvicorn and Mangum both do.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from graph.endpoint import Endpoint, Parts
from graph.tracing import Tracing

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


def application(parts: Parts) -> Tracing:
    """The application, ready to be served."""
    settings = parts.settings
    if not settings.cors_origins and not settings.cors_origin_pattern:
        return Tracing(_Routes(parts))
    from starlette.middleware.cors import CORSMiddleware

    cors = CORSMiddleware(
        _Routes(parts),
        allow_origins=settings.cors_origins,
        allow_origin_regex=settings.cors_origin_pattern or None,
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "authorization", "x-request-id"],
        expose_headers=["x-request-id", "x-process-time"],
        max_age=600,
    )
    return Tracing(cors)


class _Routes:
    """GraphQL by the shortest way, everything else by Starlette."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._graphql = Endpoint(parts)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        is_graphql = scope["type"] == "http" and path == "/graphql"
        await (self._graphql if is_graphql else self._others)(scope, receive, send)

    @cached_property
    def _others(self) -> "Starlette":
        from graph.other_routes import other_routes

        return other_routes(self._parts)


__all__ = ["Parts", "application"]
