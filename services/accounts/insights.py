"""What can be asked of an insight, as SQL over the table's alias `i`; and the pages of insights. Not the making of one.

It stands beside the account's fields because each can be asked for through the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services import ids
from services.accounts import facts_hash, fields
from services.accounts.source import joins
from services.asks import Ask
from services.db import pages
from services.db.connection import Database
from services.db.pages import Key, Rows
from services.db.statement import Field, Fields, Statement, document, element, moment
from services.errors import Rejected

KEYS: Final = (Key("i.created_at", "timestamptz", descending=True), Key("i.id", "uuid", descending=True))


def find(database: Database, ask: Ask, filter_: Mapping[str, Any] | None, statement: Statement) -> Any:
    """The asked-for page of insights, the newest first. Raises Rejected."""
    answer = _page(ask, _condition(filter_ or {}, statement), statement)
    return database.document(statement.document(answer), statement.values)


def insight(asks: Sequence[Ask], statement: Statement) -> str:
    """The asked-for document of the insight `i`."""
    return document(asks, INSIGHT, statement)


def of_account(ask: Ask, statement: Statement) -> str:
    """The asked-for page of the account `a`'s insights, up to the statement's day."""
    return _page(ask, _of_a(statement), statement, usual=10)


def latest(ask: Ask, statement: Statement) -> str:
    """The account `a`'s newest insight up to the statement's day; null without one."""
    newest = f"select * from insights i where {_of_a(statement)} order by i.created_at desc, i.id desc limit 1"
    return f"(select {insight(ask.asks, statement)} from ({newest}) i)"


def _of_a(statement: Statement) -> str:
    return "i.account_id = a.id" + ("" if statement.is_today else f" and i.created_at < {statement.day} + 1")


def _page(ask: Ask, where: str, statement: Statement, *, usual: int = pages.USUAL) -> str:
    rows = Rows("insights i", where, "i", KEYS)
    return pages.connection(ask, rows, INSIGHT, statement, usual=usual)


def _condition(filter_: Mapping[str, Any], statement: Statement) -> str:
    parts = ["true"]
    if filter_.get("account_id") is not None:
        key = ids.number(filter_["account_id"], ids.ACCOUNT, "accountId")
        parts.append(f"i.account_id = {statement.bind(key)}")
    if filter_.get("scope") is not None:
        parts.append(f"i.scope = {statement.bind(filter_['scope'])}")
    for name, day in (filter_.get("created_at") or {}).items():
        if name == "is_null":
            raise Rejected("INVALID_VALUE", "every insight has a day", ["filter", "createdAt", "isNull"])
        if day is not None:
            begins = f"({statement.bind(day)}::date::timestamp at time zone 'UTC')"
            parts += [one.format(begins=begins) for one in _COMPARED[name]]
    return " and ".join(parts)


_SINCE, _UNTIL = "i.created_at >= {begins}", "i.created_at < {begins} + interval '1 day'"
_COMPARED: Final = {"eq": (_SINCE, _UNTIL), "gte": (_SINCE,), "lte": (_UNTIL,)}


def _account(ask: Ask, statement: Statement) -> str:
    body = fields.account(ask.asks, statement)
    return f"(select {body} from accounts a {joins(statement, body)} where a.id = i.account_id)"


def _is_stale(_: Ask, statement: Statement) -> str:
    now = facts_hash.of_account("a.id = i.account_id", statement)
    return f"i.facts_hash <> case i.scope when 'ACCOUNT' then ({now}) else {facts_hash.of_portfolio(statement)} end"


def _where(column: str, inside: Fields) -> Field:
    """A document that is there where the column is."""
    return lambda ask, statement: f"case when {column} is not null then {document(ask.asks, inside, statement)} end"


def _evidence(ask: Ask, statement: Statement) -> str:
    return element("e", ask.asks, fields.EVIDENCE, statement, "x -> 'evidence'")


FINDING: Final[Fields] = {
    "text": "x ->> 'text'",
    "kind": "x ->> 'kind'",
    "evidence": _evidence,
}
ACTION: Final[Fields] = {
    "title": "x ->> 'title'",
    "reason": "x ->> 'reason'",
    "priority": "x ->> 'priority'",
    "playbook": "x ->> 'playbook'",
    "due_in_days": "(x ->> 'due_in_days')::int",
    "evidence": _evidence,
}
VERIFICATION: Final[Fields] = {
    "numbers_found": "i.numbers_found",
    "numbers_verified": "i.numbers_verified",
    "sentences_dropped": "i.sentences_dropped",
    "status": "i.verification",
}
USAGE: Final[Fields] = {
    name: f"i.{name}" for name in ("model", "prompt_tokens", "completion_tokens", "cached", "duration_ms")
}
FEEDBACK: Final[Fields] = {"rating": "i.rating", "comment": "i.rating_comment", "at": moment("i.rated_at")}
INSIGHT: Final[Fields] = {
    "id": "'ins_' || replace(i.id::text, '-', '')",
    "scope": "i.scope",
    "account": _account,
    "headline": "i.headline",
    "summary": "i.summary",
    "findings": lambda ask, statement: element("x", ask.asks, FINDING, statement, "i.findings"),
    "actions": lambda ask, statement: element("x", ask.asks, ACTION, statement, "i.actions"),
    "engine": "i.engine",
    "fallback_reason": "i.fallback_reason",
    "verification": lambda ask, statement: document(ask.asks, VERIFICATION, statement),
    "is_stale": _is_stale,
    "data_as_of": "i.data_as_of",
    "created_at": moment("i.created_at"),
    "usage": lambda ask, statement: f"case when i.model is not null then {document(ask.asks, USAGE, statement)} end",
    "feedback": lambda ask, statement: (
        f"case when i.rating is not null then {document(ask.asks, FEEDBACK, statement)} end"
    ),
}
