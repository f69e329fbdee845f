"""The process's one connection to PostgreSQL, and reads on it: plain SQL, autocommitted, one JSON document an answer.

Not for writes: those go through services.db.session, which loads SQLModel when the first write comes.

Nothing here is refused by a pooler in transaction mode: no session settings, no startup options, no session locks.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import psycopg2
import psycopg2.extras
from psycopg2.extensions import connection as Connection

from services.errors import Unavailable

if TYPE_CHECKING:
    from sqlmodel import Session

log = logging.getLogger(__name__)

Values = Mapping[str, object]

IDLE = timedelta(seconds=5)
"After this long without use a connection is asked whether it lives before a write relies on it."


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document as the database wrote it, for whoever passes it on without looking into it."""

    text: str

    def read(self) -> Any:
        return orjson.loads(self.text)


class Database:
    """One connection: opened at first use, checked before use, reopened when it died, used by one thread at a time."""

    def __init__(self, url: str, *, observer: Callable[[str], None] | None = None) -> None:
        self._url = url
        self._raw: Connection | None = None
        self._lock = threading.RLock()
        self._used = 0.0
        self._observer = observer

    def read(self, sql: str, values: Values | None = None) -> Any:
        """The first column of the first row, with JSON decoded; None without a row.

        A read is repeated once on a new connection where the old one turns out dead. Raises Unavailable.
        """
        rows = self.rows(sql, values)
        return rows[0][0] if rows else None

    def document(self, sql: str, values: Values) -> Document | None:
        """The text that the statement answers, a JSON document; None where it answers null. Raises Unavailable."""
        text = self.read(sql, values)
        return None if text is None else Document(text)

    def rows(self, sql: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """All rows, as tuples in the order of the statement's columns. Raises Unavailable."""
        with self._lock:
            try:
                return self._execute(sql, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if self._raw is None or self._raw.closed == 0:
                    raise Unavailable(f"the database did not answer: {_first_line(error)}") from error
                log.info("connection lost while reading, opening a new one")
                self.close()
                try:
                    return self._execute(sql, values)
                except (psycopg2.OperationalError, psycopg2.InterfaceError) as again:
                    raise Unavailable(f"the database did not answer: {_first_line(again)}") from again

    def revision(self) -> str:
        """The newest migration that the database has seen. Raises Unavailable, also where it has seen none."""
        try:
            return str(self.read("select version_num from alembic_version"))
        except psycopg2.ProgrammingError as error:
            raise Unavailable("the database has not been migrated") from error

    @contextmanager
    def writing(self) -> "Iterator[Session]":
        """One unit of work: a SQLModel session that is committed at the end, and rolled back on any exception.

        Raises Unavailable where the connection cannot be had or is lost; nothing is written then.
        """
        from services.db.session import transaction

        with self._exclusive() as raw, transaction(raw) as session:
            yield session

    def close(self) -> None:
        """Let the connection go; the next use opens another."""
        with self._lock:
            if self._raw is not None:
                self._raw.close()
                self._raw = None

    def _execute(self, sql: str, values: Values | None) -> list[tuple[Any, ...]]:
        raw = self._connect()
        if self._observer is not None:
            self._observer(sql)
        with raw.cursor() as cursor:
            cursor.execute(sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        self._used = time.monotonic()
        return rows

    @contextmanager
    def _exclusive(self) -> Iterator[Connection]:
        """The connection outside autocommit, known to be alive."""
        with self._lock:
            raw = self._connect()
            if time.monotonic() - self._used > IDLE.total_seconds() and not _alive(raw):
                self.close()
                raw = self._connect()
            raw.autocommit = False
            try:
                yield raw
            finally:
                if not raw.closed:
                    raw.rollback()
                    raw.autocommit = True
                self._used = time.monotonic()

    def _connect(self) -> Connection:
        if self._raw is None or self._raw.closed:
            if not self._url:
                raise Unavailable("DATABASE_URL is not set")
            try:
                self._raw = _open(self._url)
            except psycopg2.OperationalError as first:
                log.info("connecting failed, trying once more: %s", _first_line(first))
                try:
                    self._raw = _open(self._url)
                except psycopg2.OperationalError as error:
                    raise Unavailable(f"the database cannot be reached: {_first_line(error)}") from error
            self._used = time.monotonic()
        return self._raw


def _open(url: str) -> Connection:
    raw = psycopg2.connect(url, connect_timeout=10, application_name="success-insights")
    raw.autocommit = True
    psycopg2.extras.register_default_json(raw, loads=orjson.loads)
    psycopg2.extras.register_default_jsonb(raw, loads=orjson.loads)
    return raw


def _alive(raw: Connection) -> bool:
    try:
        with raw.cursor() as cursor:
            cursor.execute("select 1")
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
