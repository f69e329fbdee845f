"""Writes: a SQLModel session on one of the process's own connections. Loaded when the first write comes.

Not connections of its own: SQLAlchemy is handed one that reads use, for as long as the unit of work lasts.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.errors import QueryCanceled
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from services.db.connection import Connection, first_line, is_lost
from services.errors import TooLong, Unavailable, Unsettled

log = logging.getLogger(__name__)


@contextmanager
def transaction(raw: Connection) -> Iterator[Session]:
    """A session on `raw`, committed at the end and rolled back on any exception.

    Raises Unavailable, and Unsettled where the connection was lost while committing.
    """
    is_committing = False
    try:
        with Session(_engine_on(raw), expire_on_commit=False) as session:
            yield session
            session.flush()
            is_committing = True
            session.commit()
    except (DBAPIError, psycopg2.Error) as error:
        # Closing the session is among what fails: it does not know of a connection that a read found dead.
        cause = (error.orig or error) if isinstance(error, DBAPIError) else error
        if not is_lost(raw, cause):
            raise
        reason = first_line(cause)
        if isinstance(cause, QueryCanceled):
            raise TooLong(reason) from error
        if is_committing and raw.closed:
            log.error("connection lost while committing: %s", reason)
            raise Unsettled(
                "the database was lost while the change was being saved: it may have been made or not, look first"
            ) from error
        raise Unavailable(f"the database did not take the change: {reason}") from error


def _engine_on(raw: Connection) -> Engine:
    if raw.engine is None:
        # Parameters hold customers' texts, which have no place in a log.
        raw.engine = create_engine(
            "postgresql+psycopg2://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True
        )
        # It looks at the server first and rolls that back: not after a read of this unit of work.
        raw.engine.connect().close()
    engine: Engine = raw.engine
    return engine
