"""CSV files as an attacker, a broken export or a tired colleague writes them, each with what must become of it. Seeded.

What is expected follows from how a file was put together and from the rules told in the template, not from the reader.
"""

import gzip
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

COLUMNS = ("external_id", "name", "arr", "segment", "region", "nps")
Row = tuple[str, str, str, str, str | None, int | None]
"What an account must be after the import: external_id, name, arr, segment, region, nps."
Error = tuple[int, str | None, str]
"Line, column and code."
Cell = tuple[str, object]
"What is written, and what it means or the code that it is refused with."


@dataclass
class HostileFile:
    """`refused` is a part of the message that the file as a whole is refused with; then nothing is in."""

    content: bytes
    rows: list[Row] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    refused: str = ""
    all_or_nothing: bool = False
    dry_run: bool = False


class Refusal(str):
    """A code that a cell is refused with."""

    __slots__ = ()


TEXTS: Sequence[Callable[[str], tuple[str, str]]] = (
    lambda key: (f"Acme {key}", f"Acme {key}"),
    lambda key: (f'O"Neil & "Sons" {key}', f'O"Neil & "Sons" {key}'),
    lambda key: (f"A, B; C\tD {key}", f"A, B; C D {key}"),
    lambda key: (f"two\nlines\r\n{key}", f"two lines {key}"),
    lambda key: (f"  padded   {key}  ", f"padded {key}"),
    lambda key: (f"=cmd|' /C calc'!A{key}", f"=cmd|' /C calc'!A{key}"),
    lambda key: (f"@SUM(1+1) {key}", f"@SUM(1+1) {key}"),
    lambda key: (f'-2+3+cmd|" /C calc" {key}', f'-2+3+cmd|" /C calc" {key}'),
    lambda key: (f"'=1+1 {key}", f"=1+1 {key}"),
    lambda key: (f"Zoë ☃ 日本 🦄 {key}", f"Zoë ☃ 日本 🦄 {key}"),
    lambda key: (f"right\u202eleft {key}", f"right\u202eleft {key}"),
    lambda key: (f"'; drop table accounts; -- {key}", f"'; drop table accounts; -- {key}"),
    lambda key: (f"<script>alert(1)</script> {key}", f"<script>alert(1)</script> {key}"),
    lambda key: (f"\\N \\. \\x00 %s {{0}} $1 {key}", f"\\N \\. \\x00 %s {{0}} $1 {key}"),
    lambda key: (f"{'long ' * 50}{key}", f"{'long ' * 50}{key}"),
)
"A text with a key in it, and what is kept of it."
BAD_TEXTS = (
    ("x" * 301, "TOO_LONG"),
    ("y" * 200_000, "TOO_LONG"),
    ("\ufdfa" * 250, "TOO_LONG"),
    ("bell \x07", "BAD_ENCODING"),
    ("escape \x1b[2J", "BAD_ENCODING"),
)
BAD_NAMES = (*BAD_TEXTS, ("", "REQUIRED_MISSING"), ("   ", "REQUIRED_MISSING"), ("\u200b", "REQUIRED_MISSING"))
AMOUNTS = (
    ("1234.5", "1234.50"), ("$1,200", "1200.00"), ("1e3", "1000.00"), ("0", "0.00"), ("-0", "0.00"), (" 7 ", "7.00"),
    ("999999999999.99", "999999999999.99"), ("12 €", "12.00"), ("1,234,567.895", "1234567.90"), (".5", "0.50"),
)  # fmt: skip
BAD_AMOUNTS = (
    ("abc", "NOT_A_NUMBER"), ("NaN", "NOT_A_NUMBER"), ("Infinity", "NOT_A_NUMBER"), ("1.234", "NOT_A_NUMBER"),
    ("1,23", "NOT_A_NUMBER"), ("=1+1", "NOT_A_NUMBER"), ("0x10", "NOT_A_NUMBER"), ("1_000", "NOT_A_NUMBER"),
    ("１２", "NOT_A_NUMBER"), ("1 000", "NOT_A_NUMBER"), ("1e999", "OUT_OF_RANGE"), ("1e-999", "OUT_OF_RANGE"),
    ("-1", "OUT_OF_RANGE"), ("9" * 50, "OUT_OF_RANGE"), ("9" * 5000, "OUT_OF_RANGE"), ("1000000000000", "OUT_OF_RANGE"),
    ("", "REQUIRED_MISSING"), ("null", "NOT_A_NUMBER"), ("true", "NOT_A_NUMBER"),
)  # fmt: skip
SEGMENTS = (("SMB", "SMB"), ("mid-market", "MID_MARKET"), ("Ent", "ENTERPRISE"), ("MID_MARKET", "MID_MARKET"))
BAD_SEGMENTS = (
    ("huge", "UNKNOWN_VALUE"),
    ("", "REQUIRED_MISSING"),
    ("SMB or 1=1", "UNKNOWN_VALUE"),
    ("0", "UNKNOWN_VALUE"),
)
SCORES: Sequence[tuple[str, int | None]] = (
    ("", None),
    ("-100", -100),
    ("100", 100),
    ("40.0", 40),
    ("+7", 7),
    ("1e1", 10),
)
BAD_SCORES = (("101", "OUT_OF_RANGE"), ("-100.5", "OUT_OF_RANGE"), ("4.5", "NOT_A_NUMBER"), ("ten", "NOT_A_NUMBER"))


def make(seed: int) -> HostileFile:
    """The file of that seed; its accounts have keys that no other seed's have."""
    chance = random.Random(seed)
    if chance.random() < 0.25:
        content, refused = chance.choice(NO_TABLES)
        return HostileFile(content, refused=refused)
    return _table(chance, seed)


