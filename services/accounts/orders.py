"""In which order accounts come: asked-for fields become keys, and the account's own id settles every tie."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.accounts.source import change_30d, renewal, score
from services.db.pages import Key
from services.db.statement import Statement
from services.errors import Rejected
from services.renewals import attention_sql
from services.vocabulary import AccountOrderField, NullsOrder, SortDirection


@dataclass(frozen=True, slots=True)
class Order:
    field: AccountOrderField
    direction: SortDirection = SortDirection.ASC
    nulls: NullsOrder = NullsOrder.LAST


def keys(orders: Sequence[Order], statement: Statement) -> tuple[Key, ...]:
    """The keys of the orders, by name where there are none. Raises Rejected where one field stands twice."""
    fields = [order.field for order in orders]
    if len(set(fields)) < len(fields):
        raise Rejected("INVALID_VALUE", "a field can stand in the order once", ["orderBy"])
    return (*(_key(order, statement) for order in orders or [Order(AccountOrderField.NAME)]), Key("a.id", "bigint"))


def _key(order: Order, statement: Statement) -> Key:
    expression, type_, nullable = _expression(order.field, statement)
    descending, nulls_first = order.direction is SortDirection.DESC, order.nulls is NullsOrder.FIRST
    return Key(expression, type_, descending, nulls_first, nullable)


def _expression(field: AccountOrderField, statement: Statement) -> tuple[str, str, bool]:
    """The field as SQL, its type, and whether it may be null."""
    if field is AccountOrderField.ATTENTION:
        return attention(statement), "numeric", True
    if field is AccountOrderField.RENEWAL_DATE:
        return renewal(statement), "date", True
    if field is AccountOrderField.HEALTH_SCORE:
        return score(statement), "numeric", True
    if field is AccountOrderField.SCORE_CHANGE_30D:
        return change_30d(statement), "numeric", True
    return *_NEVER_NULL[field], False


def attention(statement: Statement) -> str:
    """The order of attention as of the statement's day."""
    return attention_sql("r.arr", score(statement), renewal(statement), statement.day)


_NEVER_NULL = {
    AccountOrderField.NAME: ('a.name_key collate "C"', "text"),
    AccountOrderField.ARR: ("r.arr", "numeric"),
    AccountOrderField.UPDATED_AT: ("a.updated_at", "timestamptz"),
}
