"""One process warmed, many that go on from it, as under SnapStart: what is shared, and what must not be."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.api import event

CHILDREN = 4


@pytest.fixture(scope="module")
def reports(database_url: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What each child tells, and what the process told that they were copied from."""
    environment = {
        "DATABASE_URL": database_url, "PATH": "", "PYTHONPATH": ".", "_HANDLER": "handler.graphql", "ACCESS": "open",
        "AWS_ACCESS_KEY_ID": "BEFORE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.snapshot", str(CHILDREN)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *children, copied = map(json.loads, done.stdout.splitlines())
    return children, copied


def test_the_runtime_is_given_both_hooks(reports: Any) -> None:
    assert reports[1]["hooks"] == 2


def test_nothing_is_held_when_the_snapshot_is_taken(reports: Any) -> None:
    assert reports[1]["held"] == []


def test_each_process_connects_on_its_own_and_all_work_at_once(reports: Any) -> None:
    children, copied = reports

    pids = {child["pid"] for child in children}
    assert len(pids) == CHILDREN
    assert copied["pid"] not in pids
    assert pids <= set(copied["alive"])
    assert copied["pid"] not in copied["alive"]
    assert [child["errors"] for child in children] == [[]] * CHILDREN


def test_nothing_that_must_be_unique_is_told_twice(reports: Any) -> None:
    children, copied = reports

    request_ids = [request_id for child in [*children, copied] for request_id in child["ids"]]
    assert len(set(request_ids)) == len(request_ids)
    assert len({child["uuid"] for child in children}) == CHILDREN
    assert len({child["random"] for child in children}) == CHILDREN


def test_the_clock_is_the_process_s_own(reports: Any) -> None:
    children, copied = reports

    assert [child for child in children if not child["clock"] > copied["clock"]] == []


def test_what_the_environment_says_afterwards_counts(reports: Any) -> None:
    children, copied = reports

    assert copied["key"] == "BEFORE"
    assert [child["key"] for child in children] == [f"KEY{number}" for number in range(CHILDREN)]
    assert [child["workspace"] for child in children] == [f"Workspace {number}" for number in range(CHILDREN)]


def test_a_restored_process_loads_nothing_more_to_answer(database_url: str) -> None:
    script = f"""
import json, sys, handler
handler.before_snapshot()
loaded = set(sys.modules)
query = {event("POST", "/graphql", b'{"query": "{ accounts { totalCount nodes { name arr { amount } } } }"}')!r}
answers = [handler.graphql(query) for _ in range(3)]
assert answers[-1]["statusCode"] == 200 and "errors" not in json.loads(answers[-1]["body"]), answers
print(json.dumps(sorted(set(sys.modules) - loaded)))
"""

    assert _told(script, DATABASE_URL=database_url, _HANDLER="handler.graphql", ACCESS="open") == []


def test_other_functions_are_not_warmed() -> None:
    script = "import json, sys, handler; handler.before_snapshot(); print(json.dumps('strawberry' in sys.modules))"

    assert _told(script, _HANDLER="handler.ingest") is False


def test_the_garbage_collector_goes_on_after_loading() -> None:
    script = (
        "import gc, json, handler; handler.warm(); print(json.dumps([gc.isenabled(), gc.get_freeze_count() > 10_000]))"
    )

    assert _told(script) == [True, True]


def _told(script: str, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": "", "PYTHONPATH": ".", **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
