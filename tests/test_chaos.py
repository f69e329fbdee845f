"""A short, seeded part of `make chaos`; and its audit, which must find what it is there to find."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chaos import audit, ledger
from chaos.between import Faults, before_aws
from chaos.disturbing import Result, Tell, Wanted
from chaos.ledger import Ledger, Told, Write
from chaos.parts import calls, deliveries, killed, outages
from services.db.connection import Database
from services.db.tables import Account, Change, Job, Upload
from tests.worlds import NOON, TODAY

SHORT = Wanted(seed=5, seconds=3, every=37)


@pytest.mark.parametrize("part", [killed.run, outages.run, deliveries.run, calls.run])
def test_what_was_acknowledged_is_there_once(
    part: Callable[[Path, Wanted, Tell], Result], tmp_path_factory: pytest.TempPathFactory
) -> None:
    told: list[str] = []

    result = part(tmp_path_factory.mktemp("c"), SHORT, told.append)

    assert result.broken == [], told
    assert isinstance(result.figures["acknowledged writes"], int)
    assert result.figures["acknowledged writes"] > 0


def written(path: Path, *claims: tuple[str, str, Told, dict[str, object]]) -> list[Write]:
    book = Ledger(path)
    for kind, key, told, facts in claims:
        book.note(kind, key, told, **facts)
    book.close()
    return ledger.writes(path)


def test_the_weightiest_claim_about_a_write_counts(tmp_path: Path) -> None:
    known = written(
        tmp_path / "ledger",
        ("change", "a", Told.MADE, {"arr": "1"}), ("change", "a", Told.NOTHING, {"account": "acc_1"}),
        ("upload", "a", Told.NOTHING, {}), ("upload", "a", Told.UNKNOWN, {}),
    )  # fmt: skip

    assert known == [
        Write("change", "a", Told.MADE, {"arr": "1", "account": "acc_1"}), Write("upload", "a", Told.UNKNOWN, {}),
    ]  # fmt: skip


def changed(database: Database, times: int, *, owner: str, version: int) -> str:
    """An account with so many changes that make `k` its owner; its id."""
    account = Account(
        name="A", arr=1, segment="SMB", status="ACTIVE", origin="API", observed_on=TODAY, cs_owner=owner,
        version=version, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    with database.writing() as session:
        session.add(account)
        session.flush()
        for _ in range(times):
            fields = [{"field": "cs_owner", "before": None, "after": "k"}]
            session.add(Change(account_id=account.id, at=NOON, actor="tests", source="API", fields=fields))
    return f"acc_{account.id}"


@pytest.mark.parametrize(
    ("told", "times", "is_kept"),
    [
        (Told.MADE, 0, False), (Told.MADE, 1, True), (Told.MADE, 2, False), (Told.UNKNOWN, 0, True),
        (Told.UNKNOWN, 1, True), (Told.UNKNOWN, 2, False), (Told.NOTHING, 0, True), (Told.NOTHING, 1, False),
    ],
)  # fmt: skip
def test_the_audit_counts_the_changes_of_each_write(
    database: Database, database_url: str, told: Told, times: int, is_kept: bool
) -> None:
    account = changed(database, times, owner="k", version=1 + times)

    found = audit.broken(database_url, [Write("change", "k", told, {"account": account, "arr": "1.00"})])

    assert found == ([] if is_kept else [f"change k was told to be {told} and is there {times} times"])


def test_the_audit_finds_a_lost_update(database: Database, database_url: str) -> None:
    account = changed(database, 1, owner="old", version=1)

    found = audit.broken(database_url, [Write("change", "k", Told.MADE, {"account": account, "arr": "2.0"})])

    assert found == [
        f"{account} has version 1 after 1 changes",
        f"{account} has old and 1.00, and the last change was k",
    ]


def test_the_audit_finds_files_and_insights_that_were_not_done_once(database: Database, database_url: str) -> None:
    upload_id, job_id = uuid4(), uuid4()
    with database.writing() as session:
        session.add(Upload(
            id=upload_id, kind="ACCOUNTS", status="FAILED", file_name="a.csv", size_bytes=1, dry_run=False,
            policy="SKIP_BAD_ROWS", column_mapping={}, columns=[], preview=[], requested_by="tests", created_at=NOON,
            expires_at=NOON, finished_at=NOON, idempotency_key="upload-0-1", failure_code="INTERNAL",
            failure_message="x",
        ))  # fmt: skip
        session.add(Job(
            id=job_id, kind="INSIGHT", status="SUCCEEDED", input={}, requested_by="tests", created_at=NOON,
            idempotency_key="insight-0-1",
        ))  # fmt: skip
    facts = {"rows": 2, "bad": 0, "accepted": True, "id": f"upl_{upload_id.hex}", "seen": "SUCCEEDED"}
    upload = Write("upload", "upload-0-1", Told.MADE, facts)
    insight = Write("insight", "insight-0-1", Told.MADE, {"id": f"job_{uuid4().hex}"})

    found = audit.broken(database_url, [upload, replace(upload, key="upload-0-2"), insight])

    assert found == [
        "upload upload-0-1 was shown as SUCCEEDED and is FAILED",
        "upload upload-0-1 is ('FAILED', 0, 0, False) instead of ('SUCCEEDED', 2, 0, False)",
        "upload upload-0-1 of 2 rows left 0 accounts up to version 1, 0 events, 0 row errors",
        "upload upload-0-2 was told to be made and is there 0 times",
        f"insight insight-0-1 was answered as {insight.facts['id']} and is job_{job_id.hex}",
        "insight insight-0-1 is SUCCEEDED with 0 insights and 0 events",
    ]


def test_faults_are_made_of_their_seed_and_their_share(aws: str) -> None:
    def met(seed: int) -> list[str | None]:
        faults = Faults(seed, 0.5)
        return [faults.next() for _ in range(50)]

    assert met(1) == met(1) != met(2)
    assert {Faults(1, 0.0).next() for _ in range(50)} == {None}
    with before_aws(aws, Faults(1, 0.0)) as address:
        assert httpx.get(address).status_code == httpx.get(aws).status_code == 200


def test_the_ledger_is_on_disk_line_by_line(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger")
    book.note("change", "k", Told.MADE, arr="1")

    assert json.loads((tmp_path / "ledger").read_text()) == {
        "kind": "change", "key": "k", "told": "made", "facts": {"arr": "1"},
    }  # fmt: skip
    book.close()
