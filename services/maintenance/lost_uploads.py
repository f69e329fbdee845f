"""Uploads that no worker will come back to: each message about them is among the dead letters, or gone."""

from datetime import datetime, timedelta
from typing import Final

from services.db.connection import Database
from services.vocabulary import JobFailureCode, UpdateKind

LOST_AFTER: Final = timedelta(hours=24)
"""Since the worker's lease ended. The queue shows a message five times within three hours; until a day has gone by,
whoever sends it from the dead letters to the queue again lets the import go on."""
BATCH: Final = 500


def end_lost(database: Database, *, now: datetime) -> int:
    """End uploads that were begun and that nobody goes on with, at most BATCH of them; how many they were.

    One whose data are merged ends as they say, without its error report; any other fails. Two at once share them.
    Raises Unavailable.
    """
    values = {
        "now": now, "lost_before": now - LOST_AFTER, "batch": BATCH, "message": "the import was begun and never ended",
        "internal": JobFailureCode.INTERNAL, "unreadable": JobFailureCode.FILE_UNREADABLE,
        "failed": UpdateKind.UPLOAD_FAILED, "finished": UpdateKind.UPLOAD_FINISHED,
    }  # fmt: skip
    with database.writing() as session:
        return session.connection().exec_driver_sql(_END, values).rowcount


# What was settled with the data is made the upload's own, as services.ingest.outcomes does it.
_END: Final = """
with lost as materialized (
  select id from uploads where status in ('QUEUED', 'VALIDATING', 'IMPORTING') and lease_until <= %(lost_before)s
  order by created_at limit %(batch)s for update skip locked
), ended as (
  update uploads set lease_until = null, finished_at = %(now)s, outcome = null,
    status = coalesce(outcome ->> 'status', 'FAILED'),
    failure_code = case when outcome is null then %(internal)s
      when outcome ->> 'failure' is not null then %(unreadable)s end,
    failure_message = case when outcome is null then %(message)s else outcome ->> 'failure' end,
    created_count = coalesce((outcome ->> 'created')::int, 0),
    updated_count = coalesce((outcome ->> 'updated')::int, 0),
    unchanged_count = coalesce((outcome ->> 'unchanged')::int, 0),
    skipped_count = coalesce((outcome ->> 'skipped')::int, 0),
    failed_count = coalesce((outcome ->> 'failed')::int, 0),
    preview = coalesce((outcome ->> 'preview')::jsonb, '[]'),
    duplicate_of = (outcome ->> 'duplicate_of')::uuid
  from lost where uploads.id = lost.id returning uploads.id, status
)
insert into events (at, kind, subject)
select %(now)s, case when status = 'FAILED' then %(failed)s else %(finished)s end, 'upl_' || replace(id::text, '-', '')
from ended
"""
