"""A thousand hostile files: nothing crashes, no wrong row gets in, and each refusal has its code."""

from datetime import datetime, timedelta
from typing import IO, Any

import pytest

from services import ingest, uploads
from services.adapters.announcements import Nobody
from services.db.connection import Database
from services.errors import NotFound
from services.ports import UploadForm
from services.uploads import UploadRequest
from tests import hostile_files
from tests.api import NOON
from tests.hostile_files import HostileFile

FILES, TOGETHER = 1_000, 50
ACCOUNTS = """select a.external_id, a.name, a.arr::text, a.segment, a.region, o.nps::integer
  from accounts a join account_observations o on o.account_id = a.id"""
ERRORS = "select line, lower(btrim(column_name)), code from upload_row_errors where upload_id = %(id)s"


class KeptFiles:
    """A bucket in memory: what posting forms and signing does to a file is tests/test_storage.py's."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def form(self, key: str, *, now: datetime) -> UploadForm:
        return UploadForm("memory:", (("key", key),), now + timedelta(minutes=5))

    def fetch(self, key: str, into: IO[bytes], *, limit: int) -> int:
        if key not in self.objects:
            raise NotFound(key)
        return into.write(self.objects[key][: limit + 1])

    def store(self, key: str, content: IO[bytes]) -> None:
        self.objects[key] = content.read()

    def link(self, key: str, *, file_name: str) -> str:
        return f"memory:{key}/{file_name}"


@pytest.mark.parametrize("first", range(0, FILES, TOGETHER))
def test_a_hostile_file_brings_in_its_good_rows_and_tells_the_others(database: Database, first: int) -> None:
    for seed in range(first, first + TOGETHER):
        file = hostile_files.make(seed)
        upload, errors, found = _imported(database, file)

        if file.refused:
            outcome = upload["status"], upload["failure_code"], {code for *_, code in errors} - {"BAD_ENCODING"}, found
            assert outcome == ("FAILED", "FILE_UNREADABLE", set(), []), f"seed {seed}"
            assert file.refused in upload["failure_message"], f"seed {seed}"
        else:
            nothing = file.dry_run or (file.all_or_nothing and file.errors)
            assert sorted(errors, key=str) == sorted(file.errors, key=str), f"seed {seed}"
            assert sorted(found) == ([] if nothing else sorted(file.rows)), f"seed {seed}"
            assert upload["status"] == _status(file), f"seed {seed}"


def _imported(database: Database, file: HostileFile) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """What became of the upload, its errors, and the accounts that it brought."""
    files = KeptFiles()
    request = UploadRequest(
        "ACCOUNTS", file_name="file.csv", size_bytes=max(1, len(file.content)), dry_run=file.dry_run,
        policy="ALL_OR_NOTHING" if file.all_or_nothing else "SKIP_BAD_ROWS",
    )  # fmt: skip
    with database.writing() as session:
        opened = uploads.open(session, files, request, actor="mallory", now=NOON)
    files.objects[opened.form.fields[0][1]] = file.content
    before = set(database.rows(ACCOUNTS))

    ingest.import_file(database, files, Nobody(), opened.upload_id, clock=lambda: NOON)

    sql = "select to_jsonb(u) from uploads u where id = %(id)s"
    upload: dict[str, Any] = database.read(sql, {"id": str(opened.upload_id)})
    found = [row for row in database.rows(ACCOUNTS) if row not in before]
    return upload, database.rows(ERRORS, {"id": str(opened.upload_id)}), found


def _status(file: HostileFile) -> str:
    if not file.errors:
        return "SUCCEEDED"
    return "PARTIAL" if file.rows and not file.all_or_nothing else "FAILED"
