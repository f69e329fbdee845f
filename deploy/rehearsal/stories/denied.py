"""What no function may do: each is tried with the role of the deployed function, and must be denied."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.report import Seen, Wrong, demand
from deploy.rehearsal.roles import credentials

Attempt = tuple[str, str, Callable[[Any, Deployed], object]]
"What it is, of which service, and the call."
OTHER: Final = "/somebody-else/secret"
DENIALS: Final = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def _bucket(deployed: Deployed) -> str:
    return deployed.environment("graphql", "UPLOADS_BUCKET")


READ_FILE: Final[Attempt] = (
    "read an uploaded file", "s3", lambda s3, on: s3.get_object(Bucket=_bucket(on), Key="uploads/x.csv"),
)  # fmt: skip
READ_REPORT: Final[Attempt] = (
    "read an error report", "s3", lambda s3, on: s3.get_object(Bucket=_bucket(on), Key="reports/x.csv"),
)  # fmt: skip
WRITE_FILE: Final[Attempt] = (
    "write an uploaded file", "s3", lambda s3, on: s3.put_object(Bucket=_bucket(on), Key="uploads/x.csv", Body=b"x"),
)  # fmt: skip
WRITE_REPORT: Final[Attempt] = (
    "write an error report", "s3", lambda s3, on: s3.put_object(Bucket=_bucket(on), Key="reports/x.csv", Body=b"x"),
)  # fmt: skip
DELETE_FILE: Final[Attempt] = (
    "delete a file", "s3", lambda s3, on: s3.delete_object(Bucket=_bucket(on), Key="uploads/x.csv"),
)  # fmt: skip
LIST_FILES: Final[Attempt] = ("list files", "s3", lambda s3, on: s3.list_objects_v2(Bucket=_bucket(on)))
SEND_IMPORT: Final[Attempt] = (
    "send to the ingest queue", "sqs",
    lambda sqs, on: sqs.send_message(QueueUrl=on.queues["ingest"].url, MessageBody="{}"),
)  # fmt: skip
SEND_INSIGHT: Final[Attempt] = (
    "send to the insights queue", "sqs",
    lambda sqs, on: sqs.send_message(QueueUrl=on.queues["insights"].url, MessageBody="{}"),
)  # fmt: skip
TAKE_IMPORT: Final[Attempt] = (
    "receive from the ingest queue", "sqs", lambda sqs, on: sqs.receive_message(QueueUrl=on.queues["ingest"].url),
)  # fmt: skip
TAKE_INSIGHT: Final[Attempt] = (
    "receive from the insights queue", "sqs", lambda sqs, on: sqs.receive_message(QueueUrl=on.queues["insights"].url),
)  # fmt: skip
ANNOUNCE: Final[Attempt] = (
    "announce an upload", "sns",
    lambda sns, on: sns.publish(TopicArn=on.environment("ingest", "UPLOADS_TOPIC_ARN"), Message="{}"),
)  # fmt: skip
READ_SECRET: Final[Attempt] = (
    "read a secret of somebody else", "secretsmanager", lambda secrets, _: secrets.get_secret_value(SecretId=OTHER),
)  # fmt: skip
CALL_FUNCTION: Final[Attempt] = (
    "call a function", "lambda", lambda lambdas, on: lambdas.invoke(FunctionName=on.functions["maintenance"].name),
)  # fmt: skip

DENIED: Final = {
    "graphql": (
        READ_FILE, WRITE_REPORT, DELETE_FILE, LIST_FILES, SEND_IMPORT, TAKE_IMPORT, TAKE_INSIGHT, ANNOUNCE,
        READ_SECRET, CALL_FUNCTION,
    ),
    "ingest": (WRITE_FILE, DELETE_FILE, SEND_IMPORT, SEND_INSIGHT, TAKE_INSIGHT, READ_SECRET, CALL_FUNCTION),
    "insights": (
        READ_FILE, READ_REPORT, WRITE_FILE, WRITE_REPORT, DELETE_FILE, LIST_FILES, SEND_IMPORT, TAKE_IMPORT, ANNOUNCE,
        READ_SECRET, CALL_FUNCTION,
    ),
    "maintenance": (
        READ_FILE, READ_REPORT, WRITE_FILE, WRITE_REPORT, DELETE_FILE, LIST_FILES, SEND_IMPORT, TAKE_IMPORT,
        TAKE_INSIGHT, ANNOUNCE, READ_SECRET, CALL_FUNCTION,
    ),
}  # fmt: skip
"What each function may not do. What it may is what the rest of the rehearsal needs."


def denied(deployed: Deployed) -> Seen:
    """All of it."""
    deployed.emulator.client("secretsmanager").create_secret(Name=OTHER, SecretString="secret")
    for function, attempts in DENIED.items():
        given = credentials(deployed, function)
        _demand_an_answer(deployed, function, given)
        for what, service, attempt in attempts:
            client = deployed.emulator.client(service, given)
            code = _refusal(f"{function} may {what}", partial(attempt, client, deployed))
            demand(code in DENIALS, f"{function}, to {what}, met {code}, no denial")
        yield f"{function} may not", ", ".join(what for what, _, _ in attempts)


def _demand_an_answer(deployed: Deployed, function: str, given: dict[str, str]) -> None:
    """What the role may do is done for the same credentials: whoever is denied everything shows nothing of a role."""
    own = deployed.environment(function, "DATABASE_URL").removeprefix("ssm:")
    try:
        found = deployed.emulator.client("ssm", given).get_parameters(Names=[own], WithDecryption=True)["Parameters"]
    except ClientError as error:
        raise Wrong(f"{function}, as itself, may not even read {own}: {error}") from error
    demand(found, f"{function}, as itself, finds no {own}")


def _refusal(claim: str, call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as error:
        code: str = error.response["Error"]["Code"]
        return code
    raise Wrong(f"{claim}: its role must not allow it")
