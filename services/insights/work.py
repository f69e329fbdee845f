"""One insight made, from its message to its row: claim, read, write, check, save. Not the queue's side of it.

No transaction is open while an engine writes. Twice delivered is once written: see services.insights.claims.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services import ids, tracing
from services.db.connection import Database
from services.db.statement import Statement
from services.evidence.verify import Verified
from services.insights import budget, claims, fresh, picture, saving
from services.insights import queue as jobs
from services.insights.claims import TRIES, Batch, Claim, Ended, Waiting
from services.insights.picture import Picture
from services.ports import Call, Clock, NotWritten, Queue, Writer
from services.settings import Settings
from services.vocabulary import InsightEngine, InsightScope, JobFailureCode

log = logging.getLogger(__name__)

Writers = Mapping[InsightEngine, Writer]

LEAST: Final = timedelta(seconds=5)
"Less time than this is left for reading, checking and saving: then nothing is begun."
TRIED_AGAIN: Final = frozenset({
    JobFailureCode.PROVIDER_RATE_LIMITED, JobFailureCode.PROVIDER_UNAVAILABLE, JobFailureCode.TIMED_OUT,
    JobFailureCode.INTERNAL,
})  # fmt: skip
LEAST_OF_A_MODEL: Final = timedelta(seconds=15)
"No model is asked with less time than this: it would be paid for nothing."
LONGEST_PAUSE: Final = timedelta(hours=11)
"A provider that wants to be left alone for longer is asked again all the same; the queue hides no message for longer."


@dataclass(frozen=True, slots=True)
class Done:
    """The message has nothing more to do."""


@dataclass(frozen=True, slots=True)
class Later:
    """The message must come again after `delay`."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Failed:
    """The job can't succeed: its message belongs among the dead letters."""


Outcome = Done | Later | Failed


def work(
    database: Database,
    queue: Queue,
    writers: Writers,
    job_id: UUID,
    *,
    settings: Settings,
    clock: Clock,
    within: timedelta,
) -> Outcome:
    """Make the job's insight, in `within` at most; of a batch, send the messages of its jobs.

    Raises NotFound for an unknown job, and Unavailable where the database does not answer: deliver it again then.
    """
    by_model = settings.insight_engine is InsightEngine.OPENAI
    if within < LEAST + (LEAST_OF_A_MODEL if by_model else timedelta(0)):
        return Later(timedelta(0))
    now = clock()
    claim = claims.take(database, job_id, now=now)
    if isinstance(claim, Batch):
        jobs.send(database, queue, jobs.waiting(database, job_id))
        return Done()
    if isinstance(claim, Waiting):
        return Later(max(claim.until - now, timedelta(seconds=1)))
    if isinstance(claim, Ended):
        return _failed(claim.failure) if claim.failure else Done()
    if claim.attempt > TRIES:
        code, message = claim.last_failure or (JobFailureCode.INTERNAL, f"it was begun {TRIES} times and never ended")
        return _end_badly(database, claim, NotWritten(code, message), settings=settings, clock=clock)
    with _given_back_if_it_breaks(database, claim, clock=clock):
        try:
            return _make(database, writers, claim, settings=settings, clock=clock, within=within)
        except NotWritten as failure:
            if failure.code in TRIED_AGAIN and claim.attempt < TRIES:
                return _try_again(database, claim, failure, settings=settings, clock=clock)
            return _end_badly(database, claim, failure, settings=settings, clock=clock)


def _make(
    database: Database, writers: Writers, claim: Claim, *, settings: Settings, clock: Clock, within: timedelta
) -> Outcome:
    if claim.input["reuse_if_fresh"] and _answered_already(database, claim, clock=clock):
        return Done()
    seen = _look(database, claim, settings, day=clock().date())
    if seen is None:
        raise NotWritten(JobFailureCode.SUBJECT_NOT_FOUND, "the account is gone")
    engine, reason = claim.engine, None
    try:
        made = _written(database, writers, claim, claim.engine, seen, settings, clock=clock, within=within - LEAST)
    except NotWritten as failure:
        if not (settings.insight_fallback and engine is InsightEngine.OPENAI):
            raise
        log.warning("%s: rules step in for the model: %s", ids.of(ids.JOB, claim.job_id), failure)
        _keep_calls(database, claim, failure.calls, failure.code, settings=settings, clock=clock)
        engine, reason = InsightEngine.RULES, failure.code
        made = _written(database, writers, claim, engine, seen, settings, clock=clock, within=within)
    with database.writing() as session:
        saving.save(session, saving.Result(claim, seen, made, engine, reason), now=clock())
    return Done()


