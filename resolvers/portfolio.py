"""Portfolio metrics."""

from datetime import date
from typing import Any

from strawberry.types import Info

from graph.context import Context
from graph.inputs import AccountFilter, plain
from graph.selection import asked
from graph.types.portfolio import PortfolioMetrics
from services import portfolio as service


def portfolio_metrics(
    info: Info[Context, Any], filter: AccountFilter | None = None, as_of: date | None = None
) -> PortfolioMetrics:
    """What the accounts that the filter means amount to, as they stood on asOf (default: today)."""
    context = info.context
    day = as_of or context.now.date()
    return service.metrics(context.database, asked(info), plain(filter), day, context.statement(as_of))
