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
from services.ingest.reading import Chunk, Layout, Record
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
    """`count` rows in COPY's text format, in the order of Cleaner.columns, and all errors of the other rows."""

    count: int
    rows: bytes
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

    def clean(self, chunk: Chunk) -> Cleaned:
        """Judge every cell of the chunk."""
        errors = [_misshapen(record) for record in chunk.broken]
        rows = len(chunk.rows)
        if not rows:
            return Cleaned(0, b"", errors)
        lines = np.array(chunk.lines)
        good = np.ones(rows, dtype=bool)
        values: dict[str, Literals] = {}
        for match, cells in zip(self._header.matches, zip(*chunk.rows, strict=True), strict=True):
            if match.column is not None:
                codes, found = pd.factorize(_literals(cells))
                distinct: list[str] = found.tolist()
                meanings = self._meanings(match.column, distinct)
                if Bad in set(map(type, meanings)):
                    bad = np.array([isinstance(meaning, Bad) for meaning in meanings])[codes]
                    good &= ~bad
                    for row in np.flatnonzero(bad):
                        meaning, text = meanings[codes[row]], distinct[codes[row]]
                        errors.append(_bad_cell(int(lines[row]), match.header, meaning, text))
                values[match.column.name] = _literals(meanings)[codes]
        for row, name, refused in self._refused_rows(values, good):
            good[row] = False
            position = self._header.columns[name]
            header = self._header.matches[position].header
            errors.append(_bad_cell(int(lines[row]), header, refused, chunk.rows[row][position]))
        self._derive(values, rows)
        columns = [map(str, lines[good].tolist()), *(values[name][good] for name in (*self._known, *self._derived))]
        text = "\n".join([*map("\t".join, zip(*columns, strict=True)), ""])
        return Cleaned(int(good.sum()), text.encode(), sorted(errors, key=lambda error: error.line))

    def _meanings(self, column: Column, texts: Sequence[str]) -> list[str | Bad]:
        known, order = self._known[column.name], self._orders.get(column.name)
        meanings = []
        for text in texts:
            meaning = known.get(text)
            if meaning is None:
                value = csv_rows.parse(column, text, today=self._today, order=order)
                meaning = value if isinstance(value, Bad) else _literal(column, value)
                if len(known) < REMEMBERED:
                    known[text] = meaning
            meanings.append(meaning)
        return meanings

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
    text = str(value)
    return text.replace("\\", "\\\\") if "\\" in text else text  # the rules leave no tab and no line break in a text


def _literals(texts: Sequence[str | Bad]) -> Literals:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def _misshapen(record: Record) -> RowError:
    shown = ",".join(record.cells)[:SHOWN]
    return RowError(record.line, None, RowErrorCode.WRONG_COLUMN_COUNT, str(record.problem), shown)


def _bad_cell(line: int, header: str | None, bad: Any, value: str) -> RowError:
    return RowError(line, header, bad.code, bad.message, value[:SHOWN] or None)