@tracing.spanned("write")
def _written(
    database: Database,
    writers: Writers,
    claim: Claim,
    engine: InsightEngine,
    seen: Picture,
    settings: Settings,
    *,
    clock: Clock,
    within: timedelta,
) -> Verified:
    """What holds of that engine's draft, with at least one finding. Its calls are written down. Raises NotWritten."""
    if engine is InsightEngine.OPENAI and budget.used(database, clock()) >= settings.insight_tokens_per_day:
        raise NotWritten(JobFailureCode.BUDGET_EXHAUSTED, "the day's tokens are used up: ask again tomorrow (UTC)")
    written = writers[engine].write(seen.subject, within=within)
    failure: JobFailureCode | None = JobFailureCode.INTERNAL
    try:
        checked = saving.check(written.draft, seen.subject)
        failure = None if checked.findings else JobFailureCode.EVIDENCE_REJECTED
    finally:  # the calls were paid for, whatever becomes of the draft
        _keep_calls(database, claim, written.calls, failure, settings=settings, clock=clock)
    if failure is not None:
        message = f"no finding matched the facts: {checked.sentences_dropped} sentences were dropped"
        raise NotWritten(failure, message)
    return checked


def _keep_calls(
    database: Database,
    claim: Claim,
    calls: Sequence[Call],
    failure: JobFailureCode | None,
    *,
    settings: Settings,
    clock: Clock,
) -> None:
    if calls:
        with database.writing() as session:
            saving.keep_calls(session, claim.job_id, calls, failure, settings=settings, now=clock())


@tracing.spanned("facts")
def _look(database: Database, claim: Claim, settings: Settings, *, day: date) -> Picture | None:
    if claim.input["scope"] == InsightScope.ACCOUNT:
        if claim.account_id is None:
            return None
        return picture.of_account(database, claim.account_id, Statement(today=day, currency=settings.currency))
    as_of = date.fromisoformat(claim.input["as_of"]) if claim.input["as_of"] else None
    statement = Statement(today=day, as_of=as_of, currency=settings.currency)
    return picture.of_portfolio(database, claim.input["filter"], as_of or day, statement)


def _answered_already(database: Database, claim: Claim, *, clock: Clock) -> bool:
    """Whether an insight of the same facts is there, which then answers the job."""
    if claim.input["scope"] == InsightScope.ACCOUNT and claim.account_id is None:
        return False
    now = clock()
    with database.writing() as session:
        known = fresh.insight(session, claim.input, claim.account_id, claim.engine, today=now.date())
        if known is None or not claims.succeed(session, claim, known, now=now):
            return False
        saving.tell(session, known, now=now)
        return True


def _try_again(database: Database, claim: Claim, failure: NotWritten, *, settings: Settings, clock: Clock) -> Outcome:
    """Queue the job again, after what the provider asks for or else 5, 15, 45 and 135 seconds."""
    now = clock()
    pause = min(
        max(failure.retry_after or timedelta(0), timedelta(seconds=5 * 3 ** (claim.attempt - 1))), LONGEST_PAUSE
    )
    with database.writing() as session:
        claims.give_back(session, claim, failure.code, failure.message, next_try_at=now + pause)
        saving.keep_calls(session, claim.job_id, failure.calls, failure.code, settings=settings, now=now)
    told = f"{failure.code}: {failure.message}"
    log.warning("%s: try %s of %s: %s; again in %s", ids.of(ids.JOB, claim.job_id), claim.attempt, TRIES, told, pause)
    return Later(pause)


def _end_badly(database: Database, claim: Claim, failure: NotWritten, *, settings: Settings, clock: Clock) -> Outcome:
    now = clock()
    with database.writing() as session:
        claims.fail(session, claim, failure.code, failure.message, now=now)
        saving.keep_calls(session, claim.job_id, failure.calls, failure.code, settings=settings, now=now)
    log.warning("%s failed for good: %s: %s", ids.of(ids.JOB, claim.job_id), failure.code, failure.message)
    return _failed(failure.code)


def _failed(code: JobFailureCode) -> Outcome:
    """Dead letters are for somebody to look at: not for a job whose account is gone, which is nobody's fault."""
    return Done() if code is JobFailureCode.SUBJECT_NOT_FOUND else Failed()


@contextmanager
def _given_back_if_it_breaks(database: Database, claim: Claim, *, clock: Clock) -> Iterator[None]:
    """Where a fault of ours ends the work, the next delivery need not wait for the lease to end."""
    ended = False
    try:
        yield
        ended = True
    finally:
        if not ended:
            message, now = "a fault of ours: it is in the log under this job's id", clock()
            with database.writing() as session:
                if claim.attempt < TRIES:
                    claims.give_back(session, claim, JobFailureCode.INTERNAL, message, next_try_at=now)
                else:
                    claims.fail(session, claim, JobFailureCode.INTERNAL, message, now=now)
