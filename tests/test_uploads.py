"""Asking for an upload: what is refused, what is stored, what repeats safely."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services import uploads
from services.db.connection import Database
from services.errors import NotFound, Rejected
from services.settings import Settings
from services.uploads import Opened, UploadRequest
from tests.aws import post
from tests.importing import NOON, Importer

GOOD = UploadRequest("ACCOUNTS", "accounts 2026.csv", 1000)


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    return Importer(database, aws_settings)


def opened(importer: Importer, request: UploadRequest) -> Opened:
    with importer.database.writing() as session:
        return uploads.open(session, importer.files, request, actor="dana", now=importer.now)


def test_an_upload_waits_for_its_file_for_five_minutes(importer: Importer) -> None:
    mapping = {"Kunde": "name"}
    asked = replace(
        GOOD,
        sha256="AB" * 32,
        dry_run=True,
        policy="ALL_OR_NOTHING",
        column_mapping=mapping,
        date_order="DAY_MONTH_YEAR",
    )
    answer = opened(importer, asked)

    names = (
        "kind",
        "status",
        "file_name",
        "size_bytes",
        "sha256",
        "dry_run",
        "policy",
        "column_mapping",
        "date_order",
        "requested_by",
    )
    row = importer.upload(answer.upload_id)
    assert [row[name] for name in names] == [
        "ACCOUNTS", "AWAITING_FILE", "accounts 2026.csv", 1000, "ab" * 32, True, "ALL_OR_NOTHING", mapping, "DAY_MONTH_YEAR", "dana",
    ]  # fmt: skip
    assert importer.database.rows("select created_at, expires_at from uploads") == [(NOON, NOON + timedelta(minutes=5))]
    assert answer.form.expires_at == NOON + timedelta(minutes=5)
    assert dict(answer.form.fields)["key"] == f"uploads/upl_{answer.upload_id.hex}.csv"


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"kind": "SHOES"}, "INVALID_VALUE", ("kind",)),
        ({"policy": "MAYBE"}, "INVALID_VALUE", ("policy",)),
        ({"date_order": "MOON"}, "INVALID_VALUE", ("dateOrder",)),
        ({"file_name": "  "}, "REQUIRED", ("fileName",)),
        ({"file_name": "x" * 256}, "OUT_OF_RANGE", ("fileName",)),
        ({"file_name": "../accounts.csv"}, "INVALID_VALUE", ("fileName",)),
        ({"file_name": "c:\\accounts.csv"}, "INVALID_VALUE", ("fileName",)),
        ({"file_name": ".."}, "INVALID_VALUE", ("fileName",)),
        ({"file_name": "a\0b"}, "INVALID_VALUE", ("fileName",)),
        ({"size_bytes": 0}, "OUT_OF_RANGE", ("sizeBytes",)),
        ({"size_bytes": 10 * 1024 * 1024 + 1}, "OUT_OF_RANGE", ("sizeBytes",)),
        ({"sha256": "abc"}, "INVALID_VALUE", ("sha256",)),
        ({"idempotency_key": ""}, "OUT_OF_RANGE", ("idempotencyKey",)),
        ({"idempotency_key": "k" * 201}, "OUT_OF_RANGE", ("idempotencyKey",)),
        ({"column_mapping": {" ": "name"}}, "REQUIRED", ("columnMapping", "0", "header")),
        ({"column_mapping": {"A": "name", "B": "shoe_size"}}, "INVALID_VALUE", ("columnMapping", "1", "column")),
        ({"column_mapping": {"A": "name", "B": "name"}}, "CONFLICT", ("columnMapping", "1", "column")),
    ],
)
def test_a_request_is_refused_at_the_field_that_is_wrong(
    importer: Importer, change: dict[str, Any], code: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(Rejected) as refused:
        opened(importer, replace(GOOD, **change))

    assert (refused.value.code, refused.value.path) == (code, path)
    assert importer.database.read("select count(*) from uploads") == 0


def test_a_key_whose_file_has_come_gives_no_second_form(importer: Importer) -> None:
    asked = replace(GOOD, idempotency_key="tuesday")
    first = opened(importer, asked)
    assert first.form is not None
    post(first.form, b"name,arr,segment\nAcme,1,SMB\n")
    importer.work(first.upload_id)

    assert opened(importer, asked) == Opened(first.upload_id, None)


def test_the_same_key_answers_with_the_same_upload_and_a_fresh_form(importer: Importer) -> None:
    asked = replace(GOOD, idempotency_key="monday")
    first = opened(importer, asked)
    importer.now += timedelta(minutes=10)
    again = opened(importer, asked)

    assert (again.upload_id, again.form.expires_at) == (first.upload_id, importer.now + timedelta(minutes=5))
    assert importer.database.rows("select expires_at from uploads") == [(again.form.expires_at,)]
    with pytest.raises(Rejected) as refused:
        opened(importer, replace(asked, size_bytes=999))
    assert (refused.value.code, refused.value.path) == ("IDEMPOTENCY_MISMATCH", ("idempotencyKey",))


def test_a_key_whose_file_has_come_still_answers_with_its_upload(importer: Importer) -> None:
    options = {"idempotency_key": "monday", "size_bytes": 1000, "file_name": GOOD.file_name}
    upload = importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n", **options)

    again = opened(importer, replace(GOOD, idempotency_key="monday"))

    assert str(again.upload_id) == upload["id"]
    assert importer.upload(again.upload_id) == upload


def test_the_report_is_linked_where_there_is_one(importer: Importer) -> None:
    good = importer.load("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    bad = importer.load("ACCOUNTS", "name,arr,segment\nAcme,x,SMB\n", file_name="März 2026.CSV")

    assert uploads.report_link(importer.database, importer.files, UUID(good["id"])) is None
    with pytest.raises(NotFound):
        uploads.report_link(importer.database, importer.files, uuid4())

    link = uploads.report_link(importer.database, importer.files, UUID(bad["id"]))
    assert link is not None
    answer = httpx.get(link)
    assert (answer.status_code, answer.content.decode("utf-8-sig")) == (200, importer.report(bad))
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''M%C3%A4rz%202026-errors.csv"


def test_asking_for_an_upload_loads_neither_pandas_nor_boto3() -> None:
    check = "import sys, services.uploads, services.adapters.storage, services.wiring, handler; print([m for m in ('pandas', 'boto3') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)

    assert answer.stdout == "[]\n"
