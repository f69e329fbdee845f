"""Documents of a list, by their hash; and the schema, where it may not be asked for."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from graph.trusted import Trusted
from services.db.connection import Database
from services.errors import Rejected
from services.settings import Settings
from tests.api import Api

KNOWN, OTHER = "query Known { viewer { workspaceName } }", "{ viewer { id } }"
DIGEST = hashlib.sha256(KNOWN.encode()).hexdigest()
DATA = {"viewer": {"workspaceName": "Success Insights"}}


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    path = tmp_path / "documents.json"
    path.write_bytes(orjson.dumps({DIGEST: KNOWN}))
    return str(path)


def api_with(database: Database, **settings: Any) -> Api:
    return Api(database, pytest.fail, replace(Settings(access="open"), **settings))


def ask(api: Api, **body: object) -> dict[str, Any]:
    answer: dict[str, Any] = api.send("POST", "/graphql", orjson.dumps(body)).json()
    return answer


def code(answer: dict[str, Any]) -> str:
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": f"sha256:{DIGEST}"},
        {"documentId": DIGEST},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}, "query": OTHER},
        {"query": KNOWN},
    ],
)
@pytest.mark.parametrize("only", [True, False])
def test_a_known_document_is_answered_by_its_hash(
    database: Database, manifest: str, only: bool, body: dict[str, object]
) -> None:
    api = api_with(database, trusted_documents=manifest, trusted_documents_only=only)

    assert [ask(api, **body)["data"] for _ in range(3)] == [DATA] * 3


def test_a_known_document_is_asked_for_by_an_address(database: Database, manifest: str) -> None:
    api = api_with(database, trusted_documents=manifest, trusted_documents_only=True)
    extensions = quote(orjson.dumps({"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}).decode())

    answers = [api.send("GET", "/graphql", query=q) for q in (f"documentId={DIGEST}", f"extensions={extensions}")]

    assert [answer.json()["data"] for answer in answers] == [DATA, DATA]


@pytest.mark.parametrize("query", [OTHER, KNOWN + " ", "{", "", "query Known { viewer { workspaceName id } }"])
def test_nothing_else_is_answered_where_the_list_is_all(database: Database, manifest: str, query: str) -> None:
    api = api_with(database, trusted_documents=manifest, trusted_documents_only=True)

    answers = [ask(api, query=query) for _ in range(3)]

    assert answers == 3 * [
        {"errors": [{"message": "only known documents are answered here", "extensions": {"code": "UNKNOWN_DOCUMENT"}}]}
    ]


@pytest.mark.parametrize("only", [True, False])
def test_an_unknown_hash_is_told_as_apollo_s_clients_know_it(database: Database, manifest: str, only: bool) -> None:
    api = api_with(database, trusted_documents=manifest, trusted_documents_only=only)

    assert code(ask(api, documentId="sha256:" + "0" * 64)) == "PERSISTED_QUERY_NOT_FOUND"


def test_nobody_adds_to_the_list_by_asking(database: Database, manifest: str) -> None:
    api = api_with(database, trusted_documents=manifest)
    digest = hashlib.sha256(OTHER.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}

    assert ask(api, query=OTHER, extensions=extensions)["data"] == {"viewer": {"id": "local"}}
    assert code(ask(api, extensions=extensions)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"00": "{ viewer { id } }"}', b'{"00": 1}', b"{", None], ids=lambda one: repr(one)[:12]
)
def test_a_list_that_is_none_is_refused_at_the_start(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "documents.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Rejected, match="TRUSTED_DOCUMENTS"):
        Trusted(str(path))


INTROSPECTION = (
    "{ __schema { types { name } } }",
    '{ __type(name: "Account") { name } }',
    "{ ...F } fragment F on Query { __schema { queryType { name } } }",
)


@pytest.mark.parametrize("query", INTROSPECTION)
def test_the_schema_is_asked_for_where_that_is_allowed_only(database: Database, query: str) -> None:
    allowed, refusing = api_with(database), api_with(database, introspection=False)

    for _ in range(3):  # a document that one has kept is not let through by the other
        assert "errors" not in ask(allowed, query=query)
        assert code(ask(refusing, query=query)) == "INTROSPECTION_OFF"


def test_the_name_of_a_type_is_no_question_about_the_schema(database: Database) -> None:
    api = api_with(database, introspection=False)

    assert ask(api, query="{ viewer { __typename } } # __schema")["data"] == {"viewer": {"__typename": "Viewer"}}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"query": "{ acounts { nodes { id } } }"}, "accounts"),
        ({"query": "{ accounts(frist: 1) { nodes { id } } }"}, "first"),
        ({"query": "query ($f: AcountFilter) { accounts(filter: $f) { nodes { id } } }"}, "AccountFilter"),
        ({"query": "{ accounts(filter: {segmnt: {eq: SMB}}) { nodes { id } } }"}, "segment"),
        ({"query": "{ playbooks(category: ADOPTON) { id } }"}, "ADOPTION"),
        (
            {
                "query": "query ($f: AccountFilter) { accounts(filter: $f) { nodes { id } } }",
                "variables": {"f": {"segmnt": {"eq": "SMB"}}},
            },
            "segment",
        ),
        ({"query": "{ node(id: 1) { key } }"}, "Playbook"),
    ],
)
def test_errors_suggest_names_where_the_schema_is_open_only(
    database: Database, body: dict[str, object], name: str
) -> None:
    allowed = ask(api_with(database), **body)["errors"][0]["message"]
    closed = ask(api_with(database, introspection=False), **body)["errors"][0]["message"]

    assert f"'{name}'" in allowed
    assert f"'{name}'" not in closed
    assert "Did you mean" not in closed
