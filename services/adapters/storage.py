"""The bucket, by boto3: signed forms and links, objects in and out. Answers services.ports.Files."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from services import tracing
from services.errors import NotFound, Rejected, Unavailable
from services.ports import UploadForm
from services.settings import Settings
from services.uploads import FORM_LIFE, MAX_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

CONTENT_TYPE = "text/csv"
COPIED_AT_ONCE = 256 * 1024
_S3 = {"rpc.system": "aws-api", "rpc.service": "S3"}


class Bucket:
    """The uploads bucket. boto3 is loaded and the client made when it is first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.uploads_bucket
        self._s3: S3Client | None = None

    def form(self, key: str, *, now: datetime) -> UploadForm:
        # A field is not a condition by itself: what a field says and no condition allows, S3 refuses.
        signed = self._client().generate_presigned_post(
            self._name,
            key,
            Fields={"Content-Type": CONTENT_TYPE},
            Conditions=[{"Content-Type": CONTENT_TYPE}, ["content-length-range", 1, MAX_BYTES]],
            ExpiresIn=int(FORM_LIFE.total_seconds()),
        )
        return UploadForm(signed["url"], tuple(signed["fields"].items()), now + FORM_LIFE)

    def fetch(self, key: str, into: IO[bytes], *, limit: int) -> int:
        with tracing.span("get object", _S3, kind="CLIENT"), _answering(key):
            found = self._client().get_object(Bucket=self._name, Key=key)
            size = found["ContentLength"]
            with closing(found["Body"]) as body:
                if size > limit:
                    raise Rejected("OUT_OF_RANGE", f"{key} has {size:,} bytes, more than {limit:,}")
                for part in body.iter_chunks(COPIED_AT_ONCE):
                    into.write(part)
        return size

    def store(self, key: str, content: IO[bytes]) -> None:
        content.seek(0)
        with tracing.span("put object", _S3, kind="CLIENT"), _answering(key):
            self._client().put_object(
                Bucket=self._name, Key=key, Body=content, ContentType=f"{CONTENT_TYPE}; charset=utf-8"
            )

    def link(self, key: str, *, file_name: str) -> str:
        return self._client().generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._name,
                "Key": key,
                "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
                "ResponseContentType": f"{CONTENT_TYPE}; charset=utf-8",
            },
            ExpiresIn=int(FORM_LIFE.total_seconds()),
        )

    def _client(self) -> "S3Client":
        if self._s3 is None:
            import boto3
            from botocore.config import Config

            endpoint = self._settings.aws_endpoint_url or None
            # A session of its own: boto3's default one keeps its credentials for as long as the process lives.
            self._s3 = boto3.Session().client(
                "s3",
                region_name=self._settings.aws_region,
                endpoint_url=endpoint,
                config=Config(
                    signature_version="s3v4",
                    # an emulator has one host name; in AWS the bucket's own one also avoids a redirect to its region
                    s3={"addressing_style": "path" if endpoint else "virtual"},
                    connect_timeout=5,
                    read_timeout=30,
                    retries={"mode": "standard", "max_attempts": 3},
                ),
            )
        return self._s3


@contextmanager
def _answering(key: str) -> Iterator[None]:
    """Turns botocore's errors into ours."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in ("NoSuchKey", "404"):
            raise NotFound(f"the bucket has no object {key}") from error
        raise Unavailable(f"the bucket refused {key}: {code}") from error
    except BotoCoreError as error:
        raise Unavailable(f"the bucket did not answer for {key}: {error}") from error
