"""The story of an insight as it runs on AWS: the mutation's message through SQS to `handler.insights`, and whatever the
model behind it does. The model is a double that speaks the real protocol over HTTP.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.model_double import ModelDouble
from services.db.connection import Database
from tests.insight_function import Deployed, deployed
from tests.insights import ASK, JOB, failing_account, insights, job, kinds

UPDATES = """query ($after: String) { updates(after: $after, first: 100) { cursor events { kind subject { id
  ... on Insight { headline account { name } } ... on InsightJob { failure { code } } } } } }"""


@pytest.fixture
def function(database: Database, database_url: str, aws: str) -> Iterator[Deployed]:
    """Without a key."""
    with deployed(database_url, aws) as found:
        yield found


@pytest.fixture
def model(database: Database, database_url: str, aws: str, double: ModelDouble) -> Iterator[Deployed]:
    """With a model."""
    with deployed(database_url, aws, OPENAI_BASE_URL=double.url, OPENAI_TIMEOUT_SECONDS="1") as found:
        yield found


def test_an_insight_by_rules_from_the_mutation_to_the_updates(database: Database, function: Deployed) -> None:
    account = failing_account(database)
    cursor = function.ask(UPDATES)["updates"]["cursor"]

    job_id = function.ask(ASK, account=account)["queueInsight"]["job"]["id"]
    assert function.work() == 1

    ended = function.ask(JOB, id=job_id)["job"]
    assert (ended["status"], ended["insight"]["engine"]) == ("SUCCEEDED", "RULES")
    feed = function.ask(UPDATES, after=cursor)["updates"]
    told = [one for one in feed["events"] if one["kind"].startswith("INSIGHT")]
    assert told == [{
        "kind": "INSIGHT_READY",
        "subject": {"id": ended["insight"]["id"], "headline": ended["insight"]["headline"], "account": {"name": "Initech"}},
    }]  # fmt: skip
    assert function.ask(UPDATES, after=feed["cursor"])["updates"]["events"] == []
    assert (function.work(), function.dead()) == (0, [])


@pytest.mark.parametrize(
    "mode",
    [
        "honest",
        "honest-literals",
        "rate-limited-once",
        "broken-once",
        "wrong-schema-once",
        "no-json-schema",
        "no-usage",
    ],
)
def test_an_insight_by_a_model(database: Database, model: Deployed, double: ModelDouble, mode: str) -> None:
    double.become(mode, seconds=0.1)
    job_id = model.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]

    model.work()

    [made] = insights(database)
    assert (made["engine"], made["fallback_reason"]) == ("OPENAI", None)
    assert made["numbers_verified"] > 0
    assert model.ask(JOB, id=job_id)["job"]["insight"]["engine"] == "OPENAI"
    assert "Initech" not in str(double.calls)


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("rate-limited", "PROVIDER_RATE_LIMITED"),
        ("no-credit", "PROVIDER_RATE_LIMITED"),
        ("broken", "PROVIDER_UNAVAILABLE"),
        ("html", "PROVIDER_UNAVAILABLE"),
        ("half", "PROVIDER_UNAVAILABLE"),
        ("empty", "PROVIDER_UNAVAILABLE"),
        ("wrong-schema", "PROVIDER_UNAVAILABLE"),
        ("slow", "TIMED_OUT"),
        ("silent", "TIMED_OUT"),
        ("unauthorized", "INTERNAL"),
    ],
)
def test_a_model_that_cannot_be_had_leaves_the_job_queued_with_its_code(
    database: Database, model: Deployed, double: ModelDouble, mode: str, code: str
) -> None:
    double.become(mode, seconds=1.5)
    job_id = model.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]

    model.work()

    waiting = model.ask(JOB, id=job_id)["job"]
    assert (waiting["status"], waiting["failure"]["code"], waiting["failure"]["retryable"]) == ("QUEUED", code, True)
    assert insights(database) == []
    double.become("honest")
    database.rows("update jobs set next_try_at = now() returning 1")
    model.sqs.send_message(QueueUrl=model.queue_url, MessageBody=f'{{"job": "{job_id}"}}')
    model.work()
    ended = model.ask(JOB, id=job_id)["job"]
    assert (ended["status"], ended["attempts"], ended["failure"]) == ("SUCCEEDED", 2, None)
    assert len(insights(database)) == 1


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("refusal", "PROVIDER_REFUSED"),
        ("filtered", "PROVIDER_REFUSED"),
        ("length", "OUTPUT_TRUNCATED"),
        ("truncated", "OUTPUT_TRUNCATED"),
    ],
)
def test_an_answer_that_cannot_be_kept_fails_the_job_and_its_message_dies(
    database: Database, model: Deployed, double: ModelDouble, mode: str, code: str
) -> None:
    double.become(mode)
    job_id = model.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]

    for _ in range(5):
        model.work()

    ended = model.ask(JOB, id=job_id)["job"]
    assert (ended["status"], ended["failure"]["code"], ended["failure"]["retryable"]) == ("FAILED", code, False)
    assert (insights(database), kinds(database)) == ([], ["INSIGHT_FAILED"])
    dead = model.dead()
    until = time.monotonic() + 5
    while not dead and time.monotonic() < until:
        model.work()
        dead = model.dead()
    assert dead == [{"job": job_id}]


def test_of_a_lying_model_only_what_is_true_is_kept(database: Database, model: Deployed, double: ModelDouble) -> None:
    double.become("lying")
    model.ask(ASK, account=failing_account(database))

    model.work()

    [made] = insights(database)
    assert (made["verification"], made["sentences_dropped"] > 5) == ("REPAIRED", True)
    assert [one["text"] for one in made["findings"]] == ["Health score is 22.9 points."]


def test_a_failing_model_is_paid_for_all_the_same(database: Database, model: Deployed, double: ModelDouble) -> None:
    double.become("refusal")
    model.ask(ASK, account=failing_account(database))

    model.work()

    [(tokens, code)] = database.rows("select prompt_tokens + completion_tokens, failure_code from model_calls")
    assert (tokens > 500, code) == (True, "PROVIDER_REFUSED")
    used = model.ask("{ viewer { limits { insightBudget { tokensUsedToday engine } } } }")
    assert used["viewer"]["limits"]["insightBudget"] == {"tokensUsedToday": tokens, "engine": "OPENAI"}


def test_with_the_fallback_set_rules_step_in(
    database: Database, database_url: str, aws: str, double: ModelDouble
) -> None:
    double.become("broken")
    with deployed(database_url, aws, OPENAI_BASE_URL=double.url, INSIGHT_FALLBACK="yes") as found:
        found.ask(ASK, account=failing_account(database))

        found.work()

    [made] = insights(database)
    assert (made["engine"], made["fallback_reason"]) == ("RULES", "PROVIDER_UNAVAILABLE")


def test_a_poison_message_dies_and_its_neighbours_do_not(database: Database, function: Deployed) -> None:
    for body in ("{", '{"job": 7}', '{"job": "acc_1"}'):
        function.sqs.send_message(QueueUrl=function.queue_url, MessageBody=body)
    job_id = function.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]

    assert [function.work() for _ in range(4)] == [1] * 4

    assert function.ask(JOB, id=job_id)["job"]["status"] == "SUCCEEDED"
    counts = function.sqs.get_queue_attributes(QueueUrl=function.queue_url, AttributeNames=["All"])["Attributes"]
    assert int(counts["ApproximateNumberOfMessagesNotVisible"]) + int(counts["ApproximateNumberOfMessages"]) == 3


def test_a_message_of_a_job_that_is_no_more_is_dropped(function: Deployed) -> None:
    function.sqs.send_message(QueueUrl=function.queue_url, MessageBody='{"job": "job_' + "0" * 32 + '"}')

    assert (function.work(), function.work()) == (1, 0)


def test_a_lost_message_is_sent_again_by_the_sweep(database: Database, function: Deployed) -> None:
    import handler
    from local.lambdas import Context

    job_id = function.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]
    function.sqs.purge_queue(QueueUrl=function.queue_url)
    database.rows("update jobs set sent_at = sent_at - interval '16 minutes' returning 1")

    assert handler.maintenance({"task": "sweep"}, Context("maintenance", 60.0)) == {
        "sent": 1,
        "expired": 0,
        "uploads_ended": 0,
    }
    function.work()

    assert function.ask(JOB, id=job_id)["job"]["status"] == "SUCCEEDED"


def test_a_batch_is_worked_off(database: Database, function: Deployed) -> None:
    for name in ("Initech", "Hooli", "Vehement"):
        failing_account(database, name)
    batch = function.ask("mutation { queueInsights(input: {filter: {}}) { job { id } } }")["queueInsights"]["job"]["id"]

    taken = [function.work() for _ in range(5)]

    assert taken == [1, 1, 1, 1, 0]
    assert function.ask(JOB, id=batch)["job"]["status"] == "SUCCEEDED"
    assert len(insights(database)) == 3


def test_the_time_that_is_left_bounds_the_work(database: Database, function: Deployed) -> None:
    import handler
    from local.lambdas import Context

    job_id = function.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]
    [message] = function.sqs.receive_message(QueueUrl=function.queue_url)["Messages"]
    record = {"messageId": "m", "receiptHandle": message["ReceiptHandle"], "body": message["Body"]}

    answer = handler.insights({"Records": [record]}, Context("insights", timedelta(seconds=9).total_seconds()))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert job(database, job_id)["attempts"] == 0
    assert function.work() == 1
    assert job(database, job_id)["status"] == "SUCCEEDED"
