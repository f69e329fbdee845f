"""From a rated insight to a line of a file, and from that line to an engine's second try."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.evaluation import __main__ as evaluation
from bench.evaluation import rated
from local import __main__ as command
from local.postgres import Postgres
from services import advice, ids
from services.db.connection import Database
from services.db.migrate import upgrade
from services.db.statement import Statement
from services.errors import Rejected
from services.insights import ratings
from services.insights.picture import of_account
from services.vocabulary import InsightScope
from tests.api import Api
from tests.insights import ASK, Worker, failing_account
from tests.worlds import NOON, TODAY


def rate(
    api: Api, database: Database, name: str, rating: str, comment: str | None = None, *, at: datetime = NOON
) -> str:
    """An account with an insight by rules that somebody has rated; the account's id."""
    account = failing_account(database, name)
    job = api.data(ASK, account=account)["queueInsight"]["job"]["id"]
    Worker(database).deliver(job)
    key = ids.uuid(
        api.data("query ($id: ID!) { job(id: $id) { ... on InsightJob { insight { id } } } }", id=job)["job"][
            "insight"
        ]["id"],
        ids.INSIGHT,
    )
    with database.writing() as session:
        ratings.rate(session, key, rating, comment, actor="anna", now=at)
    return account


def exported(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert command.main(["export-ratings"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_rated_insight_is_a_line_with_its_facts_and_what_was_thought_of_it(
    api: Api, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rate(api, database, "Initech", "WRONG", "the seats are 300")
    rate(api, database, "Hooli", "HELPFUL", at=NOON + timedelta(hours=1))
    monkeypatch.setenv("DATABASE_URL", database_url)

    wrong, helpful = exported(capsys)

    told = ("scope", "engine", "model", "data_as_of", "rating", "comment")
    assert [[line[name] for name in told] for line in (wrong, helpful)] == [
        ["ACCOUNT", "RULES", None, "2026-03-10", "WRONG", "the seats are 300"],
        ["ACCOUNT", "RULES", None, "2026-03-10", "HELPFUL", None],
    ]
    assert "Initech" in wrong["headline"]
    assert [fact for fact in wrong["facts"] if "Initech" in json.dumps(fact)] == []


def test_an_exported_line_becomes_the_subject_again(
    api: Api, database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    account = rate(api, database, "Initech", "NOT_HELPFUL")
    monkeypatch.setenv("DATABASE_URL", database_url)
    file = tmp_path / "rated.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in exported(capsys)) + "\n\n")
    seen = of_account(database, int(account.removeprefix("acc_")), Statement(today=TODAY))
    assert seen is not None

    [one] = rated.read(file)

    assert one.subject.facts == seen.subject.facts
    assert (one.subject.day, one.subject.scope, one.subject.bucket) == (
        TODAY,
        InsightScope.ACCOUNT,
        seen.subject.bucket,
    )
    assert [signal.code for signal in one.subject.signals] == [signal.code for signal in seen.subject.signals]
    assert {choice.playbook for choice in one.subject.choices} >= {choice.playbook for choice in seen.subject.choices}
    again = {finding.text for finding in advice.write(one.subject).findings}
    assert again == {finding.text for finding in advice.write(seen.subject).findings}


def test_the_evaluation_shows_the_old_rating_beside_the_new_result(
    api: Api, database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    rate(api, database, "Initech", "WRONG", "the seats are 300")
    monkeypatch.setenv("DATABASE_URL", database_url)
    file, kept = tmp_path / "rated.jsonl", tmp_path / "result.json"
    [line] = exported(capsys)
    file.write_text(json.dumps(line))

    code = evaluation.main(["--engine", "rules", "--rated", str(file), "--json", str(kept)])

    printed = capsys.readouterr().out
    findings = len(line["findings"])
    assert code == 0
    assert f"{line['id']}, ACCOUNT on 2026-03-10: WRONG (“the seats are 300”)" in printed
    assert f"  then (RULES): {line['headline']}" in printed
    assert f"  {findings} of {findings} findings said again, {findings} in all, " in printed
    assert ", 0 faults" in printed
    [result] = json.loads(kept.read_text())
    assert (result["rating"], result["said_again"], result["faults"]) == ("WRONG", findings, [])


def test_a_file_of_something_else_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "rated.jsonl"
    file.write_text('\n{"id": "ins_1"}\n')

    with pytest.raises(Rejected, match=r"line 2 of .*rated\.jsonl is no rated insight: KeyError 'engine'"):
        list(rated.read(file))


def test_the_embedded_database_is_read_whether_it_runs_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert command.main(["export-ratings"]) == 1
    assert "there is no database in" in capsys.readouterr().err

    with Postgres(tmp_path / "postgres") as server:
        upgrade(server.url)
        assert exported(capsys) == []
        assert Database(server.url).read("select 1") == 1, "and it is left running"
    assert exported(capsys) == []
