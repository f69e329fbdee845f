"""Scoring in the database: any past day by what was known then, once however often, and by two at a time."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from services import scoring
from services.db.connection import Database
from services.db.tables import ArrEntry
from services.errors import Unavailable
from services.scoring import Scored
from tests import worlds

DAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 11, 9, tzinfo=UTC)
GREEN = {"active_users": 90, "seats_purchased": 100, "feature_x_adoption": "1", "weekly_active_pct": "1", "nps": 80}
RED = {"active_users": 20, "seats_purchased": 100, "feature_x_adoption": "0", "weekly_active_pct": "0", "nps": -60}


@pytest.fixture
def databases(database: Database, database_url: str) -> Iterator[tuple[Database, Database]]:
    """Two connections, as two containers have."""
    other = Database(database_url)
    yield database, other
    other.close()


def customer(session: Session, name: str, since: date = DAY - timedelta(400), **columns: Any) -> int:
    return worlds.account(session, name, since=since, **columns)


def score(database: Database, day: date = DAY, now: datetime = NOW, **options: Any) -> Scored:
    with database.writing() as session:
        return scoring.score(session, day, now=now, actor="dana", **options)


def snapshots(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("select account_id, day, score::text, bucket from health_snapshots order by account_id, day")


def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    """All that scoring may write, with the transaction that last wrote each row."""
    tables = ("accounts", "health_snapshots", "events", "changes")
    return [database.rows(f"select xmin::text, t.* from {table} t order by 2, 3") for table in tables]


def signals(database: Database, day: date = DAY) -> dict[str, tuple[str, list[str]]]:
    """Of the only account: since when, and the values of the evidence."""
    found = database.read("select signals from health_snapshots where day = %(day)s", {"day": day})
    return {one["code"]: (one["since"], [fact["value"] for fact in one["evidence"]]) for one in found}


def events(database: Database) -> list[tuple[str, str]]:
    return database.rows("select kind, subject from events order by id")


def changes(database: Database) -> list[Any]:
    return database.rows("select account_id, at, actor, source, fields from changes order by id")


# --- as of a day ---


def test_a_day_is_scored_by_what_was_known_then_and_by_nothing_later(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme", arr="1000")
        session.add(ArrEntry(account_id=key, effective_on=DAY, arr=Decimal(900)))
        worlds.observation(session, key, day=DAY - timedelta(20), **RED)
        worlds.observation(session, key, day=DAY, **GREEN)
        worlds.metric(session, key, DAY, logins=4, avg_session_min=Decimal(40))
    score(database)
    then = everything(database)

    with database.writing() as session:
        session.add(ArrEntry(account_id=key, effective_on=DAY + timedelta(1), arr=Decimal(5000)))
        worlds.observation(session, key, day=DAY + timedelta(1), **RED)
        worlds.metric(session, key, DAY + timedelta(1), logins=0)
    again = score(database, now=LATER)

    # 20 + 10 + 5 + 10 + 15 * 0.9 of 60
    assert snapshots(database) == [(key, DAY, "97.5", "GREEN")]
    assert signals(database) == {"HEALTHY_BUT_SHRINKING": (str(DAY), ["97.5", "900.00", "1000.00", "-10.0"])}
    assert again == Scored(accounts=1, changed_buckets=0)
    assert everything(database)[1:] == then[1:]


def test_an_earlier_day_is_scored_by_the_observation_and_the_arr_of_that_day(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        session.add(ArrEntry(account_id=key, effective_on=DAY - timedelta(5), arr=Decimal(2000)))
        worlds.observation(session, key, day=DAY - timedelta(20), **RED)
        worlds.observation(session, key, day=DAY - timedelta(5), **{**RED, "nps": 100})

    for back in (20, 6, 5):
        score(database, DAY - timedelta(back))

    assert [(day, total) for _, day, total, _ in snapshots(database)] == [
        (DAY - timedelta(20), "14.9"),
        (DAY - timedelta(6), "14.9"),
        (DAY - timedelta(5), "38.9"),
    ]
    assert "GROWING_BUT_UNHEALTHY" not in signals(database, DAY - timedelta(6))
    assert signals(database, DAY - timedelta(5))["GROWING_BUT_UNHEALTHY"][1] == ["38.9", "2000.00", "1000.00", "100.0"]


def test_an_account_that_was_no_customer_yet_or_no_more_is_passed_over(database: Database) -> None:
    with database.writing() as session:
        customer(session, "Not yet", since=DAY + timedelta(1))
        customer(session, "No more", status="CHURNED", churned_on=DAY)
        customer(session, "Long gone", status="CHURNED", churned_on=DAY - timedelta(30))
        new = customer(session, "From that day", since=DAY)
        leaving = customer(session, "Until that day", status="CHURNED", churned_on=DAY + timedelta(1))

    assert score(database) == Scored(accounts=2, changed_buckets=0)
    assert [row[0] for row in snapshots(database)] == [new, leaving]


def test_an_account_that_nobody_observed_has_a_snapshot_without_a_score(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")

    score(database)

    assert snapshots(database) == [(key, DAY, None, "UNKNOWN")]
    assert signals(database) == {"DATA_STALE": (str(DAY), ["0.0"])}


def test_only_the_accounts_that_are_named_are_scored(database: Database) -> None:
    with database.writing() as session:
        keys = [customer(session, name) for name in ("Acme", "Beta", "Coda")]

    assert score(database, account_ids=[keys[2], keys[0], 999, keys[2]]) == Scored(accounts=2, changed_buckets=0)
    assert score(database, account_ids=[]) == Scored(accounts=0, changed_buckets=0)
    assert [row[0] for row in snapshots(database)] == [keys[0], keys[2]]


@pytest.mark.parametrize("named", [False, True])
def test_accounts_beyond_one_batch_are_scored_too(
    database: Database, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    monkeypatch.setattr(scoring, "BATCH", 2)
    with database.writing() as session:
        keys = [customer(session, name, since=DAY + timedelta(name in "BC")) for name in "ABCDEFG"]

    assert score(database, account_ids=keys[::-1] if named else None) == Scored(accounts=5, changed_buckets=0)
    assert [row[0] for row in snapshots(database)] == [keys[0], *keys[3:]]


def test_a_day_that_some_accounts_have_been_scored_for_is_completed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "BATCH", 3)
    with database.writing() as session:
        keys = [customer(session, name) for name in "ABCDE"]
        for key in keys:
            worlds.observation(session, key, day=DAY, **RED)
    score(database, account_ids=keys[1:4:2])
    with database.writing() as session:
        session.connection().exec_driver_sql(
            "update account_observations set nps = 100 where account_id = %s", (keys[3],)
        )

    assert score(database, now=LATER) == Scored(accounts=5, changed_buckets=0)

    assert [(key, total) for key, _, total, _ in snapshots(database)] == list(
        zip(keys, ["14.9", "14.9", "14.9", "38.9", "14.9"], strict=True)
    )
    unchanged = "select account_id from health_snapshots where computed_at = %(now)s"
    assert database.rows(unchanged, {"now": NOW}) == [(keys[1],)]


def test_where_a_later_batch_cannot_be_read_nothing_is_kept_of_the_others(
    databases: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "BATCH", 2)
    one, other = databases
    with one.writing() as session:
        keys = [customer(session, name) for name in "ABCDE"]

    with one.writing() as session:
        session.connection().exec_driver_sql("select from accounts where id = %s for update", (keys[3],))
        with pytest.raises(Unavailable, match="lock timeout"):
            score_without_patience(other)

    assert snapshots(one) == []
    assert score(other) == Scored(accounts=5, changed_buckets=0)


def score_without_patience(database: Database) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql("set local lock_timeout = '100ms'")
        scoring.score(session, DAY, now=NOW, actor="dana")


# --- usage by SQL ---


def test_the_last_30_days_are_compared_with_the_30_before_to_the_day(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        for back, logins in ((0, 1), (29, 2), (30, 40), (59, 8), (60, 1000), (61, 1000)):
            worlds.metric(session, key, DAY - timedelta(back), logins=logins)

    score(database)

    assert signals(database)["USAGE_DROP"] == (str(DAY), ["3", "48", "-93.8"])


def test_as_many_logins_as_a_day_may_have_are_added_up(database: Database) -> None:
    most = 1_000_000
    with database.writing() as session:
        key = customer(session, "Acme")
        for back in (0, 1, 30, 31, 32, 33, 34):
            worlds.metric(session, key, DAY - timedelta(back), logins=most, avg_session_min=Decimal("1440.00"))

    score(database)

    assert signals(database)["USAGE_DROP"] == (str(DAY), [str(2 * most), str(5 * most), "-60.0"])


@pytest.mark.parametrize(("back", "dropped"), [(29, False), (30, True), (60, True), (61, False)])
def test_the_score_is_compared_with_a_snapshot_30_to_60_days_back(database: Database, back: int, dropped: bool) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        worlds.observation(session, key, day=DAY - timedelta(back), **GREEN)
        worlds.observation(session, key, day=DAY, **RED)
    score(database, DAY - timedelta(back))

    score(database)

    assert ("SCORE_DROP" in signals(database)) is dropped


# --- once ---


def test_scoring_a_day_again_changes_nothing_not_even_when_it_was_computed(database: Database) -> None:
    with database.writing() as session:
        for name, figures in (("Acme", GREEN), ("Beta", RED), ("Coda", {})):
            worlds.observation(session, customer(session, name), day=DAY, **figures)
    score(database)
    before = everything(database)

    assert score(database, now=LATER) == Scored(accounts=3, changed_buckets=0)

    assert everything(database)[1:] == before[1:]
    assert [row[1:] for row in everything(database)[0]] == [row[1:] for row in before[0]]
    assert database.rows("select distinct computed_at from health_snapshots") == [(NOW,)]


def test_new_data_of_the_same_day_replace_its_snapshot(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        worlds.observation(session, key, day=DAY, **GREEN)
    score(database)
    with database.writing() as session:
        session.connection().exec_driver_sql("update account_observations set nps = -100")

    assert score(database, now=LATER) == Scored(accounts=1, changed_buckets=1)

    assert snapshots(database) == [(key, DAY, "70.0", "AMBER")]
    assert database.rows("select computed_at from health_snapshots") == [(LATER,)]


# --- what is told ---


def test_a_first_snapshot_tells_its_signals_and_no_change(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        worlds.observation(session, key, day=DAY, **RED)
        worlds.observation(session, customer(session, "Beta"), day=DAY, **GREEN)

    assert score(database) == Scored(accounts=2, changed_buckets=0)

    assert events(database) == [("SIGNAL_RAISED", f"acc_{key}")]
    assert changes(database) == []


def test_a_newer_snapshot_tells_the_bucket_and_the_signals_that_came_and_went(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        worlds.observation(session, key, day=DAY - timedelta(1), **RED)
        worlds.observation(session, key, day=DAY, **{**GREEN, "critical_tickets_90d": 2, "tickets_last_30d": 0})
    score(database, DAY - timedelta(1))
    told = len(events(database))

    assert score(database) == Scored(accounts=1, changed_buckets=1)

    subject = f"acc_{key}"
    assert events(database)[told:] == [
        ("BUCKET_CHANGED", subject), ("SIGNAL_RAISED", subject), ("SIGNAL_CLEARED", subject)
    ]  # fmt: skip
    fields = [
        {"field": "bucket", "before": "RED", "after": "GREEN"},
        {"field": "score", "before": "14.9", "after": "92.9"},
    ]
    assert changes(database) == [(key, NOW, "dana", "SCORING", fields)]


def test_an_earlier_day_scored_anew_is_no_news_and_moves_no_pointer(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        worlds.observation(session, key, day=DAY - timedelta(10), **RED)
        worlds.observation(session, key, day=DAY, **GREEN)
    score(database, DAY - timedelta(10))
    score(database)
    told = (events(database), changes(database))
    with database.writing() as session:
        figures = "active_users = 90, feature_x_adoption = 1, weekly_active_pct = 1, nps = 80"
        session.connection().exec_driver_sql(f"update account_observations set {figures}")

    assert score(database, DAY - timedelta(10)) == Scored(accounts=1, changed_buckets=1)

    assert snapshots(database) == [(key, DAY - timedelta(10), "97.0", "GREEN"), (key, DAY, "97.0", "GREEN")]
    assert (events(database), changes(database)) == told
    assert database.rows("select scored_on, score::text, bucket from accounts") == [(DAY, "97.0", "GREEN")]


def test_the_health_of_today_stands_beside_the_account(database: Database) -> None:
    with database.writing() as session:
        worlds.observation(session, customer(session, "Acme"), day=DAY - timedelta(60), **RED)
        customer(session, "Unheard of")
    before = "select scored_on, score::text, bucket from accounts order by id"
    assert database.rows(before) == [(None, None, "UNKNOWN")] * 2

    score(database, DAY - timedelta(1))
    [(_, known, _), _] = yesterday = database.rows(before)
    with database.writing() as session:
        session.connection().exec_driver_sql("update account_observations set nps = null, nps_on = null")
    score(database, DAY - timedelta(20))
    late = database.rows(before)
    score(database, DAY - timedelta(1))

    assert yesterday == late == [(DAY - timedelta(1), known, "RED"), (DAY - timedelta(1), None, "UNKNOWN")]
    [(_, score_anew, _), _] = database.rows(before)
    assert score_anew != known
    assert [(day, told) for _, day, told, _ in snapshots(database)][1] == (DAY - timedelta(1), score_anew)


def test_a_signal_keeps_the_day_it_was_first_seen_until_it_is_gone(database: Database) -> None:
    with database.writing() as session:
        key = customer(session, "Acme")
        for back, figures in ((9, RED), (6, RED), (3, GREEN), (0, RED)):
            worlds.observation(session, key, day=DAY - timedelta(back), **figures)
    days = [DAY - timedelta(back) for back in (9, 6, 3, 0)]
    for day in days:
        score(database, day)

    since = [signals(database, day).get("LOW_UTILISATION", (None,))[0] for day in days]

    assert since == [str(days[0]), str(days[0]), None, str(days[3])]


# --- two at a time ---


def test_two_scorers_at_once_leave_one_snapshot_and_tell_it_once(databases: tuple[Database, Database]) -> None:
    one, other = databases
    with one.writing() as session:
        keys = [customer(session, f"Account {number}") for number in range(60)]
        for key in keys:
            worlds.observation(session, key, day=DAY, **RED)

    with ThreadPoolExecutor() as pool:
        both = [
            pool.submit(score, database, account_ids=ids)
            for database, ids in ((one, keys), (other, keys[::-1]))
            for _ in range(5)
        ]
        assert [future.result(60) for future in both] == [Scored(60, 0)] * 10

    assert snapshots(one) == [(key, DAY, "14.9", "RED") for key in keys]
    assert sorted(events(one)) == sorted(("SIGNAL_RAISED", f"acc_{key}") for key in keys)


def test_a_scorer_that_had_to_wait_scores_what_was_written_meanwhile(databases: tuple[Database, Database]) -> None:
    one, other = databases
    with one.writing() as session:
        key = customer(session, "Acme")
        worlds.observation(session, key, day=DAY, **RED)
    score(one)

    with ThreadPoolExecutor() as pool:
        with one.writing() as session:
            session.connection().exec_driver_sql("update accounts set version = 2")
            session.connection().exec_driver_sql("update account_observations set nps = 100, nps_on = observed_on")
            scoring.score(session, DAY, now=NOW, actor="dana")
            waiting = pool.submit(score, other, now=LATER)
            until_blocked(session)
        waiting.result(60)

    assert snapshots(one) == [(key, DAY, "38.9", "RED")]
    assert one.rows("select computed_at from health_snapshots") == [(NOW,)]


def test_one_writer_of_many_accounts_waits_for_the_other(databases: tuple[Database, Database]) -> None:
    one, other = databases
    order: list[str] = []

    def write_too() -> None:
        with other.writing() as session:
            scoring.lock_accounts(session)
            order.append("second")

    with ThreadPoolExecutor() as pool:
        with one.writing() as session:
            scoring.lock_accounts(session)
            waiting = pool.submit(write_too)
            until_blocked(session, "advisory")
            order.append("first")
        waiting.result(60)

    assert order == ["first", "second"]


def until_blocked(session: Session, by: str = "transactionid") -> None:
    """Until somebody waits for this transaction to end."""
    waits = f"select exists (select from pg_locks where not granted and locktype = '{by}')"
    deadline = time.monotonic() + 20
    while not session.connection().exec_driver_sql(waits).scalar_one():
        assert time.monotonic() < deadline
        time.sleep(0.01)
