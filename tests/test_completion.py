"""Answers written by types made for the selection are, byte for byte, those of graphql-core: queries made up by the thousand.

A document's first answer is completed field by field, its later ones by plans, wherever the selection is plain.
"""

import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from graph.completion import Plan
from graph.context import Context
from graph.documents import KEPT
from graph.schema import schema
from services import ids
from services.access import LOCAL
from services.db.connection import Database
from services.settings import Settings
from tests.api import Api
from tests.generated_queries import FLAGS, Values, question
from tests.importing import Importer
from tests.insights import ASK, MODEL, Scripted, Worker, failing_account, half_true

QUESTIONS = 2_000
BENCH = Path(__file__).parents[1] / "bench" / "questions"

ROOTS = [
    *(
        "accounts",
        "accounts",
        "accounts",
        "account",
        "account",
        "portfolioMetrics",
        "portfolioMetrics",
        "insights",
        "insight",
    ),
    *("uploads", "upload", "node", "nodes", "job", "updates", "viewer", "playbooks", "scorecards", "uploadTemplate"),
]
OWN_NAMES = {
    "k0",
    "k1",
    "c0",
    "c1",
    "i0",
    "i1",
    "n",
    "m",
    "total",
    "page",
    "item",
    "node",
    "a",
    "u",
    "r",
    "p",
    "h",
    "o",
}
MOCK = "mutation { generateMockData(input: {accounts: 12, days: 30}) { accountsCreated } }"
PORTFOLIO = "mutation { queuePortfolioInsight(input: {}) { job { id } } }"
BATCH = 'mutation { queueInsights(input: {filter: {search: "Initech"}, max: 3}) { job { id } } }'
RECOMPUTE = "mutation { recomputeHealth(input: {}) { job { id } } }"
RENAME = 'mutation ($id: ID!) { updateAccount(input: {id: $id, name: "Initech \\u2028 \\" \\\\ é 漢 😀", nps: -31}) { account { id } userErrors { code } } }'
RATE = 'mutation ($id: ID!) { rateInsight(input: {insightId: $id, rating: HELPFUL, comment: "yes\\u0001"}) { insight { id } } }'


