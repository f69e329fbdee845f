"""GraphQL over HTTP as its specification has it: all audits of the reference server's, against the container."""

import json
import subprocess
from typing import Any

import orjson
import pytest

from local import node
from services.errors import Failure
from tests.api import Api
from tests.container import serving
from tests.test_clients import HERE

AUDITS = 61
GRAPHQL = {"accept": "application/graphql-response+json"}


def test_every_audit_passes(database_url: str) -> None:
    try:
        node.install(HERE, print)
    except Failure as failure:
        pytest.skip(f"the audits are not there: {failure}")
    with serving(database_url, connections=2) as client:
        command = ["node", "audit.js", str(client.base_url.join("/graphql"))]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    assert [one for one in told if one["status"] != "ok"] == []
    assert len(told) == AUDITS


def ask(api: Api, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    answer = api.send("POST", "/graphql", content, headers)
    return answer.status, answer.json()


VIEWER = "{ viewer { __typename } }"
REQUEST_ERRORS = {
    "no GraphQL": {"query": "{"},
    "no such field": {"query": "{ nothing }"},
    "no value for a variable": {"query": "query ($id: ID!) { insight(id: $id) { id } }"},
    "several operations": {"query": "query A { viewer { id } } query B { viewer { id } }"},
    "too dear": {"query": "{ accounts(first: 100) { nodes { healthHistory { nodes { factors { label } } } } } }"},
}


@pytest.mark.parametrize("body", REQUEST_ERRORS.values(), ids=REQUEST_ERRORS)
def test_what_was_never_executed_has_no_data(api: Api, body: object) -> None:
    as_json, as_graphql = ask(api, body), ask(api, body, **GRAPHQL)

    assert (as_json[0], as_graphql[0]) == (200, 400)
    assert as_json[1] == as_graphql[1]
    assert "data" not in as_json[1]
    assert as_json[1]["errors"]


def test_what_was_executed_has_data_even_where_that_is_null(api: Api) -> None:
    body = {"query": "query ($after: String) { accounts(after: $after) { nodes { id } } }", "variables": {"after": "x"}}

    status, answer = ask(api, body, **GRAPHQL)

    assert (status, answer["data"]) == (200, None)
    assert answer["errors"][0]["path"] == ["accounts"]


def test_one_of_several_operations_is_named(api: Api) -> None:
    both = "query A { viewer { id } } query B { viewer { role } }"

    for _ in range(3):
        status, refused = ask(api, {"query": both})
        assert (status, "several operations" in refused["errors"][0]["message"]) == (200, True)
        assert ask(api, {"query": both, "operationName": "B"})[1]["data"] == {"viewer": {"role": "ADMIN"}}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200), ("application/json; charset=utf-8", 200), ('APPLICATION/JSON;charset="UTF-8"', 200),
        ("application/json; charset=utf-16", 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415), ("application/graphql", 415), ("", 415),
        ("text/plain; application/json", 415),
    ],
)  # fmt: skip
def test_a_page_of_others_cannot_post_what_browsers_send_unasked(api: Api, kind: str, status: int) -> None:
    assert ask(api, {"query": VIEWER}, **{"content-type": kind})[0] == status


def test_a_link_changes_nothing(api: Api) -> None:
    query = "query=mutation%20%7B%20generateMockData(input%3A%7B%7D)%20%7B%20seed%20%7D%20%7D"

    answer = api.send("GET", "/graphql", query=query)

    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert api.data("{ accounts { totalCount } }") == {"accounts": {"totalCount": 0}}


def test_parts_of_an_address_may_be_empty(api: Api) -> None:
    answer = api.send("GET", "/graphql", query="query=%7Bviewer%7Bid%7D%7D&variables=&extensions=")

    assert (answer.status, answer.json()["data"]) == (200, {"viewer": {"id": "local"}})


def test_batches_are_refused_with_words(api: Api) -> None:
    status, answer = ask(api, [{"query": VIEWER}, {"query": VIEWER}])

    assert (status, answer["errors"][0]["message"]) == (
        400,
        "a request is one JSON object: several are several requests",
    )


def test_the_limits_of_a_request_are_published(api: Api) -> None:
    names = "maxRequestBytes maxRequestSeconds maxStatementSeconds maxVariableValues maxCost maxFields maxTokens maxAliases maxDepth"

    assert api.data(f"{{ viewer {{ limits {{ {names} }} }} }}")["viewer"]["limits"] == {
        "maxRequestBytes": 1_000_000, "maxRequestSeconds": 20, "maxStatementSeconds": 10, "maxVariableValues": 10_000,
        "maxCost": 50_000, "maxFields": 4000, "maxTokens": 4000, "maxAliases": 60, "maxDepth": 14,
    }  # fmt: skip


SAFETY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/graphql", b'{"query": "{ viewer { id } }"}'), ("POST", "/graphql", b"{"), ("GET", "/graphql", b""),
        ("PUT", "/graphql", b""), ("GET", "/healthz", b""), ("GET", "/nothing", b""),
        ("GET", "/uploads/upl_1/errors.csv", b""),
    ],
)  # fmt: skip
def test_every_answer_tells_browsers_what_not_to_do(api: Api, method: str, path: str, body: bytes) -> None:
    answer = api.send(method, path, body, {"accept": "application/json"})

    assert {name: answer.headers.get(name) for name in SAFETY} == SAFETY
    assert "server" not in answer.headers


def test_the_explorer_s_page_runs_its_own_scripts_alone(database_url: str) -> None:
    with serving(database_url, connections=1, GRAPHIQL="yes", GRAPHIQL_ASSETS="https://assets.example/x") as client:
        answer = client.get("/graphql", headers={"accept": "text/html"})

    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].startswith("https://assets.example 'sha256-")
    assert "unsafe" not in policy["script-src"]
    assert answer.headers["x-content-type-options"] == "nosniff"
