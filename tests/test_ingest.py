"""What an import makes of the rows: who is meant, what changes, what becomes history, what is told."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services import mock_data
from services.db.connection import Database
from services.settings import Settings
from tests.importing import NOON, Importer


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    return Importer(database, aws_settings)


def result(upload: dict[str, Any]) -> tuple[str, dict[str, int]]:
    return upload["status"], upload["counts"]


def accounts(importer: Importer, columns: str) -> list[tuple[Any, ...]]:
    return importer.database.rows(f"select {columns} from accounts order by name, external_id")


def newest(importer: Importer, columns: str) -> list[tuple[Any, ...]]:
    return importer.database.rows(
        f"select {columns} from accounts a join account_observations o using (observed_on) where o.account_id = a.id order by name"
    )


def changes(importer: Importer) -> list[list[dict[str, str]]]:
    return [row[0] for row in importer.database.rows("select fields from changes where source = 'IMPORT' order by id")]


def test_a_new_account_has_its_facts_its_arr_and_its_past_from_the_first_day(importer: Importer) -> None:
    upload = importer.load(
        "ACCOUNTS",
        "external_id,name,arr,segment,nps,onboarding_phase,feature_x_adoption,status,churned_on\n"
        "A-1, Acme ,\"$1,200.50\",mid_market,40,60%,85%,,\n",
    )  # fmt: skip

    assert result(upload) == ("SUCCEEDED", {"created": 1})
    assert accounts(
        importer, "external_id, name, arr, segment, status, churned_on, origin, observed_on, version, scored_on"
    ) == [("A-1", "Acme", Decimal("1200.50"), "MID_MARKET", "ACTIVE", None, "IMPORT", NOON.date(), 1, NOON.date())]
    assert newest(importer, "nps, nps_on, onboarding, onboarding_progress, feature_x_adoption, active_users") == [
        (40, NOON.date(), True, Decimal("0.6000"), Decimal("0.8500"), None)
    ]
    assert importer.state()["arr"] == [("Acme", NOON.date(), Decimal("1200.50"))]
    fields = [("external_id", "A-1"), ("name", "Acme"), ("segment", "MID_MARKET"), ("status", "ACTIVE"),
              ("feature_x_adoption", "0.85"), ("nps", "40"), ("onboarding_phase", "60%"), ("arr", "1200.50")]  # fmt: skip
    expected = [{"field": field, "before": None, "after": after} for field, after in fields]
    assert changes(importer) == [expected]
    assert upload["preview"] == [{"line": 2, "action": "CREATE", "key": "A-1", "fields": expected}]
    assert importer.database.rows("select actor, upload_id::text from changes where source = 'IMPORT'") == [
        ("dana", upload["id"])
    ]


def test_an_absent_column_leaves_the_value_and_an_empty_cell_clears_it(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment,region,industry,nps,active_users\nAcme,100,SMB,EMEA,FinTech,40,7\n")
    importer.now += timedelta(days=1)

    upload = importer.load("ACCOUNTS", "name,arr,segment,region,nps\nACME,100,SMB,,\n")

    assert result(upload) == ("SUCCEEDED", {"updated": 1})
    assert accounts(importer, "name, region, industry, version, updated_at") == [
        ("ACME", None, "FinTech", 2, importer.now)
    ]
    assert newest(importer, "o.observed_on, nps, nps_on, active_users") == [(importer.now.date(), None, None, 7)]
    assert changes(importer)[1] == [
        {"field": "name", "before": "Acme", "after": "ACME"},
        {"field": "region", "before": "EMEA", "after": None},
        {"field": "nps", "before": "40", "after": None},
    ]
    assert importer.state()["arr"] == [("ACME", date(2026, 3, 10), Decimal(100))]


def test_the_same_figures_on_a_later_day_are_a_sign_of_life_and_no_change(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment,active_users\nAcme,100,SMB,7\n")
    importer.now += timedelta(days=1)

    upload = importer.load("ACCOUNTS", "name,arr,segment,active_users\nAcme,100,SMB,7\n\n")

    assert result(upload) == ("SUCCEEDED", {"unchanged": 1})
    assert accounts(importer, "observed_on, version, updated_at") == [(date(2026, 3, 11), 1, NOON)]
    assert len(changes(importer)) == 1


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("name", "Acme Corp"), ("arr", "2"), ("segment", "ENT"), ("industry", "IT"), ("region", "EU"), ("cs_owner", "Lee"),
        ("renewal_date", "2027-01-01"), ("active_users", "6"), ("seats_purchased", "11"), ("feature_x_adoption", "50%"),
        ("weekly_active_pct", "0.4"), ("time_to_value_days", "9"), ("tickets_last_30d", "3"), ("critical_tickets_90d", "2"),
        ("sla_breaches_90d", "1"), ("nps", "7"), ("qbr_last_date", "2026-01-05"), ("onboarding_phase", "60%"),
        ("expansion_oppty_dollar", "5"), ("renewal_risk", "high"), ("status", "onboarding"), ("health_score", "70"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("observed_on", ["2026-03-01", "2026-03-05", "2026-02-01"])
def test_one_column_alone_may_change(importer: Importer, column: str, cell: str, observed_on: str) -> None:
    known = {"external_id": "A-1", "name": "Acme", "arr": "1", "segment": "SMB", "observed_on": "2026-03-01"}
    first = ",".join(known) + "\n" + ",".join(known.values()) + "\n"
    changed = known | {column: cell, "observed_on": observed_on}
    importer.load("ACCOUNTS", first)

    upload = importer.load("ACCOUNTS", ",".join(changed) + "\n" + ",".join(changed.values()) + "\n")

    assert (upload["status"], upload["created_count"] + upload["updated_count"] + upload["unchanged_count"]) == (
        "SUCCEEDED",
        1,
    )


def test_figures_that_a_file_does_not_tell_keep_the_day_they_were_told_on(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment,active_users,seats_purchased,observed_on\nAcme,1,SMB,5,10,2026-01-01\n")
    importer.load("ACCOUNTS", "name,arr,segment,active_users,observed_on\nAcme,1,SMB,6,2026-02-01\n")
    importer.load("ACCOUNTS", "name,arr,segment,nps,observed_on\nAcme,1,SMB,7,2026-03-01\n")

    told = importer.database.rows(
        "select observed_on::text, told_on ->> 'seats_purchased', told_on ->> 'active_users', nps_on::text"
        " from account_observations order by 1"
    )
    assert told == [
        ("2026-01-01", None, None, None),
        ("2026-02-01", "2026-01-01", None, None),
        ("2026-03-01", "2026-01-01", "2026-02-01", "2026-03-01"),
    ]


def test_an_older_file_becomes_history_and_leaves_todays_account_alone(importer: Importer) -> None:
    importer.load(
        "ACCOUNTS", "name,arr,segment,active_users,observed_on\nAcme,100,SMB,7,2026-01-01\nAcme,100,SMB,8,2026-03-01\n"
    )
    before = accounts(importer, "*")

    upload = importer.load(
        "ACCOUNTS", "name,arr,segment,active_users,observed_on\nOld Acme,1,SMB,1,2026-02-01\nacme,80,ENT,3,2026-02-01\n"
    )

    assert result(upload) == ("SUCCEEDED", {"created": 1, "updated": 1})
    assert [row for row in accounts(importer, "*") if row in before] == before
    assert importer.state()["arr"][:3] == [
        ("Acme", date(2026, 1, 1), Decimal(100)),
        ("Acme", date(2026, 2, 1), Decimal(80)),
        ("Acme", date(2026, 3, 1), Decimal(100)),
    ]
    assert importer.database.rows("select observed_on, active_users from account_observations where account_id = 1 order by 1") == [
        (date(2026, 1, 1), 7), (date(2026, 2, 1), 3), (date(2026, 3, 1), 8),
    ]  # fmt: skip


def test_churn_has_a_day_and_ends_with_it(importer: Importer) -> None:
    first = importer.load("ACCOUNTS", "name,arr,segment,status,churned_on,observed_on\n"
                          "A,1,SMB,churned,,2026-02-01\nB,1,SMB,churned,2026-01-15,\nC,1,SMB,,2026-01-16,\n"
                          "D,1,SMB,active,2026-01-17,\n")  # fmt: skip
    assert accounts(importer, "name, status, churned_on") == [
        ("A", "CHURNED", date(2026, 2, 1)), ("B", "CHURNED", date(2026, 1, 15)), ("C", "CHURNED", date(2026, 1, 16)),
    ]  # fmt: skip
    assert importer.errors(first) == [(5, "status", "UNKNOWN_VALUE", "active")]

    importer.load("ACCOUNTS", "name,arr,segment,status\nA,1,SMB,churned\nB,1,SMB,active\nC,1,SMB,\n")

    assert accounts(importer, "name, status, churned_on") == [
        ("A", "CHURNED", date(2026, 2, 1)), ("B", "ACTIVE", None), ("C", "CHURNED", date(2026, 1, 16)),
    ]  # fmt: skip


def test_names_that_fold_alike_are_one_account(importer: Importer) -> None:
    upload = importer.load("ACCOUNTS", 'name,arr,segment\nAcme,1,SMB\n"Acme ",2,SMB\nACME,3,SMB\n')

    assert result(upload) == ("PARTIAL", {"created": 1, "failed": 2})
    assert importer.errors(upload) == [(3, None, "DUPLICATE_IN_FILE", "Acme"), (4, None, "DUPLICATE_IN_FILE", "ACME")]
    assert importer.messages(upload)[0] == "the row in line 2 already speaks of this account on 2026-03-10"
    assert accounts(importer, "name, arr") == [("Acme", 1)]


def test_an_account_known_by_name_adopts_the_external_id_that_comes_with_it(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")

    upload = importer.load("ACCOUNTS", "external_id,name,arr,segment\nA-1,acme,1,SMB\nA-2,Acme,5,SMB\n")

    assert result(upload) == ("SUCCEEDED", {"created": 1, "updated": 1})
    assert accounts(importer, "id, external_id, name") == [(2, "A-2", "Acme"), (1, "A-1", "acme")]

    daily = importer.load(
        "DAILY_METRICS",
        "external_id,name,date,logins\n,Acme,2026-03-01,1\nA-9,,2026-03-01,1\nA-1,,2026-03-01,1\n,,2026-03-01,2\n",
    )

    assert importer.errors(daily) == [
        (2, "name", "AMBIGUOUS_ACCOUNT", "Acme"),
        (3, "external_id", "UNKNOWN_ACCOUNT", "A-9"),
        (5, "external_id", "REQUIRED_MISSING", None),
    ]
    assert result(daily) == ("PARTIAL", {"created": 1, "failed": 3})


def test_a_name_alone_meets_the_external_id_that_the_same_file_gives(importer: Importer) -> None:
    file = "external_id,name,arr,segment,observed_on\nA-1,Acme,1,SMB,2026-03-01\n,ACME,2,SMB,2026-03-02\n"
    upload = importer.load("ACCOUNTS", file)
    again = importer.load("ACCOUNTS", file + "\n")

    assert accounts(importer, "external_id, name, arr") == [("A-1", "ACME", 2)]
    assert result(upload) == ("SUCCEEDED", {"created": 1, "updated": 1})
    assert result(again) == ("SUCCEEDED", {"unchanged": 2})


def test_daily_metrics_are_added_changed_and_left_column_by_column(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    importer.load(
        "DAILY_METRICS", "name,date,logins,events,avg_session_min\nAcme,2026-03-01,5,50,12.5\nAcme,2026-03-02,6,60,\n"
    )

    upload = importer.load(
        "DAILY_METRICS",
        "name,date,logins,feature_events\nAcme,2026-03-01,,3\nAcme,2026-03-02,6,\nAcme,2026-03-03,0,0\nAcme,2026-03-01,9,9\n",
    )

    assert result(upload) == ("PARTIAL", {"created": 1, "updated": 1, "unchanged": 1, "failed": 1})
    assert importer.errors(upload) == [(5, None, "DUPLICATE_IN_FILE", "Acme")]
    assert importer.database.rows(
        "select day, logins, events, feature_x_events, avg_session_min from daily_metrics order by day"
    ) == [
        (date(2026, 3, 1), None, 50, 3, Decimal("12.50")),
        (date(2026, 3, 2), 6, 60, None, None),
        (date(2026, 3, 3), 0, None, 0, None),
    ]
    assert upload["preview"][0] == {
        "line": 2, "action": "UPDATE", "key": "Acme",
        "fields": [{"field": "logins", "before": "5", "after": None}, {"field": "feature_x_events", "before": None, "after": "3"}],
    }  # fmt: skip
    assert accounts(importer, "version") == [(1,)]


def test_the_arr_history_moves_the_accounts_arr_only_at_its_newest_end(importer: Importer) -> None:
    importer.load("ACCOUNTS", "external_id,name,arr,segment,observed_on\nA-1,Acme,100,SMB,2026-03-01\n")

    past = importer.load("ARR_HISTORY", "external_id,effective_on,arr\nA-1,2025-01-01,50\nA-1,2026-03-01,100\n")
    assert (result(past), accounts(importer, "arr, version")) == (
        ("SUCCEEDED", {"created": 1, "unchanged": 1}),
        [(100, 1)],
    )

    later = importer.load(
        "ARR_HISTORY", "external_id,effective_on,arr\nA-1,2026-03-05,150\nA-1,2025-01-01,60\nA-1,2026-04-01,1\n"
    )
    assert result(later) == ("PARTIAL", {"created": 1, "updated": 1, "failed": 1})
    assert importer.errors(later) == [(4, "effective_on", "FUTURE_DATE", "2026-04-01")]
    assert accounts(importer, "arr, version, updated_at") == [(150, 2, NOON)]
    assert changes(importer)[-1] == [{"field": "arr", "before": "100.00", "after": "150.00"}]


@pytest.mark.parametrize("kind", ["ACCOUNTS", "DAILY_METRICS"])
def test_the_older_wide_file_fills_accounts_observations_days_and_arr(importer: Importer, kind: str) -> None:
    wide = ("account_name,arr,segment,date,logins,active_users\n"
            "Acme,100,SMB,2026-03-01,5,10\nBeta,7,ENT,2026-03-01,1,\nAcme,120,Mid Market,2026-03-02,6,11\n"
            "Acme,120,SMB,2026-03-02,6,11\n")  # fmt: skip
    upload = importer.load(kind, wide)

    assert result(upload) == ("PARTIAL", {"created": 2, "updated": 1, "failed": 1})
    assert importer.errors(upload) == [(5, None, "DUPLICATE_IN_FILE", "Acme")]
    assert accounts(importer, "name, arr, segment, observed_on, version") == [
        ("Acme", 120, "MID_MARKET", date(2026, 3, 2), 1), ("Beta", 7, "ENTERPRISE", date(2026, 3, 1), 1),
    ]  # fmt: skip
    assert importer.state()["arr"] == [
        ("Acme", date(2026, 3, 1), 100), ("Acme", date(2026, 3, 2), 120), ("Beta", date(2026, 3, 1), 7),
    ]  # fmt: skip
    assert importer.database.rows("select day, logins from daily_metrics where account_id = 1 order by day") == [
        (date(2026, 3, 1), 5), (date(2026, 3, 2), 6),
    ]  # fmt: skip
    assert len(changes(importer)) == 2


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("ACCOUNTS", "external_id,name,arr,segment\nMOCK-1-00002,Renamed,7,SMB\n"),
        ("ACCOUNTS", "external_id,name,arr,segment,observed_on\nMOCK-1-00002,Renamed,7,SMB,2020-01-01\n"),
        ("DAILY_METRICS", "external_id,date,logins\nMOCK-1-00002,2020-01-01,7\n"),
        ("ARR_HISTORY", "external_id,effective_on,arr\nMOCK-1-00002,2020-01-01,7\n"),
    ],
)
def test_a_made_up_account_that_a_file_tells_of_is_made_up_no_longer(importer: Importer, kind: str, file: str) -> None:
    def generate(seed: int) -> None:
        with importer.database.writing() as session:
            mock_data.generate(session, accounts=3, days=30, seed=seed, replace=True, actor="dana", now=importer.now)

    generate(seed=1)
    importer.load(kind, file, dry_run=True)
    assert {origin for (origin,) in accounts(importer, "origin")} == {"MOCK"}
    importer.load(kind, file)
    state = importer.state()

    generate(seed=2)

    assert sorted(accounts(importer, "external_id, origin")) == [
        ("MOCK-1-00002", "IMPORT"), ("MOCK-2-00001", "MOCK"), ("MOCK-2-00002", "MOCK"), ("MOCK-2-00003", "MOCK"),
    ]  # fmt: skip
    [name] = (row[0] for row in importer.database.rows("select name from accounts where origin = 'IMPORT'"))
    assert [
        [row for row in importer.state()[table] if name in row[:2]]
        for table in ("accounts", "observations", "days", "arr")
    ] == [[row for row in state[table] if name in row[:2]] for table in ("accounts", "observations", "days", "arr")]


def test_all_or_nothing_takes_nothing_and_says_why(importer: Importer) -> None:
    upload = importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\nBeta,x,SMB\n", policy="ALL_OR_NOTHING")

    assert result(upload) == ("FAILED", {"skipped": 1, "failed": 1})
    assert (upload["failure_code"], upload["failure_message"]) == (
        "FILE_UNREADABLE", "nothing was imported: 1 of 2 rows have errors, and it was to be all or nothing",
    )  # fmt: skip
    assert (accounts(importer, "*"), importer.errors(upload)) == ([], [(3, "arr", "NOT_A_NUMBER", "x")])
    assert importer.database.rows("select kind, subject from events") == [
        ("UPLOAD_FAILED", f"upl_{upload['id'].replace('-', '')}")
    ]
    assert importer.report(upload) == (
        'name,arr,segment,import_errors\r\nBeta,x,SMB,"arr must be an amount like 1234.50, 1,234.50 or $1,200"\r\n'
    )


def test_a_dry_run_reports_all_and_writes_nothing(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    before, events = importer.state(), importer.database.read("select max(id) from events")

    upload = importer.load("ACCOUNTS", "name,arr,segment\nAcme,2,SMB\nNew,1,SMB\nBad,,SMB\n", dry_run=True)

    assert result(upload) == ("PARTIAL", {"created": 1, "updated": 1, "failed": 1})
    assert [(row["line"], row["action"], row["key"]) for row in upload["preview"]] == [
        (2, "UPDATE", "Acme"),
        (3, "CREATE", "New"),
    ]
    assert upload["has_report"]
    assert importer.state() == before
    assert importer.database.rows("select kind from events where id > %(id)s", {"id": events}) == [("UPLOAD_FINISHED",)]


def test_a_file_without_a_good_row_fails(importer: Importer) -> None:
    upload = importer.load("ARR_HISTORY", "name,effective_on,arr\nNobody,2026-01-01,1\n")

    assert result(upload) == ("FAILED", {"failed": 1})
    assert upload["failure_message"] == "no row could be imported: all 1 have errors"


def test_the_feed_hears_of_the_upload_and_of_each_changed_account(importer: Importer) -> None:
    upload = importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\nBeta,1,SMB\n")
    importer.load("ACCOUNTS", "name,arr,segment\nAcme,2,SMB\nBeta,1,SMB\n")

    told = importer.database.rows(
        "select kind, subject from events where kind in ('ACCOUNT_CHANGED', 'UPLOAD_FINISHED') order by id"
    )
    assert told[:3] == [
        ("ACCOUNT_CHANGED", "acc_1"), ("ACCOUNT_CHANGED", "acc_2"),
        ("UPLOAD_FINISHED", f"upl_{upload['id'].replace('-', '')}"),
    ]  # fmt: skip
    assert [kind for kind, _ in told[3:]] == ["ACCOUNT_CHANGED", "UPLOAD_FINISHED"]


def test_what_an_import_touches_is_scored_as_of_today(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment,health_score\nAcme,1,SMB,80\nBeta,1,SMB,\n")

    rows = importer.database.rows(
        "select a.name, s.day, s.score, s.source from health_snapshots s join accounts a on a.id = account_id order by 1"
    )
    assert rows == [("Acme", NOON.date(), Decimal("80.0"), "IMPORTED"), ("Beta", NOON.date(), None, "NONE")]

    importer.now = datetime(2026, 3, 12, tzinfo=UTC)
    importer.load("DAILY_METRICS", "name,date,logins\nBeta,2026-03-11,4\n")
    assert importer.database.rows("select account_id from health_snapshots where day = '2026-03-12'") == [(2,)]


def test_a_day_without_figures_is_kept_once(importer: Importer) -> None:
    importer.load("ACCOUNTS", "name,arr,segment,date\nAcme,1,SMB,2026-03-01\n")
    first = importer.load("DAILY_METRICS", "name,date\nAcme,2026-03-01\n")
    again = importer.load("DAILY_METRICS", "name,date\nAcme,2026-03-01\n\n")

    assert (result(first), result(again)) == (("SUCCEEDED", {"created": 1}), ("SUCCEEDED", {"unchanged": 1}))
    assert accounts(importer, "observed_on") == [(date(2026, 3, 1),)]
    assert importer.database.rows("select day, logins from daily_metrics") == [(date(2026, 3, 1), None)]
