"""Accounts over GraphQL: filters, orders, pages, and accounts as they stood on an earlier day."""

import base64
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.db.connection import Database
from tests.api import Api
from tests.worlds import account, metric, observation, scored

TODAY = date(2026, 3, 10)


@pytest.fixture
def people(database: Database) -> None:
    """Five accounts that differ in everything that a filter can ask."""
    with database.writing() as session:
        account(session, "Acme", arr="100", external_id="A-1", segment="SMB", region="EMEA", cs_owner="Dana",
                renewal_date=date(2026, 3, 20))  # fmt: skip
        account(session, "Beta 100%", arr="200", external_id="B_1", segment="ENTERPRISE", region="APAC", industry="IT",
                renewal_date=date(2026, 3, 1))  # fmt: skip
        account(session, "Ceta", arr="200", segment="MID_MARKET", cs_owner="Lee", renewal_date=date(2027, 3, 1))
        account(session, "Delta_x", arr="50", segment="SMB", region="EMEA")
        account(session, "Gone", arr="75", segment="SMB", status="CHURNED", churned_on=date(2026, 2, 1))
        observation(session, 1, seats_purchased=100, active_users=90, feature_x_adoption="1", weekly_active_pct="1",
                    tickets_last_30d=0, critical_tickets_90d=0, sla_breaches_90d=0)  # fmt: skip
        observation(session, 2, seats_purchased=100, active_users=0, feature_x_adoption="0", weekly_active_pct="0",
                    tickets_last_30d=0, critical_tickets_90d=0, sla_breaches_90d=0, qbr_last_date=TODAY)  # fmt: skip
        observation(session, 3, health_score="60")
        scored(session, TODAY)


def names(api: Api, filter: str, order: str = "") -> list[str]:
    query = f"{{ accounts(filter: {filter} {order}) {{ nodes {{ name }} totalCount }} }}"
    page = api.data(query)["accounts"]
    assert page["totalCount"] == len(page["nodes"])
    return [node["name"] for node in page["nodes"]]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("{}", ["Acme", "Beta 100%", "Ceta", "Delta_x"]),
        ("{includeChurned: true}", ["Acme", "Beta 100%", "Ceta", "Delta_x", "Gone"]),
        ('{id: {eq: "acc_2"}}', ["Beta 100%"]),
        ('{id: {in: ["acc_1", "acc_3", "acc_99"]}}', ["Acme", "Ceta"]),
        ('{externalId: {startsWith: "a-"}}', ["Acme"]),
        ("{externalId: {isNull: true}}", ["Ceta", "Delta_x"]),
        ('{search: "eta"}', ["Beta 100%", "Ceta"]),
        ('{search: "0%"}', ["Beta 100%"]),
        ('{search: "_"}', ["Beta 100%", "Delta_x"]),
        ("{segment: {eq: SMB}}", ["Acme", "Delta_x"]),
        ("{segment: {in: [SMB, MID_MARKET]}}", ["Acme", "Ceta", "Delta_x"]),
        ("{segment: {in: []}}", []),
        ("{bucket: {eq: GREEN}}", ["Acme"]),
        ("{bucket: {eq: RED}}", ["Beta 100%"]),
        ("{bucket: {eq: AMBER}}", ["Ceta"]),
        ("{bucket: {in: [UNKNOWN]}}", ["Delta_x"]),
        ('{region: {eq: "EMEA"}}', ["Acme", "Delta_x"]),
        ("{owner: {isNull: false}}", ["Acme", "Ceta"]),
        ('{industry: {contains: "i"}}', ["Beta 100%"]),
        ('{arr: {gte: "100", lte: "150.5"}}', ["Acme"]),
        ("{arr: {eq: 200}}", ["Beta 100%", "Ceta"]),
        ('{score: {lte: "60"}}', ["Beta 100%", "Ceta"]),
        ("{score: {isNull: true}}", ["Delta_x"]),
        ("{scoreChange30d: {isNull: true}}", ["Acme", "Beta 100%", "Ceta", "Delta_x"]),
        ('{renewalDate: {gte: "2026-03-10"}}', ["Acme", "Ceta"]),
        ("{renewsWithinDays: 10}", ["Acme", "Beta 100%"]),
        ("{renewsWithinDays: 9}", ["Beta 100%"]),
        ("{riskSignal: [SILENT_CUSTOMER]}", ["Beta 100%"]),
        ("{riskSignal: [SILENT_CUSTOMER, DATA_STALE]}", ["Beta 100%", "Ceta", "Delta_x"]),
        ('{or: [{segment: {eq: SMB}}, {arr: {eq: 200}}], not: {region: {eq: "APAC"}}}', ["Acme", "Ceta", "Delta_x"]),
        ('{not: {owner: {eq: "Dana"}}}', ["Beta 100%", "Ceta", "Delta_x"]),
        ('{and: [{segment: {eq: SMB}}, {region: {eq: "EMEA"}}]}', ["Acme", "Delta_x"]),
        ("{and: []}", ["Acme", "Beta 100%", "Ceta", "Delta_x"]),
        ("{or: []}", []),
        ("{segment: null, search: null}", ["Acme", "Beta 100%", "Ceta", "Delta_x"]),
    ],
)
def test_a_filter_means_what_it_says(people: None, api: Api, filter: str, expected: list[str]) -> None:
    assert names(api, filter) == expected


