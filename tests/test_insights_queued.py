"""Insights asked for through the API: one job for one question, committed before its message is sent."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.db.connection import Database
from services.insights import queue
from services.settings import Settings
from tests.api import Api
from tests.insights import ASK, CALL, JOB, MODEL, RULES, Worker, failing_account, insights, job, kinds
from tests.worlds import NOON, TODAY, account, scored

BATCH = """mutation ($filter: AccountFilter!, $max: Int, $only: Boolean, $key: ID) {
  queueInsights(input: {filter: $filter, max: $max, estimateOnly: $only, idempotencyKey: $key}) {
    matched estimatedTokens job { id status progress { done total } jobs { id status } } userErrors { code message path }
  }
}"""
PORTFOLIO = """mutation ($filter: AccountFilter, $asOf: Date, $reuse: Boolean! = true, $key: ID) {
  queuePortfolioInsight(input: {filter: $filter, asOf: $asOf, reuseIfFresh: $reuse, idempotencyKey: $key}) {
    reused job { id status } userErrors { code message path }
  }
}"""


def a_model(api_: Api, database: Database, database_url: str, **options: Any) -> Api:
    """The API of a workspace whose insights a model writes."""
    made = Api(database, lambda: None, replace(MODEL, database_url=database_url, **options))  # type: ignore[arg-type, return-value]
    made.queue = api_.queue
    return made


@pytest.fixture
def initech(database: Database) -> str:
    return failing_account(database)


def ask(api: Api, account_id: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = api.data(ASK, account=account_id, **more)["queueInsight"]
    return answer


def test_a_queued_insight_is_a_job_and_a_message(api: Api, database: Database, initech: str) -> None:
    asked = ask(api, initech)

    job_id = asked["job"]["id"]
    assert asked == {
        "reused": False, "job": {"id": job_id, "status": "QUEUED", "attempts": 0, "insight": None}, "userErrors": [],
    }  # fmt: skip
    assert api.queue.sent == [job_id]
    row = job(database, job_id)
    assert (row["kind"], row["engine"], row["requested_by"]) == ("INSIGHT", "RULES", "local")
    polled = api.data(JOB, id=job_id)["job"]
    assert (polled["status"], polled["progress"], polled["failure"]) == ("QUEUED", {"done": 0, "total": 1}, None)
    assert polled["pollAfterMs"] >= 250


def test_the_row_is_there_before_the_message_leaves(database: Database, database_url: str, initech: str) -> None:
    class Looking:
        seen: object = None

        def send(self, _: Any) -> Any:
            other = Database(database_url)
            self.seen = other.rows("select id::text from jobs", {})
            other.close()
            return ()

    api = Api(database, lambda: None, replace(RULES, database_url=database_url))  # type: ignore[arg-type, return-value]
    looking = api.queue = Looking()  # type: ignore[assignment]

    job_id = ask(api, initech)["job"]["id"]

    assert [row[0].replace("-", "") for row in looking.seen] == [job_id.removeprefix("job_")]  # type: ignore[attr-defined]


def test_a_message_that_cannot_be_sent_is_left_to_the_sweep(api: Api, database: Database, initech: str) -> None:
    api.queue.is_down = True

    asked = ask(api, initech)

    assert asked["userErrors"] == []
    assert (job(database, asked["job"]["id"])["status"], job(database, asked["job"]["id"])["sent_at"]) == (
        "QUEUED",
        None,
    )


def test_a_job_is_queued_also_where_nobody_can_write_down_that_its_message_was_not_sent(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.queue.is_down = True
    gone = Database("postgresql://postgres@127.0.0.1:1/gone", patience=timedelta(0))

    queue.send(gone, api.queue, [f"job_{0:032x}"])

    assert "1 jobs were not sent" in caplog.text


def test_the_same_key_answers_with_the_same_job_and_another_input_is_refused(
    api: Api, database: Database, initech: str
) -> None:
    other = failing_account(database, "Hooli")
    first = ask(api, initech, key="k-1")
    again = ask(api, initech, key="k-1")
    mismatch = ask(api, other, key="k-1")
    of_a_batch = api.data(BATCH, filter={}, key="k-1")["queueInsights"]

    assert again["job"]["id"] == first["job"]["id"]
    assert mismatch == {
        "reused": False, "job": None,
        "userErrors": [{"code": "IDEMPOTENCY_MISMATCH", "message": "this key came with another input before",
                        "path": ["input", "idempotencyKey"]}],
    }  # fmt: skip
    assert [error["code"] for error in of_a_batch["userErrors"]] == ["IDEMPOTENCY_MISMATCH"]
    assert database.read("select count(*) from jobs") == 1


def test_a_second_click_is_answered_with_the_job_that_waits(api: Api, initech: str) -> None:
    first = ask(api, initech)
    second = ask(api, initech)
    apart = ask(api, initech, reuse=False)

    assert (second["job"]["id"], second["reused"]) == (first["job"]["id"], True)
    assert (apart["job"]["id"] != first["job"]["id"], apart["reused"]) == (True, False)


def test_the_newest_insight_answers_while_the_facts_are_the_same(api: Api, database: Database, initech: str) -> None:
    worker = Worker(database)
    worker.deliver(ask(api, initech)["job"]["id"])
    [made] = insights(database)
    api.queue.sent.clear()

    again = ask(api, initech)
    afresh = ask(api, initech, reuse=False)

    assert (again["reused"], again["job"]["status"]) == (True, "SUCCEEDED")
    assert again["job"]["insight"] == {"id": f"ins_{made['id'].replace('-', '')}", "headline": made["headline"]}
    assert afresh["job"]["status"] == "QUEUED"
    assert api.queue.sent == [afresh["job"]["id"]]


@pytest.mark.parametrize(
    "change",
    [
        "update accounts set arr = arr + 1",
        "update accounts set renewal_date = renewal_date + 1",
        "update account_observations o set active_users = 61 from accounts a where a.observed_on = o.observed_on",
        "update daily_metrics set logins = logins + 1 where day = (select max(day) from daily_metrics)",
        "update daily_metrics set logins = logins + case when day = '2026-03-10' then 5 else -5 end where day in ('2026-03-10', '2026-01-20')",
        "insert into arr_history select account_id, effective_on - 400, 5 from arr_history limit 1",
        "update health_snapshots set signals = '[]' where day = (select max(day) from health_snapshots)",
        "update health_snapshots set missing = '[]' where day = (select max(day) from health_snapshots)",
    ],
)
def test_a_changed_fact_makes_an_insight_stale(api: Api, database: Database, initech: str, change: str) -> None:
    stale = "query ($id: ID!) { account(by: {id: $id}) { latestInsight { isStale } insights { nodes { isStale } } } }"
    Worker(database).deliver(ask(api, initech)["job"]["id"])
    before = api.data(stale, id=initech)["account"]
    database.rows(f"{change} returning 1")

    after = api.data(stale, id=initech)["account"]

    assert before == {"latestInsight": {"isStale": False}, "insights": {"nodes": [{"isStale": False}]}}
    assert after == {"latestInsight": {"isStale": True}, "insights": {"nodes": [{"isStale": True}]}}
    assert ask(api, initech)["reused"] is False


def test_a_new_day_alone_makes_nothing_stale(api: Api, database: Database, initech: str) -> None:
    Worker(database).deliver(ask(api, initech)["job"]["id"])
    with database.writing() as session:
        scored(session, TODAY + timedelta(days=1))
    api.now = NOON + timedelta(days=1)

    assert ask(api, initech)["reused"] is True
    assert api.data("{ insights { nodes { isStale } } }")["insights"]["nodes"] == [{"isStale": False}]


def test_new_usage_makes_a_portfolio_s_insight_stale(api: Api, database: Database, initech: str) -> None:
    Worker(database).deliver(api.data(PORTFOLIO)["queuePortfolioInsight"]["job"]["id"])
    before = api.data("{ insights { nodes { isStale } } }")["insights"]["nodes"]
    database.rows("update daily_metrics set avg_session_min = 40 returning 1")
    with database.writing() as session:
        scored(session)

    assert (before, api.data("{ insights { nodes { isStale } } }")["insights"]["nodes"]) == (
        [{"isStale": False}], [{"isStale": True}],
    )  # fmt: skip
    assert api.data(PORTFOLIO)["queuePortfolioInsight"]["reused"] is False


def test_a_click_while_the_model_writes_asks_for_no_second_one(api: Api, initech: str, database: Database) -> None:
    first = ask(api, initech)["job"]["id"]
    database.rows("update jobs set status = 'RUNNING', lease_until = now() + interval '1 minute' returning 1")

    assert (ask(api, initech)["job"]["id"], ask(api, initech)["reused"]) == (first, True)


def test_a_job_that_has_expired_answers_nobody(api: Api, initech: str) -> None:
    first = ask(api, initech)["job"]["id"]
    api.now = NOON + queue.LIFE

    assert ask(api, initech)["job"]["id"] != first


def test_an_account_that_is_being_deleted_is_not_found(
    api: Api, database: Database, database_url: str, initech: str
) -> None:
    import threading
    import time

    import psycopg2

    failing_account(database, "Hooli")
    deleting = psycopg2.connect(database_url)
    with deleting.cursor() as cursor:
        cursor.execute("delete from accounts where name = 'Initech'")
    threading.Thread(target=lambda: (time.sleep(0.3), deleting.commit(), deleting.close())).start()

    made = ask(api, initech)

    assert [error["code"] for error in made["userErrors"]] == ["NOT_FOUND"]


def test_a_batch_leaves_out_what_is_being_deleted(
    api: Api, database: Database, database_url: str, initech: str
) -> None:
    import threading
    import time

    import psycopg2

    failing_account(database, "Hooli")
    deleting = psycopg2.connect(database_url)
    with deleting.cursor() as cursor:
        cursor.execute("delete from accounts where name = 'Initech'")
    threading.Thread(target=lambda: (time.sleep(0.3), deleting.commit(), deleting.close())).start()

    made = api.data(BATCH, filter={})["queueInsights"]

    assert (made["userErrors"], len(made["job"]["jobs"])) == ([], 1)


def test_the_same_key_at_the_same_moment_makes_one_job(database: Database, database_url: str, initech: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from services import ids

    def once(_: int) -> str:
        mine = Database(database_url)
        with mine.writing() as session:
            queued = queue.account(
                session, ids.number(initech, ids.ACCOUNT), reuse_if_fresh=False, idempotency_key="k", actor="tests",
                settings=RULES, now=NOON,
            )  # fmt: skip
        mine.close()
        return str(queued.job_id)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(once, range(8)))) == 1
    assert database.read("select count(*) from jobs") == 1


def test_another_engine_writes_anew(api: Api, database: Database, database_url: str, initech: str) -> None:
    Worker(database).deliver(ask(api, initech)["job"]["id"])

    assert ask(a_model(api, database, database_url), initech)["reused"] is False


def test_an_unknown_account_and_a_wrong_id_are_refused(api: Api) -> None:
    missing = ask(api, "acc_99")
    wrong = ask(api, "upl_00000000000000000000000000000000")

    assert missing["userErrors"] == [
        {"code": "NOT_FOUND", "message": "no account has the id acc_99", "path": ["input", "accountId"]}
    ]
    assert [error["code"] for error in wrong["userErrors"]] == ["INVALID_VALUE"]


def test_without_a_queue_nothing_is_promised(database: Database, database_url: str, initech: str) -> None:
    api = Api(database, lambda: None, Settings(database_url=database_url))  # type: ignore[arg-type, return-value]

    asked = ask(api, initech)

    assert [error["code"] for error in asked["userErrors"]] == ["NOT_ALLOWED_NOW"]
    assert database.read("select count(*) from jobs") == 0


def spend(database: Database, tokens: int, *, hours_ago: int = 1) -> None:
    with database.writing() as session:
        from services.db.tables import ModelCall

        at = NOON - timedelta(hours=hours_ago)
        used = {"model": CALL.model, "completion_tokens": 0, "cached_tokens": 0, "cost": None, "duration_ms": 1}
        session.add(ModelCall(at=at, job_id="0" * 32, prompt_tokens=tokens, **used))


BUDGET = "{ viewer { limits { insightBudget { tokensUsedToday tokensPerDay resetsAt engine } } } }"


def test_a_spent_budget_refuses_and_yesterdays_tokens_do_not_count(
    api: Api, database: Database, database_url: str, initech: str
) -> None:
    model = a_model(api, database, database_url, insight_tokens_per_day=10_000)
    spend(database, 9_000, hours_ago=13)
    first = ask(model, initech)
    spend(database, 4_001)
    other = failing_account(database, "Hooli")

    refused = ask(model, other)

    assert first["userErrors"] == []
    assert [error["code"] for error in refused["userErrors"]] == ["BUDGET_EXHAUSTED"]
    assert "2026-03-11 00:00 UTC" in refused["userErrors"][0]["message"]
    assert model.data(BUDGET)["viewer"]["limits"]["insightBudget"] == {
        "tokensUsedToday": 4001, "tokensPerDay": 10000, "resetsAt": "2026-03-11T00:00:00Z", "engine": "OPENAI",
    }  # fmt: skip


def test_what_waits_counts_against_the_budget(api: Api, database: Database, database_url: str) -> None:
    model = a_model(api, database, database_url, insight_tokens_per_day=13_000)
    accounts = [failing_account(database, name) for name in ("Initech", "Hooli", "Vehement")]

    asked = [ask(model, one)["userErrors"] for one in accounts]

    assert [[error["code"] for error in errors] for errors in asked] == [[], [], ["BUDGET_EXHAUSTED"]]


def test_more_tokens_than_an_int_holds_are_shown_as_its_greatest(
    api: Api, database: Database, database_url: str
) -> None:
    spend(database, 2**31 - 1)
    spend(database, 2**31 - 1)

    shown = a_model(api, database, database_url).data(BUDGET)["viewer"]["limits"]["insightBudget"]
    assert shown["tokensUsedToday"] == 2**31 - 1


def test_rules_know_no_budget(api: Api, database: Database, initech: str) -> None:
    spend(database, 100_000_000)

    assert ask(api, initech)["userErrors"] == []


def test_a_batch_covers_what_asks_most_for_attention(api: Api, database: Database) -> None:
    accounts = [failing_account(database, name) for name in ("Initech", "Hooli", "Vehement")]
    database.rows("update accounts set arr = 999999 where name = 'Hooli' returning 1")

    made = api.data(BATCH, filter={"bucket": {"eq": "RED"}}, max=2)["queueInsights"]

    assert (made["matched"], made["estimatedTokens"], made["userErrors"]) == (3, 0, [])
    assert (made["job"]["status"], made["job"]["progress"]) == ("QUEUED", {"done": 0, "total": 2})
    assert api.queue.sent == [made["job"]["id"]]
    covered = {row[0] for row in database.rows("select 'acc_' || account_id from jobs where parent_id is not null")}
    assert (len(covered), accounts[1] in covered) == (2, True)


def test_an_estimate_queues_nothing(api: Api, database: Database, database_url: str, initech: str) -> None:
    model = a_model(api, database, database_url)

    estimated = model.data(BATCH, filter={}, only=True)["queueInsights"]

    assert estimated == {"matched": 1, "estimatedTokens": 6000, "job": None, "userErrors": []}
    assert (database.read("select count(*) from jobs"), api.queue.sent) == (0, [])


def test_a_batch_of_nothing_is_no_job(api: Api) -> None:
    made = api.data(BATCH, filter={"search": "nobody"})["queueInsights"]

    assert made == {"matched": 0, "estimatedTokens": 0, "job": None, "userErrors": []}


def test_a_batch_goes_as_its_jobs_go(api: Api, database: Database) -> None:
    for name in ("Initech", "Hooli", "Vehement"):
        failing_account(database, name)
    batch = api.data(BATCH, filter={}, key="k")["queueInsights"]["job"]["id"]
    worker = Worker(database)
    worker.deliver(batch)
    sent = list(worker.queue.sent)
    watch = """query ($id: ID!) { job(id: $id) { status pollAfterMs finishedAt progress { done total }
      failure { code message retryable } ... on InsightBatchJob { jobs(first: 2) { id status insight { scope } } } } }"""

    worker.deliver(sent[0])
    halfway = api.data(watch, id=batch)["job"]
    worker.deliver(sent[1])
    database.rows("delete from accounts where id = (select account_id from jobs where id = %(id)s::uuid) returning 1",
                  {"id": sent[2].removeprefix("job_")})  # fmt: skip
    worker.deliver(sent[2])
    ended = api.data(watch, id=batch)["job"]

    assert len(sent) == 3
    assert (halfway["status"], halfway["progress"], halfway["failure"]) == ("RUNNING", {"done": 1, "total": 3}, None)
    assert (ended["status"], ended["pollAfterMs"], ended["progress"]) == ("PARTIAL", None, {"done": 3, "total": 3})
    assert ended["finishedAt"] is not None
    assert ended["failure"] == {
        "code": "SUBJECT_NOT_FOUND", "retryable": False,
        "message": "1 of 3 insights could not be made: each job says why",
    }  # fmt: skip
    page = [one["id"] for one in ended["jobs"]]
    more = "query ($id: ID!, $after: String) { job(id: $id) { ... on InsightBatchJob { jobs(after: $after) { id } } } }"
    assert page + [one["id"] for one in api.data(more, id=batch, after=page[1])["job"]["jobs"]] == sorted(sent)
    assert api.data(BATCH, filter={}, key="k")["queueInsights"]["job"]["id"] == batch


def test_a_batch_answers_fresh_accounts_with_the_insight_they_have(api: Api, database: Database, initech: str) -> None:
    worker = Worker(database)
    worker.deliver(ask(api, initech)["job"]["id"])
    api.data(BATCH, filter={})
    worker.deliver(api.queue.sent[-1])

    worker.deliver(worker.queue.sent[-1])

    assert (len(insights(database)), kinds(database)) == (1, ["INSIGHT_READY"] * 2)
    assert database.rows("select status, insight_id is not null from jobs where parent_id is not null") == [
        ("SUCCEEDED", True)
    ]


@pytest.mark.parametrize(("most", "code"), [(0, "OUT_OF_RANGE"), (queue.MOST + 1, "OUT_OF_RANGE")])
def test_a_batch_has_a_size(api: Api, most: int, code: str) -> None:
    made = api.data(BATCH, filter={}, max=most)["queueInsights"]

    assert [error["code"] for error in made["userErrors"]] == [code]


def test_a_portfolio_insight_is_made_and_used_again(api: Api, database: Database, initech: str) -> None:
    worker = Worker(database)
    asked = api.data(PORTFOLIO, filter={"bucket": {"in": ["RED", "AMBER"]}})["queuePortfolioInsight"]
    worker.deliver(asked["job"]["id"])
    shown = "{ insights(filter: {scope: PORTFOLIO}) { nodes { scope account { id } isStale findings { text } } } }"
    [made] = api.data(shown)["insights"]["nodes"]

    again = api.data(PORTFOLIO, filter={"bucket": {"in": ["RED", "AMBER"]}})["queuePortfolioInsight"]
    other = api.data(PORTFOLIO)["queuePortfolioInsight"]
    with database.writing() as session:
        account(session, "A new customer")

    assert (made["scope"], made["account"], made["isStale"], bool(made["findings"])) == ("PORTFOLIO", None, False, True)
    assert (again["reused"], again["job"]["status"]) == (True, "SUCCEEDED")
    assert (other["reused"], other["job"]["status"]) == (False, "QUEUED")
    assert api.data(shown)["insights"]["nodes"][0]["isStale"] is True
    assert api.data(PORTFOLIO, filter={"bucket": {"in": ["RED", "AMBER"]}})["queuePortfolioInsight"]["reused"] is False


@pytest.mark.parametrize("day", ["1970-01-01", "1970-01-30", "2020-01-01"])
def test_a_portfolio_of_a_day_before_all_data_has_no_accounts(api: Api, initech: str, day: str) -> None:
    asked = api.data(PORTFOLIO, asOf=day)["queuePortfolioInsight"]

    assert [(error["code"], error["path"]) for error in asked["userErrors"]] == [("NOT_FOUND", ["input", "filter"])]


def test_a_portfolio_of_the_first_day_of_all_is_written(api: Api, database: Database) -> None:
    with database.writing() as session:
        account(session, "Old", since=date(1970, 1, 1))
    worker = Worker(database)

    worker.deliver(api.data(PORTFOLIO, asOf="1970-01-01")["queuePortfolioInsight"]["job"]["id"])
    worker.deliver(api.data(PORTFOLIO)["queuePortfolioInsight"]["job"]["id"])
    worker.deliver(ask(api, "acc_1")["job"]["id"])

    assert [made["scope"] for made in insights(database)].count("PORTFOLIO") == 2


def test_a_portfolio_insight_of_an_earlier_day(api: Api, database: Database, initech: str) -> None:
    asked = api.data(PORTFOLIO, asOf=(TODAY - timedelta(days=10)).isoformat())["queuePortfolioInsight"]
    Worker(database).deliver(asked["job"]["id"])

    [made] = insights(database)
    assert (made["scope"], made["data_as_of"], made["input"]["as_of"]) == ("PORTFOLIO", "2026-02-28", "2026-02-28")


def test_a_day_to_come_and_a_wrong_filter_are_refused(api: Api) -> None:
    tomorrow = api.data(PORTFOLIO, asOf="2026-03-11")["queuePortfolioInsight"]
    wrong = api.data(PORTFOLIO, filter={"search": None})["queuePortfolioInsight"]
    wrong_id = api.data(PORTFOLIO, filter={"id": {"eq": "x"}})["queuePortfolioInsight"]

    assert [error["code"] for error in tomorrow["userErrors"]] == ["OUT_OF_RANGE"]
    assert [error["code"] for error in wrong["userErrors"]] == ["NOT_FOUND"]
    assert [error["code"] for error in wrong_id["userErrors"]] == ["INVALID_VALUE"]