@pytest.fixture(autouse=True)
def first_answers_without_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle: what costs much would be planned when it is first asked."""
    monkeypatch.setattr("graph.completion.PLANNED_AT_ONCE", sys.maxsize)


@pytest.fixture
def world(api: Api, database: Database, aws_settings: Settings) -> Values:
    """Something of everything that can be asked for; answers what arguments may be."""
    api.data(MOCK)
    account = failing_account(database)
    other = failing_account(database, "Initech 2", external_id="I-2")
    importer = Importer(database, aws_settings, now=api.now)
    bad = importer.load("ACCOUNTS", "name,arr,segment,nps\nAcme,1,SMB,7\nBad,x,SMB,\nWorse,1,HUGE,900\n")
    tried = importer.load("ACCOUNTS", "name,arr,segment\nTried,1,SMB\n", dry_run=True)
    jobs = [api.data(ASK, account=one)["queueInsight"]["job"]["id"] for one in (account, other)]
    jobs.append(api.data(PORTFOLIO)["queuePortfolioInsight"]["job"]["id"])
    Worker(database).deliver(jobs[0])
    Worker(database, Scripted([half_true]), MODEL).deliver(jobs[1])
    Worker(database).deliver(jobs[2])
    batch = api.data(BATCH)["queueInsights"]["job"]["id"]
    recompute = api.data(RECOMPUTE)["recomputeHealth"]["job"]["id"]
    found = [node["id"] for node in api.data("{ insights { nodes { id } } }")["insights"]["nodes"]]
    api.data(RATE, id=found[0])
    api.data(RENAME, id=account)
    uploads = [ids.of(ids.UPLOAD, UUID(one["id"])) for one in (bad, tried)]
    playbook = api.data("{ playbooks { id } }")["playbooks"][0]["id"]
    some = [account, "acc_1", *uploads, *jobs, batch, recompute, *found, playbook, "scd_1"]
    cursor = api.data("{ accounts(first: 5) { pageInfo { endCursor } } }")["accounts"]["pageInfo"]["endCursor"]
    api.now += timedelta(minutes=1)
    return {
        "ids": [some, some[::-1], [account, "acc_999"], ["acc_1"], [], ["nothing"]],
        "node.id": [*some, *some, "acc_999", "x"],
        "insight.id": [*found, *found, account],
        "job.id": [*jobs, batch, recompute, "job_x"],
        "upload.id": [*uploads, *uploads, account],
        "account.by": [{"id": account}, {"id": "acc_1"}, {"externalId": "I-2"}, {"id": "acc_999"}, {}],
        "accounts.filter": [{"bucket": {"in": ["RED", "AMBER"]}}, {"arr": {"gte": "50000"}}, {"search": "Initech"}],
        "portfolioMetrics.filter": [{"segment": {"eq": "SMB"}}, {"search": "nobody"}],
        "insights.filter": [{"scope": "ACCOUNT"}, {"accountId": account}],
        "accounts.orderBy": [[{"field": "ARR", "direction": "DESC"}], [{"field": "HEALTH_SCORE"}, {"field": "NAME"}]],
        "asOf": ["2026-03-01", "2026-03-10", "2026-03-10", "2026-03-10", "2027-01-01"],
        "Date": ["2026-03-01", "2026-02-10"],
        "Int": [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 7, 1000],
        "accounts.after": [cursor, cursor, "x"],
        "accounts.before": [cursor, "x"],
    }  # fmt: skip


def context(database: Database, api: Api) -> Context:
    """What the HTTP application hands to the schema."""
    return Context(all_data=database, open_files=_never, open_queue=_never, settings=Settings(), now=api.now, identity=LOCAL,
                   base_url="https://api.example.com", request_id="00000000-0000-4000-8000-000000000001")  # fmt: skip


def _never() -> Any:
    raise AssertionError("a query needs neither files nor a queue")


def plans(text: str) -> list[Plan | None]:
    """The plans that are kept for a document, None for each selection that needs more than its document."""
    document = KEPT.get(text)
    operations = [] if document is None else [one for one in document.definitions if "plans" in vars(one)]
    return list(vars(operations[0])["plans"].kept.values()) if operations else []


def written(data: Any) -> int:
    """How many parts of the data were written by plans."""
    if type(data) is orjson.Fragment:
        return 1
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return sum(written(part) for part in parts)


def test_later_answers_are_the_first_to_the_byte(api: Api, database: Database, world: Values) -> None:
    random = Random(20)
    seen: Counter[str] = Counter()
    different = []
    for _ in range(QUESTIONS):
        asked = question(random, schema._schema, world, ROOTS)
        flags = {name: random.random() < 0.5 for name in FLAGS}
        others = {name: not value for name, value in flags.items()} if random.random() < 0.4 else flags
        first = api.send("POST", "/graphql", asked.body(flags))
        bodies = {asked.body(flags): first}
        if asked.flags and others is not flags:
            fresh = orjson.loads(asked.body(others)) | {"query": asked.text + "\n# asked with other flags"}
            bodies[asked.body(others)] = api.send("POST", "/graphql", orjson.dumps(fresh))
        for body, before in [*bodies.items(), *bodies.items()][:3]:
            later = api.send("POST", "/graphql", body)
            if (later.status, later.body) != (before.status, before.body):
                different.append((body, before.body, later.body))

        answer = first.json()
        seen["data"] += bool(answer.get("data"))
        seen["errors"] += "errors" in answer
        seen["internal"] += b"INTERNAL" in first.body
        seen["flags"] += len(bodies) > 1
        seen["invalid"] += KEPT.get(asked.text) is None
        kept = plans(asked.text)
        seen["planned"] += any(kept)
        seen["plans"] += sum(plan is not None for plan in kept)
        seen["not plain"] += sum(plan is None for plan in kept)

    print(dict(seen))
    assert different == []
    assert seen["internal"] == 0
    assert seen["planned"] > QUESTIONS / 2
    assert seen["plans"] > 4 * seen["not plain"]
    assert seen["errors"] > QUESTIONS / 20
    assert seen["flags"] > QUESTIONS / 5
    assert seen["invalid"] < QUESTIONS / 20


def test_an_alias_may_be_any_name_that_a_statement_uses(api: Api, database: Database) -> None:
    failing_account(database)
    rows = database.rows(
        "select distinct column_name::text from information_schema.columns where table_schema = 'public'"
    )
    names = sorted(({row[0] for row in rows} | OWN_NAMES) - {"id", "name", "label", "score", "code", "key", "value"})
    query = """{ accounts(first: 1) { pageInfo { endCursor } nodes { %s id } edges { cursor node {
      %s id name health { score factors { %s label } } riskSignals { code evidence { key value } } changes { nodes { at } }
    } } } }"""
    plain = api.data(query % ("", "", ""))

    for start in range(0, len(names), 15):
        some = names[start : start + 15]
        by_id, by_label = (" ".join(f"{name}: {field}" for name in some) for field in ("id", "label"))
        data = api.data(query % (by_id, by_id, by_label))
        [node], [edge] = data["accounts"]["nodes"], data["accounts"]["edges"]
        for one, field in (
            (node, "id"),
            (edge["node"], "id"),
            *((one, "label") for one in edge["node"]["health"]["factors"]),
        ):
            assert {one.pop(name) for name in some} == {one[field]}
        assert data == plain


@pytest.mark.parametrize("name", ["q1", "q2", "q3"])
def test_what_the_bench_asks_is_written_by_one_plan(api: Api, database: Database, name: str) -> None:
    api.data(MOCK)
    text = (BENCH / f"{name}.graphql").read_text(encoding="utf-8") + "# one plan"
    variables = orjson.loads((BENCH / f"{name}.json").read_bytes())
    body = orjson.dumps({"query": text, "variables": variables})

    first, later = (api.send("POST", "/graphql", body).body for _ in range(2))
    result = schema.execute_sync(text, variable_values=variables, context_value=context(database, api))

    assert later == first == orjson.dumps({"data": result.data, "extensions": result.extensions})
    assert result.data is not None
    assert [type(value) for value in result.data.values()] == [orjson.Fragment]
    assert [plan is not None for plan in plans(text)] == [True]
