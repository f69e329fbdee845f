"""A chunk of records as typed rows for the staging table and errors for the report, column by column with pandas.

Each distinct value of a column is judged once, by the pure rules of services.csv_rows. Nothing is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from services import csv_rows
from services.csv_rows import Bad, Column, Onboarding
from services.ingest.reading import Layout, Record
from services.vocabulary import RowErrorCode

NULL = "\\N"
"How COPY writes no data."
STAGED = {"onboarding_phase": ("onboarding", "onboarding_progress"), "date": ("day",)}
"Where a column of the file has another name, or two, in the staging table."
REMEMBERED = 20_000
"Distinct values of a column that are kept from chunk to chunk."
SHOWN = 200
"Characters of a bad value that are kept."

Literals = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a cell, or with a row where `header` is None."""

    line: int
    header: str | None
    code: str
    message: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`rows` in COPY's text format, in the order of Cleaner.columns, and all errors of the other rows."""

    rows: list[str]
    errors: list[RowError]


class Cleaner:
    """Cleans one file's chunks. It remembers what a value means, so that the next chunk need not ask again."""

    def __init__(self, layout: Layout, today: date) -> None:
        self._header = layout.header
        self._orders = layout.date_orders
        self._today = today
        self._known: dict[str, dict[str, str | Bad]] = {name: {} for name in layout.header.columns}
        self._derived = _derived(layout.header)
        self.columns = (
            "line",
            *(staged for name in (*self._known, *self._derived) for staged in STAGED.get(name, (name,))),
        )
        "Columns of the staging table that the rows fill."

    def clean(self, records: Sequence[Record]) -> Cleaned:
        """Judge every cell of the records."""
        errors = [_misshapen(record) for record in records if record.problem]
        whole = [record for record in records if not record.problem]
        if not whole:
            return Cleaned([], errors)
        cells = pd.DataFrame([record.cells for record in whole], dtype=object)
        lines = np.array([record.line for record in whole])
        good = np.ones(len(whole), dtype=bool)
        values: dict[str, Literals] = {}
        for at, match in enumerate(self._header.matches):
            if match.column is not None:
                codes, found = pd.factorize(cells[at].to_numpy())
                distinct: list[str] = found.tolist()
                meanings = [self._meaning(match.column, text) for text in distinct]
                bad = np.array([isinstance(meaning, Bad) for meaning in meanings])[codes]
                good &= ~bad
                for row in np.flatnonzero(bad):
                    errors.append(_bad_cell(int(lines[row]), match.header, meanings[codes[row]], distinct[codes[row]]))
                values[match.column.name] = np.array(meanings, dtype=object)[codes]
        for row, name, refused in self._refused_rows(values, good):
            good[row] = False
            position = self._header.columns[name]
            header = self._header.matches[position].header
            errors.append(_bad_cell(int(lines[row]), header, refused, str(cells.iat[row, position])))
        self._derive(values, len(whole))
        columns = [
            lines.astype(str)[good].tolist(),
            *(values[name][good].tolist() for name in (*self._known, *self._derived)),
        ]
        return Cleaned(
            ["\t".join(row) for row in zip(*columns, strict=True)], sorted(errors, key=lambda error: error.line)
        )

    def _meaning(self, column: Column, text: str) -> str | Bad:
        known = self._known[column.name]
        meaning = known.get(text)
        if meaning is None:
            value = csv_rows.parse(column, text, today=self._today, order=self._orders.get(column.name))
            meaning = value if isinstance(value, Bad) else _literal(column, value)
            if len(known) < REMEMBERED:
                known[text] = meaning
        return meaning

    def _refused_rows(self, values: dict[str, Literals], good: "np.ndarray[Any, np.dtype[np.bool_]]") -> Any:
        """Rows whose cells are good and do not fit each other: (row, column to name, why)."""
        nothing = np.full(len(good), NULL, dtype=object)
        named = (values.get("external_id", nothing) != NULL) | (values.get("name", nothing) != NULL)
        for row in np.flatnonzero(good & ~named):
            column = "external_id" if "external_id" in values else "name"
            yield row, column, Bad(RowErrorCode.REQUIRED_MISSING, "the row names no account: give external_id or name")
        status, churned_on = values.get("status", nothing), values.get("churned_on", nothing)
        left = (churned_on != NULL) & (status != NULL) & (status != "CHURNED")
        for row in np.flatnonzero(good & named & left):
            yield (
                row,
                "status",
                Bad(RowErrorCode.UNKNOWN_VALUE, "churned_on has a day, so status must be churned or empty"),
            )

    def _derive(self, values: dict[str, Literals], rows: int) -> None:
        """Fill in what the file leaves to us: the day of observation, and the status of those who left."""
        nothing = np.full(rows, NULL, dtype=object)
        if self._header.has_accounts:
            told = values.get("observed_on", nothing)
            default = values.get("date", np.full(rows, self._today.isoformat(), dtype=object))
            values["observed_on"] = np.where(told == NULL, default, told)
        if "churned_on" in values:
            status = values.get("status", nothing)
            values["status"] = np.where((status == NULL) & (values["churned_on"] != NULL), "CHURNED", status)


def _derived(header: csv_rows.Header) -> tuple[str, ...]:
    present = header.columns
    observed = ("observed_on",) if header.has_accounts and "observed_on" not in present else ()
    status = ("status",) if "churned_on" in present and "status" not in present else ()
    return (*observed, *status)


def _literal(column: Column, value: csv_rows.Value | None) -> str:
    """The value as COPY's text format writes it, over all the staging columns it fills."""
    if isinstance(value, Onboarding):
        return f"{'t' if value.active else 'f'}\t{NULL if value.progress is None else value.progress}"
    if value is None:
        return "\t".join([NULL] * len(STAGED.get(column.name, (column.name,))))
    return str(value).replace("\\", "\\\\")  # the rules leave no tab and no line break in a text


def _misshapen(record: Record) -> RowError:
    shown = ",".join(record.cells)[:SHOWN]
    return RowError(record.line, None, RowErrorCode.WRONG_COLUMN_COUNT, str(record.problem), shown)


def _bad_cell(line: int, header: str | None, bad: Any, value: str) -> RowError:
    return RowError(line, header, bad.code, bad.message, value[:SHOWN] or None)
