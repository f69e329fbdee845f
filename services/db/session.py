"""Writes: a SQLModel session on the process's own connection. Loaded when the first write comes.

Not a second connection: SQLAlchemy is handed the one that reads use, for as long as the unit of work lasts.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from services.errors import Unavailable

_engine: tuple[Connection, Engine] | None = None


@contextmanager
def transaction(raw: Connection) -> Iterator[Session]:
    """A session on `raw`, committed at the end and rolled back on any exception. Raises Unavailable."""
    with Session(_engine_on(raw), expire_on_commit=False) as session:
        try:
            yield session
            session.commit()
        except (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            reason = str(getattr(error, "orig", error)).strip()
            raise Unavailable(f"the database did not take the change: {reason}") from error


def _engine_on(raw: Connection) -> Engine:
    global _engine
    known = _engine  # once: another thread may be at it with a connection of its own
    if known is None or known[0] is not raw:
        # Parameters hold customers' texts, which have no place in a log.
        engine = create_engine(
            "postgresql+psycopg2://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True
        )
        known = _engine = raw, engine
    return known[1]
