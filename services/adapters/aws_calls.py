"""Calls of AWS's JSON services by the standard library, for the path of a query, on which boto3 would take a second.

Not for S3, SQS and SNS, which come later and go by boto3. Why and what it costs: docs/decisions/0027.
"""

import hashlib
import hmac
import http.client
import json
import random
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from services.settings import CredentialsPlace

PATIENCE: Final = 3.0
"Seconds for connecting, and for each piece of an answer."
TRIES: Final = 2
WAIT: Final = 0.3
"Seconds before the second try, at most; half of it at least."
LARGEST: Final = 1024 * 1024
"Bytes of an answer that are read."
THROTTLED: Final = frozenset({"ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "429"})


class Refused(Exception):
    """The service answered, and not with what was asked for. `code` is AWS's name of the reason, or the status."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """Nobody answered, or not in the service's protocol."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who calls. All of it is secret but the key's id."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    """One service in one region, such as ssm in eu-central-1; at `endpoint` where that is not empty."""

    name: str
    region: str
    endpoint: str = ""

    @property
    def url(self) -> str:
        return self.endpoint or f"https://{self.name}.{self.region}.amazonaws.com"


def call(service: Service, target: str, asked: Mapping[str, Any], place: CredentialsPlace) -> Mapping[str, Any]:
    """The answer of an operation such as `AmazonSSM.GetParameters`, tried twice where that may help.

    Raises Refused and Unreachable, after some 12 seconds where nobody answers.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _once(service, target, json.dumps(asked).encode(), credentials(place))
        except Unreachable:
            if attempt == TRIES:
                raise
        except Refused as refused:
            if attempt == TRIES or not (refused.code in THROTTLED or refused.code.startswith("5")):
                raise
        time.sleep(WAIT * (1 + random.random()) / 2)  # noqa: S311 - so that not all come back at the same moment
    raise AssertionError("the last try answers or raises")


def credentials(place: CredentialsPlace) -> Credentials:
    """The process's credentials: from the environment, or the container's endpoint, or wherever boto3 finds some.

    With SnapStart and on Fargate it is the endpoint; they may be new each time. Raises Unreachable.
    """
    if place.key_id:
        return Credentials(place.key_id, place.secret, place.token)
    if place.url:
        authorization = {"authorization": place.authorization} if place.authorization else {}
        status, told = _exchange("GET", place.url, authorization, b"")
        if status != 200 or "AccessKeyId" not in told:
            raise Unreachable("the container has no credentials")
        return Credentials(told["AccessKeyId"], told["SecretAccessKey"], told.get("Token", ""))
    return _of_boto3()


def signed(
    service: Service, headers: Mapping[str, str], body: bytes, caller: Credentials, *, at: datetime
) -> dict[str, str]:
    """The headers of a POST to the service's address with what signature version 4 adds to them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; without a query string.
    """
    parts, moment = urlsplit(service.url), f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    all_headers = {**headers, "host": parts.netloc, "x-amz-date": moment}
    if caller.token:
        all_headers["x-amz-security-token"] = caller.token
    canonical = sorted((name.lower(), " ".join(value.split())) for name, value in all_headers.items())
    names = ";".join(name for name, _ in canonical)
    lines = "".join(f"{name}:{value}\n" for name, value in canonical)
    request = f"POST\n{quote(parts.path or '/')}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{moment[:8]}/{service.region}/{service.name}/aws4_request"
    signature = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{caller.secret}".encode()
    for part in (*scope.split("/"), signature):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"AWS4-HMAC-SHA256 Credential={caller.key_id}/{scope}"
    return {**all_headers, "authorization": f"{credential}, SignedHeaders={names}, Signature={key.hex()}"}


def _once(service: Service, target: str, body: bytes, caller: Credentials) -> Mapping[str, Any]:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
    headers = signed(service, headers, body, caller, at=datetime.now(UTC))
    status, told = _exchange("POST", service.url, headers, body)
    if status == 200:
        return told
    # such as com.amazonaws.ssm#ThrottlingException or ResourceNotFoundException:http://...
    name = str(told.get("__type", "")).partition(":")[0].rpartition("#")[2]
    raise Refused(name if name and status < 500 else str(status))


def _exchange(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, Any]]:
    """The status and the JSON object of an answer; an empty object where it is none. Raises Unreachable."""
    parts, connection = urlsplit(url), _connection(url)
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        told = json.loads(answer.read(LARGEST))
    except ValueError:
        told = {}
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{parts.hostname} did not answer: {type(error).__name__}") from error
    finally:
        connection.close()
    return answer.status, told if isinstance(told, dict) else {}


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    return http.client.HTTPSConnection(parts.netloc, timeout=PATIENCE, context=ssl.create_default_context())


def _of_boto3() -> Credentials:
    """Those of a developer's profile, of an instance, of a login."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        found = boto3.Session().get_credentials()
        frozen = found and found.get_frozen_credentials()
    except BotoCoreError as error:
        raise Unreachable(f"no credentials of AWS: {error}") from error
    if not (frozen and frozen.access_key and frozen.secret_key):
        raise Unreachable("no credentials of AWS")
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")
