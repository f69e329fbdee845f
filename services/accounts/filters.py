"""Which accounts are meant: a filter, as nested mappings, becomes an SQL condition. Every value is bound.

A comparator that is null or left out asks nothing. A null inside one is refused, since "equal to nothing" is a slip
that would otherwise let everything through; `is_null` is the question.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from services import ids
from services.accounts.source import bucket, change_30d, present, renewal, score
from services.db.statement import Statement
from services.errors import Rejected

DEEPEST: Final = 6
LONGEST: Final = 500
"Entries that one list in a filter may have."
LONGEST_TEXT: Final = 300
"Characters that one text in a filter may have; no name is longer."
MOST: Final = 100
"Conditions that one filter may have, however they are nested."

Filter = Mapping[str, Any]


def condition(filter_: Filter | None, statement: Statement) -> str:
    """The condition on `accounts a` (and the relations it mentions) that the filter describes. Raises Rejected."""
    chosen = dict(filter_ or {})
    if _size(chosen) > MOST:
        raise Rejected("TOO_MANY", f"a filter may have {MOST} conditions", ["filter"])
    include_churned = bool(chosen.pop("include_churned", False))
    return f"{present(statement, include_churned=include_churned)} and {_all(chosen, statement, ('filter',))}"


def means_everyone(filter_: Filter | None) -> bool:
    """Whether nothing is asked of the accounts, but that they have not churned."""
    return all(value is None or (name == "include_churned" and not value) for name, value in (filter_ or {}).items())


def _size(filter_: Filter, depth: int = 0) -> int:
    """How many conditions there are; what is nested too deep is refused later, and not walked here."""
    if depth > DEEPEST:
        return 0
    size = 0
    for name, value in filter_.items():
        if name in ("and_", "or_", "not_") and value is not None:
            size += sum(_size(one, depth + 1) for one in (value if isinstance(value, list) else [value]))
        else:
            size += 1
    return size


def _all(filter_: Filter, statement: Statement, path: tuple[str, ...]) -> str:
    if len(path) > DEEPEST:
        raise Rejected("TOO_MANY", f"a filter may be nested {DEEPEST - 1} deep", path)
    parts = [
        _part(name, value, statement, (*path, _public(name)))
        for name, value in filter_.items()
        if value is not None and not (name == "include_churned" and not value)
    ]
    return f"({' and '.join(parts)})" if parts else "true"


def _part(name: str, value: Any, statement: Statement, path: tuple[str, ...]) -> str:
    match name:
        case "and_" | "or_":
            inner = [_all(one, statement, (*path, str(index))) for index, one in enumerate(_list(value, path))]
            word, nothing = (" and ", "true") if name == "and_" else (" or ", "false")
            return f"({word.join(inner)})" if inner else nothing
        case "not_":
            return f"({_all(value, statement, path)}) is not true"
        case "search":
            pattern = statement.bind(f"%{_literal(value, path)}%")
            return f"(a.name ilike {pattern} or a.external_id ilike {pattern})"
        case "renews_within_days":
            if not 0 <= value <= 3650:
                raise Rejected("OUT_OF_RANGE", f"renewsWithinDays must be from 0 to 3650, not {value}", path)
            return f"{renewal(statement)} <= {statement.day} + {value}"
        case "risk_signal":
            codes = statement.bind([str(code) for code in _list(value, path)])
            return f"jsonb_path_query_array(h.signals, '$[*].code') ?| {codes}::text[]"
        case "include_churned":
            raise Rejected("INVALID_VALUE", "includeChurned counts at the top of the filter only", path)
        case _:
            column, cast, convert = _COLUMNS[name]
            expression = column if isinstance(column, str) else column(statement)
            return _compare(expression, cast, value, statement, path, convert)


def _compare(
    column: str,
    cast: str,
    comparator: Filter,
    statement: Statement,
    path: tuple[str, ...],
    convert: Callable[[Any, tuple[str, ...]], Any],
) -> str:
    parts = []
    for operator, value in comparator.items():
        at = (*path, _public(operator))
        if value is None:
            raise Rejected("INVALID_VALUE", f"{_public(operator)} cannot be null: ask isNull, or leave it out", at)
        match operator:
            case "eq" | "gte" | "lte":
                sign = {"eq": "=", "gte": ">=", "lte": "<="}[operator]
                parts.append(f"{column} {sign} {statement.bind(convert(value, at))}::{cast}")
            case "in_":
                values = [convert(one, at) for one in _list(value, at)]
                parts.append(f"{column} = any({statement.bind(values)}::{cast}[])")
            case "contains":
                parts.append(f"{column} ilike {statement.bind(f'%{_literal(value, at)}%')}")
            case "starts_with":
                parts.append(f"{column} ilike {statement.bind(f'{_literal(value, at)}%')}")
            case "is_null":
                parts.append(f"{column} is {'null' if value else 'not null'}")
    return f"({' and '.join(parts)})" if parts else "true"


def _list(values: Iterable[Any], path: tuple[str, ...]) -> list[Any]:
    listed = list(values)
    if len(listed) > LONGEST:
        raise Rejected("TOO_MANY", f"a list in a filter may have {LONGEST} entries, not {len(listed)}", path)
    if any(one is None for one in listed):
        raise Rejected("INVALID_VALUE", "a list in a filter cannot hold null", path)
    return listed


def _text(value: Any, path: tuple[str, ...]) -> str:
    text = str(value)
    if "\0" in text:
        raise Rejected("INVALID_VALUE", "a text cannot hold a NUL character", path)
    if len(text) > LONGEST_TEXT:
        raise Rejected("OUT_OF_RANGE", f"a text in a filter may have {LONGEST_TEXT} characters", path)
    return text


def _literal(value: str, path: tuple[str, ...]) -> str:
    """The text with the wildcards of LIKE taken literally."""
    return _text(value, path).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _plain(value: Any, _: tuple[str, ...]) -> Any:
    return value


def _account(value: Any, path: tuple[str, ...]) -> int:
    try:
        return ids.number(str(value), ids.ACCOUNT)
    except Rejected as error:
        raise Rejected(error.code, error.message, path) from error


def _public(name: str) -> str:
    """The name as clients know it."""
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in rest)


_COLUMNS: Final[Mapping[str, tuple[str | Callable[[Statement], str], str, Callable[[Any, tuple[str, ...]], Any]]]] = {
    "id": ("a.id", "bigint", _account),
    "external_id": ("a.external_id", "text", _text),
    "segment": ("a.segment", "text", _text),
    "bucket": (bucket, "text", _text),
    "region": ("a.region", "text", _text),
    "industry": ("a.industry", "text", _text),
    "owner": ("a.cs_owner", "text", _text),
    "arr": ("r.arr", "numeric", _plain),
    "score": (score, "numeric", _plain),
    "score_change_30d": (change_30d, "numeric", _plain),
    "renewal_date": ("a.renewal_date", "date", _plain),
}
