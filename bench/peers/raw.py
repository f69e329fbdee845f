"""Raw json_agg: Starlette, one connection, one statement written by hand, its text sent on as PostgreSQL made it.

No schema, no validation, no choice of fields: what any server could at best reach.
"""

import orjson
import psycopg2
import psycopg2.extras
from psycopg2.extensions import connection as Connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.asking import NAMES
from bench.peers import statements


def connection(url: str) -> Connection:
    """A connection that commits each statement and leaves JSON as text."""
    opened = psycopg2.connect(url)
    opened.autocommit = True
    psycopg2.extras.register_default_json(opened, loads=lambda text: text)
    return opened


def application(connection: Connection) -> Starlette:
    """Answers POST /Q1 and so on; the body is the question's variables."""

    def route(name: str) -> Route:
        statement, prefix = statements.text(name), f'{{"data":{{"{statements.ROOT_FIELDS[name]}":'

        async def answer(request: Request) -> Response:
            variables = orjson.loads(await request.body())
            with connection.cursor() as cursor:
                cursor.execute(statement, statements.values(name, variables))
                row = cursor.fetchone()
            assert row is not None
            return Response(f"{prefix}{row[0]}}}}}", media_type="application/json")

        return Route(f"/{name}", answer, methods=["POST"])

    return Starlette(routes=[route(name) for name in NAMES])
