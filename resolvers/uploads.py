"""Uploads: a form for a file, the file's fate, and what a file looks like."""

from typing import Any

import strawberry
from strawberry.types import Info

from graph.context import Context
from graph.inputs import RequestUploadUrlInput
from graph.selection import asked
from graph.types.payloads import RequestUploadUrlPayload
from graph.types.uploads import Upload, UploadConnection, UploadTemplate
from resolvers.payloads import payload
from services import ids, nodes, upload_fields
from services import uploads as service
from services.asks import Ask
from services.ports import UploadForm
from services.vocabulary import UploadKind


def upload(info: Info[Context, Any], id: strawberry.ID) -> Upload | None:
    """One upload; null where there is none. Poll it until pollAfterMs is null."""
    ids.uuid(id, ids.UPLOAD)
    context = info.context
    [found] = nodes.get(context.database, [id], {"Upload": asked(info).asks}, context.statement())
    return found


def uploads(info: Info[Context, Any], first: int | None = None, after: str | None = None) -> UploadConnection:
    """Uploads, the newest first."""
    context = info.context
    return upload_fields.find(context.database, asked(info), context.statement())


def upload_template(kind: UploadKind) -> UploadTemplate:
    """What a file of that kind looks like: its columns, and a CSV to start from."""
    from services import csv_rows  # with the rules of cells, that no other query needs

    return csv_rows.template(kind)  # type: ignore[return-value]


def request_upload_url(info: Info[Context, Any], input: RequestUploadUrlInput) -> RequestUploadUrlPayload:
    """Ask for a form that takes one CSV file. Poll the upload from now on; it is imported when the file is there.

    An ARR history rewrites what accounts were worth, which is for MANAGER.
    """
    context = info.context
    context.identity.require(service.ASKED_BY[input.kind])
    request = service.UploadRequest(
        kind=input.kind.value,
        file_name=input.file_name,
        size_bytes=input.size_bytes,
        sha256=input.sha256,
        dry_run=input.dry_run,
        policy=input.policy.value,
        column_mapping={pair.header: pair.column for pair in input.column_mapping or []},
        date_order=input.date_order.value if input.date_order else None,
        idempotency_key=input.idempotency_key,
    )
    opened: list[service.Opened] = []

    def write() -> str:
        files = context.open_files()
        with context.writing() as session:
            opened.append(service.open(session, files, request, actor=context.actor, now=context.now))
        return service.node_id(opened[0].upload_id)

    return payload(info, "upload", "Upload", write, lambda ask: _target(ask, opened[0].form))


def _target(ask: Ask, form: UploadForm | None) -> dict[str, Any] | None:
    if form is None:
        return None
    known: dict[str, Any] = {
        "url": form.url,
        "method": "POST",
        "max_bytes": service.MAX_BYTES,
        "expires_at": form.expires_at,
    }
    return {inner.key: _fields(inner, form) if inner.name == "fields" else known[inner.name] for inner in ask.asks}


def _fields(ask: Ask, form: UploadForm) -> list[dict[str, str]]:
    return [{inner.key: name if inner.name == "name" else value for inner in ask.asks} for name, value in form.fields]
