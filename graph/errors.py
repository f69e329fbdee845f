"""How failures reach a client: what it can mend is told with a code, the rest is logged once and shown masked."""

import logging
import re
from collections.abc import Iterable
from typing import Any, Final

from graphql import GraphQLError

from services.errors import Forbidden, NotFound, Rejected, TooLarge, TooLong, Unavailable, Unsettled

log = logging.getLogger(__name__)


def shown(
    errors: Iterable[GraphQLError] | None, request_id: str, *, suggestions: bool = True
) -> list[GraphQLError] | None:
    """The errors of parsing, validation and execution alike, as a client may see them.

    Without suggestions none tells a name of the schema that the client may have meant.
    """
    if not errors:
        return None
    return [_shown(error if suggestions else _without_suggestion(error), request_id) for error in errors]


_SUGGESTION: Final = re.compile(r",? did you mean [^?]*\??", re.IGNORECASE)
"As graphql-core writes them; a message that is cut may end within one."
LONGEST: Final = 1_000
"Characters of a message. graphql-core repeats in it what it does not understand, however long that is."
_TOO_LONG: Final = "the time for this was up: it was stopped or not begun, and changed nothing; ask for less at once"


def _without_suggestion(error: GraphQLError) -> GraphQLError:
    message = _cut(error.message)
    if not _SUGGESTION.search(message):
        return error
    shown = _with(error, _SUGGESTION.sub("", message), error.extensions or {})
    shown.original_error = error.original_error
    return shown


def _shown(error: GraphQLError, request_id: str) -> GraphQLError:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    match cause:
        case Forbidden():
            return GraphQLError(str(cause), extensions={"code": "FORBIDDEN"})
        case None | GraphQLError() if not _is_of_an_answer(error, cause):
            return _with(error, error.message, {"code": "BAD_REQUEST", **(error.extensions or {})})
        case Rejected():
            return _with(error, cause.message, {"code": cause.code, "argument": list(cause.path)})
        case TooLarge():
            return _with(error, str(cause), {"code": "ANSWER_TOO_LARGE"})
        case NotFound():
            return _with(error, str(cause), {"code": "NOT_FOUND"})
        case Unsettled():
            log.error("unsettled: %s", cause)
            return _with(error, str(cause), {"code": "UNAVAILABLE"})
        case TooLong():
            log.error("too long: %s", cause)
            return _with(error, _TOO_LONG, {"code": "TOO_LONG"})
        case Unavailable():
            log.error("unavailable: %s", cause)
            return _with(error, "the service cannot answer right now: try again", {"code": "UNAVAILABLE"})
        case ValueError() if error.path is None:
            # A literal that Python itself refuses to read, such as an integer of five thousand digits.
            return _with(error, "a value in the request cannot be read", {"code": "BAD_REQUEST"})
        case _:
            log.error("a resolver failed", exc_info=cause)
            message = f"something went wrong here; it has been logged under request {request_id}"
            return _with(error, message, {"code": "INTERNAL"})


def _is_of_an_answer(error: GraphQLError, cause: GraphQLError | None) -> bool:
    """Whether it is about a value of ours, which it quotes, and not about the request: that one names a place there."""
    return error.path is not None and cause is not None and not cause.nodes


def _with(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        _cut(message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST else message[:LONGEST] + "..."