@pytest.mark.parametrize(
    ("filter", "code", "argument"),
    [
        ("{owner: {eq: null}}", "INVALID_VALUE", ["filter", "owner", "eq"]),
        ('{id: {in: ["upl_1"]}}', "INVALID_VALUE", ["filter", "id", "in"]),
        ("{renewsWithinDays: -1}", "OUT_OF_RANGE", ["filter", "renewsWithinDays"]),
        ("{not: {includeChurned: true}}", "INVALID_VALUE", ["filter", "not", "includeChurned"]),
        (
            "{not: {not: {not: {not: {not: {not: {}}}}}}}",
            "TOO_MANY",
            ["filter", "not", "not", "not", "not", "not", "not"],
        ),
        ('{search: "a\\u0000b"}', "INVALID_VALUE", ["filter", "search"]),
        (f'{{search: "{"x" * 301}"}}', "OUT_OF_RANGE", ["filter", "search"]),
        (f'{{owner: {{startsWith: "{"x" * 301}"}}}}', "OUT_OF_RANGE", ["filter", "owner", "startsWith"]),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(api: Api, filter: str, code: str, argument: list[str]) -> None:
    answer = api(f"{{ accounts(filter: {filter}) {{ totalCount }} }}")

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": code, "argument": argument}


def test_a_list_of_more_than_500_is_refused(api: Api) -> None:
    query = "query ($ids: [ID!]) { accounts(filter: {id: {in: $ids}}) { totalCount } }"

    answer = api(query, ids=[f"acc_{number}" for number in range(1, 502)])

    assert answer["errors"][0]["extensions"]["code"] == "TOO_MANY"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("{field: NAME, direction: DESC}", ["Delta_x", "Ceta", "Beta 100%", "Acme"]),
        ("{field: ARR}, {field: NAME, direction: DESC}", ["Delta_x", "Acme", "Ceta", "Beta 100%"]),
        ("{field: HEALTH_SCORE}", ["Beta 100%", "Ceta", "Acme", "Delta_x"]),
        ("{field: HEALTH_SCORE, direction: DESC, nulls: FIRST}", ["Delta_x", "Acme", "Ceta", "Beta 100%"]),
        ("{field: RENEWAL_DATE}", ["Beta 100%", "Acme", "Ceta", "Delta_x"]),
        ("{field: ATTENTION, direction: DESC}", ["Beta 100%", "Ceta", "Acme", "Delta_x"]),
    ],
)
def test_an_order_is_kept(people: None, api: Api, order: str, expected: list[str]) -> None:
    assert names(api, "{}", f", orderBy: [{order}]") == expected


def test_one_field_twice_in_an_order_is_refused(api: Api) -> None:
    answer = api("{ accounts(orderBy: [{field: ARR}, {field: ARR, direction: DESC}]) { totalCount } }")

    assert answer["errors"][0]["extensions"] == {"code": "INVALID_VALUE", "argument": ["orderBy"]}


