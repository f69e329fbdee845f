"""The RavenStack data set through the import: as it is, again, with one byte more, with forty broken cells."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.db.connection import Database
from services.settings import Settings
from tests.importing import Importer

KINDS = {"ACCOUNTS": "accounts.csv", "DAILY_METRICS": "daily_metrics.csv", "ARR_HISTORY": "arr_history.csv"}


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    return Importer(database, aws_settings, now=datetime(2024, 12, 31, 18, tzinfo=UTC))


def load_all(importer: Importer, ravenstack: Path, more: bytes = b"") -> dict[str, dict[str, Any]]:
    return {kind: importer.load(kind, (ravenstack / name).read_bytes() + more) for kind, name in KINDS.items()}


def test_the_three_files_are_imported_once_however_often_they_come(importer: Importer, ravenstack: Path) -> None:
    first = load_all(importer, ravenstack)
    state = importer.state()

    again = load_all(importer, ravenstack)
    one_byte_more = load_all(importer, ravenstack, b"\n")

    assert {kind: (upload["status"], upload["counts"]) for kind, upload in first.items()} == {
        "ACCOUNTS": ("SUCCEEDED", {"created": 500}),
        "DAILY_METRICS": ("SUCCEEDED", {"created": 24_111}),
        # the accounts file has told the ARR of its day already, which for 317 of them the history tells too
        "ARR_HISTORY": ("SUCCEEDED", {"created": 2_392, "unchanged": 317}),
    }
    assert {kind: (upload["status"], upload["counts"], upload["duplicate_of"]) for kind, upload in again.items()} == {
        kind: ("SUCCEEDED", {"unchanged": upload["rows_total"]}, upload["id"]) for kind, upload in first.items()
    }
    assert {
        kind: (upload["status"], upload["counts"], upload["duplicate_of"]) for kind, upload in one_byte_more.items()
    } == {kind: ("SUCCEEDED", {"unchanged": upload["rows_total"]}, None) for kind, upload in first.items()}
    assert importer.state() == state
    assert importer.database.read("select count(*) from health_snapshots where day = '2024-12-31'") == 500


BREAKS = {
    "name": [("", "REQUIRED_MISSING"), ("x" * 301, "TOO_LONG")],
    "arr": [("", "REQUIRED_MISSING"), ("abc", "NOT_A_NUMBER"), ("-1", "OUT_OF_RANGE"), ("1.234,50", "NOT_A_NUMBER"),
            ("nan", "NOT_A_NUMBER"), ("1e400", "OUT_OF_RANGE"), ("1.234", "NOT_A_NUMBER")],
    "segment": [("Startup", "UNKNOWN_VALUE"), ("", "REQUIRED_MISSING")],
    "renewal_date": [("2025-02-30", "NOT_A_DATE"), ("soon", "NOT_A_DATE"), ("03/04/2026", "NOT_A_DATE"),
                     ("2999-01-01", "OUT_OF_RANGE")],
    "active_users": [("many", "NOT_A_NUMBER"), ("-3", "OUT_OF_RANGE"), ("1.5", "NOT_A_NUMBER")],
    "seats_purchased": [("99999999999", "OUT_OF_RANGE"), ("inf", "NOT_A_NUMBER")],
    "feature_x_adoption": [("85", "OUT_OF_RANGE"), ("most", "NOT_A_NUMBER"), ("-1%", "OUT_OF_RANGE")],
    "weekly_active_pct": [("101%", "OUT_OF_RANGE")],
    "tickets_last_30d": [("#N/A", "NOT_A_NUMBER"), ("=1+1", "NOT_A_NUMBER")],
    "nps": [("101", "OUT_OF_RANGE"), ("-101", "OUT_OF_RANGE")],
    "qbr_last_date": [("2025-01-01", "FUTURE_DATE"), ("2024-12-31 10:30", "NOT_A_DATE"), ("12/31/24", "NOT_A_DATE")],
    "onboarding_phase": [("maybe", "NOT_A_BOOLEAN"), ("140%", "OUT_OF_RANGE")],
    "expansion_oppty_dollar": [("a lot", "NOT_A_NUMBER")],
    "renewal_risk": [("dire", "UNKNOWN_VALUE")],
    "status": [("paused", "UNKNOWN_VALUE")],
    "churned_on": [("2024-06-30", "UNKNOWN_VALUE"), ("2025-06-30", "FUTURE_DATE")],
    "observed_on": [("0024-12-31", "OUT_OF_RANGE"), ("2025-01-01", "FUTURE_DATE")],
}  # fmt: skip


def test_forty_broken_cells_are_forty_row_errors_and_the_mended_report_goes_in(
    importer: Importer, ravenstack: Path
) -> None:
    good = (ravenstack / KINDS["ACCOUNTS"]).read_text()
    rows = list(csv.reader(io.StringIO(good)))
    header = rows[0]
    expected, whole = [], {}
    breaks = [(column, value, code) for column, several in BREAKS.items() for value, code in several]
    assert len(breaks) == 40
    for at, (column, value, code) in enumerate(breaks):
        line = 5 + 11 * at
        whole[rows[line - 1][0]] = list(rows[line - 1])
        rows[line - 1][header.index(column)] = value
        # a day of churn on an active account is the status's fault
        found = (
            ("status", "active")
            if code == "UNKNOWN_VALUE" and column == "churned_on"
            else (column, value[:200] or None)
        )
        expected.append((line, found[0], code, found[1]))

    upload = importer.load("ACCOUNTS", written(rows))

    assert importer.errors(upload) == expected
    assert (upload["status"], upload["counts"], upload["has_report"]) == (
        "PARTIAL",
        {"created": 460, "failed": 40},
        True,
    )

    report = list(csv.DictReader(io.StringIO(importer.report(upload))))
    assert [row["tickets_last_30d"] for row in report if "=" in row["tickets_last_30d"]] == ["'=1+1"]
    assert all(row["import_errors"] for row in report)
    mended = [list(report[0]), *([*whole[row["external_id"]], row["import_errors"]] for row in report)]
    second = importer.load("ACCOUNTS", written(mended))

    assert (second["status"], second["counts"]) == ("SUCCEEDED", {"created": 40})
    assert second["columns"][-1] == {"header": "import_errors", "column": None, "ignored": True, "date_order": None}
    broken_in_parts = importer.state()["accounts"]
    third = importer.load("ACCOUNTS", good)
    assert (third["status"], third["counts"], importer.state()["accounts"]) == (
        "SUCCEEDED",
        {"unchanged": 500},
        broken_in_parts,
    )


def written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
