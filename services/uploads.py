"""Uploads as a client meets them: ask for a form, get the report. Not the import itself, which is services.ingest."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from services import ids, repeats
from services.db.connection import Database
from services.errors import NotFound, Rejected
from services.ports import Files, UploadForm
from services.vocabulary import DateOrder, Role, RowErrorPolicy, UploadKind, UploadStatus

if TYPE_CHECKING:
    from sqlmodel import Session

    from services.db.tables import Upload

MAX_BYTES = 10 * 1024 * 1024
FORM_LIFE = timedelta(minutes=5)
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What the client says of the file it is about to send. `column_mapping` leads from header to column."""

    kind: str
    file_name: str
    size_bytes: int
    sha256: str | None = None
    dry_run: bool = False
    policy: str = RowErrorPolicy.SKIP_BAD_ROWS
    column_mapping: Mapping[str, str] = field(default_factory=dict)
    date_order: str | None = None
    idempotency_key: str | None = None


ASKED_BY: Final = {
    UploadKind.ACCOUNTS: Role.CSM,
    UploadKind.DAILY_METRICS: Role.CSM,
    UploadKind.ARR_HISTORY: Role.MANAGER,  # it rewrites what accounts were worth on any day
}
"The least role that may bring a file of each kind."


@dataclass(frozen=True, slots=True)
class Opened:
    """An upload that waits for its file, and the form that takes it."""

    upload_id: UUID
    form: UploadForm | None
    "None where the upload has had its file already."


def open(session: "Session", files: Files, request: UploadRequest, *, actor: str, now: datetime) -> Opened:
    """Write the upload's row and sign the form for its file.

    The same idempotency key with the same request answers with the same upload, and with a form of its own
    five minutes for as long as the file has not come.
    Raises Rejected, with the path of the input field.
    """
    _check(request)
    upload = None if request.idempotency_key is None else _earlier(session, request, request.idempotency_key, actor)
    if upload is None:
        upload = _written(session, request, actor=actor, now=now)
    elif upload.status in (UploadStatus.AWAITING_FILE, UploadStatus.EXPIRED):
        upload.expires_at = now + FORM_LIFE
        upload.status = UploadStatus.AWAITING_FILE
        session.add(upload)
    else:
        return Opened(upload.id, None)
    return Opened(upload.id, files.form(file_key(upload.id), now=now))


def report_link(database: Database, files: Files, upload_id: UUID) -> str | None:
    """Where the error report can be downloaded for five minutes; None where there is none. Raises NotFound."""
    rows = database.rows("select file_name, has_report from uploads where id = %(id)s", {"id": str(upload_id)})
    if not rows:
        raise NotFound(f"no upload has the id {node_id(upload_id)}")
    file_name, has_report = rows[0]
    if not has_report:
        return None
    return files.link(
        report_key(upload_id), file_name=f"{re.sub(r'[.]csv$', '', file_name, flags=re.IGNORECASE)}-errors.csv"
    )


def node_id(upload_id: UUID) -> str:
    """The id that clients know the upload by.

    >>> node_id(UUID(int=255))
    'upl_000000000000000000000000000000ff'
    """
    return ids.of(ids.UPLOAD, upload_id)


def file_key(upload_id: UUID) -> str:
    """Where the upload's file lies in the bucket."""
    return f"uploads/{node_id(upload_id)}.csv"


def report_key(upload_id: UUID) -> str:
    """Where the upload's error report lies in the bucket."""
    return f"reports/{node_id(upload_id)}.csv"


def upload_of(key: str) -> UUID | None:
    """The upload that an object's key belongs to, if it is one of ours.

    >>> upload_of("uploads/upl_000000000000000000000000000000ff.csv")
    UUID('00000000-0000-0000-0000-0000000000ff')
    >>> upload_of("uploads/a b.csv")
    """
    found = re.fullmatch(r"uploads/upl_([0-9a-f]{32})\.csv", key)
    return UUID(hex=found[1]) if found else None


