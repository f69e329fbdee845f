"""One machine as its user meets it: started, used from the command line, killed, restarted, stopped."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.machine import Machine

GOOD = "external_id,name,arr,segment\nA-1,Acme,1200.50,SMB\nA-2,Beta,80000,Enterprise\n"
ACCOUNTS = "{ accounts { nodes { externalId name arr { amount } } } }"
QUEUE = "mutation ($id: ID!) { queueInsight(input: {accountId: $id}) { job { id status } userErrors { message } } }"
JOB = "query ($id: ID!) { job(id: $id) { status ... on InsightJob { insight { engine findings { text } } } } }"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with Machine(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


def test_it_says_what_runs_where_and_answers(machine: Machine) -> None:
    output = machine.output()
    for name in (
        machine.url,
        "PostgreSQL  postgresql://",
        "S3, SQS     http://127.0.0.1:",
        "insights    written by rules",
        "curl -s http://127.0.0.1:",
    ):
        assert name in output
    assert (
        "access      open: whoever asks from this machine may do everything, as ADMIN, under the name of local"
        in output
    )
    assert httpx.get(f"{machine.address}/healthz").status_code == 200
    answer = httpx.post(machine.url, json={"query": "{ __typename }"})
    assert answer.json()["data"] == {"__typename": "Query"}


def test_the_curl_lines_that_it_shows_work(machine: Machine) -> None:
    shown = [line for line in machine.output().splitlines() if line.startswith("curl")]
    documents = [json.loads(line.split(" -d ", 1)[1].strip("'")) for line in shown]
    answers = [httpx.post(machine.url, json=document).json() for document in documents]
    assert [[*answer] for answer in answers] == [["data", "extensions"]] * 2, answers


def test_everything_listens_on_this_machine_alone(machine: Machine) -> None:
    children = psutil.Process(machine.process.pid).children(recursive=True)
    addresses = {connection.laddr.ip for child in children for connection in child.net_connections("inet")}
    assert addresses == {"127.0.0.1"}


def test_a_file_goes_through_and_can_be_asked_for(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "good.csv"
    file.write_text(GOOD)
    done = machine.command("upload", str(file), "--kind", "ACCOUNTS")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "good.csv: succeeded"), done
    assert "2 rows, 2 created, 0 updated, 0 unchanged, 0 skipped, 0 failed" in done.stdout
    again = machine.command("upload", str(file), "--kind", "ACCOUNTS")
    assert (again.returncode, "nothing changed" in again.stdout) == (0, True), again
    asked = machine.command("query", ACCOUNTS)
    names = {node["name"] for node in json.loads(asked.stdout)["data"]["accounts"]["nodes"]}
    assert (asked.returncode, {"Acme", "Beta"} <= names) == (0, True), asked


def test_bad_rows_are_shown_and_reported_and_the_good_ones_are_in(machine: Machine, tmp_path: Path) -> None:
    file, report = tmp_path / "some.csv", tmp_path / "report.csv"
    bad = "".join(f"B-{number},Bad {number},much,SMB\n" for number in range(25))
    file.write_text(f"external_id,name,arr,segment,mood\nC-1,Gamma,10,SMB,good\n{bad}".replace(",SMB\n", ",SMB,\n"))
    done = machine.command("upload", str(file), "--report", str(report))
    assert done.returncode == 3, done
    for text in ("some.csv: partial", "1 created", "25 failed", "NOT_A_NUMBER", "and 5 more", "ignored columns: mood"):
        assert text in done.stdout
    assert len(report.read_text().splitlines()) == 26


def test_a_file_that_cannot_be_imported_exits_with_1(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("a,b\n1,2\n")
    done = machine.command("upload", str(file))
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "wrong.csv: failed"), done


def test_an_insight_that_is_asked_for_is_written(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("external_id,name,arr,segment\nI-1,Insightful,10,SMB\n")
    assert machine.command("upload", str(file)).returncode == 0
    account = _ask(machine, '{ account(by: {externalId: "I-1"}) { id } }')["account"]
    _wait_for_insight(machine, _ask(machine, QUEUE, id=account["id"])["queueInsight"]["job"]["id"])


def test_a_dry_run_saves_nothing(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "dry.csv"
    file.write_text("Customer;arr;segment\nDry Ltd;5;SMB\n")
    done = machine.command("upload", str(file), "--dry-run", "--map", "Customer=name")
    assert (done.returncode, "a dry run: nothing was saved" in done.stdout) == (0, True), done
    assert "Dry Ltd" not in machine.command("query", ACCOUNTS).stdout


def test_scoring_says_how_many_changed(machine: Machine) -> None:
    done = machine.command("score")
    assert (done.returncode, "accounts scored" in done.stdout) == (0, True), done
    refused = machine.command("score", "--as-of", "2999-01-01")
    assert (refused.returncode, refused.stdout) == (1, ""), refused
    assert refused.stderr.strip()


def test_a_query_with_an_error_exits_with_1_and_shows_it(machine: Machine) -> None:
    done = machine.command("query", "{ nonsense }")
    assert (done.returncode, "nonsense" in json.loads(done.stdout)["errors"][0]["message"]) == (1, True)


def test_a_second_run_in_the_same_folder_is_refused(machine: Machine) -> None:
    done = machine.command("run")
    assert done.returncode == 1
    assert f"is in use by process {machine.process.pid}, {machine.url}" in done.stdout


def test_a_taken_port_is_named_with_the_setting_to_change(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    with socket.create_server(("127.0.0.1", int(machine.environment["PORT"]))):
        done = machine.command("run")
    port = int(machine.environment["PORT"])
    assert (done.returncode, done.stdout) == (
        1,
        f"port {port} is taken: choose another, as in PORT={port + 1} make run\n",
    )
    assert not (tmp_path / "data" / "postgres").exists()


def test_it_keeps_its_data_and_stops_without_a_trace(tmp_path: Path) -> None:
    file = tmp_path / "good.csv"
    file.write_text(GOOD)
    with Machine(tmp_path) as machine:
        assert machine.command("upload", str(file)).returncode == 0
        assert machine.stop(signal.SIGINT) == 0
        assert machine.processes() == []
    with Machine(tmp_path) as machine:
        assert "Acme" in machine.command("query", ACCOUNTS).stdout
        assert machine.stop(signal.SIGTERM) == 0
        assert machine.processes() == []
    migrated = machine.command("migrate")
    assert (migrated.returncode, "newest schema" in migrated.stdout) == (0, True), migrated


def test_a_process_that_dies_is_named_and_stops_the_rest(tmp_path: Path) -> None:
    with Machine(tmp_path) as machine:
        _child(machine, "local.worker", "ingest").kill()
        assert machine.process.wait(60) == 1
        assert "worker ingest ended by itself (exit code -9)" in machine.output()
        assert machine.processes() == []


def test_an_insight_that_was_not_written_is_written_after_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "good.csv"
    file.write_text(GOOD)
    with Machine(tmp_path) as machine:
        assert machine.command("upload", str(file)).returncode == 0
        worker = _child(machine, "local.worker", "insights")
        worker.suspend()
        queued = _ask(machine, QUEUE, id=_ask(machine, "{ accounts { nodes { id } } }")["accounts"]["nodes"][0]["id"])
        assert queued["queueInsight"]["job"]["status"] == "QUEUED", queued
        worker.kill()
        assert machine.process.wait(60) == 1
    with Machine(tmp_path) as machine:
        assert "taking up again 1 insight that is not written" in machine.output()
        _wait_for_insight(machine, queued["queueInsight"]["job"]["id"])


def test_a_setting_that_cannot_be_meant_is_named_at_once(tmp_path: Path) -> None:
    done = Machine(tmp_path, {"INSIGHT_TOKENS_PER_DAY": "many"}).command("run")
    assert (done.returncode, done.stdout) == (
        1,
        "INSIGHT_TOKENS_PER_DAY must be a number from 0 to 2,000,000,000, not 'many'\n",
    )


def test_nothing_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    with Machine(tmp_path) as machine:
        os.kill(machine.process.pid, signal.SIGKILL)
        machine.process.wait()
        until = time.monotonic() + 40
        while machine.processes() and time.monotonic() < until:
            time.sleep(0.2)
        assert machine.processes() == []


def test_without_a_server_the_commands_say_so() -> None:
    machine = Machine(Path("/nowhere"))
    done = machine.command("query", "{ __typename }")
    assert done.returncode == 1
    assert done.stderr.startswith(f"nobody answers at {machine.url}")
    assert "is `make run` running?" in done.stderr


def _ask(machine: Machine, query: str, **variables: str) -> dict[str, Any]:
    answer = httpx.post(machine.url, json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def _child(machine: Machine, *words: str) -> psutil.Process:
    children = psutil.Process(machine.process.pid).children(recursive=True)
    return next(child for child in children if set(words) <= set(child.cmdline()))


def _wait_for_insight(machine: Machine, job_id: str) -> None:
    until = time.monotonic() + 60
    while (job := _ask(machine, JOB, id=job_id)["job"])["status"] != "SUCCEEDED":
        assert (job["status"] in ("QUEUED", "RUNNING"), time.monotonic() < until) == (True, True), job
        time.sleep(0.2)
    assert job["insight"]["engine"] == "RULES"
    assert job["insight"]["findings"]
