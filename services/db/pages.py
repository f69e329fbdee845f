"""Keyset pages: an order that ends in a unique key, cursors that hold its values, and the asked-for connection as JSON.

Not offsets: a page costs the same wherever it lies, and a row that comes or goes moves no other.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson

from services.asks import Ask
from services.db.statement import ONE_ROW, Fields, Statement, document, expression, item, json_object
from services.errors import Rejected

MOST: Final = 100
"Rows that one page may have."
USUAL: Final = 50


@dataclass(frozen=True, slots=True)
class Key:
    """One part of an order: an SQL expression, its SQL type, and which way it runs.

    Where it is never null, `nulls_first` says nothing, and nor does the SQL: it would keep an index from being read
    backwards.
    """

    expression: str
    type: str
    descending: bool = False
    nulls_first: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """What a connection runs over.

    `source` is a FROM clause and `where` its condition. A page's rows carry the columns of `alias`; `joins` tells, from
    the text of the node's fields, what these need besides. The last key is unique and never null.
    """

    source: str
    where: str
    alias: str
    keys: tuple[Key, ...]
    joins: Callable[[str], str] = lambda _: ""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the rows is asked for: so many after a cursor, or so many before one."""

    size: int
    backwards: bool
    cursor: str | None


def window(args: Mapping[str, Any], usual: int = USUAL) -> Window:
    """The window that first/after or last/before describe. Raises Rejected where they describe none."""
    first, last = args.get("first"), args.get("last")
    if first is not None and last is not None:
        raise Rejected("INVALID_VALUE", "ask for first or for last, not for both", ["first"])
    if first is None and last is None and args.get("before") is not None:
        raise Rejected("REQUIRED", "before goes with last", ["last"])
    backwards = last is not None
    if args.get("after" if backwards else "before") is not None:
        wanted, given = ("last", "before") if backwards else ("first", "after")
        raise Rejected("INVALID_VALUE", f"{wanted} goes with {given}", [given])
    name = "last" if backwards else "first"
    return Window(size(args, usual, name), backwards, args.get("before" if backwards else "after"))


def size(args: Mapping[str, Any], usual: int, name: str = "first") -> int:
    """How many are asked for by that argument. Raises Rejected for more than a page has."""
    asked = args.get(name)
    wanted: int = usual if asked is None else asked
    if not 0 <= wanted <= MOST:
        raise Rejected("OUT_OF_RANGE", f"{name} must be from 0 to {MOST}, not {wanted}", [name])
    return wanted


def connection(
    ask: Ask,
    rows: Rows,
    fields: Fields,
    statement: Statement,
    *,
    usual: int = USUAL,
    totals: Fields | None = None,
    counted: str | None = None,
) -> str:
    """The asked-for parts of a connection as one JSON object. `fields` are a node's.

    `totals` are expressions over all rows, such as totalCount; each costs a pass of its own and only where asked for.
    `counted`: a FROM clause that they are over instead.
    """
    wanted = window(ask.args, usual)
    over = counted or f"{rows.source} where {rows.where}"
    columns: list[tuple[str, str]] = []
    parts: dict[str, str] = {}
    info = ask.named("page_info")
    for inner in ask.asks:
        if inner.name in ("nodes", "edges"):
            whole = fields if inner.name == "nodes" else _edge(rows, fields)
            parts[inner.key] = _listed(len(columns), rows, wanted, info=info)
            columns.append(item(inner.asks, whole, statement, f"i${len(columns)}"))
        elif inner.name == "page_info":
            parts[inner.key] = document(inner.asks, _page_info(rows, wanted), statement)
        else:
            total = expression(inner, totals or {}, statement)
            parts[inner.key] = f"(select {total} from {over} {ONE_ROW})"
    if not columns and not info:
        return json_object(parts)
    return f"(select {json_object(parts)} from ({_page(rows, wanted, columns, statement, info=info)}) page {ONE_ROW})"


def _listed(place: int, rows: Rows, wanted: Window, *, info: bool) -> str:
    """The page's items of one column in the order of the rows, which a page before a cursor is read against."""
    order = ", ".join(_order(f"page.k${index}", key, backwards=False) for index, key in enumerate(rows.keys))
    shown = f" filter (where page.n <= {wanted.size})" if info else ""
    return f"coalesce(json_agg(page.c{place} order by {order}){shown}, '[]')"


def _edge(rows: Rows, fields: Fields) -> Fields:
    return {
        "cursor": _cursor(rows.keys, "k${}::text".format),
        "node": lambda ask, statement: document(ask.asks, fields, statement),
    }


def _page_info(rows: Rows, wanted: Window) -> Fields:
    def cursor(place: str) -> str:
        """Of the row that was read in that place; only its keys are looked at."""
        there = f"page.n = {place} and page.n <= {wanted.size}"
        found = _cursor(rows.keys, lambda index: f"max(page.k${index}::text) filter (where {there})")
        return f"case when bool_or({there}) then {found} end"

    beyond = f"count(*) > {wanted.size}"
    before = "true" if wanted.cursor is not None else "false"
    near, far = cursor("1"), cursor(f"least({wanted.size}, page.total)")
    if wanted.backwards:
        return {"has_next_page": before, "has_previous_page": beyond, "start_cursor": far, "end_cursor": near}
    return {"has_next_page": beyond, "has_previous_page": before, "start_cursor": near, "end_cursor": far}


