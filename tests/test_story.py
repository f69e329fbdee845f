"""The story of the product, from spreadsheets to answers: a real machine, plain HTTP, the files that nobody here wrote."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.machine import Machine

DAY = "2024-12-31"
FORM = """mutation ($input: RequestUploadUrlInput!) { requestUploadUrl(input: $input) {
  upload { id status } target { url fields { name value } } userErrors { message } } }"""
FATE = """query ($id: ID!) { upload(id: $id) { status pollAfterMs progress { done total }
  counts { rows created updated unchanged skipped failed } duplicateOf { fileName } failure { message } } }"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with Machine(tmp_path_factory.mktemp("story")) as machine:
        yield machine


def ask(machine: Machine, query: str, **variables: object) -> dict[str, Any]:
    answer = httpx.post(machine.url, json={"query": query, "variables": variables}, timeout=60).json()
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def send(machine: Machine, file: Path, kind: str) -> dict[str, Any]:
    """Ask for a form, post the file, poll as told until the end."""
    wanted = {"kind": kind, "fileName": file.name, "sizeBytes": file.stat().st_size}
    asked = ask(machine, FORM, input=wanted)["requestUploadUrl"]
    assert asked["upload"]["status"] == "AWAITING_FILE"
    fields = {field["name"]: field["value"] for field in asked["target"]["fields"]}
    with file.open("rb") as content:
        posted = httpx.post(
            asked["target"]["url"], data=fields, files={"file": (file.name, content, "text/csv")}, timeout=60
        )
    assert posted.status_code == 204, posted.text
    until = time.monotonic() + 90
    while time.monotonic() < until:
        upload = ask(machine, FATE, id=asked["upload"]["id"])["upload"]
        if upload["pollAfterMs"] is None:
            found: dict[str, Any] = upload
            return found
        time.sleep(upload["pollAfterMs"] / 1000)
    raise AssertionError(upload)


def test_three_files_become_answers_and_the_same_files_change_nothing(machine: Machine, ravenstack: Path) -> None:
    files = [
        ("accounts.csv", "ACCOUNTS", 500),
        ("daily_metrics.csv", "DAILY_METRICS", 24_111),
        ("arr_history.csv", "ARR_HISTORY", 2_709),
    ]

    for name, kind, rows in files:
        upload = send(machine, ravenstack / name, kind)
        assert (upload["status"], upload["counts"]["rows"], upload["counts"]["failed"]) == ("SUCCEEDED", rows, 0)
        assert upload["progress"] == {"done": rows, "total": rows}
        if kind == "ACCOUNTS":
            assert upload["counts"]["created"] == 500

    scored = ask(
        machine, f'mutation {{ recomputeHealth(input: {{asOf: "{DAY}"}}) {{ job {{ status progress {{ done }} }} }} }}'
    )
    assert scored["recomputeHealth"]["job"] == {"status": "SUCCEEDED", "progress": {"done": 500}}

    question = f"""{{
      accounts(asOf: "{DAY}", first: 3, orderBy: [{{field: ATTENTION, direction: DESC}}]) {{
        totalCount nodes {{ name arr {{ amount }} health {{ score bucket }} recommendedPlaybooks(first: 1) {{ playbook {{ key }} }} }} }}
      portfolioMetrics(asOf: "{DAY}") {{ accountCount scoredAccounts averageScore totalArr {{ amount }} byBucket {{ bucket accounts }}
        topRisks(first: 3) {{ name }} }} }}"""
    answer = ask(machine, question)
    metrics = answer["portfolioMetrics"]
    assert answer["accounts"]["totalCount"] == metrics["accountCount"] == 500
    assert [node["name"] for node in answer["accounts"]["nodes"]] == [risk["name"] for risk in metrics["topRisks"]]
    for node in answer["accounts"]["nodes"]:
        assert node["health"]["bucket"] == "GREEN" or node["recommendedPlaybooks"]

    for name, kind, rows in files:
        again = send(machine, ravenstack / name, kind)
        assert again["counts"] == {
            "rows": rows,
            "created": 0,
            "updated": 0,
            "unchanged": rows,
            "skipped": 0,
            "failed": 0,
        }
        assert again["duplicateOf"] == {"fileName": name}
    assert ask(machine, question) == answer

    told = everything_told(machine)
    assert len({event["id"] for event in told}) == len(told)
    assert [event["kind"] for event in told].count("UPLOAD_FINISHED") == 6


def everything_told(machine: Machine) -> list[dict[str, Any]]:
    """The whole feed of updates, page by page."""
    query = "query ($after: String) { updates(after: $after, first: 100) { cursor events { id kind } } }"
    told: list[dict[str, Any]] = []
    cursor = None
    while (feed := ask(machine, query, after=cursor)["updates"])["events"]:
        told += feed["events"]
        cursor = feed["cursor"]
    return told
