"""API keys: who may ask. None of this is a Node: what can be had by an id alone is not for everybody to look for."""

from datetime import datetime

import strawberry

from graph.types.common import PageInfo, UserError
from graph.types.payloads import PROBLEMS
from graph.words import described, told
from services import vocabulary as words


@described
class ApiKey:
    """A key that somebody may ask with. Its secret part is shown once, when it is made."""

    id: strawberry.ID = told("Opaque.")
    prefix: str = told("How it begins, to recognise it by.")
    name: str = told("What it is for.")
    role: words.Role = told("What it allows.")
    created_by: str = told("Who made it.")
    created_at: datetime = told("When it was made.")
    expires_at: datetime | None = told("From when on nobody is let in by it; null: never.")
    last_used_at: datetime | None = told("The hour in which it was last used; null: not yet.")
    revoked_by: str | None = told("Who revoked it; null: nobody.")
    revoked_at: datetime | None = told("When it was revoked. Within half a minute nobody is let in by it any more.")


@described
class ApiKeyEdge:
    """A key and where it lies."""

    cursor: str = told("To go on from here.")
    node: ApiKey = told("The key.")


@described
class ApiKeyConnection:
    """API keys, the newest first."""

    edges: list[ApiKeyEdge] = told("The page's keys with their cursors.")
    nodes: list[ApiKey] = told("The page's keys.")
    page_info: PageInfo = told("Where the page lies.")


@described
class CreateApiKeyPayload:
    """A new key."""

    api_key: ApiKey | None = told("What is kept of it.")
    key: str | None = told(
        "The key itself, to be sent as Authorization: Bearer. It is shown this once: null where an earlier request "
        "with the same idempotencyKey was shown it."
    )
    user_errors: list[UserError] = told(PROBLEMS)


@described
class RevokeApiKeyPayload:
    """A revoked key."""

    api_key: ApiKey | None = told("What is kept of it.")
    user_errors: list[UserError] = told(PROBLEMS)
