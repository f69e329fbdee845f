"""The ASGI application for a container: `uvicorn local.container:app`. Requests are worked on side by side.

Not for Lambda, where a process has one request at a time: that is handler.graphql, over the same application.
"""

import gc

from graph.app import Parts, application
from graph.threads import Threads
from services import logs, wiring
from services.db.connection import Database

_settings = wiring.the_settings()
# One more than can be at work on GraphQL: /healthz and error reports never wait for those.
_database = Database(
    wiring.secret(_settings.database_url),
    connections=_settings.database_connections + 1,
    patience=_settings.database_patience,
    longest=_settings.longest_statement,
)
logs.configure(_settings.log_level)

if _settings.jwt_issuer:
    wiring.tokens()  # what it takes to verify a token is there, or nothing starts

app = application(
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

gc.collect()
gc.freeze()  # what is loaded stays: looking for garbage among it would hold up a request now and then
