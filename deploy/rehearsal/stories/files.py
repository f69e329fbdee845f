"""An upload, from the form to the imported rows: what S3 refuses, and how what it takes arrives."""

import base64
import json
from typing import Any

import httpx

from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.report import Seen, demand, short, until
from deploy.rehearsal.roles import credentials
from services.uploads import MAX_BYTES

GOOD = b"""external_id,name,arr,segment,renewal_date,seats_purchased,active_users,critical_tickets_90d
R-1,Rehearsal One,120000,Enterprise,2027-03-01,200,40,6
R-2,Rehearsal Two,48000,SMB,2027-06-30,50,45,0
R-3,Rehearsal Three,96000,Mid-Market,2027-01-15,120,100,1
"""
BAD = GOOD.replace(b"48000", b"lots").replace(b"2027-06-30", b"30/30/2027")
REQUEST = """
mutation ($input: RequestUploadUrlInput!) {
  requestUploadUrl(input: $input) {
    upload { id } target { url fields { name value } } userErrors { message }
  }
}
"""
POLL = """
query ($id: ID!) { upload(id: $id) {
  status pollAfterMs counts { rows created updated unchanged failed } failure { code } duplicateOf { id } errorReportUrl
} }
"""
PATIENCE = 60.0


def form(deployed: Deployed, content: bytes) -> tuple[str, str, dict[str, str]]:
    """An upload's id, and where and with which fields its file is to be posted."""
    asked = {"kind": "ACCOUNTS", "fileName": "accounts.csv", "sizeBytes": len(content)}
    payload = deployed.ask(REQUEST, input=asked)["requestUploadUrl"]
    demand(not payload["userErrors"], f"requestUploadUrl: {payload['userErrors']}")
    target = payload["target"]
    return payload["upload"]["id"], target["url"], {one["name"]: one["value"] for one in target["fields"]}


def post(
    deployed: Deployed, url: str, fields: dict[str, str], content: bytes, content_type: str = "text/csv"
) -> httpx.Response:
    """The form as a browser posts it."""
    return deployed.emulator.http.post(url, data=fields, files={"file": ("accounts.csv", content, content_type)})


def upload(deployed: Deployed, content: bytes) -> str:
    """Send a file on its way. The upload's id."""
    upload_id, url, fields = form(deployed, content)
    answer = post(deployed, url, fields, content)
    demand(answer.status_code in (200, 204), f"S3 refused a good file: {answer.status_code} {short(answer.text)}")
    return upload_id


def finished(deployed: Deployed, upload_id: str, *, within: float = PATIENCE) -> dict[str, Any]:
    """The upload once it has come to its end."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = deployed.ask(POLL, id=upload_id)["upload"]
        return found if found["pollAfterMs"] is None else None

    wanted = "the file is in S3, and its import must come by S3's event, SQS and ingest"
    return until(look, wanted, within=within)


def enforced(deployed: Deployed) -> Seen:
    """The limits of the form, which S3 keeps. Nothing that it refuses may reach the bucket."""
    upload_id, url, fields = form(deployed, GOOD)
    large = fields, b"x" * (MAX_BYTES + 1)
    policy = json.loads(base64.b64decode(fields["policy"]))
    (limit,) = (one for one in policy["conditions"] if isinstance(one, list) and one[0] == "content-length-range")
    limit[2] = 10**9
    tampered = base64.b64encode(json.dumps(policy).encode()).decode()
    attempts = {
        "a file of 10 MB and a byte": (large, 400, "EntityTooLarge"),
        "an empty file": ((fields, b""), 400, "EntityTooSmall"),
        "another content type": (({**fields, "Content-Type": "text/html"}, GOOD), 403, "AccessDenied"),
        "another key": (({**fields, "key": "uploads/another.csv"}, GOOD), 403, "AccessDenied"),
        "a tampered policy": (({**fields, "policy": tampered}, GOOD), 403, "SignatureDoesNotMatch"),
        "an expired form": ((_expired(deployed, fields["key"]), GOOD), 403, "AccessDenied"),
    }
    for what, ((sent, content), status, code) in attempts.items():
        answer = post(deployed, url, sent, content)
        demand(
            answer.status_code == status and f"<Code>{code}</Code>" in answer.text,
            f"S3 answered {what} with {answer.status_code} {short(answer.text)}, not with {status} {code}",
        )
        yield f"the form, with {what}", f"{status} {code}"
    is_waiting = deployed.ask(POLL, id=upload_id)["upload"]["status"]
    demand(is_waiting == "AWAITING_FILE", f"after what S3 refused, the upload is {is_waiting}")
    yield "the upload after all that", is_waiting


def _expired(deployed: Deployed, key: str) -> dict[str, str]:
    """Such a form as graphql's role signs, signed for a time that is over."""
    s3 = deployed.emulator.client("s3", credentials(deployed, "graphql"))
    signed = s3.generate_presigned_post(
        deployed.environment("graphql", "UPLOADS_BUCKET"), key,
        Fields={"Content-Type": "text/csv"},
        Conditions=[{"Content-Type": "text/csv"}, ["content-length-range", 1, MAX_BYTES]],
        ExpiresIn=-60,
    )  # fmt: skip
    fields: dict[str, str] = signed["fields"]
    return fields


def imported(deployed: Deployed, announced: str) -> Seen:
    """Files on their way to rows. `announced` is a queue that the topic of finished uploads tells."""
    first = upload(deployed, GOOD)
    done = finished(deployed, first)
    demand(
        done["status"] == "SUCCEEDED" and done["counts"]["created"] == 3, f"a good file of three accounts became {done}"
    )
    yield "a good file, by S3, SQS and ingest", f"{done['status']}, {done['counts']['created']} created"
    sqs = deployed.emulator.client("sqs")

    def look() -> dict[str, Any] | None:
        messages = sqs.receive_message(QueueUrl=announced, WaitTimeSeconds=1).get("Messages", [])
        return json.loads(json.loads(messages[0]["Body"])["Message"]) if messages else None

    told = until(look, "the topic of finished uploads must tell of it", within=15)
    demand(first in json.dumps(told), f"the topic of finished uploads told {told}, not of {first}")
    yield "the topic of finished uploads", short(told, 70)
    again = finished(deployed, upload(deployed, GOOD))
    demand(again["duplicateOf"] == {"id": first}, f"the same bytes again became {again}")
    yield "the same bytes again", f"{again['status']}, nothing changed"
    partial = finished(deployed, upload(deployed, BAD))
    demand(
        partial["status"] == "PARTIAL" and partial["counts"]["failed"] == 1, f"a file with a bad row became {partial}"
    )
    yield "a file with a bad row", f"{partial['status']}, {partial['counts']['failed']} failed"
    path = httpx.URL(partial["errorReportUrl"]).path
    leads = deployed.send("GET", path.removeprefix(deployed.path))
    demand(leads.status_code == 302, f"{path} answered {leads.status_code} {short(leads.text)}")
    report = deployed.emulator.http.get(leads.headers["location"])
    demand(
        report.status_code == 200 and b"lots" in report.content,
        f"the link to the error report answered {report.status_code} {short(report.text)}",
    )
    yield "its error report, by a signed link", f"{report.status_code}, {len(report.content)} bytes"
