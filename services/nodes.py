"""Anything by its id: what the database holds by one statement, playbooks and scorecards from code."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services import accounts, ids, scorecards
from services.accounts.insights import insight
from services.asks import Ask
from services.db.connection import Database
from services.db.statement import Statement, document, json_object
from services.errors import NotFound, Rejected
from services.insight_jobs import batch, insight_job
from services.job_fields import RECOMPUTE
from services.upload_fields import upload

MOST: Final = 100
STORED: Final = (ids.ACCOUNT, ids.UPLOAD, ids.JOB, ids.INSIGHT)
"The kinds of ids that stand for something in the database."

Asks = Mapping[str, Sequence[Ask]]
"What is asked of each type, since a fragment may ask different things of different types."


def get(database: Database, node_ids: Sequence[str], asks: Asks, statement: Statement) -> list[Any]:
    """The nodes in the order of their ids, None for each that is not there.

    A document from the database carries its type under `__typename`. Raises Rejected for a text that is no id.
    """
    if len(node_ids) > MOST:
        raise Rejected("TOO_MANY", f"ask for at most {MOST} nodes, not {len(node_ids)}", ["ids"])
    kinds = [ids.split(node_id) for node_id in node_ids]
    stored = [node_id for node_id, (kind, _) in zip(node_ids, kinds, strict=True) if kind in STORED]
    documents = iter(_stored(database, stored, asks, statement) if stored else [])
    return [next(documents) if kind in STORED else _written(kind, key) for kind, key in kinds]


def subject(expression: str, asks: Asks, statement: Statement) -> str:
    """The document of the node whose id an SQL expression gives; null where there is no such node."""
    key, uuid = f"substr({expression}, 5)::bigint", f"substr({expression}, 5)::uuid"
    queries = {
        ids.ACCOUNT: _typed("Account", accounts.one(asks.get("Account", ()), f"a.id = {key}", statement)),
        ids.UPLOAD: _typed(
            "Upload", f"select {upload(asks.get('Upload', ()), statement)} from uploads u where u.id = {uuid}"
        ),
        ids.JOB: _job(asks, uuid, statement),
        ids.INSIGHT: _typed(
            "Insight", f"select {insight(asks.get('Insight', ()), statement)} from insights i where i.id = {uuid}"
        ),
    }
    cases = " ".join(f"when '{kind}' then ({query})" for kind, query in queries.items())
    return f"case split_part({expression}, '_', 1) {cases} end"


def _job(asks: Asks, uuid: str, statement: Statement) -> str:
    """A query for the typed document of a job, whose kind decides what it is."""
    documents = {
        "RECOMPUTE": ("RecomputeJob", document(asks.get("RecomputeJob", ()), RECOMPUTE, statement)),
        "INSIGHT": ("InsightJob", insight_job(asks.get("InsightJob", ()), statement)),
        "INSIGHT_BATCH": ("InsightBatchJob", batch(asks.get("InsightBatchJob", ()), statement)),
    }
    cases = " ".join(f"when '{kind}' then {_told(type_, text)}" for kind, (type_, text) in documents.items())
    return f"select case j.kind {cases} end from jobs j where j.id = {uuid}"


def _typed(type_: str, query: str) -> str:
    """A query for the document that `query` gives, with its type."""
    return f"select {_told(type_, 'n.node')} from ({query}) n(node)"


def _told(type_: str, node: str) -> str:
    return json_object({"__typename": f"'{type_}'", "node": node})


def unwrapped(document: Mapping[str, Any] | None) -> Any:
    """A subject as one document: its fields, and its type under `__typename`."""
    return None if document is None else {**document["node"], "__typename": document["__typename"]}


def _stored(database: Database, node_ids: Sequence[str], asks: Asks, statement: Statement) -> list[Any]:
    node = subject("wanted.id", asks, statement)
    rows = f"unnest({statement.bind(list(node_ids))}::text[]) with ordinality wanted(id, n)"
    found = database.read(statement.text(f"(select json_agg({node} order by wanted.n) from {rows})"), statement.values)
    return [unwrapped(one) for one in found]


def _written(kind: str, key: str) -> Any:
    from services import playbook_library  # thousands of words, that few queries need

    try:
        return playbook_library.get(key) if kind == ids.PLAYBOOK else scorecards.get(int(key))
    except NotFound:
        return None
