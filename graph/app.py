"""The HTTP application: /graphql, the other addresses, and what surrounds every request.

A crash is for the server to answer, with 500 and a line in its log: uvicorn and Mangum both do.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Final

from graph.door import Door
from graph.endpoint import Endpoint
from graph.parts import Parts
from graph.replies import refuse
from graph.tracing import Tracing
from services.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

HEALTH: Final = "/healthz"
"For load balancers, which know no key: whether the database answers, and which migration was its last."


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
        self._door = Door(parts)
        self._graphql = Endpoint(parts, self._door)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and path == "/graphql":
            await self._graphql(scope, receive, send)
            return
        if scope["type"] == "http" and path != HEALTH:
            try:
                scope["state"]["identity"] = await self._door.identity(scope)
            except (Unauthenticated, Unavailable) as error:
                await refuse(send, error)
                return
        await self._others(scope, receive, send)

    @cached_property
    def _others(self) -> "Starlette":
        from graph.other_routes import other_routes

        return other_routes(self._parts)


__all__ = ["Parts", "application"]
