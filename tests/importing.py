"""Files on their way through the import, as a client sends them: ask for a form, post the file, deliver the event."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services import ingest, uploads
from services.adapters.announcements import Topic
from services.adapters.storage import Bucket
from services.db.connection import Database
from services.settings import Settings
from services.uploads import UploadRequest
from tests.aws import post

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
EVENTS = Path(__file__).parent / "events"

STATE = {
    "accounts": """select external_id, name, arr, segment, industry, region, cs_owner, renewal_date, status, churned_on,
      origin, observed_on, version from accounts order by name, external_id""",
    "observations": """select a.name, to_jsonb(o) - 'account_id' from account_observations o
      join accounts a on a.id = o.account_id order by a.name, a.external_id, o.observed_on""",
    "days": """select a.name, to_jsonb(m) - 'account_id' from daily_metrics m
      join accounts a on a.id = m.account_id order by 1, m.day""",
    "arr": """select a.name, h.effective_on, h.arr from arr_history h join accounts a on a.id = h.account_id
      order by 1, 2""",
    "changes": "select account_id, source, fields from changes where source = 'IMPORT' order by id",
}  # fmt: skip
"All that an import may write, but for the uploads themselves, the health and the feed of updates."


@dataclass
class Importer:
    """A client and a worker in one. `now` is the clock of both."""

    database: Database
    settings: Settings
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.files = Bucket(self.settings)
        self.topic = Topic(self.settings)

    def send(self, kind: str, content: str | bytes, **options: Any) -> UUID:
        """Ask for an upload and post its file; nothing is imported yet."""
        body = content.encode() if isinstance(content, str) else content
        asked = {"file_name": "file.csv", "size_bytes": max(1, min(len(body), uploads.MAX_BYTES)), **options}
        with self.database.writing() as session:
            opened = uploads.open(session, self.files, UploadRequest(kind, **asked), actor="dana", now=self.now)
        post(opened.form, body)
        return opened.upload_id

    def work(self, upload_id: UUID, *, database: Database | None = None, **others: Any) -> ingest.Outcome | None:
        """Deliver the event of a file once."""
        ports: dict[str, Any] = {"files": self.files, "announcements": self.topic, "clock": lambda: self.now, **others}
        return ingest.import_file(database or self.database, upload_id=upload_id, **ports)

    def load(self, kind: str, content: str | bytes, **options: Any) -> dict[str, Any]:
        """Send a file, import it, and answer what became of the upload."""
        upload_id = self.send(kind, content, **options)
        self.work(upload_id)
        return self.upload(upload_id)

    def upload(self, upload_id: UUID) -> dict[str, Any]:
        row: dict[str, Any] = self.database.read(
            "select to_jsonb(u) from uploads u where id = %(id)s", {"id": str(upload_id)}
        )
        return row | {"counts": counts(row)}

    def errors(self, upload: dict[str, Any] | UUID) -> list[tuple[Any, ...]]:
        """Line, column, code and value of each row error, in order."""
        return self.database.rows(
            "select line, column_name, code, value from upload_row_errors where upload_id = %(id)s order by line, id",
            {"id": str(upload if isinstance(upload, UUID) else upload["id"])},
        )

    def messages(self, upload: dict[str, Any]) -> list[str]:
        sql = "select message from upload_row_errors where upload_id = %(id)s order by line, id"
        return [row[0] for row in self.database.rows(sql, {"id": upload["id"]})]

    def report(self, upload: dict[str, Any]) -> str:
        import io

        content = io.BytesIO()
        self.files.fetch(uploads.report_key(UUID(upload["id"])), content, limit=uploads.MAX_BYTES * 2)
        return content.getvalue().decode("utf-8-sig")

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: self.database.rows(sql) for name, sql in STATE.items()}


def event(name: str, upload_id: UUID | None = None) -> dict[str, Any]:
    """A queue's event as AWS writes it, one of tests/events, about that upload or one that nobody knows."""
    text = (EVENTS / f"{name}.json").read_text().replace("UPLOAD_ID", uploads.node_id(upload_id or uuid4()))
    found: dict[str, Any] = json.loads(text)
    return found


def counts(upload: dict[str, Any]) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "skipped", "failed")
    found = {name: upload[f"{name}_count"] for name in names}
    assert upload["status"] not in ("SUCCEEDED", "PARTIAL") or sum(found.values()) == upload["rows_total"]
    return {name: count for name, count in found.items() if count}
