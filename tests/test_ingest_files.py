"""Files in all the shapes they come in: separators, line ends, encodings, quotes; and those that are no table at all."""

import csv
import hashlib
import io
from datetime import date
from typing import Any

import pytest

from services import csv_rows, uploads
from services.db.connection import Database
from services.ingest.reading import LINES, Layout, rows_of
from services.settings import Settings
from tests.importing import Importer

ROWS = [["name", "arr", "segment", "region"], ["Acme", "1,234.50", "SMB", "EMEA"], ["Beta; Co", "$7", "ENT", "US"]]
EXPECTED = [("Acme", "1234.50", "SMB", "EMEA"), ("Beta; Co", "7.00", "ENTERPRISE", "US")]


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    return Importer(database, aws_settings)


def text(separator: str = ",", line_end: str = "\n") -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator=line_end).writerows(ROWS)
    return written.getvalue()


def accounts(importer: Importer) -> list[tuple[Any, ...]]:
    return importer.database.rows("select name, arr::text, segment, region from accounts order by name")


@pytest.mark.parametrize(
    "content",
    [
        text().encode(),
        text(";").encode(),
        text("\t").encode(),
        text(line_end="\r\n").encode("utf-8-sig"),
        text(line_end="\r").encode(),
        ("\r\n\r\n" + text(line_end="\r\n") + ",,,\r\n\r\n").encode(),
        text().rstrip("\n").encode(),
    ],
    ids=["commas", "semicolons", "tabs", "bom and crlf", "cr", "blank lines", "no last line end"],
)
def test_a_table_is_read_however_it_is_written(importer: Importer, content: bytes) -> None:
    upload = importer.load("ACCOUNTS", content)

    assert (upload["status"], upload["rows_total"], accounts(importer)) == ("SUCCEEDED", 2, EXPECTED)


def test_lines_are_counted_as_an_editor_counts_them(importer: Importer) -> None:
    upload = importer.load(
        "ACCOUNTS",
        '\nname,arr,segment\n\n"Quoted\nName",x,SMB\nShort,1\nLong,1,SMB,more\n"A" b,1,SMB\n"Fine ""Inc""",1,SMB\n',
    )

    assert importer.errors(upload) == [
        (4, "arr", "NOT_A_NUMBER", "x"),
        (6, None, "WRONG_COLUMN_COUNT", "Short,1"),
        (7, None, "WRONG_COLUMN_COUNT", "Long,1,SMB,more"),
        (8, None, "WRONG_COLUMN_COUNT", '"A" b,1,SMB\n'),
    ]
    assert accounts(importer) == [('Fine "Inc"', "1.00", "SMB", None)]
    report = list(csv.reader(io.StringIO(importer.report(upload))))
    assert [row[:3] + row[4:] for row in report] == [
        ["name", "arr", "segment"],
        ["Quoted\nName", "x", "SMB"],
        ["Short", "1", ""],
        ["Long", "1", "SMB", "more"],
        ['"A" b,1,SMB\n', "", ""],
    ]


