"""The feed of what happened, for clients that poll: in order, without loss or repeat.

Transactions end in another order than they began, so an event is told only when every transaction that began before
its own has ended; then nothing can come in behind a cursor any more.
"""

import re
from typing import Any, Final

from services.asks import Ask
from services.db.connection import Database
from services.db.pages import MOST
from services.db.statement import Fields, Statement, document, json_list, moment
from services.errors import Rejected
from services.nodes import Asks, subject, unwrapped

MORE_WAITS_MS: Final = 250
NOTHING_NEW_MS: Final = 3000
_CURSOR: Final = re.compile(r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})")
START: Final = "0.0"


def after(database: Database, ask: Ask, subjects: Asks, statement: Statement) -> Any:
    """Events after the cursor, the oldest first, and the cursor to go on from. Raises Rejected."""
    first, cursor = ask.args.get("first", 50), ask.args.get("after") or START
    if not 1 <= first <= MOST:
        raise Rejected("OUT_OF_RANGE", f"first must be from 1 to {MOST}, not {first}", ["first"])
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Rejected("INVALID_VALUE", "the cursor is not one that this API gave out", ["after"])
    tx, key = (statement.bind(int(part)) for part in match.groups())
    statement.common(
        "v",
        f"""select tx, id, at, kind, subject from events
        where (tx, id) > ({tx}::bigint, {key}::bigint)
          and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        order by tx, id limit {first}""",
    )
    event: Fields = {
        "id": "'evt_' || v.id",
        "at": moment("v.at"),
        "kind": "v.kind",
        "subject": lambda _, st: subject("v.subject", subjects, st),
    }
    asked_again = f"case when count(*) = {first} then {MORE_WAITS_MS} else {NOTHING_NEW_MS} end"
    newest = "(select tx || '.' || id from v order by tx desc, id desc limit 1)"
    feed: Fields = {
        "events": lambda inner, st: json_list("v", document(inner.asks, event, st), "v.tx, v.id"),
        "cursor": f"coalesce({newest}, {statement.bind(cursor)}::text)",
        "poll_after_ms": f"(select {asked_again} from v)",
    }
    answer = database.read(statement.text(document(ask.asks, feed, statement)), statement.values)
    for events in (inner for inner in ask.asks if inner.name == "events"):
        for wanted in (inner for inner in events.asks if inner.name == "subject"):
            for one in answer[events.key]:
                one[wanted.key] = unwrapped(one[wanted.key])
    return answer
