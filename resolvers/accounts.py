"""Accounts: one, many, and one changed."""

from datetime import date
from typing import Any

import strawberry
from strawberry.types import Info

from graph.context import Context
from graph.inputs import AccountBy, AccountFilter, AccountOrder, UpdateAccountInput, plain, stated
from graph.selection import asked
from graph.types.accounts import Account, AccountConnection
from graph.types.payloads import UpdateAccountPayload
from resolvers.payloads import payload
from services import accounts as service
from services.accounts import Order


def account(info: Info[Context, Any], by: AccountBy, as_of: date | None = None) -> Account | None:
    """One account by its id or external id, as it stood on asOf (default: today); null where there is none."""
    context = info.context
    return service.get(context.database, asked(info), plain(by), context.statement(as_of))


def accounts(
    info: Info[Context, Any],
    filter: AccountFilter | None = None,
    order_by: list[AccountOrder] | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    as_of: date | None = None,
) -> AccountConnection:
    """The accounts that the filter means, as they stood on asOf (default: today), by name unless ordered otherwise.

    Pages have 50 accounts unless asked otherwise, 100 at most.
    """
    context = info.context
    orders = [Order(order.field, order.direction, order.nulls) for order in order_by or []]
    return service.find(context.database, asked(info), plain(filter), orders, context.statement(as_of))


def update_account(info: Info[Context, Any], input: UpdateAccountInput) -> UpdateAccountPayload:
    """Change an account. A field left out is unchanged; a field set to null is cleared."""
    context = info.context
    change = {_COLUMNS.get(name, name): value for name, value in stated(_changes(input)).items()}

    def write() -> strawberry.ID:
        from services.accounts import editing  # with the scorer, that no query needs

        with context.writing() as session:
            editing.update(
                session, input.id, change, expected_version=input.expected_version, actor=context.actor, now=context.now
            )
        return input.id

    return payload(info, "account", "Account", write)


_COLUMNS = {"owner": "cs_owner"}


def _changes(input: UpdateAccountInput) -> Any:
    given = vars(input)
    return {
        name: some.value for name, some in given.items() if name not in ("id", "expected_version") and some is not None
    }
