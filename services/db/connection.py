"""Connections to PostgreSQL, and reads on them: plain SQL, autocommitted, one JSON document an answer.

A Lambda function has one, used by one request at a time; a container has a few, so that requests run side by side. Not
for writes: those go through services.db.session, which loads SQLModel when the first write comes.

Nothing here is refused by a pooler in transaction mode: no session settings, no startup options, no session locks, and
statements are prepared only where there is none (services.db.prepared). What bounds a statement's time is sent with it.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import psycopg2
import psycopg2.errors
import psycopg2.extensions
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from services import tracing
from services.db.prepared import Prepared, Values, is_shared
from services.errors import TooLarge, TooLong, Unavailable
from services.ports import Secret

if TYPE_CHECKING:
    from sqlmodel import Session

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=10)
"How long a request waits for a connection: while others use all of them, and for a new one to be made."
PAUSE: Final = timedelta(seconds=0.5)
"Before connecting is tried once more."
LARGEST: Final = 6 * 1024 * 1024
"Characters of a document, bytes of an answer: as many as Lambda passes on. To read more takes hundreds of megabytes."
SILENCE: Final = timedelta(seconds=5)
"A server that has not even acknowledged by TCP what was sent to it for so long is gone."
NO_ADDRESS: Final = (
    "DATABASE_URL is no address such as postgresql://user:password@host/database, in which @ is written %40, / as %2F"
)


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
    prepared: Prepared
    engine: Any = None
    "Where services.db.session keeps what it needs to write on it."
    bound = ""
    "What stands before a statement, in the same message, so that the server stops it in time."
    is_bounded = False
    "Whether the transaction that it is in has been bounded."


class Cursor(psycopg2.extensions.cursor):
    """Sends the connection's bound before each statement, or before the first of a transaction.

    `set local` ends with the transaction, and a message of several statements is one: nothing stays behind for the next
    client of a pooler, and it costs no round trip.
    """

    connection: Connection

    def execute(self, query: Any, values: Any = None) -> None:
        raw = self.connection
        if raw.bound and (raw.info.transaction_status == TRANSACTION_STATUS_IDLE or not raw.is_bounded):
            query = raw.bound + query if isinstance(query, str) else raw.bound.encode() + query
            raw.is_bounded = not raw.autocommit
        super().execute(query, values)


class Database:
    """Up to `connections` of them: opened when needed, replaced when they died, one thread each.

    A process that was forked, or restored from a snapshot, opens its own. `longest` is what one statement may take;
    COPY is no statement in this sense.
    """

    def __init__(
        self,
        url: str | Secret,
        *,
        connections: int = 1,
        patience: timedelta = PATIENCE,
        longest: timedelta | None = None,
        observer: Callable[[str], None] | None = None,
    ) -> None:
        self._url = url
        self._patience = patience
        self._bound = f"set local statement_timeout = {longest // timedelta(milliseconds=1)}; " if longest else ""
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
        """The text that the statement answers, a JSON document; None where it answers null.

        Raises Unavailable, and TooLarge without having looked into it.
        """
        text = self.read(sql, values)
        if text is not None and len(text) > LARGEST:
            raise TooLarge
        return None if text is None else Document(text)

    def rows(self, sql: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """All rows, as tuples in the order of the statement's columns. Raises Unavailable.

        Within `writing` they are read in its transaction.
        """
        with self._borrowed() as raw:
            try:
                return self._execute(raw, sql, values)
            except psycopg2.errors.QueryCanceled as error:
                raise TooLong(first_line(error)) from error
            except psycopg2.Error as error:
                if not is_lost(raw, error):
                    raise
                if not raw.closed or self._is_writing:
                    raise Unavailable(f"the database did not answer: {first_line(error)}") from error
                log.info("connection lost while reading, opening a new one")
        with self._borrowed(new=True) as raw:
            try:
                return self._execute(raw, sql, values)
            except psycopg2.Error as error:
                if not is_lost(raw, error):
                    raise
                raise Unavailable(f"the database did not answer: {first_line(error)}") from error

    def revision(self) -> str:
        """The newest migration that the database has seen. Raises Unavailable, also where it has seen none."""
        try:
            return str(self.read("select version_num from alembic_version"))
        except psycopg2.ProgrammingError as error:
            raise Unavailable("the database has not been migrated") from error

    @contextmanager
    def writing(self) -> "Iterator[Session]":
        """One unit of work: a SQLModel session that is committed at the end, and rolled back on any exception.

        Raises Unavailable where the connection cannot be had or is lost: nothing is written then. Its kind Unsettled
        where the connection was lost while committing: nobody here knows what is written then.
        """
        from services.db.session import transaction

        with self._exclusive() as raw, transaction(raw) as session:
            yield session

    def close(self) -> None:
        """Let the idle connections go; the next use opens another."""
        while (raw := self._rested()) is not None:
            _let_go(raw)

    def open_meanwhile(self) -> None:
        """Connect in another thread, for whoever asks first and has something else to do until then.

        Where it fails nobody is told: whoever asks tries again, and is.
        """
        threading.Thread(target=self._open_one, name="connecting", daemon=True).start()

    def _open_one(self) -> None:
        with suppress(Unavailable, psycopg2.Error), self._borrowed():
            pass

    @property
    def _is_writing(self) -> bool:
        return getattr(self._writing, "raw", None) is not None

    def _execute(self, raw: Connection, sql: str, values: Values | None) -> list[tuple[Any, ...]]:
        if self._observer is not None:
            self._observer(sql)
        with raw.cursor() as cursor:
            raw.prepared.execute(cursor, sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    @contextmanager
    def _borrowed(self, *, new: bool = False) -> Iterator[Connection]:
        """A connection for this thread: the one that it writes on, or an idle one, or a new one.

        Where it is to be new, one has died, and the idle ones are as old.
        """
        mine: Connection | None = getattr(self._writing, "raw", None)
        if mine is not None:
            yield mine
            return
        until = time.monotonic() + self._patience.total_seconds()
        if not self._free.acquire(timeout=self._patience.total_seconds()):
            raise Unavailable("all connections to the database are in use or being opened")
        try:
            if new:
                self.close()
            raw = (None if new else self._taken()) or self._opened(until)
            try:
                yield raw
            finally:
                if not raw.closed:
                    self._idle.append(raw)
        finally:
            self._free.release()

    @contextmanager
    def _exclusive(self) -> Iterator[Connection]:
        """A connection in a transaction that the server has begun; this thread's reads go to it meanwhile.

        A connection that died shows when the transaction begins, where nothing is lost yet: another takes its place.
        """
        with ExitStack() as held:
            raw = held.enter_context(self._borrowed())
            if not _begin(raw):
                held.close()
                raw = held.enter_context(self._borrowed(new=True))
                if not _begin(raw):
                    raise Unavailable("the database begins no transaction")
            self._writing.raw = raw
            try:
                yield raw
            finally:
                self._writing.raw = None
                _end(raw)

    def _taken(self) -> Connection | None:
        """The idle connection that was used last, while it is warm."""
        while (raw := self._rested()) is not None:
            if raw.pid == os.getpid():
                return raw
            _let_go(raw)
        return None

    def _rested(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:  # not asked before: other threads take from it too
            return None

    def _opened(self, until: float) -> Connection:
        """A new connection; tried twice, since a database that is woken may refuse the first time."""
        url = self._address()
        if not url:
            raise Unavailable("DATABASE_URL is not set")
        try:
            return self._open(_address(url), until)
        except psycopg2.OperationalError as first:
            error = first
        if time.monotonic() + PAUSE.total_seconds() < until:
            log.info("connecting failed, trying once more: %s", first_line(error))
            time.sleep(PAUSE.total_seconds())
            try:
                # Whatever the reason: words for a wrong password vary.
                return self._open(_address(self._address(refused=url)), until)
            except psycopg2.OperationalError as second:
                error = second
        raise Unavailable(f"the database cannot be reached: {first_line(error)}") from error

    def _open(self, url: str, until: float) -> Connection:
        raw = _open(url, until)
        raw.bound = self._bound
        return raw

    def _address(self, *, refused: str | None = None) -> str:
        return self._url if isinstance(self._url, str) else self._url.value(refused=refused)


def _address(url: str) -> str:
    """The same, where it can be spoken of: libpq's errors quote what it takes for the host, the port, the database.

    Raises Unavailable where that is a part of a password, for a character of it was not written as %XX.
    """
    try:
        parts = psycopg2.extensions.parse_dsn(url)
    except psycopg2.ProgrammingError:
        raise Unavailable(NO_ADDRESS) from None
    quoted = "".join(parts.get(name, "") for name in ("host", "dbname"))
    if "@" in quoted or not re.fullmatch(r"[\d,]*", parts.get("port", "")):
        raise Unavailable(NO_ADDRESS)
    return url


def _read_json(text: str | bytes | None, _: object) -> Any:
    return None if text is None else orjson.loads(text)


# psycopg2.extras has one that does the same, and much else that a cold start would load with it.
_JSON = psycopg2.extensions.new_type((114, 3802), "JSON", _read_json)


@tracing.spanned("connect", alone=False)
def _open(url: str, until: float) -> Connection:
    raw: Connection = psycopg2.connect(
        url,
        connect_timeout=max(2, ceil(until - time.monotonic())),  # libpq knows no shorter one
        tcp_user_timeout=int(SILENCE.total_seconds() * 1000),
        application_name="success-insights",
        connection_factory=Connection,
        cursor_factory=Cursor,
    )
    raw.autocommit = True
    with raw.cursor() as cursor:
        raw.prepared = Prepared(is_shared=is_shared(cursor))
    raw.pid = os.getpid()
    psycopg2.extensions.register_type(_JSON, raw)
    if tracing.is_on():
        from services.db import spans

        spans.watch(raw)
    return raw


def _let_go(raw: Connection) -> None:
    """Close it; one that another process opened without a word to the server, for whom it is still that process's."""
    if raw.pid != os.getpid() and not raw.closed:
        with Path(os.devnull).open("r+b") as nothing:
            os.dup2(nothing.fileno(), raw.fileno())
    raw.engine = None
    raw.close()


def _begin(raw: Connection) -> bool:
    """Whether the server began a transaction. It costs nothing: psycopg2 would send that before the first statement."""
    try:
        raw.autocommit = False
        raw.lobject(1, "n")  # names a large object and opens none: the one call that sends BEGIN alone
    except psycopg2.Error as error:
        if not is_lost(raw, error):
            raise
        log.info("connection lost before a change, opening a new one: %s", first_line(error))
        _let_go(raw)
        return False
    return True


def _end(raw: Connection) -> None:
    """Back to reads. What was not committed is gone, also where the connection is."""
    try:
        if not raw.closed:
            raw.rollback()
            raw.autocommit = True
    except psycopg2.Error as error:
        if not is_lost(raw, error):
            raise
        _let_go(raw)


def is_lost(raw: Connection, error: BaseException) -> bool:
    """Whether what failed is the connection, or the server, and not the statement.

    A failure of no kind is that of a connection whose client and server speak past each other: it is closed.
    """
    if type(error) is psycopg2.DatabaseError:
        _let_go(raw)
        return True
    return isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)


def first_line(error: BaseException) -> str:
    """What may be logged of an error of the driver's: what follows quotes rows, and statements with their values."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
