"""The topic that is told of finished uploads, by boto3, or nobody where none is set. Answers ports.Announcements."""

from typing import TYPE_CHECKING

import orjson

from services import tracing
from services.errors import Unavailable
from services.ports import Announcements
from services.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient


def to(settings: Settings) -> Announcements:
    """Whoever the settings name."""
    return Topic(settings) if settings.uploads_topic_arn else Nobody()


class Nobody:
    """Hears nothing."""

    def upload_finished(self, message: dict[str, object]) -> None:
        """Nothing to do."""


class Topic:
    """An SNS topic. boto3 is loaded and the client made when it is first told something."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sns: SNSClient | None = None

    def upload_finished(self, message: dict[str, object]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        facts = {"messaging.system": "aws_sns", "messaging.destination.name": self._settings.uploads_topic_arn}
        try:
            with tracing.span("publish", facts, kind="PRODUCER"):
                self._client().publish(
                    TopicArn=self._settings.uploads_topic_arn,
                    Message=orjson.dumps(message).decode(),
                    MessageAttributes={
                        name: {"DataType": "String", "StringValue": str(message[name])} for name in ("kind", "status")
                    },
                )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the topic of finished uploads did not answer: {error}") from error

    def _client(self) -> "SNSClient":
        if self._sns is None:
            import boto3
            from botocore.config import Config

            # A session of its own: boto3's default one keeps its credentials for as long as the process lives.
            self._sns = boto3.Session().client(
                "sns",
                region_name=self._settings.aws_region,
                endpoint_url=self._settings.aws_endpoint_url or None,
                config=Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "max_attempts": 2}),
            )
        return self._sns
