"""The packages under Lambda's own runtime client, from a cold start to a deadline, against a double of the Runtime API."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.model_double import ModelDouble
from services import mock_data
from services.db.connection import Database
from tests.api import event
from tests.insight_function import Deployed, deployed
from tests.insights import ASK, failing_account, insights, job
from tests.packages import Packages, lambdas_python
from tests.runtime_double import Lambda
from tests.worlds import account

Start = Callable[..., Lambda]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def model(database: Database, database_url: str, aws: str, double: ModelDouble) -> Iterator[Deployed]:
    """What is deployed beside the function, with a model."""
    with deployed(database_url, aws, OPENAI_BASE_URL=double.url, LOG_LEVEL="INFO") as found:
        yield found


@pytest.fixture
def start(packages: Packages, database_url: str) -> Iterator[Start]:
    """Makes a function of the packages, with further settings."""
    python = lambdas_python()
    with ExitStack() as functions:

        def function(name: str, environment: Mapping[str, str] | None = None, /, **settings: str) -> Lambda:
            given = {"DATABASE_URL": database_url, "ACCESS": "open", **(environment or {}), **settings}
            return functions.enter_context(Lambda(packages, python, name, given))

        yield function


def ask(query: str) -> object:
    return event("POST", "/graphql", json.dumps({"query": query}).encode())


def told(answer: Any) -> Any:
    return json.loads(answer["body"])


def message(job_id: str) -> dict[str, Any]:
    record = {"messageId": "m", "receiptHandle": "gone", "body": json.dumps({"job": job_id})}
    return {"Records": [record]}


AGAIN = {"batchItemFailures": [{"itemIdentifier": "m"}]}
DONE: dict[str, Any] = {"batchItemFailures": []}


def test_a_cold_start_and_what_follows_it_are_served_by_one_process(database: Database, start: Start) -> None:
    with database.writing() as session:
        account(session, "Acme")
    graphql = start("graphql")

    answers = [graphql.invoke(ask("{ accounts { totalCount } }")).answer for _ in range(3)]

    assert [answer["statusCode"] for answer in answers] == [200] * 3
    assert [told(answer)["data"] for answer in answers] == [{"accounts": {"totalCount": 1}}] * 3
    assert graphql.starts == 1
    assert graphql.told[:6] == ["invocation/next", "invocation/response"] * 3


def test_each_record_of_the_log_is_a_line_of_json_that_names_the_invocation(start: Start) -> None:
    graphql = start("graphql")

    for _ in range(2):
        graphql.invoke(ask("{ viewer { workspaceName } }"))

    answered = [line for line in graphql.lines() if line["message"] == "answered"]
    assert [line["status"] for line in answered] == [200, 200]
    assert len({line["aws_request_id"] for line in answered}) == 2


def test_an_error_of_a_handler_is_told_and_the_next_event_is_served(start: Start) -> None:
    maintenance = start("maintenance")

    wrong = maintenance.invoke({"task": "dance"})
    right = maintenance.invoke({"task": "sweep"})

    assert wrong.error is not None
    assert wrong.error["errorType"] == "Rejected"
    assert wrong.error["errorMessage"] == "no such task: 'dance'; there are sweep, nightly and prune"
    assert right.answer == {"sent": 0, "expired": 0, "uploads_ended": 0}
    assert maintenance.starts == 1


def test_what_fails_before_the_first_event_is_told_as_that(packages: Packages, tmp_path: Path) -> None:
    (tmp_path / "graphql").mkdir()
    (tmp_path / "graphql" / "handler.py").write_text("import services")

    with Lambda(Packages(tmp_path, packages.runtime), lambdas_python(), "graphql", {}) as broken:
        outcome = broken.invoke(ask("{ viewer { workspaceName } }"))

    assert outcome.ended == "exit status 1"
    assert broken.told == ["init/error"]
    [error] = broken.init_errors
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == "Unable to import module 'handler': No module named 'services'"


def test_an_answer_that_lambda_would_not_pass_on_is_refused_by_name(database: Database, start: Start) -> None:
    with database.writing() as session:
        mock_data.generate(
            session, accounts=20, days=100, seed=5, replace=False, actor="tests", now=datetime.now(UTC)
        )  # fmt: skip
    graphql = start("graphql")
    names = ["date", "logins", "events", "featureEvents", "avgSessionMinutes", "errors", "ticketBacklog"]
    values = " ".join(f"{'a' * 62}{place}: {name}" for place, name in enumerate(names))

    def ends(days: int) -> str:
        lists = " ".join(f"d{place}: dailyMetrics(first: {days}) {{ nodes {{ {values} }} }}" for place in range(7))
        answer = graphql.invoke(ask(f"{{ accounts(first: 20) {{ nodes {{ {lists} }} }} }}")).answer
        assert answer["statusCode"] == 200
        assert int(answer["headers"]["content-length"]) == len(answer["body"])
        if "errors" not in told(answer):
            return "answered"
        [error] = told(answer)["errors"]
        assert error["extensions"] == {"code": "ANSWER_TOO_LARGE"}
        return re.sub(r"has [\d,]+", "has so many", error["message"])

    # Lambda passes on a text within JSON, in which the answer's quotes are escaped.
    assert list(dict.fromkeys(ends(days) for days in range(100, 80, -1))) == [
        "the answer would be too large: ask for fewer entries at once",
        "the answer has so many bytes, and 6,291,456 are passed on: ask for fewer entries at once",
        "answered",
    ]
    small = graphql.invoke(ask("{ accounts { totalCount } }"))
    assert (told(small.answer)["data"], graphql.starts) == ({"accounts": {"totalCount": 20}}, 1)


def test_an_insight_that_no_time_is_left_for_is_given_back_unbegun(
    database: Database, model: Deployed, start: Start, double: ModelDouble
) -> None:
    job_id = model.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]
    worker = start("insights", model.environment)

    late = worker.invoke(message(job_id), seconds=20)
    begun = (job(database, job_id)["attempts"], len(double.calls))
    in_time = worker.invoke(message(job_id))

    assert (late.answer, begun) == (AGAIN, (0, 0))
    assert in_time.answer == DONE
    assert (job(database, job_id)["status"], len(insights(database)), worker.starts) == ("SUCCEEDED", 1, 1)


def test_a_process_that_its_deadline_ends_leaves_a_lease_that_a_later_delivery_takes_up(
    database: Database, model: Deployed, start: Start, double: ModelDouble
) -> None:
    job_id = model.ask(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]
    worker = start("insights", model.environment)
    double.become("silent")

    killed = worker.invoke(message(job_id), until=lambda: bool(double.calls))

    assert killed.ended == "killed"
    assert (job(database, job_id)["status"], job(database, job_id)["attempts"]) == ("RUNNING", 1)
    double.become("honest")
    assert worker.invoke(message(job_id)).answer == AGAIN, "the dead worker's lease still holds"
    database.rows("update jobs set lease_until = now() returning 1")
    assert worker.invoke(message(job_id)).answer == DONE
    assert (job(database, job_id)["status"], job(database, job_id)["attempts"], worker.starts) == ("SUCCEEDED", 2, 2)


def test_a_night_ends_in_time_and_the_next_goes_on(database: Database, start: Start) -> None:
    with database.writing() as session:
        account(session, "Acme", since=datetime.now(UTC).date())
    maintenance = start("maintenance")
    maintenance.invoke({"task": "prune"})  # so that the process is there

    late = maintenance.invoke({"task": "nightly"}, seconds=5)
    in_time = maintenance.invoke({"task": "nightly"})

    assert late.answer == {"accounts": 0, "changed_buckets": 0, "finished": False}
    assert in_time.answer == {"accounts": 1, "changed_buckets": 0, "finished": True}


def test_a_snapshot_is_taken_of_a_warm_process_and_its_copy_answers(start: Start) -> None:
    graphql = start("graphql", AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")

    answer = graphql.invoke(ask("{ accounts { totalCount } }")).answer

    assert told(answer)["data"] == {"accounts": {"totalCount": 0}}
    assert graphql.told[:3] == ["restore/next", "invocation/next", "invocation/response"]
    requests = [line["request_id"] for line in graphql.lines() if line["message"] == "answered"]
    assert requests[0] == "warming"
    assert len(requests) == 2


def test_a_container_that_is_kept_ready_has_loaded_before_its_first_event(start: Start) -> None:
    graphql = start("graphql", AWS_LAMBDA_INITIALIZATION_TYPE="provisioned-concurrency")

    answer = graphql.invoke(ask("{ accounts { totalCount } }")).answer

    assert told(answer)["data"] == {"accounts": {"totalCount": 0}}
    requests = [line["request_id"] for line in graphql.lines() if line["message"] == "answered"]
    assert requests[0] == "warming"
    assert len(requests) == 2
