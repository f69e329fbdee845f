"""Accounts, found by filter or got by key, each read one SQL statement. services.accounts.editing changes one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services import ids
from services.accounts.fields import ACCOUNT, account
from services.accounts.filters import Filter, condition, means_everyone
from services.accounts.orders import Order, keys
from services.accounts.source import joins, present
from services.asks import Ask
from services.db import pages
from services.db.connection import Database
from services.db.pages import Rows
from services.db.statement import Fields, Statement, money
from services.errors import Rejected
from services.portfolio_ledger import COUNTED


def find(database: Database, ask: Ask, filter_: Filter | None, orders: Sequence[Order], statement: Statement) -> Any:
    """The asked-for page of the accounts that the filter means. Raises Rejected for what cannot be meant."""
    where, order = condition(filter_, statement), keys(orders, statement)
    mentioned = " ".join((where, *(key.expression for key in order)))
    counted, totals = None, _TOTALS
    if statement.is_today and means_everyone(filter_):
        counted, totals = COUNTED, _LEDGER_TOTALS
    if ask.named("total_arr") or not statement.is_today:
        mentioned += " r."
    rows = Rows(f"accounts a {joins(statement, mentioned)}", where, "a", order, lambda text: joins(statement, text))
    answer = pages.connection(ask, rows, ACCOUNT, statement, totals=totals, counted=counted)
    return database.document(statement.document(answer), statement.values)


_TOTALS: Final[Fields] = {"total_count": "count(*)", "total_arr": money("coalesce(sum(r.arr), 0)")}
_LEDGER_TOTALS: Final[Fields] = {
    "total_count": "coalesce(sum(l.accounts), 0)",
    "total_arr": money("coalesce(sum(l.arr), 0)"),
}


def get(database: Database, ask: Ask, by: Mapping[str, str], statement: Statement) -> Any:
    """The one account with that id or external id, churned or not; None where there is none. Raises Rejected."""
    [(key, value)] = by.items()
    if key == "id":
        where = f"a.id = {statement.bind(ids.number(value, ids.ACCOUNT))}"
    else:
        if "\0" in value:
            raise Rejected("INVALID_VALUE", "an external id cannot hold a NUL character", ["by", "externalId"])
        where = f"a.external_id = {statement.bind(value)}"
    return database.document(statement.document(f"({one(ask.asks, where, statement)})"), statement.values)


def one(asks: Sequence[Ask], where: str, statement: Statement) -> str:
    """A query for the asked-for document of each account that meets `where`."""
    body = account(asks, statement)
    known = present(statement, include_churned=True)
    relations = joins(statement, body + known)
    return f"select {body} from accounts a {relations} where {where} and {known}"


__all__ = ["Filter", "Order", "find", "get", "one"]
