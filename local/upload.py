"""`python -m local upload`: a file on its way through the API, as a browser would send it, and what became of it.

Asks for a form, posts the file straight to S3, polls the import, shows the counts and the bad rows.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from local import api, options
from services.errors import NotFound, Rejected, Unavailable

SHOWN = 20
"Bad rows that are shown; the report has them all."
ALL_IN, NOTHING_IN, SOME_IN = 0, 1, 3

REQUEST = """
mutation ($input: RequestUploadUrlInput!) {
  requestUploadUrl(input: $input) {
    upload { id } target { url fields { name value } } userErrors { message }
  }
}
"""
POLL = """
query ($id: ID!) { upload(id: $id) { status pollAfterMs progress { done total } } }
"""
RESULT = """
query ($id: ID!, $shown: Int!) {
  upload(id: $id) {
    id status counts { rows created updated unchanged skipped failed } failure { code message }
    columns { header ignored } duplicateOf { id fileName } errorReportUrl
    rowErrors(first: $shown) { totalCount nodes { line column code message value } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be uploaded, and how."""

    file: Path
    kind: str
    dry_run: bool
    policy: str
    date_order: str | None
    mapping: tuple[tuple[str, str], ...]


def run(url: str, wanted: Wanted, *, report: Path | None = None, console: Console | None = None) -> int:
    """Upload, wait and tell: 0 every row is in, 1 none is, 3 some are. Raises NotFound, Rejected or Unavailable."""
    console = console or Console()
    try:
        content = wanted.file.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot read {wanted.file}: {error.strerror}") from error
    upload_id = _send(url, wanted, content)
    _wait(url, upload_id, wanted.file.name, console)
    upload = api.ask(url, RESULT, {"id": upload_id, "shown": SHOWN})["upload"]
    _tell(upload, wanted, console)
    if report is not None:
        _save(upload["errorReportUrl"], report, console)
    if upload["status"] in {"FAILED", "EXPIRED"}:
        return NOTHING_IN
    return SOME_IN if upload["counts"]["failed"] else ALL_IN


def _send(url: str, wanted: Wanted, content: bytes) -> str:
    """Get a form and post the file with it; the upload's id."""
    asked: dict[str, object] = {
        "kind": wanted.kind,
        "fileName": wanted.file.name,
        "sizeBytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "dryRun": wanted.dry_run,
        "policy": wanted.policy,
    }
    if wanted.date_order:
        asked["dateOrder"] = wanted.date_order
    if wanted.mapping:
        asked["columnMapping"] = [{"header": header, "column": column} for header, column in wanted.mapping]
    payload = api.ask(url, REQUEST, {"input": asked})["requestUploadUrl"]
    if payload["userErrors"]:
        raise Rejected("INVALID_VALUE", "; ".join(error["message"] for error in payload["userErrors"]))
    fields = {field["name"]: field["value"] for field in payload["target"]["fields"]}
    try:
        answer = httpx.post(
            payload["target"]["url"], data=fields, files={"file": (wanted.file.name, content)}, timeout=300
        )
    except httpx.TransportError as error:
        raise Unavailable(f"S3 does not answer at {payload['target']['url']}: {error}") from error
    if answer.is_error:
        raise Rejected("INVALID_VALUE", f"S3 refused the file ({answer.status_code}): {answer.text[:300]}")
    upload_id: str = payload["upload"]["id"]
    return upload_id


def _wait(url: str, upload_id: str, name: str, console: Console) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(escape(name), total=None)
        while True:
            upload = api.ask(url, POLL, {"id": upload_id})["upload"]
            status = upload["status"].lower().replace("_", " ")
            done, total = upload["progress"]["done"], upload["progress"]["total"]
            progress.update(task, description=f"{escape(name)}: {status}", completed=done, total=total)
            if upload["pollAfterMs"] is None:
                return
            time.sleep(upload["pollAfterMs"] / 1000)


def _tell(upload: dict[str, Any], wanted: Wanted, console: Console) -> None:
    counts = upload["counts"]
    heading = f"{wanted.file.name}: {upload['status'].lower().replace('_', ' ')}"
    console.print(escape(heading), style="bold", highlight=False)
    if upload["failure"]:
        console.print(f"{upload['failure']['code']}: {escape(upload['failure']['message'])}", style="red")
    if upload["duplicateOf"]:
        console.print(f"the same bytes as {upload['duplicateOf']['id']}, which is in already: nothing changed")
    names = ("rows", "created", "updated", "unchanged", "skipped", "failed")
    console.print(", ".join(f"{counts[name]} {name}" for name in names))
    ignored = [column["header"] for column in upload["columns"] if column["ignored"]]
    if ignored:
        console.print(escape(f"ignored columns: {', '.join(ignored)}"))
    if upload["rowErrors"]["nodes"]:
        console.print(_bad_rows(upload["rowErrors"]["nodes"]))
        more = upload["rowErrors"]["totalCount"] - len(upload["rowErrors"]["nodes"])
        if more > 0:
            console.print(f"and {more} more; --report FILE saves them all")
    if wanted.dry_run and not upload["failure"]:
        console.print("a dry run: nothing was saved; upload the file without --dry-run to import it")


def _bad_rows(errors: list[dict[str, Any]]) -> Table:
    table = Table()
    table.add_column("line", justify="right")
    for heading in ("column", "code", "message", "value"):
        table.add_column(heading, overflow="fold")
    for error in errors:
        cells = (error["column"], error["code"], error["message"], error["value"])
        table.add_row(str(error["line"]), *(escape(cell or "") for cell in cells))
    return table


def _save(address: str | None, report: Path, console: Console) -> None:
    if address is None:
        console.print("no report: every row was good, or none could be read")
        return
    try:
        answer = httpx.get(address, headers=options.credentials(), timeout=60, follow_redirects=True).raise_for_status()
        report.write_bytes(answer.content)
    except httpx.HTTPError as error:
        raise Unavailable(f"the report cannot be had: {error}") from error
    except OSError as error:
        raise Unavailable(f"cannot write {report}: {error.strerror}") from error
    console.print(escape(f"report: {report}"), highlight=False)
