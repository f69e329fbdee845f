"""What the code of each function calls at AWS, and with which settings: the source of truth for its role.

Whoever teaches an adapter a new call adds it here; the audit then asks the templates for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Need:
    """An action on what a variable of the function's environment names, or on a part of it."""

    action: str
    variable: str
    part: str = ""
    why: str = ""


_SEND: Final = Need("sqs:SendMessage", "INSIGHTS_QUEUE_URL", why="adapters.insight_queue sends jobs")
BUCKET: Final = "UPLOADS_BUCKET"

NEEDS: Final[Mapping[str, tuple[Need, ...]]] = {
    "handler.graphql": (
        Need("s3:PutObject", BUCKET, "/uploads/*", "a signed form may do what its signer may: adapters.storage.form"),
        Need("s3:GetObject", BUCKET, "/reports/*", "a signed link may do what its signer may: adapters.storage.link"),
        _SEND,
    ),
    "handler.ingest": (
        Need("s3:GetObject", BUCKET, "/uploads/*", "adapters.storage.fetch reads the file"),
        Need("s3:ListBucket", BUCKET, "", "without it an object that is gone is forbidden, and tried again"),
        Need("s3:PutObject", BUCKET, "/reports/*", "adapters.storage.store writes the error report"),
        Need("sns:Publish", "UPLOADS_TOPIC_ARN", "", "adapters.announcements tells of finished uploads"),
    ),
    "handler.insights": (
        _SEND,
        Need("sqs:ChangeMessageVisibility", "INSIGHTS_QUEUE_URL", "", "adapters.insight_queue postpones a try"),
    ),
    "handler.maintenance": (_SEND,),
}
"By the function's Handler."

CONSUMES: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"What Lambda's poller does with the rights of the function that a queue feeds."
WRITES_LOGS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")

TOLERATED: Final[Mapping[str, str]] = {
    "sqs:changemessagevisibility": "Lambda's poller may shorten the wait of what failed",
    "ssm:getparameter": "settings that are references: services.settings",
    "ssm:getparameters": "the same",
    "secretsmanager:getsecretvalue": "the same",
    "kms:decrypt": "secrets and topics under a key of one's own",
    "kms:generatedatakey": "topics under a key of one's own",
    "xray:puttracesegments": "traces",
    "xray:puttelemetryrecords": "traces",
}
"Actions, in lower case, that a role may have beside what its function needs, with the reason."

ANYTHING: Final = frozenset({"xray:puttracesegments", "xray:puttelemetryrecords"})
"Actions, in lower case, that AWS gives on all resources only."

BY_SERVICE: Final = "kms:ViaService"
"The condition that bounds what may be done with keys that have no name here."

SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "handler.graphql": ("DATABASE_URL", BUCKET, "INSIGHTS_QUEUE_URL"),
    "handler.ingest": ("DATABASE_URL", BUCKET, "UPLOADS_TOPIC_ARN"),
    "handler.insights": ("DATABASE_URL", "INSIGHTS_QUEUE_URL"),
    "handler.maintenance": ("DATABASE_URL", "INSIGHTS_QUEUE_URL"),
}
"Variables without which a function cannot do its work."
SECRETS: Final = ("DATABASE_URL", "DATABASE_URL_DIRECT", "OPENAI_API_KEY")