def _page(rows: Rows, wanted: Window, columns: Sequence[tuple[str, str]], statement: Statement, *, info: bool) -> str:
    """The page's rows. For `info` they are numbered from where the page begins, and one more tells that there are more.

    Its items are worked out once the rows are found, and of their tables only those are joined that an item needs.
    """
    where = rows.where
    if wanted.cursor is not None:
        values = _decode(wanted.cursor, rows.keys, "before" if wanted.backwards else "after")
        where += f" and {_beyond(rows.keys, values, wanted.backwards, statement)}"
    keys = ", ".join(f"{key.expression} as k${index}" for index, key in enumerate(rows.keys))
    order = ", ".join(_order(f"k${index}", key, wanted.backwards) for index, key in enumerate(rows.keys))
    limit = wanted.size + 1 if info else wanted.size
    page = f"select {rows.alias}.*, {keys} from {rows.source} where {where} order by {order} limit {limit}"
    chosen = [f"{each} as c{place}" for place, (_, each) in enumerate(columns)]
    chosen += [f"k${index}" for index in range(len(rows.keys))]
    if info:
        chosen += [f"row_number() over (order by {order}) as n", "count(*) over () as total"]
    items = " ".join(joined for joined, _ in columns)
    body = ", ".join(chosen)
    return f"select {body} from ({page}) {rows.alias} {rows.joins(body + items)} {items}"


def _order(expression: str, key: Key, backwards: bool) -> str:
    direction = "desc" if key.descending != backwards else "asc"
    nulls = "first" if key.nulls_first != backwards else "last"
    return f"{expression} {direction} nulls {nulls}" if key.nullable else f"{expression} {direction}"


def _cursor(keys: Sequence[Key], value: Callable[[int], str]) -> str:
    """base64url of a JSON array: the order's signature, then each key's value as text, given by its place."""
    values = ", ".join(value(index) for index in range(len(keys)))
    text = f"json_build_array('{_signature(keys)}', {values})::text"
    return f"translate(encode(convert_to({text}, 'UTF8'), 'base64'), E'+/=\\n', '-_')"


def _signature(keys: Sequence[Key]) -> str:
    text = repr([(key.expression, key.descending, key.nulls_first) for key in keys])
    return f"{binascii.crc32(text.encode()):08x}"


def _decode(cursor: str, keys: Sequence[Key], argument: str) -> list[str | None]:
    """The values in a cursor, each known to be of its key's type. Raises Rejected for any other text."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        signature, *values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        known = signature == _signature(keys)
        if known and not (
            len(values) == len(keys)
            and values[-1] is not None
            and all(value is None or _is(value, key.type) for value, key in zip(values, keys, strict=True))
        ):
            raise ValueError("the values are not of the keys' types")
    except (ValueError, TypeError) as error:
        raise Rejected("INVALID_VALUE", "the cursor is not one that this API gave out", [argument]) from error
    if not known:
        raise Rejected("INVALID_VALUE", "the cursor belongs to another order: start again without one", [argument])
    decoded: list[str | None] = values
    return decoded


_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "text": re.compile(r"[^\0]{0,1000}", re.DOTALL),
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "numeric": re.compile(r"-?[0-9]{1,20}([.][0-9]{1,40})?"),
    "bigint": re.compile(r"-?[0-9]{1,18}"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "timestamptz": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?[+-](0[0-9]|1[0-5])(:[0-9]{2})?"
    ),
}
"""How PostgreSQL prints each type: nothing else was ever put into a cursor."""

_CALENDARS: Final = {"date": date.fromisoformat, "timestamptz": datetime.fromisoformat}


def _is(value: object, type_: str) -> bool:
    if not isinstance(value, str) or _SHAPES[type_].fullmatch(value) is None:
        return False
    if type_ in _CALENDARS:
        _CALENDARS[type_](value)
    return True


def _beyond(keys: Sequence[Key], values: Sequence[str | None], backwards: bool, statement: Statement) -> str:
    """The rows after `values` in the order (before them, where it runs backwards), nulls included."""
    alternatives: list[str] = []
    same: list[str] = []
    for key, value in zip(keys, values, strict=True):
        descending, nulls_first = key.descending != backwards, key.nulls_first != backwards
        if value is None:
            after = f"{key.expression} is not null" if nulls_first else None
            equal = f"{key.expression} is null"
        else:
            bound = f"{statement.bind(value)}::{key.type}"
            after = f"{key.expression} {'<' if descending else '>'} {bound}"
            if key.nullable and not nulls_first:
                after = f"({after} or {key.expression} is null)"
            equal = f"{key.expression} = {bound}"
        if after is not None:
            alternatives.append(" and ".join([*same, after]))
        same.append(equal)
    if not alternatives:
        return "false"
    beyond = f"({' or '.join(f'({one})' for one in alternatives)})"
    return beyond if keys[0].nullable else f"{_reached(keys[0], values[0], backwards, statement)} and {beyond}"


def _reached(key: Key, value: str | None, backwards: bool, statement: Statement) -> str:
    """What `_beyond` implies, told apart because an index can begin to read there."""
    sign = "<=" if key.descending != backwards else ">="
    return f"{key.expression} {sign} {statement.bind(value)}::{key.type}"
