"""What operations cost, and what is refused before any work is done."""

import orjson
import pytest
from graphql import get_introspection_query

from graph.costs import AN_INSIGHT, LISTS, PRICES
from graph.documents import KEPT
from graph.limits import MAX_COST, MAX_REPEATS
from services.db.pages import MOST, USUAL
from tests.api import Api

PAGE = "query ($first: Int) { accounts(first: $first) { nodes { id } } }"


def cost(api: Api, query: str, **variables: object) -> int:
    told: dict[str, int] = api(query, variables)["extensions"]["cost"]
    assert told["allowed"] == MAX_COST
    return told["requested"]


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("{ viewer { id role } }", 1),
        ("{ viewer { id limits { maxCost } } }", 2),
        ("{ __typename viewer { __typename } }", 1),
        ("{ __schema { types { name fields { name } } } }", 1 + 150 * (1 + 5)),
        ('{ __type(name: "Account") { fields { name type { name } } } }', 1 + 5 * 2),
        ("{ accounts { nodes { id name } } }", 1 + USUAL),
        ("{ accounts(first: 3) { nodes { id } } }", 1 + 3),
        ("{ accounts(last: 3) { nodes { id } } }", 1 + 3),
        ("{ accounts(first: 3) { edges { cursor node { id } } nodes { id } } }", 1 + 3 * 2 + 3),
        ("{ accounts(first: 3) { totalCount totalArr { amount } } }", 1 + 10 + 10 + 1),
        ("{ accounts(first: 3) { nodes { health { score factors { label } } } } }", 1 + 3 * (1 + 1 + 10)),
        ("{ accounts(first: 3) { nodes { dailyMetrics(first: 14) { nodes { logins } } } } }", 1 + 3 * (1 + 1 + 14)),
        ("{ accounts(first: 3) { nodes { id name a: name b: name c: id } } }", 1 + 3 * (1 + 3)),
        (
            "{ viewer { ...F ...G } } fragment F on Viewer { id } fragment G on Viewer { id a: __typename b: __typename }",
            2,
        ),
        ('{ nodes(ids: ["a", "b"]) { id } }', 2),
        ('{ nodes(ids: ["a"]) { ... on Playbook { steps { title } } ... on Scorecard { id } } }', 1 + 10),
        ("{ updates(first: 100) { events { id subject { id } } } }", 1 + 100 * 2),
        ("{ portfolioMetrics { accountCount } }", 1 + PRICES["Query.portfolioMetrics"]),
        ("{ accounts(first: 1) { nodes { id } nodes { name } } }", 2),
        (
            "{ accounts(first: 1) { nodes { id } } accounts(first: 1) { nodes { ...F } } } fragment F on Account { name }",
            2,
        ),
        ("{ a: accounts(first: 1) { nodes { id } } b: accounts(first: 1) { nodes { id } } }", 4),
    ],
)
def test_the_price_is_that_of_the_objects_that_may_have_to_be_read(api: Api, query: str, price: int) -> None:
    assert cost(api, query) == price


def test_the_price_is_that_of_the_variables_values(api: Api) -> None:
    assert [cost(api, PAGE, first=first) for first in (0, 1, 7, 100, None, 7)] == [1, 2, 8, 101, 1 + USUAL, 8]
    assert cost(api, PAGE) == 1 + USUAL


def test_a_page_that_is_refused_costs_no_more_than_the_longest(api: Api) -> None:
    assert [cost(api, PAGE, first=first) for first in (-5, 2**31 - 1)] == [1, 1 + MOST]


def test_what_a_directive_leaves_out_costs_nothing(api: Api) -> None:
    query = "query ($with: Boolean!) { viewer { id } accounts(first: 10) @include(if: $with) { nodes { id } } }"

    assert [cost(api, query, **{"with": flag}) for flag in (True, False, True, False)] == [12, 1, 12, 1]


def test_the_price_is_independent_of_the_order_of_arguments(api: Api) -> None:
    assert cost(api, '{ accounts(first: 9, after: null, filter: {search: "x"}) { nodes { id } } }') == 10
    assert cost(api, '{ accounts(filter: {search: "x"}, after: null, first: 9) { nodes { id } } }') == 10


def test_each_operation_of_a_document_has_its_own_price(api: Api) -> None:
    query = (
        "query A($n: Int) { accounts(first: $n) { nodes { id } } } "
        "query B($m: Int, $n: Boolean = true) { accounts(first: $m) @include(if: $n) { nodes { id } } }"
    )

    def asked(name: str, **variables: object) -> int:
        body = orjson.dumps({"query": query, "operationName": name, "variables": variables})
        price: int = api.send("POST", "/graphql", body).json()["extensions"]["cost"]["requested"]
        return price

    for _ in range(3):
        assert (asked("A", n=2), asked("B", m=5), asked("B", m=5, n=False), asked("A", n=3)) == (3, 6, 0, 4)


