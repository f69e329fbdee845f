"""The ASGI application for a container: `uvicorn local.container:app --http local.connections:Connection`.

Requests are worked on side by side. Not for Lambda, where a process has one at a time: that is handler.graphql,
over the same application.
"""

import gc
from typing import TYPE_CHECKING

from graph.app import Parts, application
from graph.threads import Threads
from services import wiring
from services.adapters import span_export
from services.db.connection import Database

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_settings = wiring.the_settings()
# One more than can be at work on GraphQL: /healthz and error reports never wait for those.
_database = Database(
    wiring.secret(_settings.database_url),
    connections=_settings.database_connections + 1,
    patience=_settings.database_patience,
    longest=_settings.longest_statement,
)
wiring.observe()
if _settings.tracing:
    span_export.begin("success-insights")

if _settings.jwt_issuer:
    wiring.tokens()  # what it takes to verify a token is there, or nothing starts

_application = application(
    Parts(
        _settings,
        lambda: _database,
        wiring.files,
        wiring.insight_queue,
        wiring.clock,
        Threads(_settings.database_connections, patience=_settings.database_patience),
        wiring.tokens,
    )
)


async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """The application. What is left of its spans is sent when uvicorn shuts it down, for uvicorn ends by a signal."""

    async def told() -> "Message":
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            span_export.end()
        return message

    await _application(scope, told if scope["type"] == "lifespan" else receive, send)


gc.collect()
gc.freeze()  # what is loaded stays: looking for garbage among it would hold up a request now and then
