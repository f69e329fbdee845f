"""Insights read: one, many, those of an account; what they rest on; and what people think of them."""

from datetime import timedelta

import pytest

from services.db.connection import Database
from services.insights import ratings
from tests.api import Api
from tests.insights import ASK, MODEL, Scripted, Worker, failing_account, half_true, insights
from tests.worlds import NOON

WHOLE = """
  id scope account { id name } headline summary engine fallbackReason isStale dataAsOf createdAt
  findings { text kind evidence { key label value unit observedOn source } }
  actions { title reason priority dueInDays playbook { id title steps { title } } evidence { key value } }
  verification { numbersFound numbersVerified sentencesDropped status }
  usage { model promptTokens completionTokens cached durationMs } feedback { rating comment at }
"""
RATE = """mutation ($id: ID!, $rating: FeedbackRating!, $comment: String) {
  rateInsight(input: {insightId: $id, rating: $rating, comment: $comment}) {
    insight { feedback { rating comment at } } userErrors { code message path }
  }
}"""


@pytest.fixture
def insight_id(api: Api, database: Database) -> str:
    return make(api, database, "Initech")


def make(api: Api, database: Database, name: str, worker: Worker | None = None) -> str:
    job_id = api.data(ASK, account=failing_account(database, name))["queueInsight"]["job"]["id"]
    (worker or Worker(database)).deliver(job_id)
    made = api.data("query ($id: ID!) { job(id: $id) { ... on InsightJob { insight { id } } } }", id=job_id)["job"]
    key: str = made["insight"]["id"]
    return key


def test_an_insight_is_read_in_one_statement_with_all_that_it_rests_on(
    api: Api, database: Database, insight_id: str, statements: list[str]
) -> None:
    statements.clear()

    made = api.data(f"query ($id: ID!) {{ insight(id: $id) {{ {WHOLE} }} }}", id=insight_id)["insight"]

    assert len(statements) == 1
    assert (made["scope"], made["account"]["name"], made["engine"]) == ("ACCOUNT", "Initech", "RULES")
    assert (made["fallbackReason"], made["usage"], made["feedback"]) == (None, None, None)
    assert (made["isStale"], made["dataAsOf"], made["createdAt"]) == (
        False,
        "2026-03-10",
        "2026-03-10T12:00:00.000000Z",
    )
    check = made["verification"]
    assert (check["status"], check["sentencesDropped"]) == ("DETERMINISTIC", 0)
    assert check["numbersFound"] == check["numbersVerified"] > 3
    assert all(finding["evidence"] for finding in made["findings"])
    assert any(action["playbook"] for action in made["actions"])


def test_evidence_is_what_the_database_holds(api: Api, insight_id: str) -> None:
    query = """query ($id: ID!) { insight(id: $id) {
      findings { evidence { key label value unit } }
      account { arr { amount } renewalDate nps health { score factors { label rawValue pointsLost } } }
    } }"""
    made = api.data(query, id=insight_id)["insight"]
    account = made["account"]

    shown = {(one["label"], one["value"]) for finding in made["findings"] for one in finding["evidence"]}
    values = dict(shown)
    assert len(values) == len(shown)
    assert values["Health score"] == account["health"]["score"]
    known = {factor["label"]: factor["rawValue"] for factor in account["health"]["factors"]}
    told = {label: value for label, value in values.items() if label in known}
    assert len(told) >= 3
    assert {label: known[label].split(" ")[0].lstrip("+") for label in told} == {
        label: value.lstrip("+") for label, value in told.items()
    }


def test_insights_come_newest_first_page_by_page(api: Api, database: Database) -> None:
    names = ["Initech", "Hooli", "Vehement"]
    worker = Worker(database)
    made = []
    for name in names:
        worker.now = api.now = api.now + timedelta(days=1)
        made.append(make(api, database, name, worker))

    query = "query ($after: String) { insights(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
    first = api.data(query)["insights"]
    second = api.data(query, after=first["pageInfo"]["endCursor"])["insights"]

    assert [one["id"] for one in first["nodes"] + second["nodes"]] == made[::-1]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


