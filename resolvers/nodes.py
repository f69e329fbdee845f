"""Anything by its id."""

from typing import Any

import strawberry
from strawberry.types import Info

from graph.context import Context
from graph.selection import asked_of
from graph.types.common import Node
from graph.types.jobs import Job
from services import ids
from services import nodes as service
from services.errors import Rejected


def node(info: Info[Context, Any], id: strawberry.ID) -> Node | None:
    """Anything by its id; null where nothing has it."""
    return _one(info, id)


def nodes(info: Info[Context, Any], ids: list[strawberry.ID]) -> list[Node | None]:
    """Up to 100 things by their ids, in that order; null for each id that nothing has."""
    context = info.context
    return service.get(context.database, list(ids), asked_of(info), context.statement())


def job(info: Info[Context, Any], id: strawberry.ID) -> Job | None:
    """Poll one job: ask again after pollAfterMs until that is null."""
    if ids.split(id)[0] != ids.JOB:
        raise Rejected("INVALID_VALUE", f"{id!r} is not the id of a job", ["id"])
    return _one(info, id)


def _one(info: Info[Context, Any], id: strawberry.ID) -> Any:
    context = info.context
    [found] = service.get(context.database, [id], asked_of(info), context.statement())
    return found
