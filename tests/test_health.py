"""The score, held to docs/health.md by an independent reference in fractions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from services import health, scorecards, scoring
from services.db.connection import Database
from services.errors import NotFound
from services.health import Facts, bucket, score
from services.scorecards import DEFAULT
from services.vocabulary import AccountStatus, HealthBucket, HealthSource, MeasureCode, MissingReason, Segment
from tests.health_reference import Daily, Expected, expected, told
from tests.random_accounts import an_account, with_usage

DAY = date(2026, 3, 31)
ENTERPRISE = Facts(segment=Segment.ENTERPRISE, observed_on=DAY)
PERFECT = replace(
    ENTERPRISE,
    status=AccountStatus.ONBOARDING,
    active_users=100,
    seats_purchased=100,
    feature_x_adoption=Decimal("1.0000"),
    weekly_active_pct=Decimal("1.0000"),
    time_to_value_days=7,
    tickets_last_30d=0,
    critical_tickets_90d=0,
    sla_breaches_90d=0,
    nps=100,
    nps_on=DAY,
    qbr_last_date=DAY,
    onboarding_progress=Decimal("1.0000"),
    last_metric_on=DAY,
    metric_logins=10,
    session_logins=10,
    session_minutes=Decimal(400),
)
DEAD = replace(
    ENTERPRISE,
    active_users=0,
    seats_purchased=50,
    feature_x_adoption=Decimal(0),
    weekly_active_pct=Decimal(0),
    tickets_last_30d=0,
    critical_tickets_90d=0,
    sla_breaches_90d=0,
    qbr_last_date=DAY,
)


def missing(facts: Facts, day: date = DAY) -> dict[MeasureCode, MissingReason]:
    return {gap.measure: gap.reason for gap in score(facts, day).missing}


def sub_score(facts: Facts, measure: MeasureCode, day: date = DAY) -> Decimal | None:
    """Of one measure, on an account that has enough data besides to be scored."""
    known: dict[str, Any] = {
        "feature_x_adoption": Decimal(1), "weekly_active_pct": Decimal(1), "critical_tickets_90d": 5, "nps": 0,
        "nps_on": DAY, "time_to_value_days": 90,
    }  # fmt: skip
    padded = replace(facts, **{name: value for name, value in known.items() if getattr(facts, name) is None})
    return {factor.measure: factor.sub_score for factor in score(padded, day).factors}.get(measure)


# --- against the reference ---


@settings(max_examples=1000, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_account_has_the_health_that_the_definition_says(random: Random) -> None:
    told_facts, rows = an_account(random, DAY)
    facts = with_usage(told_facts, rows, DAY)
    note(repr(facts))

    found = score(facts, DAY)

    assert told(found) == expected(told_facts, rows, DAY)
    if found.source is HealthSource.COMPUTED:
        assert found.score == sum(factor.contribution for factor in found.factors)
        assert 100 - (found.score or 0) == sum(factor.points_lost for factor in found.factors)
        assert sum(factor.effective_weight for factor in found.factors) == Decimal("1.0000")


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_figures_as_large_as_the_tables_hold_give_the_same_exact_health(random: Random) -> None:
    seats = 2**31 - random.randint(1, 1000)
    rows = [
        Daily(DAY - timedelta(back), 1_000_000 - random.randrange(9), Decimal(random.randrange(144_000)).scaleb(-2))
        for back in range(30)
    ]
    large = replace(
        an_account(random, DAY)[0],
        seats_purchased=seats,
        active_users=random.randrange(seats),
        tickets_last_30d=random.randrange(seats // 6),
    )

    assert told(score(with_usage(large, rows, DAY), DAY)) == expected(large, rows, DAY)


def test_the_stored_snapshots_of_ten_thousand_accounts_are_the_definition_to_the_last_decimal(
    database: Database,
) -> None:
    random = Random(20260331)
    accounts = {key: an_account(random, DAY) for key in range(1, 10_001)}
    write(database, accounts)

    with database.writing() as session:
        scored = scoring.score(session, DAY, now=datetime(2026, 4, 1, tzinfo=UTC), actor="test")

    assert scored == scoring.Scored(accounts=10_000, changed_buckets=0)
    wrong = {
        key: (stored, wanted)
        for key, stored in snapshots(database).items()
        if stored != (wanted := expected(*accounts.pop(key), DAY))
    }
    assert wrong == {}
    assert accounts == {}


def write(database: Database, accounts: Mapping[int, tuple[Facts, Sequence[Daily]]]) -> None:
    """The accounts as an import leaves them, with an ARR of 1,000 for two years."""
    figures = ["active_users", "seats_purchased", "feature_x_adoption", "weekly_active_pct", "time_to_value_days",
               "tickets_last_30d", "critical_tickets_90d", "sla_breaches_90d", "nps", "nps_on", "qbr_last_date",
               "onboarding", "onboarding_progress"]  # fmt: skip
    rows: dict[str, list[Sequence[object]]] = {
        "accounts (id, name, arr, segment, status, origin, observed_on)": [
            (key, f"Account {key}", 1000, facts.segment, facts.status, "IMPORT", facts.observed_on)
            for key, (facts, _) in accounts.items()
        ],
        f"account_observations (account_id, observed_on, health_score, {', '.join(figures)})": [
            (key, facts.observed_on, facts.imported_score, *(getattr(facts, name) for name in figures))
            for key, (facts, _) in accounts.items()
        ],
        "arr_history (account_id, effective_on, arr)": [(key, DAY - timedelta(730), 1000) for key in accounts],
        "daily_metrics (account_id, day, logins, avg_session_min)": [
            (key, row.day, row.logins, row.avg_session_min) for key, (_, daily) in accounts.items() for row in daily
        ],
    }
    with database.writing() as session:
        cursor: Any = session.connection().connection.cursor()
        for table, lines in rows.items():
            text = "".join("\t".join(r"\N" if cell is None else str(cell) for cell in line) + "\n" for line in lines)
            cursor.copy_expert(f"copy {table} from stdin", StringIO(text))


def snapshots(database: Database) -> dict[int, Expected]:
    factor = ("measure", "sub_score", "weight", "effective_weight", "contribution", "points_lost", "direction")
    gap = ("measure", "reason", "weight")

    def tuples(documents: list[dict[str, Any]], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(document[name] for name in names) for document in documents)

    return {
        key: Expected(total, word, source, coverage, tuples(factors, factor), tuples(gaps, gap))
        for key, total, word, source, coverage, factors, gaps in database.rows(
            "select account_id, score::text, bucket, source, coverage::text, factors, missing from health_snapshots"
        )
    }


# --- named cases ---


def test_a_perfect_account_with_every_licence_used_has_100() -> None:
    found = score(PERFECT, DAY)

    assert (found.score, found.bucket, found.coverage) == (Decimal("100.0"), HealthBucket.GREEN, Decimal("1.0000"))
    assert {factor.measure: factor.contribution for factor in found.factors} == {
        measure.measure: measure.weight for measure in DEFAULT.measures
    }
    assert {factor.points_lost for factor in found.factors} == {Decimal("0.0")}


def test_more_users_than_seats_are_no_more_health_than_full_use() -> None:
    assert score(replace(PERFECT, active_users=130), DAY).score == Decimal("100.0")
    assert replace(PERFECT, active_users=130).utilisation == Decimal("1.3")


def test_an_account_without_data_has_no_score() -> None:
    found = score(Facts(segment=Segment.SMB), DAY)

    assert (found.score, found.bucket, found.source) == (None, HealthBucket.UNKNOWN, HealthSource.NONE)
    assert (found.coverage, found.factors) == (Decimal("0.0000"), ())
    assert {gap.measure: gap.reason for gap in found.missing} == {
        measure: MissingReason.NOT_APPLICABLE
        if measure in (MeasureCode.QBR_RECENCY, MeasureCode.ONBOARDING_PROGRESS)
        else MissingReason.NO_DATA
        for measure in MeasureCode
    }


@pytest.mark.parametrize(
    ("known", "total"),
    [({}, "12.5"), ({"last_metric_on": DAY, "metric_logins": 0}, "10.0"), ({"time_to_value_days": 90}, "10.0")],
)
def test_a_dead_account_scores_10_to_12_and_a_half(known: dict[str, Any], total: str) -> None:
    found = score(replace(DEAD, **known), DAY)

    assert (found.score, found.bucket) == (Decimal(total), HealthBucket.RED)


def test_the_customers_own_score_counts_only_below_the_coverage_and_without_factors() -> None:
    enough = replace(DEAD, imported_score=Decimal("88.0"))
    too_little = replace(enough, qbr_last_date=None)

    assert score(enough, DAY).source is HealthSource.COMPUTED
    found = score(too_little, DAY)
    assert (found.score, found.bucket, found.source) == (Decimal("88.0"), HealthBucket.GREEN, HealthSource.IMPORTED)
    assert (found.coverage, found.factors) == (Decimal("0.3684"), ())


def test_a_coverage_of_exactly_two_fifths_is_enough() -> None:
    """38 of the 95 points of an enterprise that is live: utilisation, feature adoption and one of the tickets."""
    known = replace(ENTERPRISE, active_users=5, seats_purchased=10, feature_x_adoption=Decimal(1))
    found = score(replace(known, critical_tickets_90d=0), DAY)

    assert (found.coverage, found.source) == (Decimal("0.4000"), HealthSource.COMPUTED)
    assert score(replace(known, sla_breaches_90d=0), DAY).source is HealthSource.NONE


@pytest.mark.parametrize(
    ("level", "adoption", "total", "word"),
    [
        (75, "0.7480", "75.0", "GREEN"),  # 74.95
        (75, "0.7479", "74.9", "AMBER"),  # 74.9475
        (50, "0.4980", "50.0", "AMBER"),  # 49.95
        (50, "0.4979", "49.9", "RED"),
    ],
)
def test_a_score_is_rounded_half_up_once_and_the_bucket_follows_what_is_printed(
    level: int, adoption: str, total: str, word: str
) -> None:
    """Feature adoption weighs 10; what weighs the other 30 stands at the level itself."""
    facts = replace(
        ENTERPRISE,
        active_users=level * 9,
        seats_purchased=1000,
        feature_x_adoption=Decimal(adoption),
        weekly_active_pct=Decimal(level) / 100,
        qbr_last_date=DAY - timedelta((100 - level) * 120 // 100),
    )

    found = score(facts, DAY)

    assert (found.score, found.bucket) == (Decimal(total), HealthBucket(word))


@pytest.mark.parametrize(("total", "word"), [("100.0", "GREEN"), ("75.0", "GREEN"), ("74.9", "AMBER"),
                                             ("50.0", "AMBER"), ("49.9", "RED"), ("0.0", "RED")])  # fmt: skip
def test_the_buckets_begin_at_75_and_at_50(total: str, word: str) -> None:
    assert bucket(Decimal(total)) is HealthBucket(word)


def test_an_nps_counts_for_180_days() -> None:
    asked = replace(PERFECT, nps_on=DAY - timedelta(180))

    assert missing(asked) == {}
    assert missing(asked, DAY + timedelta(1)) == {
        MeasureCode.NPS: MissingReason.STALE,
    }
    assert score(asked, DAY + timedelta(1)).coverage == Decimal("0.8500")


def test_an_nps_without_a_day_of_its_own_was_asked_when_the_facts_were_told() -> None:
    asked = replace(PERFECT, nps_on=None, observed_on=DAY - timedelta(181))

    assert missing(asked) == {MeasureCode.NPS: MissingReason.STALE}
    assert missing(replace(asked, observed_on=None)) == {}


def test_support_without_tickets_counts_from_exactly_a_tenth_of_the_seats_in_use() -> None:
    silent = {MeasureCode.TICKET_RATE, MeasureCode.CRITICAL_TICKETS, MeasureCode.SLA_BREACHES}

    assert missing(replace(PERFECT, active_users=10)) == {}
    assert missing(replace(PERFECT, active_users=9)) == dict.fromkeys(silent, MissingReason.NO_DATA)
    assert missing(replace(PERFECT, active_users=None)) == {MeasureCode.LICENSE_UTILISATION: MissingReason.NO_DATA}


def test_real_tickets_count_however_silent_the_customer_is() -> None:
    complaining = replace(PERFECT, active_users=0, tickets_last_30d=3, critical_tickets_90d=1)

    assert missing(complaining) == {MeasureCode.SLA_BREACHES: MissingReason.NO_DATA}
    assert sub_score(complaining, MeasureCode.TICKET_RATE) == Decimal("80.0")


def test_without_seats_neither_utilisation_nor_tickets_per_seat_are_known() -> None:
    assert missing(replace(PERFECT, seats_purchased=0)) == {
        MeasureCode.LICENSE_UTILISATION: MissingReason.NO_DATA,
        MeasureCode.TICKET_RATE: MissingReason.NO_DATA,
    }


def test_session_minutes_need_a_row_within_14_days() -> None:
    assert missing(PERFECT, DAY + timedelta(13)) == {}
    assert missing(PERFECT, DAY + timedelta(14)) == {MeasureCode.SESSION_MINUTES: MissingReason.NO_DATA}


@pytest.mark.parametrize(
    ("logins", "timed", "minutes", "sub"),
    [
        (0, None, None, "0.0"),
        (0, 0, Decimal(0), "0.0"),
        (10, 10, Decimal(225), "50.0"),
        (10, 4, Decimal(90), "50.0"),
        (10, None, None, None),
        (10, 0, Decimal(0), None),
        (None, None, None, None),
    ],
)
def test_session_minutes_are_weighted_by_logins_and_zero_where_nobody_logged_in(
    logins: int | None, timed: int | None, minutes: Decimal | None, sub: str | None
) -> None:
    facts = replace(ENTERPRISE, last_metric_on=DAY if logins is not None else None, metric_logins=logins,
                    session_logins=timed, session_minutes=minutes)  # fmt: skip

    assert sub_score(facts, MeasureCode.SESSION_MINUTES) == (None if sub is None else Decimal(sub))


@pytest.mark.parametrize(
    ("measure", "known", "sub"),
    [
        (MeasureCode.LICENSE_UTILISATION, {"active_users": 45, "seats_purchased": 100}, "50.0"),
        (MeasureCode.LICENSE_UTILISATION, {"active_users": 90, "seats_purchased": 100}, "100.0"),
        (MeasureCode.TIME_TO_VALUE, {"time_to_value_days": 7}, "100.0"),
        (MeasureCode.TIME_TO_VALUE, {"time_to_value_days": 0}, "100.0"),
        (MeasureCode.TIME_TO_VALUE, {"time_to_value_days": 90}, "0.0"),
        (MeasureCode.TIME_TO_VALUE, {"time_to_value_days": 91}, "0.0"),
        (MeasureCode.TICKET_RATE, {"tickets_last_30d": 3, "seats_purchased": 40}, "50.0"),
        (MeasureCode.CRITICAL_TICKETS, {"critical_tickets_90d": 1}, "80.0"),
        (MeasureCode.SLA_BREACHES, {"sla_breaches_90d": 1}, "66.7"),
        (MeasureCode.NPS, {"nps": -100, "nps_on": DAY}, "0.0"),
        (MeasureCode.QBR_RECENCY, {"qbr_last_date": DAY - timedelta(30)}, "75.0"),
        (MeasureCode.QBR_RECENCY, {"qbr_last_date": DAY + timedelta(1)}, None),
        (MeasureCode.ONBOARDING_PROGRESS, {"onboarding": True, "onboarding_progress": Decimal("0.6")}, "60.0"),
        (MeasureCode.ONBOARDING_PROGRESS, {"onboarding": False, "onboarding_progress": Decimal("0.6")}, None),
    ],
)
def test_a_measure_runs_straight_from_its_zero_to_its_hundred(
    measure: MeasureCode, known: dict[str, Any], sub: str | None
) -> None:
    assert sub_score(replace(ENTERPRISE, **known), measure) == (None if sub is None else Decimal(sub))


def test_each_factor_says_what_it_read_and_when() -> None:
    told_on, asked_on, met_on = DAY - timedelta(3), DAY - timedelta(9), DAY - timedelta(30)
    facts = replace(PERFECT, observed_on=told_on, nps_on=asked_on, qbr_last_date=met_on, tickets_last_30d=2)

    assert {factor.measure.value: (factor.raw_value, factor.observed_on) for factor in score(facts, DAY).factors} == {
        "LICENSE_UTILISATION": ("100.0 %", told_on),
        "FEATURE_ADOPTION": ("100.0 %", told_on),
        "WEEKLY_ACTIVE": ("100.0 %", told_on),
        "SESSION_MINUTES": ("40.0 minutes", DAY),
        "TIME_TO_VALUE": ("7 days", told_on),
        "TICKET_RATE": ("2.0 per 100 seats", told_on),
        "CRITICAL_TICKETS": ("0 tickets", told_on),
        "SLA_BREACHES": ("0 breaches", told_on),
        "NPS": ("+100", asked_on),
        "QBR_RECENCY": ("30 days ago", met_on),
        "ONBOARDING_PROGRESS": ("100.0 %", told_on),
    }


def test_what_is_left_of_rounding_goes_to_the_largest_remainders() -> None:
    thirds = [Decimal(100) / 3] * 3
    rests = [Decimal("1.04"), Decimal("1.09"), Decimal("1.07")]

    assert health.shares(thirds, Decimal("100.0")) == [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")]
    assert health.shares(rests, Decimal("3.2")) == [Decimal("1.0"), Decimal("1.1"), Decimal("1.1")]
    assert health.shares([], Decimal(0)) == []


# --- the card ---


def test_the_default_card_weighs_100_and_its_dimensions_as_the_definition_says() -> None:
    dimensions: dict[str, Decimal] = {}
    for measure in DEFAULT.measures:
        dimensions[measure.dimension] = dimensions.get(measure.dimension, Decimal(0)) + measure.weight

    assert dimensions == {"ADOPTION": 35, "ENGAGEMENT": 20, "SUPPORT": 20, "ADVOCACY": 15, "PROCESS": 10}
    assert [measure.measure for measure in DEFAULT.measures] == list(MeasureCode)


def test_a_card_is_found_by_its_version_and_says_its_id() -> None:
    assert scorecards.get(1) is DEFAULT
    assert DEFAULT.id == "scd_1"
    with pytest.raises(NotFound, match="there is no scorecard version 2"):
        scorecards.get(2)