def _table(chance: random.Random, seed: int) -> HostileFile:
    separator, line_end = chance.choice(",;\t"), chance.choice(("\n", "\r\n"))
    file = HostileFile(b"", all_or_nothing=chance.random() < 0.1, dry_run=chance.random() < 0.1)
    parts = [_line(chance, [chance.choice((name, name.upper(), f" {name} ")) for name in COLUMNS], separator, line_end)]
    badness = chance.choice((0.0, 0.1, 0.5, 1.0))
    line = 1 + parts[0].count("\n")
    for number in range(chance.randint(1, 12)):
        if chance.random() < 0.1:
            blank = chance.choice((line_end, separator * (len(COLUMNS) - 1) + line_end, f"  {line_end}"))
            parts.append(blank)
            line += 1
        text, row, errors = _row(chance, f"{seed}-{number}", separator, line_end, line, badness)
        file.errors += errors
        if row is not None:
            file.rows.append(row)
        parts.append(text)
        line += text.count("\n")
    written = "".join(parts)
    if chance.random() < 0.3:
        written = written.removesuffix(line_end)
    file.content = written.encode("utf-8-sig" if chance.random() < 0.3 else "utf-8")
    return file


def _row(
    chance: random.Random, key: str, separator: str, line_end: str, line: int, badness: float
) -> tuple[str, Row | None, list[Error]]:
    is_bad = chance.random() < badness
    if is_bad and chance.random() < 0.3:
        return chance.choice(BROKEN_ROWS)(key, separator, line_end), None, [(line, None, "WRONG_COLUMN_COUNT")]
    cells: dict[str, Cell] = {
        "external_id": (key, key),
        "name": chance.choice(TEXTS)(key),
        "arr": chance.choice(AMOUNTS),
        "segment": chance.choice(SEGMENTS),
        "region": chance.choice((("", None), chance.choice(TEXTS[:3] + TEXTS[5:13])("R"))),
        "nps": chance.choice(SCORES),
    }
    errors: list[Error] = []
    if is_bad:
        for name in chance.sample(sorted(BAD), chance.randint(1, 3)):
            text, code = chance.choice(BAD[name])
            cells[name] = text, Refusal(code)
            errors.append((line, name, code))
    text = _line(chance, [text for text, _ in cells.values()], separator, line_end)
    if errors:
        return text, None, sorted(errors, key=lambda error: COLUMNS.index(str(error[1])))
    return text, tuple(meaning for _, meaning in cells.values()), []  # type: ignore[return-value]


BAD = {"name": BAD_NAMES, "arr": BAD_AMOUNTS, "segment": BAD_SEGMENTS, "region": BAD_TEXTS, "nps": BAD_SCORES}
BROKEN_ROWS: Sequence[Callable[[str, str, str], str]] = (
    lambda key, separator, end: separator.join([key, "short"]) + end,
    lambda key, separator, end: separator.join([key, "long", *"123456789"]) + end,
    lambda key, separator, end: separator.join([key, '"quoted" and not', "1", "SMB", "", ""]) + end,
    lambda key, _, end: "|".join([key, "other separator", "1", "SMB", "", ""]) + end,
    lambda key, separator, end: separator * 50_000 + key + end,
)
"Rows that are no rows of the table."


def _line(chance: random.Random, cells: Sequence[str], separator: str, line_end: str) -> str:
    """One record; quotes stand where they must, and in places where they may."""
    written = []
    for cell in cells:
        must = any(letter in cell for letter in ('"', "\r", "\n", ",", ";", "\t"))
        quoted = '"' + cell.replace('"', '""') + '"'
        written.append(quoted if must or chance.random() < 0.2 else cell)
    return separator.join(written) + line_end


GOOD = b"external_id,name,arr,segment\nkey,Acme,1,SMB\n"

NO_TABLES = (
    (GOOD + b"x\0y,Beta,1,SMB\n", "line 3 has a NUL byte"),
    (GOOD.decode().encode("utf-16"), "UTF-16"),
    (GOOD.decode().encode("utf-16-le"), "has a NUL byte"),
    (GOOD + "x,Zoë,1,SMB\n".encode("latin-1"), "not UTF-8 text: line 3"),
    (GOOD + b"x,\xed\xa0\x80,1,SMB\n", "not UTF-8 text: line 3"),
    (GOOD + b"x,\xc0\xaf,1,SMB\n", "not UTF-8 text: line 3"),
    (b"PK\x03\x04" + random.Random(0).randbytes(2000), "Excel workbook or an archive"),
    (b"\xd0\xcf\x11\xe0" + random.Random(0).randbytes(2000), "Excel workbook or an archive"),
    (gzip.compress(b"0" * 5_000_000, mtime=0), "the file is not"),
    (b"\xff" + random.Random(0).randbytes(500), "the file is not"),
    (
        GOOD + b'y,"never closed,1,SMB\nz,Zeta,1,SMB\n',
        "opens in the row of line 3 is never closed",
    ),
    (b'"' * 99_999, "is never closed"),
    (b"external_id,name,arr,segment\n", "a header and no rows"),
    (b"\n" * 50_000, "no header line"),
    (b"," * 600 + b"\n\n,,\n", "lacks the column"),
    (b"name,segment\nAcme,SMB\n", "lacks the column arr"),
    (b"name,arr,segment,account\nA,1,SMB,B\n", "both stand for the column name"),
    (b",".join(b"c%d" % n for n in range(501)) + b"\n" + b"," * 500, "at most 500 are taken"),
    (b"a" * 1_000_000 + b"\n1\n", "lacks the column"),
    (b'{"accounts": [{"name": "Acme"}]}\n1\n', "lacks the column"),
)
"What is no table at all, and a part of what is said of it."
