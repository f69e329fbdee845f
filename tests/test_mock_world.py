"""The made-up portfolio: repeatable, believable, and never at odds with itself."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import mock_names
from services.mock_stories import PORTFOLIO, Archetype
from services.mock_world import Company, build
from services.vocabulary import AccountStatus, Segment

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def world() -> list[Company]:
    return list(build(300, 200, 7, TODAY))


def test_the_same_wishes_give_the_same_world(world: list[Company]) -> None:
    assert list(build(300, 200, 7, TODAY)) == world


def test_another_seed_gives_other_companies(world: list[Company]) -> None:
    other = list(build(300, 1, 8, TODAY))
    assert not {company.external_id for company in other} & {company.external_id for company in world}
    assert not {company.name for company in other} & {company.name for company in world}


@pytest.mark.parametrize("accounts", [1, 24, 25, 26, 60])
def test_a_company_is_the_same_however_many_are_asked_for(world: list[Company], accounts: int) -> None:
    assert list(build(accounts, 200, 7, TODAY)) == world[:accounts]


def test_a_longer_past_only_adds_older_days(world: list[Company]) -> None:
    for short, long in zip(build(300, 45, 7, TODAY), world, strict=True):
        assert (short.name, short.arr_history, short.status) == (long.name, long.arr_history, long.status)
        assert short.usage == long.usage[len(long.usage) - len(short.usage) :]
        assert short.observations == long.observations[-len(short.observations) :]


def test_every_archetype_shows_up_in_twenty_five_companies_as_often_as_planned(world: list[Company]) -> None:
    assert set(PORTFOLIO) == set(Archetype)
    for first in range(0, 300, 25):
        assert Counter(company.archetype for company in world[first : first + 25]) == Counter(PORTFOLIO)


def test_names_and_external_ids_are_unique(world: list[Company]) -> None:
    assert len({company.name.casefold() for company in world}) == 300
    assert [company.external_id for company in world[:2]] == ["MOCK-7-00001", "MOCK-7-00002"]
    assert len({company.external_id for company in world}) == 300


def test_fifty_thousand_names_in_a_row_are_unique() -> None:
    assert len({mock_names.company(3, n)[0].casefold() for n in range(1, 50_001)}) == 50_000


def test_the_portfolio_is_spread_over_segments_regions_and_owners(world: list[Company]) -> None:
    known = [company for company in world if company.archetype is not Archetype.UNDOCUMENTED]
    assert {company.segment for company in known} == set(Segment)
    assert len({company.region for company in known}) == 4
    assert len({company.industry for company in known}) == 10
    assert {company.cs_owner for company in known} == {name for names in mock_names.OWNERS.values() for name in names}


def test_arr_and_seats_grow_with_the_segment(world: list[Company]) -> None:
    paying = [company for company in world if company.status is not AccountStatus.CHURNED]
    arr, seats = [], []
    for segment in (Segment.SMB, Segment.MID_MARKET, Segment.ENTERPRISE):
        those = [company for company in paying if company.segment is segment]
        arr.append(sum(company.arr for company in those) / len(those))
        seats.append(sum(company.observations[-1].seats_purchased for company in those) / len(those))
    assert (arr, seats) == (sorted(arr), sorted(seats))


def test_the_arr_is_that_of_the_newest_entry_of_its_history(world: list[Company]) -> None:
    for company in world:
        days = [day for day, _ in company.arr_history]
        assert days == sorted(set(days))
        assert days[-1] <= TODAY
        assert company.arr == company.arr_history[-1][1]
        assert (company.arr == 0) == (company.status is AccountStatus.CHURNED) == (company.churned_on is not None)


def test_growing_and_shrinking_customers_did_so_within_the_year(world: list[Company]) -> None:
    change = {
        company.external_id: company.arr / company.arr_history[0][1]
        for company in world
        if company.arr_history[-1][0] > TODAY - timedelta(365)
    }
    growing = [change[c.external_id] for c in world if c.archetype is Archetype.GROWING_UNHEALTHY]
    shrinking = [change[c.external_id] for c in world if c.archetype is Archetype.SHRINKING_HEALTHY]
    assert min(growing) > Decimal("1.2")
    assert max(shrinking) < Decimal("0.95")


def test_nothing_is_known_from_before_the_contract_or_after_the_loss(world: list[Company]) -> None:
    for company in world:
        start, end = company.arr_history[0][0], company.churned_on or TODAY
        days = [used.day for used in company.usage]
        told = [observation.observed_on for observation in company.observations]
        assert days == [day for day in _days(max(start, TODAY - timedelta(199)), end) if company.usage]
        assert told[-1] == end
        assert told[0] >= max(start, TODAY - timedelta(200))
        assert {later - earlier for earlier, later in pairwise(told)} <= {timedelta(30)}


def test_a_customer_lost_before_the_days_asked_for_still_has_an_observation() -> None:
    lost = [company for company in build(25, 1, 7, TODAY) if company.churned_on]
    assert [(len(company.observations), company.usage) for company in lost] == [(1, ())]


def test_weekends_are_quiet(world: list[Company]) -> None:
    use = [used for company in world for used in company.usage]
    weekday = sum(used.logins for used in use if used.day.weekday() < 5) / 5
    weekend = sum(used.logins for used in use if used.day.weekday() >= 5) / 2
    assert 0.05 < weekend / weekday < 0.20


@pytest.mark.parametrize(
    ("archetype", "low", "high"),
    [
        (Archetype.HEALTHY, 0.95, 1.4),
        (Archetype.AVERAGE, 0.8, 1.1),
        (Archetype.FAILING, 0.2, 0.5),
    ],
)
def test_use_goes_the_way_of_the_story(world: list[Company], archetype: Archetype, low: float, high: float) -> None:
    """The last four weeks against the four that began twelve weeks ago, over all companies of the archetype."""
    now = _logins(world, archetype, TODAY - timedelta(27), TODAY)
    before = _logins(world, archetype, TODAY - timedelta(83), TODAY - timedelta(56))
    assert low < now / before < high


def test_onboarding_customers_begin_small_and_come_forward(world: list[Company]) -> None:
    for company in world:
        if company.archetype is Archetype.ONBOARDING:
            told = [observation.onboarding_progress for observation in company.observations]
            assert told == sorted(told)
            first, last = (sum(used.logins for used in week) for week in (company.usage[:7], company.usage[-7:]))
            assert first * 3 < last


def test_a_silent_customer_has_paid_for_seats_that_nobody_uses(world: list[Company]) -> None:
    for company in world:
        if company.archetype is Archetype.SILENT:
            newest = company.observations[-1]
            assert newest.active_users is not None
            assert newest.active_users < newest.seats_purchased * 0.1
            assert (newest.tickets_last_30d, newest.critical_tickets_90d) == (0, 0)


def test_an_undocumented_customer_is_known_by_its_seats_and_tickets_alone(world: list[Company]) -> None:
    company = next(company for company in world if company.archetype is Archetype.UNDOCUMENTED)
    newest = company.observations[-1]
    known = {name: value for name, value in newest._asdict().items() if value is not None}
    assert known.keys() == {"observed_on", "seats_purchased", "tickets_last_30d"}
    assert (company.usage, company.industry, company.region, company.cs_owner) == ((), None, None, None)


@settings(max_examples=60, deadline=None)
@given(
    accounts=st.integers(1, 60),
    days=st.integers(1, 730),
    seed=st.integers(-(2**31), 2**31 - 1),
    today=st.dates(date(2010, 1, 1), date(2090, 1, 1)),
)
def test_any_world_keeps_within_what_the_database_takes(accounts: int, days: int, seed: int, today: date) -> None:
    for company in build(accounts, min(days, 30_000 // accounts), seed, today):
        assert company.arr >= 0
        for observation in company.observations:
            shares = (observation.feature_x_adoption, observation.weekly_active_pct, observation.onboarding_progress)
            counts = (observation.active_users, observation.critical_tickets_90d, observation.sla_breaches_90d)
            assert all(0 <= share <= 1 for share in shares if share is not None)
            assert all(count >= 0 for count in (*counts, observation.tickets_last_30d) if count is not None)
            assert observation.nps is None or -100 <= observation.nps <= 100
            assert (observation.nps is None) == (observation.nps_on is None)
            assert observation.nps_on is None or observation.nps_on <= observation.observed_on <= today
            assert observation.qbr_last_date is None or observation.qbr_last_date <= observation.observed_on
        for used in company.usage:
            assert min(used.logins, used.events, used.feature_x_events, used.errors, used.ticket_backlog) >= 0
            assert (used.avg_session_min is None) == (used.logins == 0)
            assert used.feature_x_events <= used.events


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(day) for day in range((last - first).days + 1)]


def _logins(world: list[Company], archetype: Archetype, first: date, last: date) -> int:
    use = (used for company in world if company.archetype is archetype for used in company.usage)
    return sum(used.logins for used in use if first <= used.day <= last)
