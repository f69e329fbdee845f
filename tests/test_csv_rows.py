"""The rules of cells, dates and headers, each branch of them."""

import csv
import doctest
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import csv_rows
from services.csv_rows import Bad, Onboarding, cells, columns, dates, formulas, headers
from services.csv_rows.columns import COLUMNS
from services.errors import Rejected
from services.vocabulary import AccountStatus, DateOrder, RiskLevel, RowErrorCode, Segment, UploadKind

TODAY = date(2026, 3, 10)
BY_NAME = {column.name: column for kind in COLUMNS.values() for column in kind} | {
    column.name: column for column in COLUMNS["ACCOUNTS"]
}


def read(name: str, text: str, order: str | None = None) -> object:
    return csv_rows.parse(BY_NAME[name], text, today=TODAY, order=order)


def code(name: str, text: str, order: str | None = None) -> str:
    found = read(name, text, order)
    assert isinstance(found, Bad), found
    return found.code


@pytest.mark.parametrize("module", [cells, columns, dates, formulas, headers])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("name", "  Acme \n Corp ", "Acme Corp"),
        ("name", "Zoë's 東京", "Zoë's 東京"),
        ("external_id", "'=A1", "=A1"),
        ("external_id", "'t Hooft", "'t Hooft"),
        ("industry", " ", None),
        ("industry", "\u200b", None),
        ("arr", "1,234.50", Decimal("1234.50")),
        ("arr", "$1,200", Decimal("1200.00")),
        ("arr", "€ 12", Decimal("12.00")),
        ("arr", "1200 £", Decimal("1200.00")),
        ("arr", "1.5E+05", Decimal("150000.00")),
        ("arr", "0.125", Decimal("0.13")),
        ("arr", ".5", Decimal("0.50")),
        ("arr", "-0", Decimal("0.00")),
        ("nps", "-40", -40),
        ("nps", "'-40", -40),
        ("active_users", "120.0", 120),
        ("active_users", "1,200", 1200),
        ("active_users", "0", 0),
        ("active_users", "", None),
        ("avg_session_min", "18.555", Decimal("18.56")),
        ("feature_x_adoption", "85%", Decimal("0.8500")),
        ("feature_x_adoption", "85 %", Decimal("0.8500")),
        ("feature_x_adoption", "0.85", Decimal("0.8500")),
        ("weekly_active_pct", "1", Decimal("1.0000")),
        ("health_score", "66.25", Decimal("66.3")),
        ("segment", "mid_market", "MID_MARKET"),
        ("segment", "MM", "MID_MARKET"),
        ("segment", "midmarket", "MID_MARKET"),
        ("segment", "ENT", "ENTERPRISE"),
        ("segment", "Small Business", "SMB"),
        ("segment", "smb", "SMB"),
        ("status", "Churned", "CHURNED"),
        ("renewal_risk", "HIGH", "HIGH"),
        ("onboarding_phase", "Yes", Onboarding(True)),
        ("onboarding_phase", "false", Onboarding(False)),
        ("onboarding_phase", "0", Onboarding(False)),
        ("onboarding_phase", "1", Onboarding(True)),
        ("onboarding_phase", "1.0", Onboarding(True)),
        ("onboarding_phase", "0.00", Onboarding(False)),
        ("onboarding_phase", "60%", Onboarding(True, Decimal("0.6000"))),
        ("onboarding_phase", "0.6", Onboarding(True, Decimal("0.6000"))),
        ("onboarding_phase", "100%", Onboarding(True, Decimal("1.0000"))),
        ("qbr_last_date", "2026-03-10", TODAY),
        ("qbr_last_date", "2026/3/1", date(2026, 3, 1)),
        ("qbr_last_date", "2026-03-10T00:00:00.000Z", TODAY),
        ("qbr_last_date", "2026-03-10 00:00", TODAY),
        ("qbr_last_date", "05/05/2025", date(2025, 5, 5)),
        ("renewal_date", "2031-01-01", date(2031, 1, 1)),
        ("qbr_last_date", "", None),
    ],
)
def test_a_cell_says(column: str, text: str, value: object) -> None:
    found = read(column, text)

    assert (type(found), found) == (type(value), value)


