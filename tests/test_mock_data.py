"""Made-up data in the database: repeatable, scored as the stories go, and no danger to what is really there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services import mock_data
from services.db.connection import Database
from services.errors import Rejected
from services.mock_data import BENCH, Generated
from services.mock_stories import Archetype
from services.mock_world import build

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
DUMPS = {
    "accounts": ("to_jsonb(a) - 'id'", "order by a.external_id"),
    "account_observations": (
        "a.external_id, to_jsonb(o) - 'account_id'",
        "join account_observations o on o.account_id = a.id order by a.external_id, o.observed_on",
    ),
    "daily_metrics": (
        "a.external_id, to_jsonb(m) - 'account_id'",
        "join daily_metrics m on m.account_id = a.id order by a.external_id, m.day",
    ),
    "arr_history": (
        "a.external_id, h.effective_on, h.arr",
        "join arr_history h on h.account_id = a.id order by a.external_id, h.effective_on",
    ),
    "health_snapshots": (
        "a.external_id, to_jsonb(h) - 'account_id'",
        "join health_snapshots h on h.account_id = a.id order by a.external_id, h.day",
    ),
    "changes": (
        "a.external_id, c.at, c.actor, c.source, c.fields",
        "join changes c on c.account_id = a.id order by a.external_id, c.id",
    ),
}
"What to select, and the table to join with an order, for a picture of the database without its own ids."


def test_what_was_generated_is_what_lies_in_the_tables(database: Database) -> None:
    world = list(build(40, 100, 5, TODAY))

    generated = generate(database, accounts=40, days=100, seed=5)

    assert generated == Generated(40, sum(len(company.usage) for company in world), 5)
    assert counts(database) == {
        "accounts": 40,
        "account_observations": sum(len(company.observations) for company in world),
        "daily_metrics": generated.metrics_created,
        "arr_history": sum(len(company.arr_history) for company in world),
    }
    company = world[0]
    assert database.rows(
        "select name, arr, segment, industry, region, cs_owner, renewal_date, status, churned_on, origin, observed_on,"
        " created_at, updated_at from accounts where external_id = 'MOCK-5-00001'"
    ) == [
        (
            company.name, company.arr, company.segment, company.industry, company.region, company.cs_owner,
            company.renewal_date, company.status, company.churned_on, "MOCK", company.observations[-1].observed_on,
            NOW, NOW,
        )
    ]  # fmt: skip


def test_the_same_call_again_adds_nothing(database: Database) -> None:
    generate(database, accounts=25, days=60)
    before = dump(database)

    assert generate(database, accounts=25, days=60) == Generated(0, 0, 1)
    assert dump(database) == before


def test_asking_for_more_adds_the_rest_and_leaves_the_first_as_they_are(database: Database) -> None:
    generate(database, accounts=25, days=60)
    before = dump(database)

    assert generate(database, accounts=30, days=90).accounts_created == 5
    assert dump(database, "external_id <= 'MOCK-1-00025'") == before


def test_the_same_seed_gives_the_same_database(database: Database) -> None:
    generate(database, accounts=25, days=95, seed=3)
    first = dump(database)

    generate(database, accounts=25, days=95, seed=3, replace=True)

    assert dump(database) == first


def test_replace_removes_made_up_accounts_alone(database: Database) -> None:
    add_account(database, "Real & Sons", "IMPORT", external_id="MOCK-9-00001")
    add_account(database, "Typed In", "API")
    generate(database, accounts=10, days=30, seed=1)
    real = dump(database, "origin <> 'MOCK'")

    assert generate(database, accounts=5, days=30, seed=2, replace=True).accounts_created == 5

    assert dump(database, "origin <> 'MOCK'") == real
    assert seeds(database) == {"MOCK-2"}


def test_without_replace_two_seeds_stand_side_by_side(database: Database) -> None:
    generate(database, accounts=10, days=5, seed=1)
    generate(database, accounts=10, days=5, seed=2)

    assert seeds(database) == {"MOCK-1", "MOCK-2"}


def test_a_name_that_a_real_account_has_is_not_taken(database: Database) -> None:
    name = next(iter(build(1, 1, 1, TODAY))).name
    add_account(database, f"  {name.upper()} ", "IMPORT")

    generate(database, accounts=2, days=5)

    assert sorted(row[0] for row in database.rows("select name from accounts")) == sorted(
        [f"  {name.upper()} ", f"{name} (MOCK-1-00001)", list(build(2, 1, 1, TODAY))[1].name]
    )


def test_a_real_account_that_bears_a_made_up_external_id_is_left_as_it_is(database: Database) -> None:
    add_account(database, "Real & Sons", "API", external_id="MOCK-1-00002")

    assert generate(database, accounts=3, days=5).accounts_created == 2
    assert database.rows("select name, origin from accounts where external_id = 'MOCK-1-00002'") == [
        ("Real & Sons", "API")
    ]


def test_each_account_says_where_it_came_from(database: Database) -> None:
    generate(database, accounts=1, days=5)
    company = next(iter(build(1, 5, 1, TODAY)))

    assert database.rows("select at, actor, source, fields from changes where source = 'MOCK'") == [
        (
            NOW, "tester", "MOCK",
            [
                {"field": "name", "before": None, "after": company.name},
                {"field": "segment", "before": None, "after": company.segment.value},
                {"field": "arr", "before": None, "after": str(company.arr)},
                {"field": "status", "before": None, "after": company.status.value},
            ],
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("accounts", "days", "message", "path"),
    [
        (0, 30, "accounts must be from 1 to 1000, not 0", ("accounts",)),
        (1001, 30, "accounts must be from 1 to 1000, not 1001", ("accounts",)),
        (25, 0, "days must be from 1 to 730, not 0", ("days",)),
        (25, 731, "days must be from 1 to 730, not 731", ("days",)),
        (1000, 501, "accounts times days must be at most 500000, not 501000", ("days",)),
    ],
)
def test_a_world_too_large_or_too_small_is_refused(
    database: Database, accounts: int, days: int, message: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(Rejected) as refused:
        generate(database, accounts=accounts, days=days, replace=True)

    assert (refused.value.code, refused.value.message, refused.value.path) == ("OUT_OF_RANGE", message, path)


def test_a_benchmark_may_ask_for_more_than_a_request(database: Database) -> None:
    with database.writing() as session:
        generated = mock_data.generate(
            session, accounts=1_050, days=1, seed=1, replace=False, actor="bench", now=NOW, limit=BENCH
        )

    assert generated.accounts_created == 1_050


def test_three_hundred_accounts_fit_the_database(database: Database) -> None:
    generated = generate(database, accounts=300, days=200)

    assert generated.accounts_created == 300
    assert counts(database)["daily_metrics"] == generated.metrics_created > 45_000


def test_health_has_a_history_of_months_up_to_today(database: Database) -> None:
    generate(database, accounts=25, days=180)

    days = database.rows(
        "select a.churned_on is null, array_agg(h.day order by h.day desc) from accounts a"
        " join health_snapshots h on h.account_id = a.id join arr_history r on r.account_id = a.id"
        " where r.effective_on < date '2026-01-01' and r.arr > 0 group by a.id, a.churned_on"
    )

    months = [TODAY - timedelta(30 * month) for month in range(7)]
    assert {tuple(dict.fromkeys(told)) for active, told in days if active} == {tuple(months)}


def test_health_goes_back_twelve_months_at_most(database: Database) -> None:
    generate(database, accounts=3, days=730)

    assert database.rows("select min(day), max(day), count(distinct day) from health_snapshots") == [
        (TODAY - timedelta(360), TODAY, 13)
    ]


def test_each_account_points_at_its_newest_observation_and_snapshot(database: Database) -> None:
    generate(database, accounts=75, days=120)

    astray = database.rows("""
      select a.external_id from accounts a where
        a.observed_on is distinct from (select max(observed_on) from account_observations where account_id = a.id)
        or (a.scored_on, a.score, a.bucket) is distinct from
          (select (day, score, bucket) from health_snapshots where account_id = a.id order by day desc limit 1)
        or a.arr is distinct from
          (select arr from arr_history where account_id = a.id order by effective_on desc limit 1)
    """)
    assert astray == []


def test_the_made_up_past_makes_no_news(database: Database) -> None:
    generate(database, accounts=50, days=360)

    assert database.rows("select kind, subject, count(*) from events group by 1, 2 having count(*) > 1") == []
    assert database.rows("select account_id from changes where source = 'SCORING' group by 1 having count(*) > 1") == []


STORIES = {
    Archetype.HEALTHY: ("GREEN", set()),
    Archetype.AVERAGE: ("AMBER", set()),
    Archetype.FAILING: ("RED", {"USAGE_DROP", "LOW_UTILISATION", "CRITICAL_SUPPORT"}),
    Archetype.SILENT: ("RED", {"SILENT_CUSTOMER"}),
    Archetype.RENEWING_WELL: ("GREEN", set()),
    Archetype.RENEWING_POORLY: ("RED", {"RENEWAL_AT_RISK", "LOW_UTILISATION"}),
    Archetype.OVERDUE: ("AMBER", {"RENEWAL_OVERDUE"}),
    Archetype.GROWING_UNHEALTHY: ("RED", {"GROWING_BUT_UNHEALTHY", "CRITICAL_SUPPORT"}),
    Archetype.SHRINKING_HEALTHY: ("GREEN", {"HEALTHY_BUT_SHRINKING"}),
    Archetype.ONBOARDING: ("AMBER", set()),
    Archetype.STALLED: ("RED", {"ONBOARDING_STALLED"}),
    Archetype.UNDOCUMENTED: ("UNKNOWN", {"DATA_STALE"}),
}
"The bucket that an archetype lies in, and the signals that each of its accounts raises, whatever else some raise."


def test_health_and_signals_are_what_the_stories_say(database: Database) -> None:
    generate(database, accounts=200, days=120)

    found = scored(database, 200)

    assert {archetype for archetype, _, _ in found} == set(STORIES)
    assert [
        (archetype, bucket, signals)
        for archetype, bucket, signals in found
        if bucket != STORIES[archetype][0] or not STORIES[archetype][1] <= signals
    ] == []


def test_healthy_customers_raise_no_signal(database: Database) -> None:
    generate(database, accounts=100, days=120)

    well = (Archetype.HEALTHY, Archetype.RENEWING_WELL)
    assert {tuple(signals) for archetype, _, signals in scored(database, 100) if archetype in well} == {()}


def test_every_signal_occurs_in_a_portfolio_of_a_hundred(database: Database) -> None:
    generate(database, accounts=100, days=120)

    assert set().union(*(signals for _, _, signals in scored(database, 100))) == {
        "USAGE_DROP", "SILENT_CUSTOMER", "LOW_UTILISATION", "CRITICAL_SUPPORT", "DETRACTOR", "QBR_OVERDUE",
        "ONBOARDING_STALLED", "RENEWAL_AT_RISK", "RENEWAL_OVERDUE", "SCORE_DROP", "GROWING_BUT_UNHEALTHY",
        "HEALTHY_BUT_SHRINKING", "DATA_STALE",
    }  # fmt: skip


def generate(database: Database, *, accounts: int, days: int, seed: int = 1, replace: bool = False) -> Generated:
    with database.writing() as session:
        return mock_data.generate(
            session, accounts=accounts, days=days, seed=seed, replace=replace, actor="tester", now=NOW
        )


def counts(database: Database) -> dict[str, int]:
    tables = ("accounts", "account_observations", "daily_metrics", "arr_history")
    return {table: database.read(f"select count(*) from {table}") for table in tables}


def dump(database: Database, which: str = "true") -> dict[str, list[tuple[Any, ...]]]:
    """All that the tables say of the accounts that `which` holds for, but for ids."""
    chosen = f"(select * from accounts where {which}) a"
    return {table: database.rows(f"select {fields} from {chosen} {rest}") for table, (fields, rest) in DUMPS.items()}


def seeds(database: Database) -> set[str]:
    return {
        row[0]
        for row in database.rows(
            "select substring(external_id from '^MOCK-[0-9]+') from accounts where origin = 'MOCK'"
        )
    }


def scored(database: Database, accounts: int) -> list[tuple[Archetype, str, set[str]]]:
    """Archetype, bucket and signals of each account that is scored today."""
    archetypes = {company.external_id: company.archetype for company in build(accounts, 1, 1, TODAY)}
    rows = database.rows(
        "select a.external_id, h.bucket, array(select s ->> 'code' from jsonb_array_elements(h.signals) s)"
        " from accounts a join health_snapshots h on h.account_id = a.id and h.day = %(day)s",
        {"day": TODAY},
    )
    return [(archetypes[external_id], bucket, set(signals)) for external_id, bucket, signals in rows]


def add_account(database: Database, name: str, origin: str, *, external_id: str | None = None) -> None:
    """An account that was not made up, with a day of each kind of data."""
    with database.writing() as session:
        session.connection().exec_driver_sql(
            """
            with account as (
              insert into accounts (external_id, name, arr, segment, origin, observed_on)
              values (%(external_id)s, %(name)s, 1000, 'SMB', %(origin)s, '2026-11-01') returning id
            ), observation as (
              insert into account_observations (account_id, observed_on, nps, nps_on)
              select id, '2026-11-01', 3, '2026-11-01' from account
            ), metric as (
              insert into daily_metrics (account_id, day, logins) select id, '2026-11-01', 3 from account
            )
            insert into arr_history (account_id, effective_on, arr) select id, '2026-11-01', 1000 from account
            """,
            {"external_id": external_id, "name": name, "origin": origin},
        )
