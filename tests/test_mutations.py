"""Changing things over GraphQL: what is kept, what is refused, and that a refusal leaves nothing behind."""

import threading
import time
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from services.accounts import editing
from services.db.connection import Database
from services.errors import Rejected
from services.settings import Settings
from tests.api import Api
from tests.pooling import Cut, cutting
from tests.worlds import NOON, TODAY, account, observation, scored

UPDATE = """mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) {
  account { name owner arr { amount } nps seatsPurchased status version health { score bucket }
    changes { nodes { actor source fields { field before after } } } }
  userErrors { code message path } } }"""

LOST = "the database was lost while the change was being saved: it may have been made or not, look first"
UNSHOWN = "the change was made, but cannot be shown right now: do not repeat it, look later"


@pytest.fixture
def acme(database: Database) -> str:
    with database.writing() as session:
        account(session, "Acme", arr="100", cs_owner="Dana", since=date(2026, 1, 1))
        account(session, "Beta", arr="5")
        observation(session, 1, day=date(2026, 2, 1), seats_purchased=100, active_users=90, nps=50)
        scored(session)
    return "acc_1"


def update(api: Api, **change: Any) -> tuple[Any, list[dict[str, Any]]]:
    payload = api.data(UPDATE, input={"id": "acc_1", **change})["updateAccount"]
    return payload["account"], payload["userErrors"]


def test_a_change_is_kept_with_its_history_its_trace_and_a_new_score(acme: str, database: Database, api: Api) -> None:
    changed, problems = update(api, name="Acme Corp", owner=None, arr="250.50", nps=-10, expectedVersion=1)

    assert problems == []
    trace = changed.pop("changes")["nodes"]
    assert changed == {
        "name": "Acme Corp", "owner": None, "arr": {"amount": "250.50"}, "nps": -10, "seatsPurchased": 100,
        "status": "ACTIVE", "version": 2, "health": {"score": None, "bucket": "UNKNOWN"},
    }  # fmt: skip
    assert trace == [
        {
            "actor": "local",
            "source": "API",
            "fields": [
                {"field": "name", "before": "Acme", "after": "Acme Corp"},
                {"field": "cs_owner", "before": "Dana", "after": None},
                {"field": "arr", "before": "100.00", "after": "250.50"},
                {"field": "nps", "before": "50", "after": "-10"},
            ],
        }
    ]
    assert [
        str(arr)
        for _, arr in database.rows("select effective_on, arr from arr_history where account_id = 1 order by 1")
    ] == ["100.00", "250.50"]
    observations = (
        "select observed_on, seats_purchased, nps, nps_on from account_observations where account_id = 1 order by 1"
    )
    assert database.rows(observations) == [(date(2026, 2, 1), 100, 50, date(2026, 2, 1)), (TODAY, 100, -10, TODAY)]


def test_what_is_left_out_stays_and_what_is_null_is_cleared(acme: str, api: Api) -> None:
    left_out, _ = update(api, name="Acme")
    cleared, _ = update(api, nps=None)

    assert (left_out["owner"], left_out["nps"], left_out["version"]) == ("Dana", 50, 1)
    assert (cleared["owner"], cleared["nps"], cleared["version"]) == ("Dana", None, 2)


def test_a_change_that_changes_nothing_leaves_no_trace(acme: str, database: Database, api: Api) -> None:
    same, problems = update(api, name="  Acme ", arr="100.00", seatsPurchased=100)

    assert (same["version"], same["changes"]["nodes"], problems) == (1, [], [])
    assert database.read("select count(*) from events where kind = 'ACCOUNT_CHANGED'") == 0