@pytest.mark.parametrize("before", [LINES - 2, LINES - 1, LINES, LINES + 1])
def test_a_row_of_several_lines_may_lie_where_a_block_of_lines_ends(before: int) -> None:
    plain = [["Acme", str(number), "SMB"] for number in range(before)]
    odd = [
        ["two\nlines", "1", ""],
        ["", " ", ""],
        ["short"],
        ['a "quoted" one', "2", ""],
        ["three\r\nlines\r\nof it", "3", ""],
    ]
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([["name", "arr", "segment"], *plain, *odd, *plain])
    header = csv_rows.match(["name", "arr", "segment"], "ACCOUNTS")

    found = list(rows_of(io.BytesIO(file.getvalue().encode()), Layout(",", header, 0, {})))

    first = before + 2
    assert [(record.line, record.cells) for record in found] == [
        *((2 + at, row) for at, row in enumerate(plain)),
        (first, odd[0]), (first + 3, odd[2]), (first + 4, odd[3]), (first + 5, odd[4]),
        *((first + 8 + at, row) for at, row in enumerate(plain)),
    ]  # fmt: skip
    assert [record.line for record in found if record.problem] == [first + 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,arr\0,segment\n", "the file is not text: line 1 has a NUL byte"),
        (text().encode("utf-16"), "the file is UTF-16 text: save it as UTF-8 (in Excel: CSV UTF-8)"),
        (b"PK\x03\x04rest", "the file is an Excel workbook or an archive: save the sheet as CSV UTF-8"),
        ("name,arr,segment\nZoë,1,SMB\n".encode("latin-1"),
         "the file is not UTF-8 text: line 2 has the byte 0xeb at position 3; save it as CSV UTF-8"),
        (b"\n\n", "the file has no header line"),
        (b"name,arr,segment\n", "the file has a header and no rows"),
        (b"name,segment\nAcme,SMB\n", "the file lacks the column arr, which ACCOUNTS needs"),
        (b"name,arr,segment,account\n", "the headers 'name' and 'account' both stand for the column name: leave one out"),
        (b'name,arr,segment\nAcme,1,SMB\n"Beta,1,SMB\nGamma,1,SMB\n', "the quote that opens in the row of line 3 is never closed"),
        (b'"name"x,arr,segment\nAcme,1,SMB\n',
         'the header line cannot be read: the quotes of line 1 do not pair: a quote inside a quoted cell is written twice, as ""'),
        (b"name,arr,segment\n" + b"x" * uploads.MAX_BYTES, "the file is larger than 10,485,760 bytes: split it"),
    ],
    ids=["nul", "utf-16", "workbook", "latin-1", "blank", "header only", "missing column", "two for one", "open quote", "quoted header", "too large"],
)  # fmt: skip
def test_what_is_no_table_fails_and_says_why(importer: Importer, content: bytes, message: str) -> None:
    upload = importer.load("ACCOUNTS", content)

    assert (upload["status"], upload["failure_code"], upload["failure_message"]) == (
        "FAILED",
        "FILE_UNREADABLE",
        message,
    )
    assert (upload["counts"], accounts(importer)) == ({}, [])


def test_a_huge_cell_is_a_row_error_and_its_neighbours_are_in(importer: Importer) -> None:
    upload = importer.load("ACCOUNTS", f"name,arr,segment\nAcme,1,SMB\n{'x' * 140_000},1,SMB\nBeta,1,SMB\n")

    assert (upload["status"], upload["created_count"]) == ("PARTIAL", 2)
    assert [error[:3] for error in importer.errors(upload)] == [(3, "name", "TOO_LONG")]


def test_a_header_without_end_is_refused(importer: Importer) -> None:
    upload = importer.load("ACCOUNTS", "name,arr,segment" + ",x" * 1000 + "\nAcme,1,SMB" + "," * 1000 + "\n")

    assert upload["failure_message"] == "the header has 1,003 cells, at most 500 are taken"


def test_an_empty_file_fails(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "x")
    importer.files.store(uploads.file_key(upload_id), io.BytesIO())
    importer.work(upload_id)

    assert importer.upload(upload_id)["failure_message"] == "the file is empty"


def test_a_file_that_is_gone_fails(importer: Importer) -> None:
    with importer.database.writing() as session:
        request = uploads.UploadRequest("ACCOUNTS", "file.csv", 1)
        opened = uploads.open(session, importer.files, request, actor="dana", now=importer.now)
    importer.work(opened.upload_id)

    assert (
        importer.upload(opened.upload_id)["failure_message"] == "the uploaded file is no longer there: upload it again"
    )


def test_a_byte_that_is_no_text_is_a_row_error_too(importer: Importer) -> None:
    upload = importer.load("ACCOUNTS", "name,arr,segment\nZoë,1,SMB\n".encode("latin-1"))

    assert importer.errors(upload) == [(2, None, "BAD_ENCODING", None)]