def test_only_a_cell_that_may_be_empty_is_told_so() -> None:
    arr = Bad("NOT_A_NUMBER", "arr must be an amount like 1234.50, 1,234.50 or $1,200")
    for kind in ("ACCOUNTS", "ARR_HISTORY"):
        [column] = [column for column in COLUMNS[kind] if column.name == "arr"]
        assert csv_rows.parse(column, "lots", today=TODAY) == arr
    assert read("nps", "good") == Bad(
        "NOT_A_NUMBER", "nps must be a whole number like 120 or 1,200, or empty for no data"
    )


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("name", "", "REQUIRED_MISSING"),
        ("name", " \u200b ", "REQUIRED_MISSING"),
        ("name", "x" * 301, "TOO_LONG"),
        ("name", "\ufdfa" * 150, "TOO_LONG"),
        ("name", "a\0b", "BAD_ENCODING"),
        ("name", "a\ud800b", "BAD_ENCODING"),
        ("name", "a\x07b", "BAD_ENCODING"),
        ("external_id", "x" * 201, "TOO_LONG"),
        ("arr", "1.234,50", "NOT_A_NUMBER"),
        ("arr", "1.234", "NOT_A_NUMBER"),
        ("arr", "1,5", "NOT_A_NUMBER"),
        ("arr", "abc", "NOT_A_NUMBER"),
        ("arr", "nan", "NOT_A_NUMBER"),
        ("arr", "-inf", "NOT_A_NUMBER"),
        ("arr", "١٢", "NOT_A_NUMBER"),
        ("arr", "1e400", "OUT_OF_RANGE"),
        ("arr", "1e-999999999999999999999", "OUT_OF_RANGE"),
        ("arr", "9" * 200, "OUT_OF_RANGE"),
        ("arr", "1000000000000", "OUT_OF_RANGE"),
        ("arr", "-1", "OUT_OF_RANGE"),
        ("active_users", "1.5", "NOT_A_NUMBER"),
        ("active_users", "abc", "NOT_A_NUMBER"),
        ("active_users", "2147483648", "OUT_OF_RANGE"),
        ("avg_session_min", "1441", "OUT_OF_RANGE"),
        ("feature_x_adoption", "85", "OUT_OF_RANGE"),
        ("feature_x_adoption", "most", "NOT_A_NUMBER"),
        ("health_score", "100.1", "OUT_OF_RANGE"),
        ("segment", "Startup", "UNKNOWN_VALUE"),
        ("onboarding_phase", "maybe", "NOT_A_BOOLEAN"),
        ("onboarding_phase", "101%", "OUT_OF_RANGE"),
        ("onboarding_phase", "2", "OUT_OF_RANGE"),
        ("qbr_last_date", "soon", "NOT_A_DATE"),
        ("qbr_last_date", "2025-02-29", "NOT_A_DATE"),
        ("qbr_last_date", "45000", "NOT_A_DATE"),
        ("qbr_last_date", "03/04/25", "NOT_A_DATE"),
        ("qbr_last_date", "99/99/2025", "NOT_A_DATE"),
        ("qbr_last_date", "2025-02-01 10:30", "NOT_A_DATE"),
        ("qbr_last_date", "2026-03-11", "FUTURE_DATE"),
        ("qbr_last_date", "0024-12-31", "OUT_OF_RANGE"),
        ("renewal_date", "9999-12-31", "OUT_OF_RANGE"),
    ],
)
def test_a_cell_is_refused(column: str, text: str, expected: str) -> None:
    assert code(column, text) == expected


def test_an_ambiguous_number_is_refused_with_both_readings() -> None:
    assert read("arr", "1.234") == Bad("NOT_A_NUMBER", "arr could be 1234 or 1.2340: write one of the two")


