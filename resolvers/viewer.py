"""Who is asking, and what happened lately."""

from typing import Any

import strawberry
from strawberry.types import Info

from graph import limits
from graph.context import Context
from graph.selection import asked, asked_of
from graph.types.viewer import ApiLimits, UpdateFeed, Viewer
from services import updates as service
from services import uploads
from services.db import pages
from services.insights import queue


def viewer(info: Info[Context, Any]) -> Viewer:
    """Who is asking, and what one request may ask for."""
    context = info.context
    return Viewer(
        id=strawberry.ID(context.actor),
        name=context.identity.name,
        role=context.identity.role,
        workspace_name=context.settings.workspace_name,
        limits=ApiLimits(
            max_depth=limits.MAX_DEPTH,
            max_request_bytes=limits.MAX_BYTES,
            max_statement_seconds=context.settings.statement_seconds,
            max_request_seconds=limits.MAX_SECONDS,
            max_variable_values=limits.MAX_VALUES,
            max_tokens=limits.MAX_TOKENS,
            max_aliases=limits.MAX_ALIASES,
            max_fields=limits.MAX_FIELDS,
            max_cost=limits.MAX_COST,
            max_page_size=pages.MOST,
            max_upload_bytes=uploads.MAX_BYTES,
            max_insights=queue.MOST,
        ),
    )


def updates(info: Info[Context, Any], after: str | None = None, first: int = 50) -> UpdateFeed:
    """Everything that happened after the cursor, oldest first; without a cursor, from the beginning.

    Polled, it serves as a subscription does: nothing is lost or told twice.
    """
    context = info.context
    return service.after(context.database, asked(info), asked_of(info, "events", "subject"), context.statement())
