"""Uploads: files asked for, received, checked, imported and reported."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types import Info

from graph.types.common import FieldChange, Node, PageInfo
from graph.types.jobs import JobFailure, JobProgress
from graph.words import AFTER, FIRST, answered, described, told, under_key
from services import vocabulary as words


@described
class FormField:
    """A field of an upload form."""

    name: str = told("Its name.")
    value: str = told("Its value, to be sent as it is.")


@described
class UploadTarget:
    """A form for one file, to be posted as multipart/form-data: the fields in this order, then the file as `file`."""

    url: str = told("Where to post.")
    method: str = told("POST.")
    fields: list[FormField] = told("What to send before the file.")
    max_bytes: int = told("The largest file that is taken.")
    expires_at: datetime = told("Until when the form is taken.")


@described
class TemplateColumn:
    """A column of an import file."""

    name: str = told("Its header.")
    aliases: list[str] = told("Other headers that are taken for it.")
    required: bool = told("Whether every row needs a value.")
    type: str = told("What its cells hold.")
    example: str = told("A cell that is taken.")
    help: str = told("What belongs into it.")

    @strawberry.field(
        description="The values that are taken, in any case and spelling of them; null where any value is."
    )
    def allowed_values(self) -> list[str] | None:
        column: Any = self
        return list(column.allowed) or None


@described
class UploadTemplate:
    """What a file of one kind looks like."""

    kind: words.UploadKind = told("The kind.")
    columns: list[TemplateColumn] = told("Its columns; order and case of the headers are free.")
    csv: str = told("A file to start from.")


@described
class ColumnMatch:
    """What a header of the file was taken for."""

    header: str = told("The header as it stands in the file.")
    column: str | None = told("The column that it was taken for; null where it was ignored.")
    ignored: bool = told("Whether its cells were passed over.")
    date_order: words.DateOrder | None = told("For dates that are not ISO: the order that they were read in.")


@described
class UploadCounts:
    """What became of the rows: once the upload is final, all the other counts add up to rows."""

    rows: int = told("Rows in the file, without the header.")
    created: int = told("Rows that made something new.")
    updated: int = told("Rows that changed something.")
    unchanged: int = told("Rows that said what was known already.")
    skipped: int = told("Good rows that were not imported, because another row was bad and the policy says so.")
    failed: int = told("Bad rows.")


@described
class RowError:
    """One thing that is wrong in the file."""

    line: int = told("Line of the file on which the row begins; the header is line 1.")
    column: str | None = told("Header of the cell's column; null where the whole row is bad.")
    code: words.RowErrorCode = told("What kind of problem.")
    message: str = told("For a person: what is wrong and what is accepted.")
    value: str | None = told("What stands there.")


@described
class RowErrorEdge:
    """A row error and where it lies."""

    cursor: str = told("To go on from here.")
    node: RowError = told("The row error.")


@described
class RowErrorConnection:
    """Row errors in the order of the file."""

    edges: list[RowErrorEdge] = told("The page's errors with their cursors.")
    nodes: list[RowError] = told("The page's errors.")
    page_info: PageInfo = told("Where the page lies.")
    total_count: int = told("How many there are. Counted only when selected.")


@described
class RowChange:
    """What a row did, or would do."""

    line: int = told("Line of the file.")
    action: words.RowAction = told("What it did.")
    key: str = told("What it is about: external id or name, and the day where there is one.")
    fields: list[FieldChange] = told("What it changed.")


@described
class Upload(Node):
    """One CSV file on its way into the data. Poll it until pollAfterMs is null."""

    id: strawberry.ID = told("Opaque.")
    kind: words.UploadKind = told("What it holds.")
    status: words.UploadStatus = told("Where it stands.")
    file_name: str = told("Its name, as the client gave it.")
    dry_run: bool = told("Whether it is only tried out: everything is checked and told, nothing is kept.")
    policy: words.RowErrorPolicy = told("What happens to good rows beside bad ones.")
    progress: JobProgress = told("Rows checked so far.")
    poll_after_ms: int | None = told("Ask again after so many milliseconds; null once it is final.")
    columns: list[ColumnMatch] = told("What each header was taken for.")
    counts: UploadCounts = told("What became of the rows.")
    duplicate_of: "Upload | None" = told(
        "The earlier upload of the same bytes and options: they were not imported again, whatever came in between."
    )
    failure: JobFailure | None = told("Why the whole file failed; null where it did not.")
    created_at: datetime = told("When it was asked for.")
    finished_at: datetime | None = told("When it was done.")

    @answered
    def row_errors(self, first: FIRST = 50, after: AFTER = None) -> RowErrorConnection:
        """What is wrong in the file, cell by cell, in its order."""
        raise NotImplementedError

    @answered
    def preview(self, first: FIRST = 20) -> list[RowChange]:
        """What the first rows did, or of a dry run would do; at most the first 100 are kept."""
        raise NotImplementedError

    @strawberry.field(
        description="Where the bad rows can be had as a CSV file, to be mended and uploaded again, with the "
        "same Authorization; null without any."
    )
    def error_report_url(self, info: Info[Any, Any]) -> str | None:
        key = under_key(self, info)
        return None if key is None else f"{info.context.base_url}/uploads/upl_{key}/errors.csv"


@described
class UploadEdge:
    """An upload and where it lies."""

    cursor: str = told("To go on from here.")
    node: Upload = told("The upload.")


@described
class UploadConnection:
    """Uploads, the newest first."""

    edges: list[UploadEdge] = told("The page's uploads with their cursors.")
    nodes: list[Upload] = told("The page's uploads.")
    page_info: PageInfo = told("Where the page lies.")