def test_insights_of_many_accounts_are_priced_by_how_many_are_asked_for(api: Api) -> None:
    query = "mutation ($input: QueueInsightsInput!) { queueInsights(input: $input) { matched } }"
    prices = [cost(api, query, input={"filter": {}, "max": most, "estimateOnly": True}) for most in (1, 2, 1000)]

    assert [price - prices[0] for price in prices] == [0, AN_INSIGHT, 999 * AN_INSIGHT]


def test_what_costs_too_much_is_refused_without_any_work(api: Api, statements: list[str]) -> None:
    query = "{ accounts(first: 100) { nodes { healthHistory(first: 90) { nodes { factors { label } } } } } }"
    answers = [api(query) for _ in range(3)]

    price = 1 + 100 * (1 + 1 + 90 * 11)
    assert answers == 3 * [
        {
            "errors": [
                {
                    "message": f"the operation would cost {price}, and {MAX_COST} is allowed: ask for less, or in several requests",
                    "locations": [{"line": 1, "column": 1}],
                    "extensions": {"code": "COST_LIMIT"},
                }
            ],
            "extensions": {"cost": {"requested": price, "allowed": MAX_COST}},
        }
    ]
    assert statements == []


def test_a_change_that_costs_too_much_is_not_made(api: Api) -> None:
    query = "mutation {" + " ".join(f"r{n}: recomputeHealth(input: {{}}) {{ job {{ id }} }}" for n in range(2)) + "}"

    assert api(query)["errors"][0]["extensions"] == {"code": "COST_LIMIT"}
    assert api.data("{ updates { events { id } } }") == {"updates": {"events": []}}


def test_tools_may_ask_for_the_whole_schema_once_and_not_many_times(api: Api) -> None:
    query = get_introspection_query(specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True)
    assert len(api.data(query)["__schema"]["types"]) <= 1.2 * LISTS["__Schema.types"]

    whole, _, fragments = query.partition("fragment")
    body = whole[whole.index("__schema") : whole.rindex("}")]
    several = api(f"{{ {' '.join(f'a{n}: {body}' for n in range(4))} }} fragment {fragments}")
    assert several["errors"][0]["extensions"] == {"code": "COST_LIMIT"}


def test_prices_are_kept_without_the_texts_that_were_asked_with(api: Api) -> None:
    query = "query ($id: ID!, $first: Int) { nodes(ids: [$id]) { id } accounts(first: $first) { nodes { id } } }"
    for number in range(10):
        assert cost(api, query, id=f"acc_{number + 1}", first=7) == 1 + 1 + 7
        assert cost(api, query, id=f"acc_{number + 1}", first=8) == 1 + 1 + 8

    document = KEPT.get(query)
    assert document is not None
    prices = vars(document.definitions[0])["prices"]
    assert sorted(prices.known) == [(7, None), (8, None)]


REPEATS = {
    "one field": "{ viewer { " + "id " * 201 + "} }",
    "below one field": "{ " + "viewer { id id id } " * 67 + "}",
    "by fragments": "{ " + " ".join(f"...F{n}" for n in range(20)) + " } "
    + " ".join(f"fragment F{n} on Query {{ viewer {{ {'id ' * 11}}} }}" for n in range(20)),
    "in a fragment that nobody spreads": "{ viewer { id } } fragment F on Viewer { " + "id " * 201 + "}",
    "in one of two fragments of one name": "{ viewer { ...F } } fragment F on Viewer { " + "id " * 201 + "} "
    "fragment F on Viewer { id }",
    "in the schema itself": "{ " + "__schema { types { name } } " * 202 + "}",
}  # fmt: skip


@pytest.mark.parametrize("query", REPEATS.values(), ids=REPEATS)
def test_pairs_of_the_same_field_are_counted_before_they_are_compared(api: Api, query: str) -> None:
    (error,) = api(query)["errors"]

    assert error["message"].endswith(f"pairs of the same field found. Allowed: {MAX_REPEATS}")


def test_fields_that_fragments_share_are_no_offence(api: Api) -> None:
    fragments = " ".join(f"fragment F{n} on Viewer {{ id role limits {{ maxCost }} }}" for n in range(30))
    query = "{ viewer { " + " ".join(f"...F{n}" for n in range(30)) + " } } " + fragments

    assert api.data(query)["viewer"]["limits"] == {"maxCost": MAX_COST}


@pytest.mark.parametrize(
    "query",
    [
        "{ ...F } fragment F on Query { viewer { id } ...F }",
        "{ viewer { ...F } } fragment F on Viewer { limits { ...G } } fragment G on ApiLimits { ...G }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
)
def test_a_fragment_within_itself_is_refused_as_that(api: Api, query: str) -> None:
    (error,) = api(query)["errors"]

    assert error["message"].startswith("Cannot spread fragment '")
    assert error["message"].endswith("' within itself.")