def test_an_ambiguous_date_is_refused_with_both_readings() -> None:
    assert read("qbr_last_date", "03/04/2025") == Bad(
        "NOT_A_DATE",
        "qbr_last_date could be 2025-04-03 (day first) or 2025-03-04 (month first): "
        "write it as 2025-04-03 or 2025-03-04, or state the date order",
    )


def test_a_settled_order_decides_and_refuses_what_does_not_fit_it() -> None:
    assert read("qbr_last_date", "03/04/2025", "DAY_MONTH_YEAR") == date(2025, 4, 3)
    assert read("qbr_last_date", "03.04.2025", "MONTH_DAY_YEAR") == date(2025, 3, 4)
    assert read("qbr_last_date", "12/31/2024", "DAY_MONTH_YEAR") == Bad(
        "NOT_A_DATE", "qbr_last_date is no day of the calendar, read day first as the column is"
    )
    assert code("qbr_last_date", "31/12/2024", "YEAR_MONTH_DAY") == "NOT_A_DATE"
    assert code("qbr_last_date", "31/12/2024", "CONTRADICTED") == "NOT_A_DATE"


def test_the_order_of_a_column_is_stated_or_proven() -> None:
    def settled(stated: str | None, *texts: str) -> str | None:
        return csv_rows.settle(stated, {csv_rows.proof(text) for text in texts})

    assert settled(None, "03/04/2025", "13/04/2025", "") == "DAY_MONTH_YEAR"
    assert settled(None, "03/04/2025", "04/13/2025") == "MONTH_DAY_YEAR"
    assert settled(None, "03/04/2025", "05/05/2025") is None
    assert settled(None, "13/04/2025", "04/13/2025") == "CONTRADICTED"
    assert settled("MONTH_DAY_YEAR", "03/04/2025") == "MONTH_DAY_YEAR"
    assert settled("MONTH_DAY_YEAR", "2025-04-03", "31/02/2025") == "YEAR_MONTH_DAY"
    assert settled("MONTH_DAY_YEAR", "", "soon") is None


def test_headers_match_in_any_case_order_and_spelling() -> None:
    found = csv_rows.match(
        ["Segment", "ARR (USD)", "account-name", "Renewal Date", "CS_OWNER ", "Notes", ""], "ACCOUNTS"
    )

    names = [match.column and match.column.name for match in found.matches]
    assert names == ["segment", "arr", "name", "renewal_date", "cs_owner", None, None]
    assert (found.has_accounts, found.has_days) == (True, False)


def test_the_mapping_wins_over_names() -> None:
    mapping = {"Kunde": "name", "umsatz": "arr"}
    found = csv_rows.match(["Kunde", "name", "Umsatz", "segment"], "ACCOUNTS", mapping)

    assert [match.column and match.column.name for match in found.matches] == ["name", None, "arr", "segment"]


def test_the_older_wide_file_tells_of_accounts_and_days_in_either_kind() -> None:
    wide = ["account_name", "arr", "segment", "date", "logins", "nps"]
    for kind in ("ACCOUNTS", "DAILY_METRICS"):
        found = csv_rows.match(wide, kind)
        assert (found.has_accounts, found.has_days, sorted(found.columns)) == (
            True, True, ["arr", "date", "logins", "name", "nps", "segment"],
        )  # fmt: skip
    narrow = csv_rows.match(["name", "date", "logins", "segment"], "DAILY_METRICS")
    assert (narrow.has_accounts, narrow.has_days, sorted(narrow.columns)) == (False, True, ["date", "logins", "name"])
    plain = csv_rows.match(["name", "arr", "segment", "logins"], "ACCOUNTS")
    assert (plain.has_days, sorted(plain.columns)) == (False, ["arr", "name", "segment"])


