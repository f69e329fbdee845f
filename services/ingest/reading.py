"""An uploaded file as bytes, then as records of cells with the line each begins on. Not what the cells mean.

Whoever reads it twice pays a fraction of a second for 10 MB and never holds the file in memory.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, NamedTuple

from services import csv_rows, tracing
from services.csv_rows.columns import Type
from services.csv_rows.headers import guess
from services.errors import NotFound, Rejected
from services.ingest.claims import Claim
from services.ports import Files
from services.uploads import MAX_BYTES

SEPARATORS = (",", ";", "\t")
MOST_COLUMNS = 500
BLOCK = 1024 * 1024
"Bytes that are looked at together."
LINES = 5_000
"That are read together: some ten megabytes of Python objects."


class Unreadable(Rejected):
    """The file as a whole cannot be read. `line` is the first that shows it, where one does."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__("INVALID_VALUE", message)
        self.line = line


class Record(NamedTuple):
    """One record: its physical line (1 is the file's first), its cells, and what is wrong with its shape."""

    line: int
    cells: list[str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records that follow each other, without those that are blank."""

    lines: Sequence[int]
    rows: Sequence[list[str]]
    "The cells of each of the lines, as many as the header has."
    broken: Sequence[Record]
    "Those that are no rows of the table."

    def __len__(self) -> int:
        return len(self.rows) + len(self.broken)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is built: what its header says, and what a first reading of all its rows showed."""

    separator: str
    header: csv_rows.Header
    rows: int
    date_orders: dict[str, str | None]
    "By date column: the order it is read in, None where nothing settles it."


@tracing.spanned("fetch")
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


@tracing.spanned("survey")
def survey(content: IO[bytes], claim: Claim) -> Layout:
    """Read the file once through: its separator, its header, how many rows it has, and in which order its dates are.

    Raises Rejected where the header does not do, and Unreadable where a quote is never closed or no row follows.
    """
    separator = _separator(content, claim.kind)
    first = _first(content, separator)
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
    for chunk in _chunks(content, separator, len(header.matches)):
        count += len(chunk)
        for name, at in dates.items():
            proofs[name].update(map(csv_rows.proof, {row[at] for row in chunk.rows}))
    if not count:
        raise Unreadable("the file has a header and no rows")
    return Layout(
        separator, header, count, {name: csv_rows.settle(claim.date_order, found) for name, found in proofs.items()}
    )


def chunks(content: IO[bytes], layout: Layout) -> Iterator[Chunk]:
    """The file's rows in its order, without the header, some LINES at a time. Blank lines are no rows."""
    return _chunks(content, layout.separator, len(layout.header.matches))


def rows_of(content: IO[bytes], layout: Layout) -> Iterator[Record]:
    """The same rows, one at a time."""
    for chunk in chunks(content, layout):
        whole = map(Record, chunk.lines, chunk.rows)
        yield from sorted([*whole, *chunk.broken], key=lambda record: record.line) if chunk.broken else whole


def _first(content: IO[bytes], separator: str) -> Record | None:
    """The first record that is not blank. Raises Unreadable for a quote that is never closed."""
    with _text(content) as lines:
        return next((record for record, _ in _records(lines, separator, 0) if not _is_blank(record.cells)), None)


def _chunks(content: IO[bytes], separator: str, width: int) -> Iterator[Chunk]:
    with _text(content) as lines:
        seen = next((last for record, last in _records(lines, separator, 0) if not _is_blank(record.cells)), 0)
        while block := list(islice(lines, LINES)):
            rows = _together(block, separator)
            if rows is None:
                found, last = _one_by_one(block, lines, separator, seen)
                yield _chunk(found, width)
                seen = last
                continue
            numbers = range(seen + 1, seen + 1 + len(rows))
            seen += len(rows)
            if set(map(len, rows)) == {width} and not any(not row[0] or row[0].isspace() for row in rows):
                yield Chunk(numbers, rows, ())
            else:
                yield _chunk(list(map(Record, numbers, rows)), width)


def _together(block: Sequence[str], separator: str) -> list[list[str]] | None:
    """The cells of each line where each is a record, which is usual and read by C; None where one is not."""
    if '"' not in "".join(block):
        return [line.rstrip("\r\n").split(separator) for line in block]
    try:
        rows = list(csv.reader(block, delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows if len(rows) == len(block) else None  # each record takes a line or more


def _one_by_one(block: Sequence[str], others: Iterator[str], separator: str, seen: int) -> tuple[list[Record], int]:
    """The records that begin in the block; the last may go on in the lines behind it."""
    found, ends = [], seen + len(block)
    for record, last in _records(chain(block, others), separator, seen):
        found.append(record)
        seen = last
        if last >= ends:
            break
    return found, seen


def _chunk(records: Sequence[Record], width: int) -> Chunk:
    there = [record for record in records if record.problem or not _is_blank(record.cells)]
    whole = [record for record in there if record.problem is None and len(record.cells) == width]
    broken = [
        record
        if record.problem
        else Record(record.line, record.cells, f"the row has {len(record.cells)} cells, the header has {width}")
        for record in (there if len(whole) < len(there) else ())
        if record.problem or len(record.cells) != width
    ]
    return Chunk([record.line for record in whole], [record.cells for record in whole], broken)


def _is_blank(cells: Iterable[str]) -> bool:
    text = "".join(cells)
    return not text or text.isspace()


@contextmanager
def _text(content: IO[bytes]) -> Iterator[Iterator[str]]:
    """The file's lines, with their ends."""
    csv.field_size_limit(MAX_BYTES)  # whether a cell is too long is for the rules of its column to say
    content.seek(0)
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    try:
        yield text
    finally:
        text.detach()  # or the wrapper would close the file with itself


def _records(lines: Iterator[str], separator: str, seen: int) -> Iterator[tuple[Record, int]]:
    """Each record, blank ones too, and the line it ends on, of lines that `seen` others go before.

    Raises Unreadable for a quote that is never closed.
    """
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    reader = csv.reader(noted(), delimiter=separator, strict=True)
    while True:
        line = seen + reader.line_num + 1
        taken.clear()
        try:
            record = Record(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            record = _malformed(line, seen + reader.line_num, taken, error)
        yield record, seen + reader.line_num


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
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    try:
        while block := content.read(BLOCK):
            digest.update(block)
            decoder.decode(block)
            if b"\0" in block:
                raise _no_text(content)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _no_text(content) from error
    return digest.hexdigest()


def _no_text(content: IO[bytes]) -> Unreadable:
    """The first line that shows it."""
    content.seek(0)
    for number, line in enumerate(content, 1):
        if b"\0" in line:
            return Unreadable(f"the file is not text: line {number} has a NUL byte", number)
        try:
            line.decode()
        except UnicodeDecodeError as error:
            return Unreadable(
                f"the file is not UTF-8 text: line {number} has the byte 0x{line[error.start]:02x} at position "
                f"{error.start + 1}; save it as CSV UTF-8", number,
            )  # fmt: skip
    raise AssertionError("each line is text, and the file is not")


def _separator(content: IO[bytes], kind: str) -> str:
    """The separator under which the header has most of the kind's columns; then most cells."""

    def fitness(separator: str) -> tuple[int, int]:
        try:
            first = _first(content, separator)
        except Unreadable:
            return 0, 0
        cells = first.cells if first else []
        return guess(cells, kind), len(cells)

    return max(SEPARATORS, key=fitness)
