"""The campaign of made-up requests, a small one, and that what it is there to find is found."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema

from fuzz.__main__ import PYTHON, main
from fuzz.judging import Answer, Wrong, judge
from services.vocabulary import Role

SCHEMA = build_schema(Path("schema.graphql").read_text(encoding="utf-8"))
UPLOADS = "{ uploads { nodes { id status } } }"
HISTORY = """mutation {
  requestUploadUrl(input: {kind: ARR_HISTORY, fileName: "a.csv", sizeBytes: 1}) { upload { id } }
}"""
NODE = '{ node(id: "acc_1") { __typename id ... on Account { name seatsPurchased arr { amount } status } } }'


def answered(answer: Any, status: int = 200) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(answer).encode())


def account(**changed: object) -> Answer:
    fields = {
        "__typename": "Account", "id": "acc_1", "name": "Acme", "seatsPurchased": None, "arr": {"amount": "1.50"}, "status": "ACTIVE",
    }  # fmt: skip
    return answered({"data": {"node": fields | changed}})


def failed(code: str, message: str = "no") -> Answer:
    return answered({"data": None, "errors": [{"message": message, "extensions": {"code": code}}]})


def test_a_small_campaign_finds_nothing(tmp_path: Path) -> None:
    if not PYTHON.exists() and not os.environ.get("CI"):
        pytest.skip("Schemathesis is not here: `make fuzzer` installs it")

    assert main(["--cases", "300", "--seed", "11", "--out", str(tmp_path / "fuzz.json")]) == 0

    report = json.loads((tmp_path / "fuzz.json").read_text())
    assert (report["cases"], report["findings"]) == (300, [])
    assert {role.value for role in Role} < report["outcomes"].keys()
    assert report["outcomes"]["ADMIN"]["answered"] > 10
    assert report["outcomes"]["VIEWER"]["FORBIDDEN"] > 5


def test_a_right_answer_is_let_through() -> None:
    assert judge(SCHEMA, account(), Role.VIEWER, NODE) == "answered"
    assert judge(SCHEMA, failed("FORBIDDEN"), Role.VIEWER, UPLOADS) == "FORBIDDEN"
    assert judge(SCHEMA, failed("FORBIDDEN"), Role.CSM, HISTORY) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("answer", "role", "text", "wrong"),
    [
        (answered({"data": {"uploads": {"nodes": []}}}), Role.VIEWER, UPLOADS, "VIEWER was answered Query.uploads"),
        (failed("FORBIDDEN"), Role.CSM, UPLOADS, "CSM may ask for that and is refused"),
        (answered({"data": {"uploads": None}, "errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]}), Role.VIEWER,
         None, "a refusal holds data"),
        (failed("INTERNAL"), Role.ADMIN, UPLOADS, "INTERNAL"),
        (failed("UNAVAILABLE"), Role.ADMIN, UPLOADS, "UNAVAILABLE"),
        (failed("BAD_REQUEST", 'File "a.py", line 3'), Role.ADMIN, UPLOADS, "tells too much"),
        (answered({"errors": [{"message": "no"}]}, 400), Role.ADMIN, None, "has no code"),
        (answered({"data": {}}, 503), Role.ADMIN, None, "status 503"),
        (answered([]), Role.ADMIN, None, "no GraphQL response"),
        (answered({"data": None}), Role.ADMIN, None, "does not say why"),
        (Answer(200, {"content-type": "text/html"}, b"<p>"), Role.ADMIN, None, "content type"),
        (Answer(200, {"content-type": "application/json"}, b'{"data": NaN}'), Role.ADMIN, None, "no JSON"),
        (account(name=None), Role.VIEWER, NODE, "is null and must not be"),
        (account(seatsPurchased=2**31), Role.VIEWER, NODE, "no Int"),
        (account(seatsPurchased=True), Role.VIEWER, NODE, "no Int"),
        (account(arr={"amount": 1.5}), Role.VIEWER, NODE, "no Decimal"),
        (account(status="LOST"), Role.VIEWER, NODE, "no AccountStatus"),
        (account(more=1), Role.VIEWER, NODE, "was asked for"),
        (account(__typename="Money"), Role.VIEWER, NODE, "is no Node"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told(answer: Answer, role: Role, text: str | None, wrong: str) -> None:
    with pytest.raises(Wrong, match=wrong):
        judge(SCHEMA, answer, role, text)
