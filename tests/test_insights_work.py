"""What becomes of a job, whatever its engine does: one insight, or one clear failure."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services import ids
from services.db.connection import Database
from services.errors import NotFound, Unavailable
from services.evidence.drafts import Draft
from services.evidence.subject import Subject
from services.insights.claims import LEASE, TRIES
from services.insights.work import Done, Failed, Later
from services.ports import NotWritten
from services.vocabulary import JobFailureCode
from tests.api import Api
from tests.insights import (
    ASK,
    CALL,
    JOB,
    MODEL,
    Scripted,
    Worker,
    failing_account,
    honest,
    insights,
    job,
    kinds,
    lying,
)
from tests.worlds import NOON

FALLBACK = replace(MODEL, insight_fallback=True)
TRIED_AGAIN = [JobFailureCode.PROVIDER_RATE_LIMITED, JobFailureCode.PROVIDER_UNAVAILABLE, JobFailureCode.TIMED_OUT]
FINAL = [
    JobFailureCode.PROVIDER_REFUSED, JobFailureCode.OUTPUT_TRUNCATED, JobFailureCode.EVIDENCE_REJECTED,
    JobFailureCode.BUDGET_EXHAUSTED,
]  # fmt: skip


def failure(code: JobFailureCode, **more: Any) -> NotWritten:
    return NotWritten(code, f"the model says {code}", calls=(CALL,), **more)


@pytest.fixture
def model(database: Database) -> Api:
    return Api(database, lambda: None, MODEL)  # type: ignore[arg-type, return-value]


@pytest.fixture
def job_id(model: Api, database: Database) -> str:
    made: str = model.data(ASK, account=failing_account(database))["queueInsight"]["job"]["id"]
    return made


def a_worker(database: Database, *script: Callable[[Subject], Draft] | BaseException, **more: Any) -> Worker:
    return Worker(database, Scripted(list(script)), **{"settings": MODEL, **more})  # type: ignore[arg-type]


def calls(database: Database) -> list[tuple[Any, ...]]:
    return database.rows(
        "select prompt_tokens, completion_tokens, cost::text, failure_code from model_calls order by id"
    )


def test_an_honest_answer_is_saved_and_told(model: Api, database: Database, job_id: str) -> None:
    worker = a_worker(database, honest)

    assert worker.deliver(job_id) == Done()

    [made] = insights(database)
    polled = model.data(JOB, id=job_id)["job"]
    insight_id = f"ins_{made['id'].replace('-', '')}"
    assert (polled["status"], polled["pollAfterMs"], polled["attempts"], polled["failure"]) == (
        "SUCCEEDED",
        None,
        1,
        None,
    )
    assert polled["insight"] == {"id": insight_id, "headline": made["headline"], "engine": "OPENAI"}
    assert (polled["startedAt"], polled["finishedAt"]) == ("2026-03-10T12:00:00.000000Z", "2026-03-10T12:00:00.000000Z")
    assert (made["verification"], made["sentences_dropped"], made["model"]) == ("VERIFIED", 0, "gpt-test-2026")
    assert database.rows("select kind, subject from events where kind like 'INSIGHT%%'", {}) == [
        ("INSIGHT_READY", insight_id)
    ]
    assert calls(database) == [(900, 100, "0.001000", None)]


def test_no_transaction_is_open_while_the_engine_writes(database: Database, database_url: str, job_id: str) -> None:
    seen: list[Any] = []

    def look(subject: Subject) -> Draft:
        other = Database(database_url)
        seen.append(
            other.rows(
                "select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state like '%%transaction%%'",
                {},
            )
        )
        seen.append(other.read("select status from jobs"))
        other.close()
        return honest(subject)

    a_worker(database, look).deliver(job_id)

    assert seen == [[], "RUNNING"]


def test_a_delivery_that_comes_again_writes_nothing_more(database: Database, job_id: str) -> None:
    worker = a_worker(database, honest)

    assert [worker.deliver(job_id) for _ in range(3)] == [Done(), Done(), Done()]

    assert (len(insights(database)), kinds(database), len(calls(database))) == (1, ["INSIGHT_READY"], 1)


@pytest.mark.parametrize("code", TRIED_AGAIN)
def test_a_provider_that_cannot_be_had_is_tried_again_and_the_job_says_so(
    model: Api, database: Database, job_id: str, code: JobFailureCode
) -> None:
    worker = a_worker(database, failure(code), honest)

    first = worker.deliver(job_id)
    waiting = model.data(JOB, id=job_id)["job"]
    early = worker.deliver(job_id)
    worker.now += timedelta(seconds=5)
    second = worker.deliver(job_id)

    assert (first, early, second) == (Later(timedelta(seconds=5)), Later(timedelta(seconds=5)), Done())
    assert (waiting["status"], waiting["insight"]) == ("QUEUED", None)
    assert waiting["failure"] == {"code": code, "message": f"the model says {code}", "retryable": True}
    ended = model.data(JOB, id=job_id)["job"]
    assert (ended["status"], ended["attempts"], ended["failure"]) == ("SUCCEEDED", 2, None)
    assert calls(database) == [(900, 100, "0.001000", code), (900, 100, "0.001000", None)]
    assert [(made["prompt_tokens"], made["duration_ms"]) for made in insights(database)] == [(1800, 3000)]


def test_the_pause_grows_and_is_as_long_as_the_provider_asks_for(database: Database, job_id: str) -> None:
    asked = [None, timedelta(seconds=60), timedelta(seconds=1), timedelta(hours=2)]
    worker = a_worker(database, *(failure(TRIED_AGAIN[0], retry_after=pause) for pause in asked))
    pauses = []

    for _ in asked:
        outcome = worker.deliver(job_id)
        assert isinstance(outcome, Later)
        pauses.append(outcome.delay)
        worker.now += outcome.delay

    assert pauses == [timedelta(seconds=seconds) for seconds in (5, 60, 45, 7200)]


def test_the_last_try_fails_for_good(model: Api, database: Database, job_id: str) -> None:
    worker = a_worker(database, *[failure(TRIED_AGAIN[1])] * TRIES)
    outcomes = []
    for _ in range(TRIES):
        outcomes.append(worker.deliver(job_id))
        worker.now += timedelta(minutes=15)

    ended = model.data(JOB, id=job_id)["job"]

    assert outcomes[-1] == Failed() != outcomes[-2]
    assert (ended["status"], ended["attempts"], ended["pollAfterMs"]) == ("FAILED", TRIES, None)
    assert ended["failure"] == {
        "code": "PROVIDER_UNAVAILABLE", "message": "the model says PROVIDER_UNAVAILABLE", "retryable": True,
    }  # fmt: skip
    assert worker.deliver(job_id) == Failed()
    assert (insights(database), kinds(database), len(calls(database))) == ([], ["INSIGHT_FAILED"], TRIES)


@pytest.mark.parametrize("code", FINAL)
def test_what_a_repetition_would_not_mend_fails_at_once(
    model: Api, database: Database, job_id: str, code: JobFailureCode
) -> None:
    worker = a_worker(database, failure(code))

    assert worker.deliver(job_id) == Failed()

    ended = model.data(JOB, id=job_id)["job"]
    assert (ended["status"], ended["failure"]["code"]) == ("FAILED", code)
    assert ended["failure"]["retryable"] is (code is JobFailureCode.BUDGET_EXHAUSTED)
    assert (insights(database), kinds(database)) == ([], ["INSIGHT_FAILED"])
    assert calls(database) == [(900, 100, "0.001000", code)]


def test_an_answer_that_no_fact_holds_is_rejected_and_paid_for(model: Api, database: Database, job_id: str) -> None:
    assert a_worker(database, lying).deliver(job_id) == Failed()

    ended = model.data(JOB, id=job_id)["job"]
    assert (ended["failure"]["code"], insights(database)) == ("EVIDENCE_REJECTED", [])
    assert calls(database) == [(900, 100, "0.001000", "EVIDENCE_REJECTED")]


@pytest.mark.parametrize("code", TRIED_AGAIN + FINAL)
def test_rules_step_in_by_setting_and_say_why(database: Database, job_id: str, code: JobFailureCode) -> None:
    worker = a_worker(database, failure(code), settings=FALLBACK)

    assert worker.deliver(job_id) == Done()

    [made] = insights(database)
    assert (made["engine"], made["fallback_reason"], made["verification"]) == ("RULES", code, "DETERMINISTIC")
    assert (made["model"], made["prompt_tokens"]) == (None, 0)
    assert (calls(database), kinds(database)) == ([(900, 100, "0.001000", code)], ["INSIGHT_READY"])


def test_a_spent_budget_ends_the_job_without_a_call(database: Database, job_id: str) -> None:
    writer = Scripted([honest])
    worker = Worker(database, writer, replace(MODEL, insight_tokens_per_day=0))

    assert worker.deliver(job_id) == Failed()

    assert (job(database, job_id)["failure_code"], writer.subjects) == ("BUDGET_EXHAUSTED", [])


def test_an_account_that_is_gone_is_said_to_be_gone(model: Api, database: Database, job_id: str) -> None:
    database.rows("delete from accounts returning 1")

    assert a_worker(database).deliver(job_id) == Done()
    assert a_worker(database).deliver(job_id) == Done(), "delivered again"

    ended = model.data(JOB, id=job_id)["job"]
    assert ended["failure"] == {"code": "SUBJECT_NOT_FOUND", "message": "the account is gone", "retryable": False}


def test_an_account_that_goes_while_the_engine_writes_is_a_failure_too(database: Database, job_id: str) -> None:
    def lose(subject: Subject) -> Draft:
        database.rows("delete from accounts returning 1")
        return honest(subject)

    assert a_worker(database, lose).deliver(job_id) == Done()

    assert (job(database, job_id)["failure_code"], insights(database)) == ("SUBJECT_NOT_FOUND", [])


def test_a_worker_that_lost_its_lease_saves_nothing(database: Database, job_id: str) -> None:
    slow = a_worker(database)
    fast = a_worker(database, honest, now=NOON + LEASE)

    def overtaken(subject: Subject) -> Draft:
        assert fast.deliver(job_id) == Done()
        return honest(subject)

    slow.writer.script = [overtaken]  # type: ignore[attr-defined]

    assert slow.deliver(job_id) == Done()

    [made] = insights(database)
    assert made["created_at"].startswith("2026-03-10T12:02:00")
    assert (kinds(database), len(calls(database))) == (["INSIGHT_READY"], 2)


def test_a_worker_that_lost_its_lease_fails_nothing(database: Database, job_id: str) -> None:
    slow, fast = a_worker(database), a_worker(database, honest, now=NOON + LEASE)

    def overtaken(subject: Subject) -> Draft:
        fast.deliver(job_id)
        raise failure(JobFailureCode.PROVIDER_REFUSED)

    slow.writer.script = [overtaken]  # type: ignore[attr-defined]
    slow.deliver(job_id)

    assert (job(database, job_id)["status"], kinds(database)) == ("SUCCEEDED", ["INSIGHT_READY"])


def test_while_another_worker_holds_it_the_message_waits(database: Database, job_id: str) -> None:
    other = a_worker(database, now=NOON + timedelta(seconds=30))
    outcomes = []

    def meanwhile(subject: Subject) -> Draft:
        outcomes.append(other.deliver(job_id))
        return honest(subject)

    a_worker(database, meanwhile).deliver(job_id)

    assert outcomes == [Later(LEASE - timedelta(seconds=30))]


def test_a_dead_worker_is_followed_and_the_fifth_death_ends_the_job(database: Database, job_id: str) -> None:
    worker = a_worker(database)
    for _ in range(TRIES):
        database.rows(
            "update jobs set status = 'RUNNING', attempts = attempts + 1, lease_until = %(now)s returning 1",
            {"now": worker.now},
        )

    assert worker.deliver(job_id) == Failed()

    row = job(database, job_id)
    assert (row["failure_code"], row["failure_message"]) == ("INTERNAL", "it was begun 5 times and never ended")


def test_a_fault_of_ours_gives_the_job_back_at_once(model: Api, database: Database, job_id: str) -> None:
    worker = a_worker(database, ZeroDivisionError("oops"), honest)

    with pytest.raises(ZeroDivisionError):
        worker.deliver(job_id)
    between = model.data(JOB, id=job_id)["job"]

    assert (between["status"], between["failure"]["code"], between["failure"]["retryable"]) == (
        "QUEUED",
        "INTERNAL",
        True,
    )
    assert "oops" not in between["failure"]["message"]
    assert worker.deliver(job_id) == Done()


def test_the_fifth_fault_of_ours_ends_the_job(database: Database, job_id: str) -> None:
    worker = a_worker(database, *[ZeroDivisionError()] * TRIES)
    for _ in range(TRIES):
        with pytest.raises(ZeroDivisionError):
            worker.deliver(job_id)

    assert (job(database, job_id)["status"], job(database, job_id)["failure_code"]) == ("FAILED", "INTERNAL")
    assert (worker.deliver(job_id), kinds(database)) == (Failed(), ["INSIGHT_FAILED"])


def test_calls_are_written_down_where_their_answer_breaks_us(database: Database, job_id: str) -> None:
    with pytest.raises(AttributeError):
        a_worker(database, lambda _: None).deliver(job_id)  # type: ignore[arg-type, return-value]

    assert calls(database) == [(900, 100, "0.001000", "INTERNAL")]


def test_no_model_is_asked_with_too_little_time(database: Database, job_id: str) -> None:
    assert a_worker(database, honest).deliver(job_id, within=timedelta(seconds=19)) == Later(timedelta(0))
    assert job(database, job_id)["attempts"] == 0


def test_nothing_is_begun_without_the_time_to_end_it(database: Database, job_id: str) -> None:
    worker = a_worker(database, honest)

    assert worker.deliver(job_id, within=timedelta(seconds=4)) == Later(timedelta(0))
    assert job(database, job_id)["attempts"] == 0
    assert worker.deliver(job_id, within=timedelta(seconds=20)) == Done()
    assert worker.writer.withins == [timedelta(seconds=15)]  # type: ignore[attr-defined]


def test_a_job_that_has_expired_is_not_begun(database: Database, job_id: str) -> None:
    writer = Scripted([honest])
    worker = Worker(database, writer, MODEL, now=NOON + timedelta(hours=24))

    assert isinstance(worker.deliver(job_id), Later)
    assert writer.subjects == []


def test_an_unknown_job_is_said_to_be_unknown(database: Database) -> None:
    with pytest.raises(NotFound, match="no job has the id job_0000"):
        a_worker(database).deliver("job_" + "0" * 32)


def test_a_database_that_is_gone_is_a_reason_to_deliver_again(
    database: Database, database_url: str, job_id: str
) -> None:
    def cut(subject: Subject) -> Draft:
        other = Database(database_url)
        other.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and backend_type = 'client backend'",
            {},
        )
        other.close()
        return honest(subject)

    worker = a_worker(database, cut, honest)

    try:
        first = worker.deliver(job_id)
    except Unavailable:
        worker.now += LEASE
        first = worker.deliver(job_id)

    assert (first, len(insights(database)), kinds(database)) == (Done(), 1, ["INSIGHT_READY"])


def test_the_prompt_s_subject_holds_no_name_but_as_a_token(database: Database, job_id: str) -> None:
    writer = Scripted([honest])

    Worker(database, writer, MODEL).deliver(job_id)

    [subject] = writer.subjects
    assert subject.names == {"account": "Initech"}
    assert "Initech" not in str(replace(subject, names={}))


def test_a_recompute_job_is_no_insight(model: Api, database: Database) -> None:
    failing_account(database)
    made = model.data("mutation { recomputeHealth(input: {}) { job { id } } }")["recomputeHealth"]["job"]["id"]

    assert a_worker(database).deliver(made) == Done()
    assert ids.split(made)[0] == "job"


def test_each_call_is_logged_beside_what_the_day_may_take(
    database: Database, job_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    failing = NotWritten(JobFailureCode.PROVIDER_UNAVAILABLE, "down", calls=(CALL, CALL))
    worker = Worker(database, Scripted([failing]), replace(MODEL, insight_tokens_per_day=4_000))

    with caplog.at_level(logging.INFO):
        worker.deliver(job_id)
        worker.now += timedelta(minutes=1)
        worker.deliver(job_id)

    logged = [vars(record) for record in caplog.records if record.getMessage() == "model called"]
    figures = ("tokens", "tokens_today", "tokens_per_day", "budget_used")
    assert [tuple(one[name] for name in figures) for one in logged] == [
        (1000, 2000, 4000, 0.5), (1000, 2000, 4000, 0.5), (1000, 3000, 4000, 0.75),
    ]  # fmt: skip


def test_where_nothing_was_asked_no_call_is_logged(
    database: Database, job_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        Worker(database, Scripted([NotWritten(JobFailureCode.TIMED_OUT, "late")]), MODEL).deliver(job_id)

    assert [record for record in caplog.records if record.getMessage() == "model called"] == []
