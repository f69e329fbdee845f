"""The queue's events, as AWS writes them, at the Lambda entry point."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import handler
from services import logs, wiring
from services.db.connection import Database
from services.settings import Settings
from services.uploads import node_id
from tests.importing import Importer, event

AGAIN = {"batchItemFailures": [{"itemIdentifier": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78"}]}
DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def importer(
    database: Database, database_url: str, aws_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Importer]:
    """The importer of a process whose environment names the test's database and bucket."""
    environment = {
        "DATABASE_URL": database_url,
        "UPLOADS_BUCKET": aws_settings.uploads_bucket,
        "UPLOADS_TOPIC_ARN": aws_settings.uploads_topic_arn,
        "AWS_ENDPOINT_URL": aws_settings.aws_endpoint_url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    parts = (wiring.the_settings, wiring.database, wiring.files, wiring.announcements)
    for part in parts:
        part.cache_clear()
    yield Importer(database, aws_settings, now=datetime.now(UTC))
    wiring.database().close()
    for part in parts:
        part.cache_clear()


@pytest.mark.parametrize("name", ["uploaded", "uploaded-with-percent"])
def test_an_uploaded_file_is_imported(importer: Importer, name: str) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")

    assert handler.ingest(event(name, upload_id)) == DONE
    assert importer.upload(upload_id)["status"] == "SUCCEEDED"
    assert handler.ingest(event(name, upload_id)) == DONE


@pytest.mark.parametrize("name", ["bucket-test", "uploaded-with-plus", "uploaded-with-space", "uploaded"])
def test_what_is_no_upload_of_ours_is_passed_over(importer: Importer, name: str) -> None:
    assert handler.ingest(event(name)) == DONE


def test_a_poison_message_goes_back_and_its_neighbours_do_not(
    importer: Importer, caplog: pytest.LogCaptureFixture
) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    good = event("uploaded", upload_id)["Records"][0] | {"messageId": "the good one"}

    with caplog.at_level(logging.ERROR):
        answer = handler.ingest({"Records": [*event("poison")["Records"], good]})

    assert answer == AGAIN
    assert importer.upload(upload_id)["status"] == "SUCCEEDED"
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info is not None for record in logged] == [True]


@pytest.mark.parametrize("odd", [{}, {"s3": {"object": {"key": 5}}}, None])
def test_of_several_files_in_a_message_those_that_can_be_are_imported(
    importer: Importer, odd: object, caplog: pytest.LogCaptureFixture
) -> None:
    upload_ids = [importer.send("ACCOUNTS", f"name,arr,segment\n{name},1,SMB\n") for name in ("Acme", "Hooli")]
    told = [json.loads(event("uploaded", one)["Records"][0]["body"])["Records"][0] for one in upload_ids]
    [message] = event("uploaded")["Records"]

    body = json.dumps({"Records": [told[0], odd, told[1], {"s3": None}]})
    with caplog.at_level(logging.ERROR):
        answer = handler.ingest({"Records": [message | {"body": body}]})

    assert answer == AGAIN
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info is not None for record in logged] == [True, True]
    assert [importer.upload(one)["status"] for one in upload_ids] == ["SUCCEEDED", "SUCCEEDED"]


def test_an_attribute_of_another_kind_is_no_trace_and_harms_no_neighbour(importer: Importer) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    [message] = event("uploaded", upload_id)["Records"]
    binary = {"traceparent": {"dataType": "Binary", "binaryValue": "eA=="}}
    broken = message | {"messageId": "broken", "messageAttributes": {"traceparent": "no attribute"}}

    answer = handler.ingest({"Records": [broken, message | {"messageAttributes": binary}]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "broken"}]}
    assert importer.upload(upload_id)["status"] == "SUCCEEDED"


def test_a_message_comes_again_while_a_dependency_is_down(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n")
    monkeypatch.setenv("UPLOADS_BUCKET", "no-such-bucket")

    assert handler.ingest(event("uploaded", upload_id)) == AGAIN

    monkeypatch.setenv("UPLOADS_BUCKET", importer.settings.uploads_bucket)
    for part in (wiring.the_settings, wiring.files):
        part.cache_clear()
    assert handler.ingest(event("uploaded", upload_id)) == DONE
    assert importer.upload(upload_id)["status"] == "SUCCEEDED"


def test_what_became_of_a_file_is_logged_without_a_word_of_it(
    importer: Importer, caplog: pytest.LogCaptureFixture
) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nHooli Secret,1,SMB\nGlobex Hush,many,SMB\n")

    with caplog.at_level(logging.INFO):
        assert handler.ingest(event("uploaded", upload_id)) == DONE

    lines = [json.loads(logs.Line().format(record)) for record in caplog.records if record.name != "botocore"]
    [finished] = [line for line in lines if line["message"] == "upload finished"]
    [handled] = [line for line in lines if line["message"] == "message handled"]
    assert finished | {"at": "", "seconds": 0} == {
        "at": "", "level": "INFO", "logger": "services.ingest", "message": "upload finished", "upload": node_id(upload_id),
        "kind": "ACCOUNTS", "status": "PARTIAL", "rows": 2, "rows_created": 1, "rows_updated": 0, "rows_unchanged": 0,
        "rows_skipped": 0, "rows_failed": 1, "seconds": 0,
    }  # fmt: skip
    assert 0 < finished["seconds"] <= handled["seconds"]
    assert handled["outcome"] == "done"
    assert [word for word in ("Hooli", "Globex", "many") if word in json.dumps(lines)] == []


def test_how_each_message_ended_is_logged(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = event("poison")["Records"][0] | {"messageId": "bad"}
    away = event("uploaded", importer.send("ACCOUNTS", "name,arr,segment\nAcme,1,SMB\n"))["Records"][0]
    monkeypatch.setenv("UPLOADS_BUCKET", "no-such-bucket")

    with caplog.at_level(logging.INFO, logger="success-insights"):
        handler.ingest({"Records": [bad, away]})

    handled = [vars(record) for record in caplog.records if record.getMessage() == "message handled"]
    assert [(one["message_id"], one["outcome"]) for one in handled] == [("bad", "failed"), (away["messageId"], "again")]