FIELDS = ["NAME", "ARR", "HEALTH_SCORE", "SCORE_CHANGE_30D", "RENEWAL_DATE", "ATTENTION", "UPDATED_AT"]
ORDERS = st.lists(
    st.fixed_dictionaries({
        "field": st.sampled_from(FIELDS),
        "direction": st.sampled_from(["ASC", "DESC"]),
        "nulls": st.sampled_from(["FIRST", "LAST"]),
    }),
    max_size=3,
    unique_by=lambda order: order["field"],
)  # fmt: skip
PAGE = """query ($orderBy: [AccountOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  accounts(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


@pytest.fixture
def thirty(api: Api) -> Api:
    api.data("mutation { generateMockData(input: {accounts: 30, days: 60}) { accountsCreated } }")
    return api


def _walk(api: Api, orders: list[dict[str, str]], size: int, *, backwards: bool) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        window = {"last": size, "before": cursor} if backwards else {"first": size, "after": cursor}
        page = api.data(PAGE, orderBy=orders, **window)["accounts"]
        yield page
        more = page["pageInfo"]["hasPreviousPage" if backwards else "hasNextPage"]
        cursor = page["pageInfo"]["startCursor" if backwards else "endCursor"]
        if not more:
            return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS, size=st.integers(1, 12))
def test_pages_cut_every_order_without_loss_or_repeat_both_ways(
    thirty: Api, orders: list[dict[str, str]], size: int
) -> None:
    [whole] = _walk(thirty, orders, 100, backwards=False)
    expected = [edge["node"]["id"] for edge in whole["edges"]]

    forwards = [edge["node"]["id"] for page in _walk(thirty, orders, size, backwards=False) for edge in page["edges"]]
    pages = [page["edges"] for page in _walk(thirty, orders, size, backwards=True)]
    backwards = [edge["node"]["id"] for edges in reversed(pages) for edge in edges]

    assert len(set(expected)) == len(expected) >= 27
    assert forwards == expected
    assert backwards == expected


def test_a_page_tells_where_it_lies(thirty: Api) -> None:
    first = thirty.data(PAGE, first=5)["accounts"]
    cursors = [edge["cursor"] for edge in first["edges"]]

    assert first["pageInfo"] == {
        "hasNextPage": True, "hasPreviousPage": False, "startCursor": cursors[0], "endCursor": cursors[-1],
    }  # fmt: skip
    assert thirty.data(PAGE, last=5)["accounts"]["pageInfo"]["hasNextPage"] is False
    assert thirty.data(PAGE, last=5)["accounts"]["pageInfo"]["hasPreviousPage"] is True
    assert thirty.data(PAGE, first=0)["accounts"] == {
        "edges": [],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


def test_an_empty_page_is_a_page(api: Api) -> None:
    page = api.data("{ accounts { nodes { id } edges { cursor } totalCount totalArr { amount currency } "
                    "pageInfo { hasNextPage endCursor } } }")["accounts"]  # fmt: skip

    assert page == {
        "nodes": [], "edges": [], "totalCount": 0, "totalArr": {"amount": "0.00", "currency": "USD"},
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 101", "OUT_OF_RANGE"),
        ("first: -1", "OUT_OF_RANGE"),
        ("last: 101", "OUT_OF_RANGE"),
        ("first: 1, last: 1", "INVALID_VALUE"),
        ('last: 1, after: "x"', "INVALID_VALUE"),
        ('first: 1, before: "x"', "INVALID_VALUE"),
        ('before: "x"', "REQUIRED"),
        ('after: "not base64!"', "INVALID_VALUE"),
        ('after: ""', "INVALID_VALUE"),
        ('after: "bnVsbA"', "INVALID_VALUE"),
        ('after: "W10"', "INVALID_VALUE"),
        ('after: "WyJ4IiwgMSwgMiwgM10"', "INVALID_VALUE"),
    ],
)
def test_a_page_that_cannot_be_meant_is_refused(api: Api, arguments: str, code: str) -> None:
    answer = api(f"{{ accounts({arguments}) {{ nodes {{ id }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("RENEWAL_DATE", "2026-W11-1"),
        ("UPDATED_AT", "2026-W11-1T00:00:00"),
        ("UPDATED_AT", "2026-03-10 12:00:00+23:59:59"),
        ("UPDATED_AT", "2026-03-10 12:00:00+16:00"),
        ("RENEWAL_DATE", "2026-02-30"),
        ("ARR", "1_0"),
        ("ARR", "١٢"),
        ("ARR", "1." + "9" * 20000),
        ("ARR", "NaN"),
        ("ARR", True),
        ("ARR", [0, [1], 2]),
        ("NAME", "a\0b"),
        ("NAME", 5),
    ],
)
def test_a_forged_cursor_is_refused(thirty: Api, field: str, value: object) -> None:
    orders = [{"field": field}]
    genuine = thirty.data(PAGE, first=1, orderBy=orders)["accounts"]["pageInfo"]["endCursor"]
    signature, _, key = orjson.loads(base64.urlsafe_b64decode(genuine + "=" * (-len(genuine) % 4)))

    for forged in ([signature, value, key], [signature, None, value], [signature, None, "١"], [signature, None]):
        cursor = base64.urlsafe_b64encode(orjson.dumps(forged)).decode()
        answer = thirty(PAGE, first=1, after=cursor, orderBy=orders)
        assert [one["extensions"]["code"] for one in answer["errors"]] == ["INVALID_VALUE"], forged


def test_a_filter_of_many_conditions_is_refused(api: Api) -> None:
    query = "query ($filter: AccountFilter) { accounts(filter: $filter) { totalCount } }"

    answer = api(query, filter={"or": [{"or": [{"search": "x"}] * 60}, {"and": [{"search": "y"}] * 41}]})

    assert answer["errors"][0]["extensions"] == {"code": "TOO_MANY", "argument": ["filter"]}


def test_a_churned_account_has_no_renewal_ahead(database: Database, api: Api) -> None:
    with database.writing() as session:
        account(session, "Gone", status="CHURNED", churned_on=date(2026, 3, 1), renewal_date=date(2026, 3, 12))
    asked = "nodes { renewalDate daysToRenewal renewalWindow }"

    everyone = api.data(f"{{ accounts(filter: {{includeChurned: true}}) {{ {asked} }} }}")["accounts"]["nodes"]
    soon = api.data(f"{{ accounts(filter: {{includeChurned: true, renewsWithinDays: 30}}) {{ {asked} }} }}")[
        "accounts"
    ]["nodes"]

    assert everyone == [{"renewalDate": "2026-03-12", "daysToRenewal": None, "renewalWindow": "NONE"}]
    assert soon == []


def test_a_cursor_of_another_order_is_refused(thirty: Api) -> None:
    cursor = thirty.data(PAGE, first=1)["accounts"]["pageInfo"]["endCursor"]

    answer = thirty(PAGE, first=1, after=cursor, orderBy=[{"field": "NAME", "direction": "DESC"}])

    assert answer["errors"][0]["message"] == "the cursor belongs to another order: start again without one"


def test_an_account_as_it_stood_on_an_earlier_day(database: Database, api: Api) -> None:
    with database.writing() as session:
        account(session, "Acme", arr="300", since=date(2025, 1, 1), arr_then={date(2025, 1, 1): "100"},
                renewal_date=date(2026, 3, 20))  # fmt: skip
        observation(session, 1, day=date(2025, 6, 1), seats_purchased=10, active_users=9, nps=10)
        observation(session, 1, seats_purchased=20, active_users=2, nps=-40)
        metric(session, 1, date(2025, 6, 1), logins=4)
        metric(session, 1, TODAY, logins=9)
        scored(session, date(2025, 6, 10))
        scored(session, TODAY)
    fields = """name arr { amount } seatsPurchased nps daysToRenewal health { asOf bucket }
      dailyMetrics { nodes { date logins } } healthHistory { nodes { date } } metricsSummary { logins lastActiveOn }"""
    query = f'query ($asOf: Date) {{ account(by: {{id: "acc_1"}}, asOf: $asOf) {{ {fields} }} }}'

    now, then = api.data(query)["account"], api.data(query, asOf="2025-06-30")["account"]
    before = api.data(query, asOf="2024-12-31")["account"]

    assert (now["arr"]["amount"], now["seatsPurchased"], now["nps"], now["daysToRenewal"]) == ("300.00", 20, -40, 10)
    assert then == {
        "name": "Acme", "arr": {"amount": "100.00"}, "seatsPurchased": 10, "nps": 10, "daysToRenewal": 263,
        "health": {"asOf": "2025-06-10", "bucket": "UNKNOWN"}, "dailyMetrics": {"nodes": [{"date": "2025-06-01", "logins": 4}]},
        "healthHistory": {"nodes": [{"date": "2025-06-10"}]}, "metricsSummary": {"logins": 4, "lastActiveOn": "2025-06-01"},
    }  # fmt: skip
    assert before is None


@pytest.mark.parametrize(
    "field",
    [
        "accounts(asOf: $day) { totalCount }",
        "portfolioMetrics(asOf: $day) { accountCount }",
        'account(by: {id: "acc_1"}, asOf: $day) { id }',
    ],
)
def test_a_day_to_come_is_refused(api: Api, field: str) -> None:
    answer = api(f"query ($day: Date) {{ {field} }}", day="2026-03-11")

    assert answer["errors"][0]["extensions"] == {"code": "OUT_OF_RANGE", "argument": ["asOf"]}


@pytest.mark.parametrize(
    ("before", "back", "word", "change"),
    [
        ("50.0", 30, "FLAT", "0.0"),
        ("45.1", 30, "FLAT", "4.9"),
        ("45.0", 30, "UP", "5.0"),
        ("54.9", 30, "FLAT", "-4.9"),
        ("55.0", 60, "DOWN", "-5.0"),
        ("55.0", 29, "NEW", None),
        ("55.0", 61, "NEW", None),
    ],
)
def test_a_trend_begins_with_a_change_of_5_points_over_30_to_60_days(
    database: Database, api: Api, before: str, back: int, word: str, change: str | None
) -> None:
    with database.writing() as session:
        account(session, "Acme", since=date(2025, 1, 1))
        observation(session, 1, day=TODAY - timedelta(back), health_score=before)
        observation(session, 1, health_score="50.0")
        scored(session, TODAY - timedelta(back))
        scored(session, TODAY)

    health = api.data('{ account(by: {id: "acc_1"}) { health { trend change30d } } }')["account"]["health"]

    assert health == {"trend": word, "change30d": change}


def test_history_comes_by_day_week_or_month(database: Database, api: Api) -> None:
    with database.writing() as session:
        account(session, "Acme", since=date(2025, 1, 1))
        for day in (date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 12), date(2026, 2, 2)):
            scored(session, day)
    query = """query ($granularity: Granularity!) { account(by: {id: "acc_1"}) {
      healthHistory(from: "2026-01-05", to: "2026-02-01", granularity: $granularity) { nodes { date } } } }"""

    def days(granularity: str) -> list[str]:
        return [node["date"] for node in api.data(query, granularity=granularity)["account"]["healthHistory"]["nodes"]]

    assert days("DAY") == ["2026-01-12", "2026-01-07", "2026-01-05"]
    assert days("WEEK") == ["2026-01-12", "2026-01-07"]
    assert days("MONTH") == ["2026-01-12"]


@pytest.mark.parametrize(
    "field",
    [
        'healthHistory(from: "2026-02-01", to: "2026-01-01") { nodes { date } }',
        "dailyMetrics(first: 1000) { nodes { date } }",
        "metricsSummary(days: 0) { days }",
        "metricsSummary(days: 366) { days }",
        "recommendedPlaybooks(first: -1) { relevance }",
        'changes(after: "x") { nodes { id } }',
    ],
)
def test_arguments_further_down_are_checked_too(people: None, api: Api, field: str) -> None:
    answer = api(f'{{ account(by: {{id: "acc_1"}}) {{ {field} }} }}')

    assert answer["errors"][0]["extensions"]["code"] in {"INVALID_VALUE", "OUT_OF_RANGE"}


def test_peers_are_compared_from_eight_on(database: Database, api: Api) -> None:
    facts = {"seats_purchased": 100, "feature_x_adoption": "0.5", "weekly_active_pct": "0.5", "tickets_last_30d": 0,
             "critical_tickets_90d": 0, "sla_breaches_90d": 0}  # fmt: skip
    with database.writing() as session:
        for number in range(8):
            account(session, f"Small {number}", segment="SMB")
            observation(session, number + 1, active_users=number * 10 + 10, **facts)
        for number in range(7):
            account(session, f"Large {number}", segment="ENTERPRISE")
            observation(session, number + 9, active_users=50, **facts)
        scored(session, TODAY)
    query = "query ($id: ID!) { account(by: {id: $id}) { health { factors { measure versusPeers subScore effectiveWeight } } } }"

    small = api.data(query, id="acc_1")["account"]["health"]["factors"][0]
    large = api.data(query, id="acc_9")["account"]["health"]["factors"][0]

    # utilisation 10 % .. 80 %: sub-scores 11.1, 22.2, 33.3, 44.4, 55.6, 66.7, 77.8, 88.9; the median is 50.0
    expected = (Decimal("0.3636") * (Decimal("11.1") - Decimal("50.0"))).quantize(Decimal("0.1"))
    assert small == {
        "measure": "LICENSE_UTILISATION",
        "versusPeers": str(expected),
        "subScore": "11.1",
        "effectiveWeight": "0.3636",
    }
    assert large["versusPeers"] is None


def test_customers_long_gone_are_no_peers_of_yesterday_either(database: Database, api: Api) -> None:
    facts = {"seats_purchased": 100, "feature_x_adoption": "0.5", "weekly_active_pct": "0.5", "tickets_last_30d": 0,
             "critical_tickets_90d": 0, "sla_breaches_90d": 0}  # fmt: skip
    with database.writing() as session:
        for number in range(12):
            churned = {"status": "CHURNED", "churned_on": date(2026, 1, 1)} if number >= 6 else {}
            account(session, f"Small {number}", since=date(2025, 1, 1), **churned)
            observation(session, number + 1, day=date(2025, 6, 1), active_users=number * 8 + 10, **facts)
        scored(session, date(2025, 12, 1))
        scored(session, date(2026, 3, 9))
        scored(session, TODAY)
    query = """query ($asOf: Date) { account(by: {id: "acc_1"}, asOf: $asOf) {
      health { factors { versusPeers } } healthHistory { nodes { factors { versusPeers } } } } }"""

    for day, compared in ((None, False), ("2026-03-09", False), ("2025-12-31", True)):
        found = api.data(query, asOf=day)["account"]
        assert any(factor["versusPeers"] for factor in found["health"]["factors"]) is compared
        assert not any(f["versusPeers"] for node in found["healthHistory"]["nodes"] for f in node["factors"])


def test_one_field_can_be_asked_twice_with_other_arguments(people: None, database: Database, api: Api) -> None:
    with database.writing() as session:
        metric(session, 1, date(2026, 3, 9), logins=1)
        metric(session, 1, TODAY, logins=2)

    found = api.data("""{ account(by: {externalId: "A-1"}) {
      one: dailyMetrics(first: 1) { nodes { d: date } } ...two name: externalId } }
      fragment two on Account { two: dailyMetrics(first: 2) { nodes { date } nodes { logins } } }""")["account"]

    assert found == {
        "one": {"nodes": [{"d": "2026-03-10"}]},
        "two": {"nodes": [{"date": "2026-03-10", "logins": 2}, {"date": "2026-03-09", "logins": 1}]},
        "name": "A-1",
    }


def test_every_field_of_an_account_under_two_names_each(people: None, api: Api) -> None:
    names = ["id", "externalId", "name", "segment", "industry", "region", "owner", "renewalDate", "daysToRenewal", "status",
             "seatsPurchased", "activeUsers", "nps", "version", "createdAt", "updatedAt", "renewalWindow"]  # fmt: skip
    asked = " ".join(f"{name} a{name}: {name} b{name}: {name} c{name}: {name}" for name in names)

    found = api.data(f'{{ account(by: {{id: "acc_1"}}) {{ {asked} }} }}')["account"]

    assert len(found) == 4 * len(names)
    assert all(found[name] == found[f"a{name}"] == found[f"c{name}"] for name in names)