def test_a_churned_account_leaves_the_portfolio_and_can_come_back(acme: str, api: Api) -> None:
    count = "{ accounts { totalCount } portfolioMetrics { accountCount } }"

    gone, _ = update(api, status="CHURNED")
    after = api.data(count)
    back, _ = update(api, status="ACTIVE")

    assert gone["status"] == "CHURNED"
    assert after == {"accounts": {"totalCount": 1}, "portfolioMetrics": {"accountCount": 1}}
    assert back["status"] == "ACTIVE"
    assert api.data(count)["accounts"] == {"totalCount": 2}


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"expectedVersion": 7}, "STALE_VERSION", ["input", "expectedVersion"]),
        ({"id": "acc_99"}, "NOT_FOUND", ["input", "id"]),
        ({"id": "nonsense"}, "INVALID_VALUE", ["input", "id"]),
        ({"name": None}, "REQUIRED", ["input", "name"]),
        ({"name": "   "}, "REQUIRED", ["input", "name"]),
        ({"name": "x" * 301}, "OUT_OF_RANGE", ["input", "name"]),
        ({"name": "a\0b"}, "INVALID_VALUE", ["input", "name"]),
        ({"name": "\ufdfa" * 300}, "OUT_OF_RANGE", ["input", "name"]),  # a ligature of eighteen letters
        ({"name": " bETA"}, "CONFLICT", ["input", "name"]),
        ({"segment": None}, "REQUIRED", ["input", "segment"]),
        ({"arr": "-1"}, "OUT_OF_RANGE", ["input", "arr"]),
        ({"arr": "1.005"}, "INVALID_VALUE", ["input", "arr"]),
        ({"arr": "1000000000000"}, "OUT_OF_RANGE", ["input", "arr"]),
        ({"nps": 101}, "OUT_OF_RANGE", ["input", "nps"]),
        ({"seatsPurchased": -1}, "OUT_OF_RANGE", ["input", "seatsPurchased"]),
        ({"activeUsers": -5}, "OUT_OF_RANGE", ["input", "activeUsers"]),
        ({"renewalDate": "0001-01-01"}, "OUT_OF_RANGE", ["input", "renewalDate"]),
        ({"renewalDate": "9999-12-31"}, "OUT_OF_RANGE", ["input", "renewalDate"]),
    ],
)
def test_a_refused_change_says_why_and_leaves_nothing(
    acme: str, database: Database, api: Api, change: dict[str, Any], code: str, path: list[str]
) -> None:
    state = "select json_agg(a order by id) from accounts a"
    before = database.read(state)

    changed, [problem] = update(api, **{"owner": "Somebody else", **change})

    assert changed is None
    assert (problem["code"], problem["path"]) == (code, path)
    assert database.read(state) == before
    assert database.read("select count(*) from changes") == 0


def test_two_changes_in_one_request_are_kept_one_by_one(acme: str, api: Api) -> None:
    answer = api.data("""mutation {
      good: updateAccount(input: {id: "acc_1", owner: "Lee"}) { account { owner version } userErrors { code } }
      bad: updateAccount(input: {id: "acc_2", name: "Acme"}) { account { name } userErrors { code } }
      more: updateAccount(input: {id: "acc_1", region: "EMEA", expectedVersion: 2}) { account { region version } }
    }""")

    assert answer == {
        "good": {"account": {"owner": "Lee", "version": 2}, "userErrors": []},
        "bad": {"account": None, "userErrors": [{"code": "CONFLICT"}]},
        "more": {"account": {"region": "EMEA", "version": 3}},
    }


def test_one_figure_told_anew_makes_the_others_no_fresher(database: Database, api: Api) -> None:
    with database.writing() as session:
        account(session, "Acme", segment="ENTERPRISE", since=date(2025, 1, 1))
        observation(session, 1, day=date(2025, 6, 1), seats_purchased=100, active_users=50, nps=10, tickets_last_30d=3,
                    feature_x_adoption="0.5", weekly_active_pct="0.5", critical_tickets_90d=4)  # fmt: skip
        scored(session)
    asked = "health { factors { measure observedOn } } riskSignals { code evidence { key observedOn } }"

    update(api, nps=11)
    update(api, seatsPurchased=99)
    found = api.data(f'{{ account(by: {{id: "acc_1"}}) {{ {asked} }} }}')["account"]

    days = {factor["measure"]: factor["observedOn"] for factor in found["health"]["factors"]}
    assert days == {
        "LICENSE_UTILISATION": "2026-03-10", "NPS": "2026-03-10", "FEATURE_ADOPTION": "2025-06-01",
        "WEEKLY_ACTIVE": "2025-06-01", "TICKET_RATE": "2025-06-01", "CRITICAL_TICKETS": "2025-06-01",
    }  # fmt: skip
    signals = {signal["code"]: signal["evidence"] for signal in found["riskSignals"]}
    assert signals["CRITICAL_SUPPORT"][0] == {"key": "critical_tickets_90d", "observedOn": "2025-06-01"}
    assert "DATA_STALE" in signals


def test_a_payloads_account_asked_for_twice_is_read_once(acme: str, api: Api, statements: list[str]) -> None:
    answer = api.data("""mutation { updateAccount(input: {id: "acc_1", owner: "Lee"}) {
      a: account { id o: owner } b: account { o: name } userErrors { code } } }""")

    assert answer["updateAccount"] == {"a": {"id": "acc_1", "o": "Lee"}, "b": {"o": "Acme"}, "userErrors": []}
    assert len([one for one in statements if "json_build_object" in one]) == 1


