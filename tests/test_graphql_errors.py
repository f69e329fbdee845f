"""Whatever a client sends: a clear error, never a crash that shows, never half a change."""

import logging
from typing import Any

import orjson
import pytest

from graph.errors import LONGEST
from graph.limits import MAX_ERRORS
from services.db.connection import Database
from services.errors import Unavailable
from tests.api import Api


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{",
        "{ nothing }",
        "query { accounts(nope: 1) { totalCount } }",
        "{ accounts(filter: {segment: {eq: TINY}}) { totalCount } }",
        '{ accounts(filter: {arr: {gte: "lots"}}) { totalCount } }',
        '{ accounts(filter: {arr: {gte: "NaN"}}) { totalCount } }',
        '{ accounts(filter: {arr: {gte: "1e999"}}) { totalCount } }',
        '{ accounts(asOf: "2026-02-30") { totalCount } }',
        '{ accounts(asOf: "20260201") { totalCount } }',
        "{ accounts(first: 99999999999) { totalCount } }",
        "{ account(by: {}) { id } }",
        "{ account(by: {id: null}) { id } }",
        "{ accounts(first: 9" + "9" * 5000 + ") { totalCount } }",
        "{ accounts(filter: {arr: {gte: 9" + "9" * 5000 + "}}) { totalCount } }",
        '{ accounts(filter: {arr: {gte: "1.' + "9" * 16400 + '"}}) { totalCount } }',
        '{ accounts(filter: {arr: {gte: "1_000"}}) { totalCount } }',
        '{ accounts(filter: {arr: {gte: "١٢"}}) { totalCount } }',
        '{ accounts(filter: {arr: {gte: "12345678901234567890123456"}}) { totalCount } }',
        '{ account(by: {id: "acc_1", externalId: "A"}) { id } }',
        "{ uploadTemplate(kind: EVERYTHING) { csv } }",
        "mutation { updateAccount(input: {name: 1}) { account { id } } }",
        "subscription { updates { cursor } }",
        'mutation { createApiKey(input: {name: "a", role: VIEWER, expiresAt: "9999-12-31T23:59:59-12:00"}) { key } }',
    ],
)
def test_a_malformed_request_says_what_is_wrong(api: Api, query: str) -> None:
    answer = api.send("POST", "/graphql", b'{"query": %s}' % _json(query))

    assert answer.status in {200, 400}
    assert b"went wrong" not in answer.body
    assert answer.body


@pytest.mark.parametrize(
    "node_id", ["", "x", "acc_", "acc_0", "acc_-1", "acc_1.5", "acc_99999999999999999999", "upl_1", "acc_1 ", "ACC_1", "job_zz",
                "pbk_../..", "acc_1'; drop table accounts; --", "\u0000", "é" * 500],
)  # fmt: skip
def test_a_malformed_id_is_told_as_such(api: Api, node_id: str) -> None:
    answer = api("query ($id: ID!) { node(id: $id) { id } }", id=node_id)

    assert answer["data"] == {"node": None}
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["INVALID_VALUE"]


@pytest.mark.parametrize("node_id", ["acc_999", f"upl_{'0' * 32}", f"job_{'0' * 32}", "pbk_unheard-of", "scd_99"])
def test_an_id_that_nothing_has_is_null(api: Api, node_id: str) -> None:
    assert api.data("query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", id=node_id) == {
        "node": None,
        "nodes": [None],
    }


def test_more_than_100_nodes_are_refused(api: Api) -> None:
    answer = api("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["acc_1"] * 101)

    assert answer["errors"][0]["extensions"]["code"] == "TOO_MANY"


@pytest.mark.parametrize(
    "query", ['{ upload(id: "acc_1") { id } }', '{ job(id: "acc_1") { id } }', '{ account(by: {id: "upl_1"}) { id } }']
)
def test_an_id_of_another_kind_is_refused(api: Api, query: str) -> None:
    assert [one["extensions"]["code"] for one in api(query)["errors"]] == ["INVALID_VALUE"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b'{"query": "{ viewer { id } }"}'),
        ("application/x-www-form-urlencoded", b"query={viewer{id}}"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/json", b"not json"),
        ("application/json", b"[]"),
        ("application/json", b"\xff\xfe\x00"),
        ("application/json", b'{"query": 1}'),
        ("application/json", b'{"query": "{ viewer { id } }", "variables": []}'),
        ("application/json", b"{}"),
        ("application/json", b"5"),
        ("application/json", b"null"),
        ("application/json", b'"x"'),
        ("application/json", b"true"),
        ("application/json", b""),
    ],
)
def test_what_is_no_graphql_request_is_answered_with_a_client_error(api: Api, content_type: str, body: bytes) -> None:
    answer = api.send("POST", "/graphql", body, {"content-type": content_type})

    assert 400 <= answer.status < 500
    assert answer.json()["errors"][0]["message"]


