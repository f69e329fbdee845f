"""The product's own application, as `handler.graphql` serves it, over a database of the bench's."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing

from starlette.types import ASGIApp

from graph.app import Parts, application
from services import wiring
from services.db.connection import Database
from services.settings import Settings

PATH = "/graphql"


def over(database: Database) -> ASGIApp:
    """The application over a database. Files and queues are those of the environment, and no question asks for them."""
    return application(
        Parts(Settings(access="open"), lambda: database, wiring.files, wiring.insight_queue, wiring.clock)
    )


def database(url: str, observer: Callable[[str], None] | None = None) -> AbstractContextManager[Database]:
    """The product's connection, closed at the end."""
    return closing(Database(url, observer=observer))
