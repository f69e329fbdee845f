"""What a rehearsal does not show, because the emulator is not AWS: printed at its end, and told in docs/rehearsal.md.

Not a wish list: each was seen with the release that requirements-rehearsal.txt names, or read in it.
"""

from typing import Final

MENDED: Final = (
    "MaximumConcurrency from a parameter: AWS makes a number of the text, the emulator's poller stops at it",
    "CORS of the HTTP API from CloudFormation: kept under names that the emulator's gateway does not look for",
    "SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch: asked for as actions that IAM does not have",
    "ssm:GetParameters: asked for all parameters, not for those that are named",
    "the destination of failed events: asked for without a version, kept for $LATEST",
)
"By `mended`, after the deployment, so that the rest can be seen."

NOT_SHOWN: Final = (
    "memory and ephemeral storage of a function, its concurrency, throttling, provisioned concurrency and SnapStart",
    "isolation: a function runs as this machine's user, with this machine's network and disk",
    "that a role reads no parameter but those below its path: `make audit` and the tests read that in the template",
    "API Gateway's own limits: 10 MB bodies, 30 seconds, throttling, access log, JWT authorizer, custom domain",
    "that API Gateway drops the function's CORS headers where it answers for it",
    "a preflight that API Gateway passes on: the emulator refuses it where no CORS is configured",
    "metric filters: kept and never applied, so no alarm on a log line's figure goes off by itself",
    "figures of SQS, S3, SNS, API Gateway and of events that fail; an alarm on functions sees all of them",
    "whether EventBridge and API Gateway may call a function: nobody is asked, the policy is read",
    "the cron schedules by the clock: called with their own input instead; the sweep at the shortest rate there is",
    "StartMessageMoveTask: dead letters are redriven by hand",
    "encryption at rest, keys and their policies (KMS), lifecycle of objects, retention of log lines and messages",
    "X-Ray and OpenTelemetry's collector",
    "Neon: its pooler, TLS and suspending; here PostgreSQL is on the same machine",
    "a real model, mail of alarms, DNS and certificates",
    "latency and cold starts as on AWS, and what any of it costs",
)


def lines() -> list[str]:
    """For the end of a rehearsal."""
    return [
        "", "mended by hand, where the emulator is not like AWS:", *(f"  {one}" for one in MENDED),
        "", "not shown here, and not claimed:", *(f"  {one}" for one in NOT_SHOWN),
    ]  # fmt: skip