@pytest.mark.parametrize(
    ("line", "kind", "mapping", "message"),
    [
        (["name", "segment"], "ACCOUNTS", {}, "the file lacks the column arr, which ACCOUNTS needs"),
        (["date", "logins"], "DAILY_METRICS", {},
         "the file lacks the column external_id (or name), which DAILY_METRICS needs"),
        (["name", "account", "arr", "segment"], "ACCOUNTS", {},
         "the headers 'name' and 'account' both stand for the column name: leave one out"),
        (["name", "arr", "segment"], "ACCOUNTS", {"Kunde": "name"},
         "the column mapping names the header 'Kunde', which the file lacks"),
        (["name", "arr", "segment"], "ACCOUNTS", {"name": "shoe_size"},
         "the column mapping names 'shoe_size', which is no column of ACCOUNTS"),
    ],
)  # fmt: skip
def test_a_header_is_refused_by_name(line: list[str], kind: str, mapping: dict[str, str], message: str) -> None:
    with pytest.raises(Rejected) as refused:
        csv_rows.match(line, kind, mapping)

    assert refused.value.message == message


@pytest.mark.parametrize("kind", list(UploadKind))
def test_the_template_reads_as_it_stands(kind: str) -> None:
    header, *rows = csv.reader(io.StringIO(csv_rows.template(kind).csv))
    found = csv_rows.match(header, kind)

    for row in rows:
        for match, text in zip(found.matches, row, strict=True):
            assert match.column is not None
            assert not isinstance(csv_rows.parse(match.column, text, today=TODAY), Bad)
    assert len(rows) == 1


def test_the_columns_of_a_kind_are_known_by_name_and_by_header() -> None:
    assert csv_rows.column_names("ARR_HISTORY") == {"external_id", "name", "effective_on", "arr"}
    assert csv_rows.column_names("ACCOUNTS") == csv_rows.column_names("DAILY_METRICS")
    assert headers.guess(["Account", "ARR", "name;segment"], "ACCOUNTS") == 2


def test_no_two_columns_of_a_kind_share_a_name() -> None:
    for kind in COLUMNS:
        names = [name for column in COLUMNS[kind] for name in (column.name, *column.aliases)]
        assert len(names) == len(set(names))
        assert {headers.normalised(name) for name in names} == set(names)


def test_the_rules_speak_the_words_of_the_product() -> None:
    assert set(cells.CHOICES["segment"].values()) == set(Segment)
    assert set(cells.CHOICES["status"].values()) == set(AccountStatus)
    assert set(cells.CHOICES["renewal_risk"].values()) == set(RiskLevel)
    assert {dates.YEAR_MONTH_DAY, dates.DAY_MONTH_YEAR, dates.MONTH_DAY_YEAR} == set(DateOrder)


@given(st.sampled_from(sorted(BY_NAME)), st.text(), st.sampled_from([None, "CONTRADICTED", *DateOrder]))
def test_any_text_is_a_value_no_data_or_an_error_of_the_contract(name: str, text: str, order: str | None) -> None:
    found = csv_rows.parse(BY_NAME[name], text, today=TODAY, order=order)

    if isinstance(found, Bad):
        assert found.code in list(RowErrorCode)
        assert found.message


@given(st.decimals(0, 10**12 - 1, places=2))
def test_money_reads_back_in_every_way_it_is_written(amount: Decimal) -> None:
    for text in (f"{amount}", f"{amount:,}", f"${amount:,}", f"€{amount}"):
        assert read("arr", text) == amount


@given(st.dates(date(1970, 1, 1), TODAY))
def test_a_date_reads_back_in_the_order_it_is_written(day: date) -> None:
    assert read("qbr_last_date", day.isoformat()) == day
    assert read("qbr_last_date", f"{day:%d/%m/%Y}", "DAY_MONTH_YEAR") == day
    assert read("qbr_last_date", f"{day:%m-%d-%Y}", "MONTH_DAY_YEAR") == day


@given(st.text())
def test_a_disarmed_cell_comes_back_as_it_was(text: str) -> None:
    if formulas.rearm(text) == text:
        assert csv_rows.rearm(csv_rows.disarm(text)) == text
