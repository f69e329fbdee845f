"""Calls signed by the standard library: the signature held against botocore's, and what becomes of each failure."""

import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters import aws_calls
from services.adapters.aws_calls import Credentials, Refused, Service, Unreachable, call, credentials, signed
from services.settings import CredentialsPlace
from tests.scripted_aws import PLACE, Answer, ScriptedAws, refused

TARGET = "AmazonSSM.GetParameters"
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
VALUES = st.lists(st.sampled_from(["a", "B2", ",;=", "~%:", " ", "  "]), max_size=8).map("".join)
SEGMENTS = st.text(st.sampled_from("abcXYZ019-_.~ %äß+=:@&"), min_size=1, max_size=8).filter(
    lambda part: part.strip(".")
)


class TheirSigner(SigV4Auth):
    """botocore's, at a time of ours."""

    at: datetime

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = f"{self.at:%Y%m%dT%H%M%SZ}"
        super()._modify_request_before_signing(request)

    def add_auth(self, request: AWSRequest) -> None:
        request.context["timestamp"] = f"{self.at:%Y%m%dT%H%M%SZ}"
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        self._inject_signature_to_request(request, self.signature(self.string_to_sign(request, canonical), request))


@settings(max_examples=300, deadline=None)
@given(
    service=st.sampled_from(["ssm", "secretsmanager"]),
    region=st.sampled_from(["eu-central-1", "us-gov-west-1", "ap-southeast-2"]),
    endpoint=st.sampled_from(["", "http://127.0.0.1:4566", "https://vpce-1.ssm.eu-central-1.vpce.amazonaws.com"]),
    path=st.lists(SEGMENTS, max_size=2),
    key=WORDS,
    secret=WORDS,
    token=st.one_of(st.just(""), WORDS),
    headers=st.dictionaries(st.from_regex(r"x-[a-z]{1,8}(-[A-Za-z]{1,4})?", fullmatch=True), VALUES, max_size=4),
    body=st.one_of(st.binary(max_size=200), st.text(max_size=50).map(str.encode)),
    at=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_a_signature_is_botocore_s(
    service: str, region: str, endpoint: str, path: list[str], key: str, secret: str, token: str,
    headers: dict[str, str], body: bytes, at: datetime,
) -> None:  # fmt: skip
    ours = Service(service, region, endpoint + "".join(f"/{part}" for part in path) if endpoint else "")
    theirs = AWSRequest("POST", ours.url, headers=headers, data=body)
    signer = TheirSigner(TheirCredentials(key, secret, token or None), service, region)
    signer.at = at

    signer.add_auth(theirs)
    made = signed(ours, headers, body, Credentials(key, secret, token), at=at)

    assert made["authorization"] == theirs.headers["Authorization"]


def test_a_signature_changes_with_all_that_it_covers() -> None:
    at, service, caller = datetime(2026, 11, 22, tzinfo=UTC), Service("ssm", "eu-central-1"), Credentials("k", "s")
    made = {
        signed(service, {"x-amz-target": target}, body, one, at=at)["authorization"]
        for target in "ab" for body in (b"1", b"2") for one in (caller, Credentials("k", "t"), Credentials("k", "s", "u"))
    }  # fmt: skip

    assert len(made) == 12


def _call(aws: ScriptedAws, place: CredentialsPlace = PLACE) -> Any:
    return call(Service("ssm", "eu-central-1", aws.url), TARGET, {"Names": ["/a"]}, place)


def test_a_call_is_what_the_service_expects() -> None:
    with ScriptedAws((200, {"Parameters": []})) as aws:
        assert _call(aws) == {"Parameters": []}

    [(path, headers, body)] = aws.asked
    assert (path, body) == ("/", {"Names": ["/a"]})
    assert headers["x-amz-target"] == TARGET
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["host"] == aws.url.removeprefix("http://")
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDTESTING/")
    assert "x-amz-security-token" not in headers


@pytest.mark.parametrize(
    "first",
    [
        refused("ThrottlingException"), refused("com.amazonaws.x#TooManyRequestsException"), (429, "slow down"),
        refused("InternalServerError", 500), (503, "<html>"),
    ],
)  # fmt: skip
def test_what_passes_is_tried_once_more(first: Answer) -> None:
    with ScriptedAws(first, (200, {"Parameters": []})) as aws:
        assert _call(aws) == {"Parameters": []}

    assert len(aws.asked) == 2


@pytest.mark.parametrize(
    ("answer", "code", "calls"),
    [
        (refused("AccessDeniedException"), "AccessDeniedException", 1),
        (refused("com.amazonaws.secretsmanager#ResourceNotFoundException:http://x"), "ResourceNotFoundException", 1),
        (refused("UnrecognizedClientException"), "UnrecognizedClientException", 1),
        ((400, "no JSON"), "400", 1),
        (refused("ThrottlingException"), "ThrottlingException", 2),
        (refused("ServiceUnavailable", 503), "503", 2),
    ],
)
def test_a_refusal_is_told_by_its_code_and_nothing_else(answer: Answer, code: str, calls: int) -> None:
    with ScriptedAws(answer) as aws, pytest.raises(Refused) as told:
        _call(aws)

    assert (str(told.value), len(aws.asked)) == (code, calls)


def test_nobody_there_is_told_by_the_host() -> None:
    service = Service("ssm", "eu-central-1", "http://127.0.0.1:9")

    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 did not answer: ConnectionRefusedError$"):
        call(service, TARGET, {}, PLACE)


def test_somebody_who_never_answers_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_calls, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        service = Service("ssm", "eu-central-1", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unreachable, match="TimeoutError"):
            call(service, TARGET, {}, PLACE)


def test_a_container_s_credentials_are_fetched_from_its_endpoint() -> None:
    told = {"AccessKeyId": "ASIA1", "SecretAccessKey": "s", "Token": "t", "Expiration": "2026-11-22T18:00:00Z"}
    with ScriptedAws((200, told)) as aws:
        place = CredentialsPlace(url=f"{aws.url}/v2/credentials?id=1", authorization="Basic abc")
        found = credentials(place)

    assert found == Credentials("ASIA1", "s", "t")
    assert (aws.asked[0][0], aws.asked[0][1]["authorization"]) == ("/v2/credentials?id=1", "Basic abc")
    assert "s" not in repr(found).replace("Credentials", "").replace("ASIA1", "")


@pytest.mark.parametrize("answer", [(403, {"message": "no"}), (200, "not JSON"), (200, {})])
def test_a_container_without_credentials_is_told(answer: Answer) -> None:
    with ScriptedAws(answer) as aws, pytest.raises(Unreachable, match="the container has no credentials"):
        credentials(CredentialsPlace(url=aws.url))


def test_elsewhere_boto3_looks_for_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ReadOnlyCredentials("a", "b", "c")

    class Found:
        def get_frozen_credentials(self) -> ReadOnlyCredentials:
            return found

    monkeypatch.setattr("boto3.Session.get_credentials", lambda _: Found())
    assert credentials(CredentialsPlace()) == Credentials("a", "b", "c")
    monkeypatch.setattr("boto3.Session.get_credentials", lambda _: None)
    with pytest.raises(Unreachable, match="no credentials of AWS"):
        credentials(CredentialsPlace())
