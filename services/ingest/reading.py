"""An uploaded file as bytes, then as records of cells with the line each begins on. Not what the cells mean.

Whoever reads it twice pays a fraction of a second for 10 MB and never holds the file in memory.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO

from services import csv_rows
from services.csv_rows.columns import Type
from services.csv_rows.headers import guess
from services.errors import NotFound, Rejected
from services.ingest.claims import Claim
from services.ports import Files
from services.uploads import MAX_BYTES

SEPARATORS = (",", ";", "\t")
MOST_COLUMNS = 500


class Unreadable(Rejected):
    """The file as a whole cannot be read. `line` is the first that shows it, where one does."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__("INVALID_VALUE", message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its physical line (1 is the file's first), its cells, and what is wrong with its shape."""

    line: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is built: what its header says, and what a first reading of all its rows showed."""

    separator: str
    header: csv_rows.Header
    rows: int
    date_orders: dict[str, str | None]
    "By date column: the order it is read in, None where nothing settles it."


def receive(files: Files, claim: Claim, into: IO[bytes]) -> str:
    """Fetch the claimed upload's file and answer its SHA-256, in hex.

    Raises Unreadable where it is not there, not of an allowed size, not UTF-8 text or not the file that was announced.
    """
    try:
        size = files.fetch(claim.key, into, limit=MAX_BYTES)
    except NotFound as error:
        raise Unreadable("the uploaded file is no longer there: upload it again") from error
    except Rejected as error:
        raise Unreadable(f"the file is larger than {MAX_BYTES:,} bytes: split it") from error
    if not 1 <= size <= MAX_BYTES:
        raise Unreadable(
            "the file is empty" if size < 1 else f"the file has {size:,} bytes, at most {MAX_BYTES:,} are taken"
        )
    into.seek(0)
    digest = _check_text(into)
    if claim.sha256 and claim.sha256 != digest:
        raise Unreadable(f"the file is not the one that was announced: its SHA-256 is {digest}, not {claim.sha256}")
    return digest


def survey(content: IO[bytes], claim: Claim) -> Layout:
    """Read the file once through: its separator, its header, how many rows it has, and in which order its dates are.

    Raises Rejected where the header does not do, and Unreadable where a quote is never closed or no row follows.
    """
    separator = _separator(content, claim.kind)
    rows = records(content, separator)
    first = next(rows, None)
    if first is None or first.problem:
        raise Unreadable(
            "the file has no header line" if first is None else f"the header line cannot be read: {first.problem}"
        )
    if len(first.cells) > MOST_COLUMNS:
        raise Unreadable(f"the header has {len(first.cells):,} cells, at most {MOST_COLUMNS:,} are taken")
    header = csv_rows.match(first.cells, claim.kind, claim.column_mapping)
    dates = {
        match.column.name: at
        for at, match in enumerate(header.matches)
        if match.column is not None and match.column.type is Type.DATE
    }
    proofs: dict[str, set[str]] = {name: set() for name in dates}
    count = 0
    for record in rows:
        count += 1
        if len(record.cells) == len(header.matches):
            for name, at in dates.items():
                proofs[name].add(csv_rows.proof(record.cells[at]))
    if not count:
        raise Unreadable("the file has a header and no rows")
    return Layout(
        separator, header, count, {name: csv_rows.settle(claim.date_order, found) for name, found in proofs.items()}
    )


def rows_of(content: IO[bytes], layout: Layout) -> Iterator[Record]:
    """The file's rows, in its order, without the header. Blank lines are no rows."""
    width = len(layout.header.matches)
    for record in islice(records(content, layout.separator), 1, None):
        if record.problem is None and len(record.cells) != width:
            problem = f"the row has {len(record.cells)} cells, the header has {width}"
            yield Record(record.line, record.cells, problem)
        else:
            yield record


def chunks(content: IO[bytes], layout: Layout, size: int) -> Iterator[Sequence[Record]]:
    """The file's rows, `size` at a time."""
    rows = rows_of(content, layout)
    while chunk := list(islice(rows, size)):
        yield chunk


def records(content: IO[bytes], separator: str) -> Iterator[Record]:
    """All records that are not blank, the header first. Raises Unreadable for a quote that is never closed."""
    csv.field_size_limit(MAX_BYTES)  # whether a cell is too long is for the rules of its column to say
    content.seek(0)
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in text:
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=separator, strict=True)
    try:
        while True:
            line = reader.line_num + 1
            taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _malformed(line, reader.line_num, taken, error)
                continue
            if any(cell and not cell.isspace() for cell in cells):
                yield Record(line, cells)
    finally:
        text.detach()  # or the wrapper would close the file with itself


def _malformed(line: int, last: int, taken: Sequence[str], error: csv.Error) -> Record:
    if "expected after" not in str(error):  # the end of the file came inside a quoted cell
        raise Unreadable(f"the quote that opens in the row of line {line} is never closed", line) from error
    where = f"line {line}" if last == line else f"lines {line} to {last}"
    return Record(
        line,
        ["".join(taken)],
        f'the quotes of {where} do not pair: a quote inside a quoted cell is written twice, as ""',
    )


def _check_text(content: IO[bytes]) -> str:
    head = content.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the file is UTF-16 text: save it as UTF-8 (in Excel: CSV UTF-8)")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable("the file is an Excel workbook or an archive: save the sheet as CSV UTF-8")
    content.seek(0)
    digest = hashlib.sha256()
    for number, line in enumerate(content, 1):
        digest.update(line)
        if b"\0" in line:
            raise Unreadable(f"the file is not text: line {number} has a NUL byte", number)
        try:
            line.decode()
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"the file is not UTF-8 text: line {number} has the byte 0x{line[error.start]:02x} at position "
                f"{error.start + 1}; save it as CSV UTF-8", number,
            ) from error  # fmt: skip
    return digest.hexdigest()


def _separator(content: IO[bytes], kind: str) -> str:
    """The separator under which the header has most of the kind's columns; then most cells."""

    def fitness(separator: str) -> tuple[int, int]:
        try:
            cells = next(records(content, separator), Record(1, [])).cells
        except Unreadable:
            return 0, 0
        return guess(cells, kind), len(cells)

    return max(SEPARATORS, key=fitness)