def test_an_operation_that_is_not_in_the_request_is_named(api: Api) -> None:
    answer = api.send("POST", "/graphql", b'{"query": "query A { viewer { id } }", "operationName": "B"}')

    assert answer.status == 400
    assert "B" in answer.json()["errors"][0]["message"]


def test_a_mutation_by_get_is_refused(api: Api) -> None:
    answer = api.send(
        "GET", "/graphql", query="query=mutation%20%7B%20generateMockData(input%3A%7B%7D)%20%7B%20seed%20%7D%20%7D"
    )

    assert 400 <= answer.status < 500


def test_a_query_by_get_is_answered(api: Api) -> None:
    answer = api.send("GET", "/graphql", query="query=%7B%20viewer%20%7B%20id%20%7D%20%7D")

    assert (answer.status, answer.json()["data"]) == (200, {"viewer": {"id": "local"}})


def test_variables_by_get_are_in_utf_8(api: Api) -> None:
    for text in ("€", "é", "%C3%A9", "%E2%82%AC"):
        given = f'query=query ($s: String) {{ accounts(filter: {{search: $s}}) {{ totalCount }} }}&variables={{"s": "{text}"}}'
        answer = api.send("GET", "/graphql", query=given)

        assert (answer.status, answer.json()["data"]) == (200, {"accounts": {"totalCount": 0}})


@pytest.mark.parametrize(
    "values",
    [[{}] * 10_001, [{"and": [{}] * 99} for _ in range(101)], [{f"x{n}": 1 for n in range(10_001)}]],
    ids=["in a list", "in lists of lists", "in an object"],
)
def test_variables_of_more_values_than_anybody_means_are_not_read(api: Api, values: list[Any]) -> None:
    query = "query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }"
    answer = api.send("POST", "/graphql", orjson.dumps({"query": query, "variables": {"f": {"and": values}}}))

    assert (answer.status, answer.json()["errors"][0]["message"]) == (
        413, "the variables of a request hold at most 10,000 values",
    )  # fmt: skip


def test_what_is_told_of_mistakes_is_a_fraction_of_what_was_sent(api: Api) -> None:
    """graphql-core repeats the whole of a value with each of its unknown fields: 95 MB for a request of 1 MB."""
    unknown = " ".join(f"x{n}: 1" for n in range(100))
    long = "a" * 900_000
    body = orjson.dumps({"query": f'{{ accounts(filter: {{{unknown} search: "{long}"}}) {{ nodes {{ id }} }} }}'})
    answer = api.send("POST", "/graphql", body)

    errors = answer.json()["errors"]
    assert len(errors) == MAX_ERRORS + 1
    assert "error limit reached" in errors[-1]["message"]
    assert max(len(error["message"]) for error in errors) == LONGEST + len("...")


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(61)) + " }",
        '{ account(by: {id: "acc_1"}) '
        + "{ changes { nodes { fields { field } } } } " * 1
        + " viewer { id } " * 2000
        + "}",
        "{ uploads { nodes " + "{ duplicateOf " * 14 + "{ id }" + " }" * 14 + " } }",
    ],
    ids=["aliases", "tokens", "depth"],
)
def test_a_request_that_asks_for_too_much_is_refused_before_any_work(
    api: Api, statements: list[str], query: str
) -> None:
    answer = api(query)

    assert "data" not in answer
    assert answer["errors"]
    assert statements == []


def test_a_crash_is_logged_once_and_shown_masked(
    api: Api, database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret customer text")

    monkeypatch.setattr(database, "rows", broken)
    with caplog.at_level(logging.ERROR):
        answer = api("{ accounts { totalCount } }")

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert "secret" not in str(answer)
    assert "00000000-0000-4000-8000-000000000001" in answer["errors"][0]["message"]
    assert [record.message for record in caplog.records] == ["a resolver failed"]
    assert "secret customer text" in str(caplog.records[0].exc_info)


def test_a_database_that_is_away_is_told_without_its_address(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise Unavailable("connection to server at db.internal failed")

    monkeypatch.setattr(database, "rows", away)

    answer = api("{ accounts { totalCount } }")

    assert answer["errors"][0]["message"] == "the service cannot answer right now: try again"
    assert answer["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


def _json(text: str) -> bytes:
    import orjson

    return orjson.dumps(text)
