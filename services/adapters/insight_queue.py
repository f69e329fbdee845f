"""The queue of the insight worker, on SQS by boto3, or none where no address is set. Answers ports.Queue."""

import logging
import math
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import orjson

from services import tracing
from services.errors import Unavailable
from services.ports import Queue
from services.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef, SendMessageBatchRequestEntryTypeDef

log = logging.getLogger(__name__)

AT_ONCE: Final = 10
"Messages that SQS takes in one call."
LONGEST: Final = timedelta(hours=11, minutes=45)
"SQS hides a message for 12 hours from when it was received; a Lambda function may have worked on it for 15 minutes."


def to(settings: Settings) -> Queue:
    """The queue that the settings name."""
    return InsightQueue(settings) if settings.insights_queue_url else NoQueue()


class NoQueue:
    """Takes nothing."""

    def send(self, job_ids: Sequence[str]) -> Sequence[str]:
        raise Unavailable(f"INSIGHTS_QUEUE_URL is not set: {len(job_ids)} jobs cannot be queued")

    def postpone(self, receipt: str, delay: timedelta) -> None:  # noqa: ARG002 - how a queue is called
        raise Unavailable("INSIGHTS_QUEUE_URL is not set: there is no message to postpone")


class InsightQueue:
    """An SQS queue of messages `{"job": "job_..."}`. boto3 is loaded and the client made when it is first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sqs: SQSClient | None = None

    def send(self, job_ids: Sequence[str]) -> Sequence[str]:
        from botocore.exceptions import BotoCoreError, ClientError

        unsent: list[str] = []
        for start in range(0, len(job_ids), AT_ONCE):
            try:
                unsent += self._send(job_ids[start : start + AT_ONCE])
            except (BotoCoreError, ClientError) as error:  # the next call would take as long to fail
                log.warning("%s jobs could not be queued: %s", len(job_ids) - start, error)
                return [*unsent, *job_ids[start:]]
        return unsent

    def postpone(self, receipt: str, delay: timedelta) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        # Up, not down: one that comes before its job may be tried is a delivery lost.
        seconds = math.ceil(min(max(delay, timedelta()), LONGEST).total_seconds())
        try:
            self._client().change_message_visibility(
                QueueUrl=self._settings.insights_queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )
        except (BotoCoreError, ClientError) as error:
            log.warning("a message comes back when its time is up, not in %s s: %s", seconds, error)

    def _send(self, job_ids: Sequence[str]) -> Sequence[str]:
        """Those of at most ten that were refused."""
        facts: tracing.Attributes = {"messaging.system": "aws_sqs", "messaging.batch.message_count": len(job_ids)}
        with tracing.span("send", facts, kind="PRODUCER"):
            carried: dict[str, MessageAttributeValueTypeDef] = {
                name: {"DataType": "String", "StringValue": text} for name, text in tracing.carrier().items()
            }
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(at), "MessageBody": orjson.dumps({"job": job_id}).decode(), "MessageAttributes": carried}
                for at, job_id in enumerate(job_ids)
            ]
            answer = self._client().send_message_batch(QueueUrl=self._settings.insights_queue_url, Entries=entries)
        failed = answer.get("Failed", [])
        for one in failed:
            log.warning("%s could not be queued: %s", job_ids[int(one["Id"])], one.get("Code"))
        return [job_ids[int(one["Id"])] for one in failed]

    def _client(self) -> "SQSClient":
        if self._sqs is None:
            import boto3
            from botocore.config import Config

            # A session of its own: boto3's default one keeps its credentials for as long as the process lives.
            self._sqs = boto3.Session().client(
                "sqs",
                region_name=self._settings.aws_region,
                endpoint_url=self._settings.aws_endpoint_url or None,
                config=Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "max_attempts": 2}),
            )
        return self._sqs