def test_the_file_must_be_the_one_that_was_announced(importer: Importer) -> None:
    content = text().encode()
    good = importer.load("ACCOUNTS", content, sha256=hashlib.sha256(content).hexdigest().upper())
    bad = importer.load("ACCOUNTS", content + b"\n", sha256="0" * 64)

    assert (good["status"], bad["status"]) == ("SUCCEEDED", "FAILED")
    assert bad["failure_message"].startswith("the file is not the one that was announced: its SHA-256 is ")


def test_the_columns_tell_what_each_header_was_taken_for(importer: Importer) -> None:
    upload = importer.load(
        "ACCOUNTS",
        "Kunde,arr,segment,Notes,renewal_date,qbr_last_date,churned_on\n"
        "Acme,1,SMB,hello,03/04/2027,2026-01-05,\nBeta,1,SMB,,31/12/2027,03/04/2025,\nGamma,1,SMB,,,,\n",
        column_mapping={"Kunde": "name"},
    )

    assert [
        (match["header"], match["column"], match["ignored"], match["date_order"]) for match in upload["columns"]
    ] == [
        ("Kunde", "name", False, None),
        ("arr", "arr", False, None),
        ("segment", "segment", False, None),
        ("Notes", None, True, None),
        ("renewal_date", "renewal_date", False, "DAY_MONTH_YEAR"),
        ("qbr_last_date", "qbr_last_date", False, None),
        ("churned_on", "churned_on", False, None),
    ]
    assert importer.errors(upload) == [(3, "qbr_last_date", "NOT_A_DATE", "03/04/2025")]
    assert importer.database.rows("select name, renewal_date from accounts order by name") == [
        ("Acme", date(2027, 4, 3)), ("Gamma", None),
    ]  # fmt: skip


def test_a_stated_date_order_settles_what_the_column_cannot(importer: Importer) -> None:
    content = "name,arr,segment,renewal_date\nAcme,1,SMB,03/04/2027\n"
    importer.load("ACCOUNTS", content, date_order="MONTH_DAY_YEAR")
    assert importer.database.rows("select renewal_date from accounts") == [(date(2027, 3, 4),)]

    importer.load("ACCOUNTS", content, date_order="DAY_MONTH_YEAR")
    assert importer.database.rows("select renewal_date from accounts") == [(date(2027, 4, 3),)]


def test_a_contradicted_date_order_refuses_all_of_the_column(importer: Importer) -> None:
    upload = importer.load(
        "ACCOUNTS", "name,arr,segment,renewal_date\nA,1,SMB,31/12/2027\nB,1,SMB,12/31/2027\nC,1,SMB,2027-01-01\n"
    )

    assert [error[:3] for error in importer.errors(upload)] == [
        (2, "renewal_date", "NOT_A_DATE"),
        (3, "renewal_date", "NOT_A_DATE"),
    ]
    assert upload["columns"][3]["date_order"] is None


def test_formulas_stay_text_in_the_data_and_are_disarmed_in_the_report(importer: Importer) -> None:
    content = "external_id,name,arr,segment,cs_owner\n+A-1,=1+1,1,SMB,@dana\n-A-2,\"\t=cmd|' /C calc'!A0\",x,SMB,=x\n"
    upload = importer.load("ACCOUNTS", content)

    assert importer.database.rows("select external_id, name, cs_owner from accounts") == [("+A-1", "=1+1", "@dana")]
    report = importer.report(upload)
    assert [row[:5] for row in csv.reader(io.StringIO(report))][1] == [
        "'-A-2",
        "'\t=cmd|' /C calc'!A0",
        "x",
        "SMB",
        "'=x",
    ]

    mended = importer.load("ACCOUNTS", report.replace(",x,SMB", ",2,SMB"))
    assert mended["status"] == "SUCCEEDED"
    assert importer.database.rows("select external_id, name, cs_owner from accounts where arr = 2") == [
        ("-A-2", "=cmd|' /C calc'!A0", "=x")
    ]
