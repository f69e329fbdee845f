"""Which column each header of a file stands for. Raises, naming the headers, where a file cannot be read at all."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.csv_rows.columns import ACCOUNTS, COLUMNS, WIDE, Column
from services.errors import Rejected

REPORT_COLUMN = "import_errors"
"What the error report has besides the file's own columns; passed over when the mended report comes back."


@dataclass(frozen=True, slots=True)
class Match:
    """A header as it stands in the file, and the column it was taken for; None where it is ignored."""

    header: str
    column: Column | None


@dataclass(frozen=True, slots=True)
class Header:
    """A file's header, understood."""

    matches: tuple[Match, ...]
    has_accounts: bool
    "Whether its rows tell of accounts: an accounts file, or the older wide one."
    has_days: bool
    "Whether its rows tell of an account's day: daily metrics, or the older wide file."

    @property
    def columns(self) -> dict[str, int]:
        """Position of each column that the file has, by name."""
        return {match.column.name: at for at, match in enumerate(self.matches) if match.column}


def match(headers: Sequence[str], kind: str, mapping: Mapping[str, str] | None = None) -> Header:
    """Understand a header line. `mapping` (from header to column) wins over names and aliases.

    Raises Rejected where a required column is missing, two headers mean one column, or the mapping names no header.

    >>> header = match(["Account Name", "ARR", "Segment", "Shoe size"], "ACCOUNTS")
    >>> [found.column and found.column.name for found in header.matches]
    ['name', 'arr', 'segment', None]
    """
    found = _by_mapping(headers, kind, mapping or {})
    taken = {column.name for column in found.values()}
    names = _names(COLUMNS[kind]) | _names(column for column in WIDE.get(kind, ()))
    for at, header in enumerate(headers):
        column = names.get(normalised(header))
        if at not in found and column is not None and column.name not in taken:
            found[at] = column
    _refuse_two_for_one(headers, found)
    present = {column.name for column in found.values()}
    has_accounts = kind == "ACCOUNTS" or (kind == "DAILY_METRICS" and set(_required(ACCOUNTS)) <= present)
    has_days = kind == "DAILY_METRICS" or (kind == "ACCOUNTS" and "date" in present)
    usable = {
        column.name: column
        for columns in (COLUMNS[kind], WIDE.get(kind, ()) if has_accounts and has_days else ())
        for column in columns
    }
    _refuse_missing(kind, present, usable)
    matches = (Match(header, usable.get(found[at].name) if at in found else None) for at, header in enumerate(headers))
    return Header(tuple(matches), has_accounts, has_days)


def guess(headers: Sequence[str], kind: str) -> int:
    """How many of these headers a file of this kind may have: tells the right separator from the wrong ones."""
    names = _names(COLUMNS[kind]) | _names(WIDE.get(kind, ()))
    return sum(normalised(header) in names for header in headers)


def normalised(header: str) -> str:
    """A header without case, spaces, hyphens, underscores and the like.

    >>> normalised(" Renewal-Date "), normalised("ARR ($)")
    ('renewal_date', 'arr')
    """
    return re.sub(r"[\W_]+", "_", header.casefold()).strip("_")


def _by_mapping(headers: Sequence[str], kind: str, mapping: Mapping[str, str]) -> dict[int, Column]:
    columns = {column.name: column for column in (*WIDE.get(kind, ()), *COLUMNS[kind])}
    found: dict[int, Column] = {}
    for name, column in mapping.items():
        at = [i for i, header in enumerate(headers) if header.strip() == name.strip()]
        at = at or [i for i, header in enumerate(headers) if normalised(header) == normalised(name)]
        if not at:
            raise Rejected("INVALID_VALUE", f"the column mapping names the header {name!r}, which the file lacks")
        if column not in columns:
            raise Rejected("INVALID_VALUE", f"the column mapping names {column!r}, which is no column of {kind}")
        found |= dict.fromkeys(at, columns[column])
    return found


def _names(columns: Iterable[Column]) -> dict[str, Column]:
    """Columns by all their names; a name wins over another column's alias."""
    columns = tuple(columns)
    aliases = {alias: column for column in columns for alias in column.aliases}
    return aliases | {column.name: column for column in columns}


def _required(columns: Iterable[Column]) -> list[str]:
    return [column.name for column in columns if column.required]


def _refuse_two_for_one(headers: Sequence[str], found: Mapping[int, Column]) -> None:
    by_column: dict[str, list[str]] = {}
    for at in sorted(found):
        by_column.setdefault(found[at].name, []).append(headers[at])
    for name, several in by_column.items():
        if len(several) > 1:
            listed = " and ".join(repr(header) for header in several)
            raise Rejected("INVALID_VALUE", f"the headers {listed} both stand for the column {name}: leave one out")


def _refuse_missing(kind: str, present: set[str], usable: Mapping[str, Column]) -> None:
    missing = [name for name in _required(usable.values()) if name not in present]
    if not missing and not {"external_id", "name"} & present:
        missing = ["external_id (or name)"]
    if missing:
        raise Rejected("REQUIRED", f"the file lacks the column {', '.join(missing)}, which {kind} needs")