def _check(request: UploadRequest) -> None:
    if request.kind not in list(UploadKind):
        raise Rejected("INVALID_VALUE", f"{request.kind!r} is no kind of upload", ["kind"])
    if request.policy not in list(RowErrorPolicy):
        raise Rejected("INVALID_VALUE", f"{request.policy!r} is no policy for bad rows", ["policy"])
    if request.date_order is not None and request.date_order not in list(DateOrder):
        raise Rejected("INVALID_VALUE", f"{request.date_order!r} is no order of dates", ["dateOrder"])
    name = request.file_name
    if not name.strip():
        raise Rejected("REQUIRED", "the file name must not be empty", ["fileName"])
    if len(name) > LONGEST_NAME:
        raise Rejected(
            "OUT_OF_RANGE", f"the file name has {len(name)} characters, at most {LONGEST_NAME} are taken", ["fileName"]
        )
    if name in (".", "..") or re.search(r"[/\\]", name) or not name.isprintable():
        raise Rejected(
            "INVALID_VALUE", "the file name must be a plain name, without folders or control characters", ["fileName"]
        )
    if not 1 <= request.size_bytes <= MAX_BYTES:
        raise Rejected(
            "OUT_OF_RANGE", f"a file must have from 1 to {MAX_BYTES:,} bytes, not {request.size_bytes:,}", ["sizeBytes"]
        )
    if request.sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", request.sha256):
        raise Rejected("INVALID_VALUE", "the SHA-256 must be 64 hexadecimal digits", ["sha256"])
    if request.idempotency_key is not None:
        repeats.check(request.idempotency_key)
    _check_mapping(request)


def _check_mapping(request: UploadRequest) -> None:
    from services import csv_rows  # with the rules of cells, that no query needs

    known = csv_rows.column_names(request.kind)
    headers: dict[str, str] = {}
    for at, (header, column) in enumerate(request.column_mapping.items()):
        path = ["columnMapping", str(at)]
        if not header.strip() or "\0" in header:
            raise Rejected("REQUIRED", "a header of the column mapping must not be empty", [*path, "header"])
        if column not in known:
            raise Rejected("INVALID_VALUE", f"{column!r} is no column of {request.kind}", [*path, "column"])
        if column in headers:
            raise Rejected(
                "CONFLICT",
                f"the headers {headers[column]!r} and {header!r} are both mapped to {column}",
                [*path, "column"],
            )
        headers[column] = header


def _earlier(session: "Session", request: UploadRequest, idempotency_key: str, actor: str) -> "Upload | None":
    from sqlmodel import select

    from services.db.tables import Upload

    repeats.hold(session, actor, idempotency_key)
    named = select(Upload).where(Upload.idempotency_key == idempotency_key, Upload.requested_by == actor)
    upload = session.exec(named).one_or_none()
    if upload is None:
        return None
    before = UploadRequest(
        upload.kind, upload.file_name, upload.size_bytes, upload.sha256, upload.dry_run, upload.policy,
        upload.column_mapping, upload.date_order, upload.idempotency_key,
    )  # fmt: skip
    if before != _stored(request):
        repeats.mismatch()
    return upload


def _written(session: "Session", request: UploadRequest, *, actor: str, now: datetime) -> "Upload":
    from services.db.tables import Upload

    values = asdict(_stored(request))
    upload = Upload(
        id=uuid4(), status=UploadStatus.AWAITING_FILE, requested_by=actor, created_at=now, expires_at=now + FORM_LIFE,
        columns=[], preview=[], **values,
    )  # fmt: skip
    session.add(upload)
    return upload


def _stored(request: UploadRequest) -> UploadRequest:
    """The request as its row says it."""
    return UploadRequest(
        str(request.kind), request.file_name, request.size_bytes, request.sha256 and request.sha256.lower(),
        request.dry_run, str(request.policy), dict(request.column_mapping),
        request.date_order and str(request.date_order), request.idempotency_key,
    )  # fmt: skip