def test_going_live_by_hand_ends_what_the_file_said_of_onboarding(database: Database, api: Api) -> None:
    with database.writing() as session:
        account(session, "Acme", status="ONBOARDING", since=date(2025, 6, 1))
        observation(session, 1, day=date(2026, 1, 1), onboarding=True, onboarding_progress="0.2", seats_purchased=10,
                    active_users=9, feature_x_adoption="0.9", nps=40)  # fmt: skip
        scored(session)
    asked = """health { factors { measure } missing { measure reason } } riskSignals { code }"""
    before = api.data(f'{{ account(by: {{id: "acc_1"}}) {{ {asked} }} }}')["account"]

    update(api, status="ACTIVE")
    after = api.data(f'{{ account(by: {{id: "acc_1"}}) {{ {asked} }} }}')["account"]

    assert "ONBOARDING_PROGRESS" in [factor["measure"] for factor in before["health"]["factors"]]
    assert "ONBOARDING_STALLED" in [signal["code"] for signal in before["riskSignals"]]
    assert {"measure": "ONBOARDING_PROGRESS", "reason": "NOT_APPLICABLE"} in after["health"]["missing"]
    assert "ONBOARDING_STALLED" not in [signal["code"] for signal in after["riskSignals"]]


@pytest.mark.parametrize("name", [r"a\u0007b", r"\u200b", r"\ud800"])
def test_a_name_is_read_by_the_rule_of_the_files(acme: str, api: Api, name: str) -> None:
    content = (
        f'{{"query": {orjson.dumps(UPDATE).decode()}, "variables": {{"input": {{"id": "acc_1", "name": "{name}"}}}}}}'
    )

    answer = api.send("POST", "/graphql", content.encode())

    assert b"INTERNAL" not in answer.body
    assert api.data('{ account(by: {id: "acc_1"}) { name } }')["account"] == {"name": "Acme"}


def test_two_renames_to_one_name_at_once_leave_one_and_a_conflict(
    acme: str, database: Database, database_url: str
) -> None:
    held = Database(database_url)
    outcome: list[object] = []

    def rename() -> None:
        try:
            with Database(database_url).writing() as session:
                editing.update(session, "acc_2", {"name": "Same"}, expected_version=None, actor="b", now=NOON)
        except Rejected as refusal:
            outcome.append(refusal.code)

    second = threading.Thread(target=rename)
    with held.writing() as session:
        editing.update(session, "acc_1", {"name": "Same"}, expected_version=None, actor="a", now=NOON)
        second.start()
        time.sleep(0.3)
    second.join()

    assert outcome == ["CONFLICT"]
    assert database.rows("select name from accounts order by id") == [("Same",), ("Beta",)]


RECOMPUTE = """mutation ($input: RecomputeHealthInput!) { recomputeHealth(input: $input) {
  job { id status progress { done total } changedBuckets pollAfterMs failure { code } finishedAt }
  userErrors { code message path } } }"""


def test_health_is_scored_again_as_of_any_day(acme: str, database: Database, api: Api) -> None:
    payload = api.data(RECOMPUTE, input={"asOf": "2026-02-01"})["recomputeHealth"]

    job = payload["job"]
    assert payload["userErrors"] == []
    assert (job["status"], job["progress"], job["pollAfterMs"], job["failure"]) == (
        "SUCCEEDED", {"done": 1, "total": 1}, None, None,
    )  # fmt: skip
    assert database.rows("select account_id, day from health_snapshots where day < %(today)s", {"today": TODAY}) == [
        (1, date(2026, 2, 1))
    ]
    polled = api.data("query ($id: ID!) { job(id: $id) { __typename id status } node(id: $id) { id } }", id=job["id"])
    assert polled == {
        "job": {"__typename": "RecomputeJob", "id": job["id"], "status": "SUCCEEDED"},
        "node": {"id": job["id"]},
    }


def test_only_what_the_filter_means_is_scored(acme: str, database: Database, api: Api) -> None:
    api.data(RECOMPUTE, input={"asOf": "2026-03-10", "filter": {"arr": {"gte": "50"}}})

    job = api.data(RECOMPUTE, input={"asOf": "2026-03-09", "filter": {"search": "nobody"}})["recomputeHealth"]["job"]
    assert job["progress"] == {"done": 0, "total": 0}


def test_the_same_key_answers_with_the_same_job(acme: str, database: Database, api: Api) -> None:
    wanted = {"asOf": "2026-02-01", "filter": {"arr": {"gte": "1"}}, "idempotencyKey": "nightly-1"}

    first = api.data(RECOMPUTE, input=wanted)["recomputeHealth"]["job"]["id"]
    again = api.data(RECOMPUTE, input=wanted)["recomputeHealth"]["job"]["id"]
    other = api.data(RECOMPUTE, input={**wanted, "asOf": "2026-02-02"})["recomputeHealth"]

    assert again == first
    assert other["job"] is None
    assert [(one["code"], one["path"]) for one in other["userErrors"]] == [
        ("IDEMPOTENCY_MISMATCH", ["input", "idempotencyKey"])
    ]
    assert database.read("select count(*) from jobs") == 1


