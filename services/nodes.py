"""Anything by its id: accounts, uploads and jobs by one statement, playbooks and scorecards from code."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services import accounts, ids, playbook_library, scorecards
from services.asks import Ask
from services.db.connection import Database
from services.db.statement import Statement, json_object
from services.errors import NotFound, Rejected
from services.job_fields import job
from services.upload_fields import upload

MOST: Final = 100
TYPES: Final = {ids.ACCOUNT: "Account", ids.UPLOAD: "Upload", ids.JOB: "RecomputeJob"}
"The graph's name for what each kind of id in the database stands for."

Asks = Mapping[str, Sequence[Ask]]
"What is asked of each type, since a fragment may ask different things of different types."


def get(database: Database, node_ids: Sequence[str], asks: Asks, statement: Statement) -> list[Any]:
    """The nodes in the order of their ids, None for each that is not there.

    A document from the database carries its type under `__typename`. Raises Rejected for a text that is no id.
    """
    if len(node_ids) > MOST:
        raise Rejected("TOO_MANY", f"ask for at most {MOST} nodes, not {len(node_ids)}", ["ids"])
    kinds = [ids.split(node_id) for node_id in node_ids]
    stored = [node_id for node_id, (kind, _) in zip(node_ids, kinds, strict=True) if kind in TYPES]
    documents = iter(_stored(database, stored, asks, statement) if stored else [])
    return [next(documents) if kind in TYPES else _written(kind, key) for kind, key in kinds]


def subject(expression: str, asks: Asks, statement: Statement) -> str:
    """The document of the node whose id an SQL expression gives; null where there is no such node."""
    key, uuid = f"substr({expression}, 5)::bigint", f"substr({expression}, 5)::uuid"
    queries = {
        ids.ACCOUNT: accounts.one(asks.get("Account", ()), f"a.id = {key}", statement),
        ids.UPLOAD: f"select {upload(asks.get('Upload', ()), statement)} from uploads u where u.id = {uuid}",
        ids.JOB: f"select {job(asks.get('RecomputeJob', ()), statement)} from jobs j where j.id = {uuid}",
    }
    cases = " ".join(
        f"when '{kind}' then (select {_typed(TYPES[kind])} from ({query}) n(node))" for kind, query in queries.items()
    )
    return f"case split_part({expression}, '_', 1) {cases} end"


def _typed(type_: str) -> str:
    return json_object({"__typename": f"'{type_}'", "node": "n.node"})


def unwrapped(document: Mapping[str, Any] | None) -> Any:
    """A subject as one document: its fields, and its type under `__typename`."""
    return None if document is None else {**document["node"], "__typename": document["__typename"]}


def _stored(database: Database, node_ids: Sequence[str], asks: Asks, statement: Statement) -> list[Any]:
    node = subject("i.id", asks, statement)
    rows = f"unnest({statement.bind(list(node_ids))}::text[]) with ordinality i(id, n)"
    found = database.read(statement.text(f"(select json_agg({node} order by i.n) from {rows})"), statement.values)
    return [unwrapped(one) for one in found]


def _written(kind: str, key: str) -> Any:
    try:
        return playbook_library.get(key) if kind == ids.PLAYBOOK else scorecards.get(int(key))
    except NotFound:
        return None
