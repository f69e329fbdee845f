"""What an earlier run left unfinished is taken up again: its queues were in memory, its files and its jobs were not.

Only for the embedded database, which nobody else works on.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from local import resources
from services.db.connection import Database
from services.uploads import file_key

FREE = """
update uploads set lease_until = now() where status in ('VALIDATING', 'IMPORTING') and lease_until > now()
returning id
"""
UNFINISHED = """
select id, file_name from uploads where status in ('AWAITING_FILE', 'EXPIRED', 'QUEUED', 'VALIDATING', 'IMPORTING')
order by created_at, id
"""
LOST = """
update uploads set status = 'FAILED', failure_code = 'FILE_UNREADABLE', finished_at = now(), lease_until = null,
  outcome = null, failure_message = 'the file is gone from this machine: upload it again'
where id = %(id)s and status in ('QUEUED', 'VALIDATING', 'IMPORTING')
returning id
"""
JOBS = """
update jobs set sent_at = null, lease_until = case when lease_until > now() then now() else lease_until end
where kind = 'INSIGHT' and status in ('QUEUED', 'RUNNING')
returning id
"""


def insights(database: Database) -> int:
    """Mark the message of every unfinished insight job as lost, for the first sweep to send it; how many they are."""
    return len(database.rows(JOBS))


def uploads(database: Database, s3: Any, kept: Path) -> tuple[list[str], list[str]]:
    """Send each unfinished upload's file to the queue once more; the names of those sent, and of those lost.

    Lost is a file that had arrived and that somebody has since deleted from `kept`.
    """
    # The worker that held these leases is gone, so nobody need wait for them to end.
    database.rows(FREE)
    sent, lost = [], []
    for upload_id, name in database.rows(UNFINISHED):
        key = file_key(UUID(upload_id))
        if (kept / key).is_file():
            resources.put(s3, key, kept / key)
            sent.append(name)
        elif database.rows(LOST, {"id": upload_id}):
            lost.append(name)
    return sent, lost
