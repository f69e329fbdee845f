"""Scorecards, playbooks, and health scored again."""

from typing import Any

from strawberry.types import Info

from graph.context import Context
from graph.inputs import RecomputeHealthInput, plain
from graph.types.health import Scorecard
from graph.types.payloads import RecomputeHealthPayload
from graph.types.playbooks import Playbook
from resolvers.payloads import payload
from services import scorecards
from services.vocabulary import PlaybookCategory


def all_scorecards() -> list[Scorecard]:
    """How health is scored, every version that a stored score may name."""
    return list(scorecards.SCORECARDS)  # type: ignore[arg-type]


def playbooks(category: PlaybookCategory | None = None) -> list[Playbook]:
    """The library of playbooks, or those of one category."""
    from services import playbook_library  # thousands of words, that few queries need

    return [one for one in playbook_library.PLAYBOOKS if category in (None, one.category)]  # type: ignore[misc]


def recompute_health(info: Info[Context, Any], input: RecomputeHealthInput) -> RecomputeHealthPayload:
    """Score accounts again, as of today or an earlier day. Repeated, it changes nothing."""
    from services import recompute as service  # the scorer, that no query needs

    context = info.context

    def write() -> str:
        with context.writing() as session:
            job_id = service.run(
                session,
                filter_=plain(input.filter),
                as_of=input.as_of,
                idempotency_key=input.idempotency_key,
                actor=context.actor,
                now=context.now,
            )
        return f"job_{job_id.hex}"

    return payload(info, "job", "RecomputeJob", write)