def test_insights_are_found_by_account_scope_and_day(api: Api, database: Database) -> None:
    worker = Worker(database)
    first = make(api, database, "Initech", worker)
    worker.now = api.now = NOON + timedelta(days=2)
    second = make(api, database, "Hooli", worker)
    query = "query ($filter: InsightFilter) { insights(filter: $filter) { nodes { id account { name } } } }"

    def found(**filter_: object) -> list[str]:
        return [one["id"] for one in api.data(query, filter=filter_)["insights"]["nodes"]]

    hooli = api.data('{ accounts(filter: {search: "hooli"}) { nodes { id } } }')["accounts"]["nodes"][0]["id"]
    assert found() == [second, first]
    assert found(accountId=hooli) == [second]
    assert (found(scope="PORTFOLIO"), found(scope="ACCOUNT")) == ([], [second, first])
    assert found(createdAt={"eq": "2026-03-10"}) == [first]
    assert found(createdAt={"gte": "2026-03-11"}) == [second]
    assert found(createdAt={"lte": "2026-03-11", "gte": "2026-03-01"}) == [first]
    assert found(createdAt={}, accountId=None) == [second, first]
    assert api(query, filter={"createdAt": {"isNull": True}})["errors"][0]["extensions"]["code"] == "INVALID_VALUE"
    assert api(query, filter={"accountId": "job_1"})["errors"][0]["extensions"]["code"] == "INVALID_VALUE"


def test_an_account_shows_what_was_known_on_the_day(api: Api, database: Database, insight_id: str) -> None:
    query = (
        """query ($asOf: Date) { accounts(asOf: $asOf) { nodes { latestInsight { id } insights { nodes { id } } } } }"""
    )
    api.now = NOON + timedelta(days=1)

    today, before = (api.data(query, asOf=day)["accounts"]["nodes"] for day in (None, "2026-03-09"))

    assert today == [{"latestInsight": {"id": insight_id}, "insights": {"nodes": [{"id": insight_id}]}}]
    assert before == [{"latestInsight": None, "insights": {"nodes": []}}]


def test_a_model_s_insight_tells_what_it_took_and_what_was_dropped(api: Api, database: Database) -> None:
    worker = Worker(database, Scripted([half_true]), MODEL)
    database_api = Api(database, lambda: None, MODEL)  # type: ignore[arg-type, return-value]

    key = make(database_api, database, "Initech", worker)

    made = api.data(f"query ($id: ID!) {{ insight(id: $id) {{ {WHOLE} }} }}", id=key)["insight"]
    assert made["engine"] == "OPENAI"
    assert made["usage"] == {
        "model": "gpt-test-2026", "promptTokens": 900, "completionTokens": 100, "cached": False, "durationMs": 1500,
    }  # fmt: skip
    assert (made["verification"]["status"], made["verification"]["sentencesDropped"]) == ("REPAIRED", 1)
    assert "99" not in made["findings"][0]["text"]


def test_an_insight_is_rated_and_rated_anew(api: Api, insight_id: str) -> None:
    api.data(RATE, id=insight_id, rating="WRONG", comment="They renewed yesterday")
    api.now = NOON + timedelta(hours=1)

    rated = api.data(RATE, id=insight_id, rating="HELPFUL")["rateInsight"]

    assert rated == {
        "insight": {"feedback": {"rating": "HELPFUL", "comment": None, "at": "2026-03-10T13:00:00.000000Z"}}, "userErrors": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("insight", "comment", "code"),
    [
        ("ins_00000000000000000000000000000000", "?", "NOT_FOUND"),
        ("acc_1", "?", "INVALID_VALUE"),
        (None, "x" * 2001, "OUT_OF_RANGE"),
        (None, "a\0b", "INVALID_VALUE"),
    ],
)
def test_a_rating_that_cannot_be_meant_is_refused(
    api: Api, insight_id: str, insight: str | None, comment: str, code: str
) -> None:
    rated = api.data(RATE, id=insight or insight_id, rating="WRONG", comment=comment)["rateInsight"]

    assert (rated["insight"], [error["code"] for error in rated["userErrors"]]) == (None, [code])


def test_the_rated_ones_are_a_set_to_judge_engines_by(api: Api, database: Database) -> None:
    keys = [make(api, database, name) for name in ("Initech", "Hooli", "Vehement")]
    for hour, (key, rating) in enumerate(zip(keys[:2], ("HELPFUL", "WRONG"), strict=True)):
        api.now = NOON + timedelta(hours=hour)
        api.data(RATE, id=key, rating=rating, comment=f"comment {hour}")

    found = list(ratings.rated(database, batch=1))

    assert [(one["id"], one["rating"], one["comment"]) for one in found] == [
        (keys[0], "HELPFUL", "comment 0"), (keys[1], "WRONG", "comment 1"),
    ]  # fmt: skip
    [stored] = [one for one in insights(database) if f"ins_{one['id'].replace('-', '')}" == keys[0]]
    assert found[0]["facts"] == stored["facts"]
    assert [found[0][name] for name in ("headline", "findings", "actions")] == [
        stored[name] for name in ("headline", "findings", "actions")
    ]
    assert "Initech" not in str(found[0]["facts"])
