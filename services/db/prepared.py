"""Statements that one connection is asked for again, prepared: PostgreSQL parses and plans them once.

That is a third to a half of what a read costs. Only on a connection that nobody shares: behind a pooler in transaction
mode the next statement may meet another server process, which knows no such name. A pooler gives its clients a process
id of its own making, so the two ids that should be one tell of it, and nothing is prepared there.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import psycopg2
import psycopg2.errors

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor

MOST: Final = 64
"Statements that a connection has prepared; each takes some 100 kB of its server process."
MOST_CHARACTERS: Final = 200_000
"Of all their texts: a character takes some 110 bytes of the server process, so 22 MB, whatever clients think of."
REMEMBERED: Final = 512
"Statements that were asked for once, or cannot be prepared."

Values = Mapping[str, object]


def is_shared(cursor: "Cursor") -> bool:
    """Whether a pooler lies between us and the server."""
    cursor.execute("select pg_backend_pid()")
    return cursor.fetchall() != [(cursor.connection.info.backend_pid,)]


class Prepared:
    """What one connection has prepared. Not for several threads at once, as its connection is not."""

    def __init__(self, *, is_shared: bool) -> None:
        self._is_shared = is_shared
        self._names: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._met: OrderedDict[int, bool] = OrderedDict()
        self._made = 0

    def execute(self, cursor: "Cursor", sql: str, values: Values | None) -> None:
        """Execute the statement, prepared from the second time on where it can be.

        One round trip either way. Raises what psycopg2 raises.
        """
        if self._is_shared or not values or not cursor.connection.autocommit:
            cursor.execute(sql, values)
            return
        known = self._names.get(sql)
        if known is not None:
            self._names.move_to_end(sql)
            try:
                cursor.execute(known[1], values)
            except psycopg2.errors.InvalidSqlStatementName:  # somebody discarded what the session had
                self._names.clear()
                cursor.execute(sql, values)
            except psycopg2.errors.FeatureNotSupported:  # a migration gave a column of the answer another type
                del self._names[sql]
                self._tidy(cursor)
                cursor.execute(sql, values)
        elif len(sql) <= MOST_CHARACTERS and self._is_worth_it(sql):
            self._prepare(cursor, sql, values)
        else:
            cursor.execute(sql, values)

    def _is_worth_it(self, sql: str) -> bool:
        met = hash(sql)
        may_be = self._met.get(met)
        if may_be is None:
            self._met[met] = True
            if len(self._met) > REMEMBERED:
                self._met.popitem(last=False)
            return False
        return may_be

    def _prepare(self, cursor: "Cursor", sql: str, values: Values) -> None:
        """Prepare and execute; where the server cannot tell a value's type from its place, execute as it is.

        A statement whose values are at fault has been prepared all the same, and is kept.
        """
        self._made += 1
        name, places = f"read_{self._made}", _Places()
        text = (sql % places).replace("%", "%%")
        execute = f"execute {name}({', '.join(f'%({one})s' for one in places)})" if places else f"execute {name}"
        room = "".join(f"deallocate {oldest}; " for oldest in self._make_room(len(sql)))
        try:
            cursor.execute(f"{room}prepare {name} as {text}; {execute}", values)
        except psycopg2.Error as error:
            if cursor.connection.closed:
                raise
            is_ours = isinstance(error, psycopg2.ProgrammingError | psycopg2.errors.InvalidSqlStatementName)
            if not is_ours:
                self._names[sql] = name, execute
            self._tidy(cursor)
            if sql not in self._names:
                self._met[hash(sql)] = False
            if not is_ours:
                raise
            cursor.execute(sql, values)
        else:
            self._names[sql] = name, execute

    def _make_room(self, characters: int) -> list[str]:
        """The names, used longest ago, that a statement of that length takes the place of."""
        names = []
        room = MOST_CHARACTERS - characters - sum(map(len, self._names))
        while self._names and (len(self._names) >= MOST or room < 0):
            sql, (name, _) = self._names.popitem(last=False)
            names.append(name)
            room += len(sql)
        return names

    def _tidy(self, cursor: "Cursor") -> None:
        """Let the server have the names that are known here, and no other: a failure may have come before or after."""
        cursor.execute("select name from pg_prepared_statements where name ~ '^read_[0-9]+$'")
        there = {name for (name,) in cursor.fetchall()}
        for sql, (name, _) in list(self._names.items()):
            if name not in there:
                del self._names[sql]
        for name in there.difference(name for name, _ in self._names.values()):
            cursor.execute(f"deallocate {name}")


class _Places(dict[str, str]):
    """Gives each value that a text names the next numbered place."""

    def __missing__(self, name: str) -> str:
        self[name] = place = f"${len(self) + 1}"
        return place
