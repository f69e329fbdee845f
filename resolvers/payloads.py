"""How a mutation's answer is put together: do it, then read what was asked for; or say what was wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from strawberry.types import Info

from graph.context import Context
from graph.selection import asked
from services import nodes
from services.asks import Ask
from services.errors import NotFound, Rejected, Unavailable, Unsettled

Read = Callable[[str, tuple[Ask, ...]], dict[str, Any] | None]


def payload(
    info: Info[Context, Any],
    subject: str,
    reads: str | Read,
    write: Callable[[], str | None],
    extra: Callable[[Ask], Any] = lambda _: None,
    *,
    others: Mapping[str, object] | None = None,
) -> Any:
    """The payload's document: the field `subject` holds what `reads` reads, or the node of that type, by the id that
    `write` answers.

    What else the payload has is answered by `extra`. A refusal is data under userErrors; the rest is what `others`
    says then, or null.
    """
    ask = asked(info)
    try:
        node_id = write()
    except (Rejected, NotFound) as refusal:
        return refused(ask, refusal, others)
    context = info.context
    subjects = tuple(inner for inner in ask.asks if inner.name == subject)
    # Asked for under two names it is read once all the same, each name a key of one document.
    both = tuple(
        Ask(one.name, f"{place}_{one.key}", one.args, one.asks)
        for place, inner in enumerate(subjects)
        for one in inner.asks
    )
    found = None
    try:
        if subjects and node_id is not None:
            if isinstance(reads, str):
                [found] = nodes.get(context.database, [node_id], {reads: both}, context.statement())
            else:
                found = reads(node_id, both)
    except Unavailable as error:
        raise Unsettled("the change was made, but cannot be shown right now: do not repeat it, look later") from error
    read = {inner.key: _part(found, place) for place, inner in enumerate(subjects)}
    return {
        inner.key: read[inner.key] if inner.name == subject else [] if inner.name == "user_errors" else extra(inner)
        for inner in ask.asks
    }


def _part(found: dict[str, Any] | None, place: int) -> dict[str, Any] | None:
    """What was read for the subject asked for in that place."""
    prefix = f"{place}_"
    return (
        None
        if found is None
        else {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}
    )


def refused(ask: Ask, refusal: Rejected | NotFound, others: Mapping[str, object] | None = None) -> Any:
    """A payload that tells one problem; every other field is what `others` says, or null."""
    known = others or {}
    return {
        inner.key: [_user_error(inner, refusal)] if inner.name == "user_errors" else known.get(inner.name)
        for inner in ask.asks
    }


def _user_error(ask: Ask, refusal: Rejected | NotFound) -> dict[str, Any]:
    if isinstance(refusal, Rejected):
        known: dict[str, Any] = {"code": refusal.code, "message": refusal.message, "path": ["input", *refusal.path]}
    else:
        known = {"code": "NOT_FOUND", "message": str(refusal), "path": None}
    return {inner.key: known[inner.name] for inner in ask.asks}
