"""One SQL statement in the making: asked-for fields become one JSON document in the answer's own shape.

A field is an SQL expression, or a function from the ask to one. Texts come from this product alone; every value that
a client sent is bound. Nothing is executed here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any, Final

from services.asks import Ask

MOST_PAIRS: Final = 50
"PostgreSQL functions take 100 arguments, so json_build_object takes 50 pairs."
LONGEST_NAME: Final = 63
"Of a column, in bytes; an alias may be longer."
MOST_COLUMNS: Final = 1_000
"PostgreSQL takes some 600 more."


EARLIEST: Final = date(1970, 1, 1)
"The first day that anything can be asked of."
ONE_ROW: Final = "having true"
"Makes a query an aggregate over all its rows, and so its answer one row, also where nothing in it aggregates."


class Statement:
    """Collects what a statement's text refers to: bound values, common tables, the day and the currency."""

    def __init__(self, *, today: date, as_of: date | None = None, currency: str = "USD") -> None:
        self.values: dict[str, Any] = {}
        self.is_today = as_of is None or as_of >= today
        self._today = today
        self.day = f"{self.bind(today if as_of is None else as_of)}::date"
        self.currency = currency
        self._common: dict[str, str] = {}

    def at(self, day: str) -> "Statement":
        """The same statement, speaking of the day that an SQL expression gives, such as a row's own."""
        other = copy(self)
        other.day, other.is_today = day, False
        return other

    def of_today(self) -> "Statement":
        """The same statement, speaking of today."""
        if self.is_today:
            return self
        other = self.at(f"{self.bind(self._today)}::date")
        other.is_today = True
        return other

    def bind(self, value: object) -> str:
        """A placeholder that stands for `value`."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def common(self, name: str, query: str) -> str:
        """Make `query` a table of that name, worked out once for the whole statement; says the name."""
        self._common[name] = query
        return name

    def text(self, answer: str) -> str:
        """The whole statement, whose one row has one column: `answer`."""
        tables = ", ".join(f"{name} as materialized ({query})" for name, query in self._common.items())
        return f"with {tables} select {answer}" if tables else f"select {answer}"

    def document(self, answer: str) -> str:
        """The whole statement, whose answer is the text of a JSON document."""
        return self.text(f"({answer})::text")


Field = Callable[[Ask, Statement], str]
Expression = str | Field
Fields = Mapping[str, Expression]


def document(asks: Iterable[Ask], fields: Fields, statement: Statement) -> str:
    """An expression that builds one JSON object with a key for each ask."""
    pairs = {ask.key: expression(ask, fields, statement) for ask in asks}
    return json_object(pairs)


def json_object(pairs: Mapping[str, str]) -> str:
    """An expression that builds a JSON object. Keys are GraphQL names, which hold nothing that SQL would mind."""
    items = list(pairs.items())
    if len(items) <= MOST_PAIRS:
        listed = ", ".join(f"'{key}', {value}" for key, value in items)
        return f"json_build_object({listed})"
    parts = [dict(items[start : start + MOST_PAIRS]) for start in range(0, len(items), MOST_PAIRS)]
    return " || ".join(f"{json_object(part)}::jsonb" for part in parts)


def json_list(rows: str, item: str, order: str = "") -> str:
    """An expression that builds a JSON array of `item` over the rows of a FROM clause; empty, never null."""
    return f"(select coalesce(json_agg({item}{f' order by {order}' if order else ''}), '[]') from {rows})"


def item(asks: Sequence[Ask], fields: Fields, statement: Statement, name: str) -> tuple[str, str]:
    """The asked-for document of each row of a FROM clause: what is to be joined there, and the expression for it.

    The join is a record called `name`, which PostgreSQL writes as JSON a fifth faster than it builds an object, and is
    left out where the keys would not do as names of columns. Beside such keys, which are the client's words, names of
    our own have a sign that no GraphQL name has.
    """
    if not 0 < len(asks) <= MOST_COLUMNS or any(len(ask.key) > LONGEST_NAME for ask in asks):
        return "", document(asks, fields, statement)
    columns = ", ".join(f'{expression(ask, fields, statement)} as "{ask.key}"' for ask in asks)
    return f"cross join lateral (select {columns}) {name}", name


def documents(
    rows: str, asks: Sequence[Ask], fields: Fields, statement: Statement, order: str, *, where: str = "true"
) -> str:
    """An expression that builds a JSON array of the asked-for documents over the rows of a FROM clause."""
    joined, each = item(asks, fields, statement, "item$")
    return json_list(f"{rows} {joined} where {where}", each, order)


def element(
    name: str, asks: Sequence[Ask], fields: Fields, statement: Statement, array: str, *, most: int | None = None
) -> str:
    """The elements of a jsonb array, in their order, each as the asked-for document; `name` is an element's alias."""
    rows = f"jsonb_array_elements({array}) with ordinality {name}_list({name}, n)"
    where = "true" if most is None else f"{name}_list.n <= {most}"
    return documents(rows, asks, fields, statement, f"{name}_list.n", where=where)


def expression(ask: Ask, fields: Fields, statement: Statement) -> str:
    """The expression that answers one ask."""
    found = fields[ask.name]
    return found if isinstance(found, str) else found(ask, statement)


def money(amount: str) -> Field:
    """A field that is an amount of the reporting currency."""

    def field(ask: Ask, statement: Statement) -> str:
        parts = {
            "amount": f"(({amount})::numeric(20,2))::text",
            "currency": f"{statement.bind(statement.currency)}::text",
        }
        return document(ask.asks, parts, statement)

    return field


def moment(column: str) -> str:
    """A point in time as ISO 8601 in UTC, whatever the server's time zone."""
    return f"""to_char({column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
