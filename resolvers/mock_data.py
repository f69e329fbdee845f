"""Made-up accounts, to try things out."""

from typing import Any

from strawberry.types import Info

from graph.context import Context
from graph.inputs import GenerateMockDataInput
from graph.selection import asked
from graph.types.payloads import GenerateMockDataPayload
from resolvers.payloads import refused
from services.asks import Ask
from services.errors import Rejected


def generate_mock_data(info: Info[Context, Any], input: GenerateMockDataInput) -> GenerateMockDataPayload:
    """Make up a world of believable accounts. Never touches imported rows; the same seed makes the same world."""
    from services import mock_data as service  # a world of its own, that no other request needs

    context, ask = info.context, asked(info)
    answer: Any = {"accounts_created": 0, "metrics_created": 0, "seed": input.seed, "user_errors": []}
    try:
        with context.writing() as session:
            made = service.generate(
                session,
                accounts=input.accounts,
                days=input.days,
                seed=input.seed,
                replace=input.replace,
                idempotency_key=input.idempotency_key,
                actor=context.actor,
                now=context.now,
            )
        answer |= {"accounts_created": made.accounts_created, "metrics_created": made.metrics_created}
    except Rejected as refusal:
        return refused(ask, refusal, answer)
    return _answered(ask, answer)


def _answered(ask: Ask, answer: Any) -> Any:
    return {inner.key: answer[inner.name] for inner in ask.asks}
