"""Jobs: work that was asked for and may take a while, and how it is polled."""

from datetime import datetime
from typing import Annotated

import strawberry

from graph.types.common import Node
from graph.types.insights import Insight
from graph.words import FIRST, answered, described, described_interface, told
from services import vocabulary as words

AFTER_JOB = Annotated[str | None, strawberry.argument(description="Go on after the job with this id.")]


@described
class JobProgress:
    """How far work has come."""

    done: int = told("Rows, accounts or insights done.")
    total: int | None = told("Rows, accounts or insights in all; null until that is known.")


@described
class JobFailure:
    """Why work failed; of a job that is queued again, why the last try failed."""

    code: words.JobFailureCode = told("What kind of failure.")
    message: str = told("For a person: what happened and what to do.")
    retryable: bool = told("Whether the same request may succeed later.")


@described_interface
class Job:
    """Work that was asked for and may take a while. Poll it until pollAfterMs is null."""

    id: strawberry.ID = told("Opaque.")
    status: words.JobStatus = told("Where it stands.")
    created_at: datetime = told("When it was asked for.")
    started_at: datetime | None = told("When it began.")
    finished_at: datetime | None = told("When it ended.")
    progress: JobProgress = told("How far it is.")
    poll_after_ms: int | None = told("Ask again after so many milliseconds; null once it is final.")
    failure: JobFailure | None = told("Why it failed; null where it did not.")


@described
class RecomputeJob(Job, Node):
    """Accounts being scored again."""

    id: strawberry.ID = told("Opaque.")
    changed_buckets: int = told("How many accounts are in another bucket than before.")


@described
class InsightJob(Job, Node):
    """One insight being written."""

    id: strawberry.ID = told("Opaque.")
    attempts: int = told("How often it was begun.")
    insight: Insight | None = told("The insight; null until it is written and checked.")


@described
class InsightBatchJob(Job, Node):
    """Insights of many accounts being written."""

    id: strawberry.ID = told("Opaque.")

    @answered
    def jobs(self, first: FIRST = 50, after: AFTER_JOB = None) -> list[InsightJob]:
        """The job of each account, in the order of their ids."""
        raise NotImplementedError
