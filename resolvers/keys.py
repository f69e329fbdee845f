"""API keys: listed, made, revoked."""

from typing import Any

from strawberry.types import Info

from graph.context import Context
from graph.inputs import CreateApiKeyInput, RevokeApiKeyInput
from graph.selection import asked
from graph.types.keys import ApiKeyConnection, CreateApiKeyPayload, RevokeApiKeyPayload
from resolvers.payloads import payload
from services import ids
from services import keys as service
from services.asks import Ask


def api_keys(info: Info[Context, Any], first: int | None = None, after: str | None = None) -> ApiKeyConnection:
    """API keys, those that have expired or were revoked too, the newest first."""
    context = info.context
    return service.page(context.database, asked(info), context.statement())


def create_api_key(info: Info[Context, Any], input: CreateApiKeyInput) -> CreateApiKeyPayload:
    """Make an API key. Keep what is answered under `key`: nobody can show it again."""
    context = info.context
    made: list[service.Made] = []

    def write() -> str:
        with context.writing() as session:
            created = service.create(
                session, name=input.name, role=input.role, expires_at=input.expires_at,
                idempotency_key=input.idempotency_key, actor=context.actor, now=context.now,
            )  # fmt: skip
        made.append(created)
        return made[0].prefix

    return payload(info, "api_key", _reading(context), write, lambda _: made[0].text)


def revoke_api_key(info: Info[Context, Any], input: RevokeApiKeyInput) -> RevokeApiKeyPayload:
    """Let nobody in by an API key any more, within half a minute. Repeated, it changes nothing."""
    context = info.context

    def write() -> str:
        prefix = ids.key(input.id)
        with context.writing() as session:
            service.revoke(session, prefix, actor=context.actor, now=context.now)
        return prefix

    return payload(info, "api_key", _reading(context), write)


def _reading(context: Context) -> Any:
    def read(prefix: str, asks: tuple[Ask, ...]) -> dict[str, Any] | None:
        return service.get(context.database, prefix, asks, context.statement())

    return read
