"""Connections to PostgreSQL, and reads on them: plain SQL, autocommitted, one JSON document an answer.

A Lambda function has one, used by one request at a time; a container has a few, so that requests run side by side. Not
for writes: those go through services.db.session, which loads SQLModel when the first write comes.

Nothing here is refused by a pooler in transaction mode: no session settings, no startup options, no session locks, and
statements are prepared only where there is none (services.db.prepared).
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import psycopg2
import psycopg2.extensions

from services.db.prepared import Prepared, Values, is_shared
from services.errors import Unavailable
from services.ports import Secret

if TYPE_CHECKING:
    from sqlmodel import Session

log = logging.getLogger(__name__)

IDLE = timedelta(seconds=5)
"After this long without use a connection is asked whether it lives before a write relies on it."
PATIENCE: Final = timedelta(seconds=10)
"How long a request waits for a connection while others use all of them, and for a new one to be made."


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document as the database wrote it, for whoever passes it on without looking into it."""

    text: str

    def read(self) -> Any:
        return orjson.loads(self.text)


class Connection(psycopg2.extensions.connection):
    """One connection of this process."""

    pid = 0
    "The process that opened it: a child of a fork must not speak on it."
    used = 0.0
    prepared: Prepared
    engine: Any = None
    "Where services.db.session keeps what it needs to write on it."


class Database:
    """Up to `connections` of them: opened when needed, checked before use, reopened when they died, one thread each.

    A process that was forked, or restored from a snapshot, opens its own.
    """

    def __init__(
        self, url: str | Secret, *, connections: int = 1, observer: Callable[[str], None] | None = None
    ) -> None:
        self._url = url
        self._observer = observer
        self._idle: list[Connection] = []
        self._free = threading.Semaphore(connections)
        self._writing = threading.local()

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
        """All rows, as tuples in the order of the statement's columns. Raises Unavailable.

        Within `writing` they are read in its transaction.
        """
        with self._borrowed() as raw:
            try:
                return self._execute(raw, sql, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if not raw.closed or self._is_writing:
                    raise Unavailable(f"the database did not answer: {_first_line(error)}") from error
                log.info("connection lost while reading, opening a new one")
        self.close()  # the others are as old
        with self._borrowed() as raw:
            try:
                return self._execute(raw, sql, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                raise Unavailable(f"the database did not answer: {_first_line(error)}") from error

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
        """Let the idle connections go; the next use opens another."""
        while self._idle:
            _let_go(self._idle.pop())

    @property
    def _is_writing(self) -> bool:
        return getattr(self._writing, "raw", None) is not None

    def _execute(self, raw: Connection, sql: str, values: Values | None) -> list[tuple[Any, ...]]:
        if self._observer is not None:
            self._observer(sql)
        with raw.cursor() as cursor:
            raw.prepared.execute(cursor, sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        raw.used = time.monotonic()
        return rows

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        """A connection for this thread: the one that it writes on, or an idle one, or a new one."""
        mine: Connection | None = getattr(self._writing, "raw", None)
        if mine is not None:
            yield mine
            return
        if not self._free.acquire(timeout=PATIENCE.total_seconds()):
            raise Unavailable("all connections to the database are in use")
        try:
            raw = self._taken()
            try:
                yield raw
            finally:
                if not raw.closed:
                    self._idle.append(raw)
        finally:
            self._free.release()

    @contextmanager
    def _exclusive(self) -> Iterator[Connection]:
        """A connection outside autocommit, known to be alive; this thread's reads go to it meanwhile."""
        with self._borrowed() as raw:
            if time.monotonic() - raw.used > IDLE.total_seconds() and not _alive(raw):
                _let_go(raw)
            else:
                with self._outside_autocommit(raw):
                    yield raw
                return
        self.close()
        with self._borrowed() as raw, self._outside_autocommit(raw):
            yield raw

    @contextmanager
    def _outside_autocommit(self, raw: Connection) -> Iterator[None]:
        raw.autocommit = False
        self._writing.raw = raw
        try:
            yield
        finally:
            self._writing.raw = None
            if not raw.closed:
                raw.rollback()
                raw.autocommit = True
            raw.used = time.monotonic()

    def _taken(self) -> Connection:
        """The connection that was used last, while it is warm; a new one where none is idle."""
        while self._idle:
            raw = self._idle.pop()
            if raw.pid == os.getpid():
                return raw
            _let_go(raw)
        url = self._address()
        if not url:
            raise Unavailable("DATABASE_URL is not set")
        try:
            return _open(url)
        except psycopg2.OperationalError as first:
            log.info("connecting failed, trying once more: %s", _first_line(first))
        try:
            return _open(self._address(refused=url))  # whatever the reason: the words for a wrong password vary
        except psycopg2.OperationalError as error:
            raise Unavailable(f"the database cannot be reached: {_first_line(error)}") from error

    def _address(self, *, refused: str | None = None) -> str:
        return self._url if isinstance(self._url, str) else self._url.value(refused=refused)


def _read_json(text: str | bytes | None, _: object) -> Any:
    return None if text is None else orjson.loads(text)


# psycopg2.extras has one that does the same, and much else that a cold start would load with it.
_JSON = psycopg2.extensions.new_type((114, 3802), "JSON", _read_json)


def _open(url: str) -> Connection:
    patience = int(PATIENCE.total_seconds())
    raw: Connection = psycopg2.connect(
        url, connect_timeout=patience, application_name="success-insights", connection_factory=Connection
    )
    raw.autocommit = True
    with raw.cursor() as cursor:
        raw.prepared = Prepared(is_shared=is_shared(cursor))
    raw.pid, raw.used = os.getpid(), time.monotonic()
    psycopg2.extensions.register_type(_JSON, raw)
    return raw


def _let_go(raw: Connection) -> None:
    """Close it; one that another process opened without a word to the server, for whom it is still that process's."""
    if raw.pid != os.getpid() and not raw.closed:
        with Path(os.devnull).open("r+b") as nothing:
            os.dup2(nothing.fileno(), raw.fileno())
    raw.engine = None
    raw.close()


def _alive(raw: Connection) -> bool:
    try:
        with raw.cursor() as cursor:
            cursor.execute("select 1")
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