@pytest.mark.parametrize("day", [str(TODAY + timedelta(days=1)), "1969-12-31"])
def test_a_day_that_cannot_be_scored_is_refused(api: Api, day: str) -> None:
    payload = api.data(RECOMPUTE, input={"asOf": day})["recomputeHealth"]

    assert payload["job"] is None
    assert [(one["code"], one["path"]) for one in payload["userErrors"]] == [("OUT_OF_RANGE", ["input", "asOf"])]


UPLOAD = """mutation ($input: RequestUploadUrlInput!) { requestUploadUrl(input: $input) {
  upload { id status fileName kind dryRun policy counts { rows } progress { done total } pollAfterMs }
  target { url method maxBytes expiresAt fields { name value } } userErrors { code path } } }"""


def test_an_upload_can_be_polled_as_soon_as_it_was_asked_for(api: Api) -> None:
    wanted = {"kind": "ACCOUNTS", "fileName": "accounts.csv", "sizeBytes": 10}

    payload = api.data(UPLOAD, input=wanted)["requestUploadUrl"]

    upload, target = payload["upload"], payload["target"]
    key = next(field["value"] for field in target["fields"] if field["name"] == "key")
    assert key == f"uploads/{upload['id']}.csv"
    assert (target["method"], target["maxBytes"], target["expiresAt"]) == ("POST", 10485760, "2026-03-10T12:05:00Z")
    assert upload["status"] in {"AWAITING_FILE", "EXPIRED"}  # the test's clock stands still, the database's does not
    assert api.data("query ($id: ID!) { upload(id: $id) { fileName } }", id=upload["id"]) == {
        "upload": {"fileName": "accounts.csv"}
    }


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"sizeBytes": 0}, "OUT_OF_RANGE", ["input", "sizeBytes"]),
        ({"sizeBytes": 10485761}, "OUT_OF_RANGE", ["input", "sizeBytes"]),
        ({"fileName": ""}, "REQUIRED", ["input", "fileName"]),
        ({"sha256": "abc"}, "INVALID_VALUE", ["input", "sha256"]),
    ],
)
def test_an_upload_that_cannot_be_is_refused(
    database: Database, api: Api, wrong: dict[str, Any], code: str, path: list[str]
) -> None:
    wanted = {"kind": "ACCOUNTS", "fileName": "accounts.csv", "sizeBytes": 10, **wrong}

    payload = api.data(UPLOAD, input=wanted)["requestUploadUrl"]

    assert payload == {"upload": None, "target": None, "userErrors": [{"code": code, "path": path}]}
    assert database.read("select count(*) from uploads") == 0


def test_mock_data_says_what_it_made_and_what_it_refuses(api: Api) -> None:
    query = """mutation ($input: GenerateMockDataInput!) { generateMockData(input: $input) {
      n: accountsCreated seed userErrors { code path } } }"""

    made = api.data(query, input={"accounts": 3, "days": 30, "seed": 7})["generateMockData"]
    refused = api.data(query, input={"accounts": 0})["generateMockData"]

    assert made == {"n": 3, "seed": 7, "userErrors": []}
    assert refused == {"n": 0, "seed": 1, "userErrors": [{"code": "OUT_OF_RANGE", "path": ["input", "accounts"]}]}


def test_a_made_up_account_that_somebody_changes_is_made_up_no_longer(database: Database, api: Api) -> None:
    generate = "mutation { generateMockData(input: {accounts: 2, days: 30, replace: true}) { accountsCreated } }"
    api.data(generate)
    same, _ = update(api)
    assert database.rows("select origin from accounts") == [("MOCK",), ("MOCK",)]

    update(api, owner="Dana")

    assert api.data(generate) == {"generateMockData": {"accountsCreated": 1}}
    assert database.rows("select id, origin, cs_owner from accounts where origin <> 'MOCK'") == [(1, "API", "Dana")]
    assert same["version"] == 1


@pytest.mark.parametrize(
    ("cut", "told", "owner"),
    [("before COMMIT", LOST, "Dana"), ("at COMMIT", LOST, "Eve"), ("after COMMIT", UNSHOWN, "Eve")],
)
def test_who_cannot_know_whether_a_change_was_made_is_told_so(
    acme: str, database: Database, database_url: str, cut: Cut, told: str, owner: str
) -> None:
    with cutting(database_url, cut) as address, closing(Database(address)) as cut_off:
        answer = Api(cut_off, pytest.fail, Settings())(UPDATE, input={"id": acme, "owner": "Eve"})

    [error] = answer["errors"]
    assert (error["message"], error["extensions"]) == (told, {"code": "UNAVAILABLE"})
    assert database.read("select cs_owner from accounts where name = 'Acme'") == owner
