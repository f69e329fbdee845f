"""Who is asking, what may be asked, and what happened lately."""

from datetime import datetime
from typing import Any, Final

import strawberry
from strawberry.types import Info

from graph.types.common import Node
from graph.words import described, described_object, told
from services import vocabulary as words
from services.insights import budget

GREATEST_INT: Final = 2**31 - 1
"GraphQL's."


@described_object
class InsightBudget:
    """Tokens that a day's insights may take."""

    tokens_used_today: int = told("Used since midnight UTC, by failed tries too.")
    tokens_per_day: int = told("The most that may be used.")
    resets_at: datetime = told("When the count begins anew.")
    engine: words.InsightEngine = told("Who writes insights now.")


@described_object
class ApiLimits:
    """What one request may ask for."""

    max_depth: int = told("Levels of fields.")
    max_request_bytes: int = told("Bytes in the body of a request.")
    max_statement_seconds: int = told("Seconds that the database may work on one statement of a request.")
    max_request_seconds: int = told("Seconds after which a request begins nothing more with the database.")
    max_variable_values: int = told("Values in the variables of a request.")
    max_tokens: int = told("Tokens in the text of a request.")
    max_aliases: int = told("Aliases in a request.")
    max_fields: int = told("Fields in a request, with its fragments spread out.")
    max_cost: int = told("Cost of a request, in objects that it may have to read; each answer tells its own.")
    max_page_size: int = told("Entries on one page of a connection.")
    max_upload_bytes: int = told("Bytes in an uploaded file.")
    max_insights: int = told("Accounts that one request for insights may cover.")

    @strawberry.field(description="What insights may take today.")
    def insight_budget(self, info: Info[Any, Any]) -> InsightBudget:
        context = info.context
        used = budget.used(context.database, context.now)
        return InsightBudget(
            tokens_used_today=min(used, GREATEST_INT),
            tokens_per_day=context.settings.insight_tokens_per_day,
            resets_at=budget.resets_at(context.now),
            engine=context.settings.insight_engine,
        )


@described_object
class Viewer:
    """Who is asking."""

    id: strawberry.ID = told("The name under which changes are recorded.")
    name: str = told("The name of the key, or the subject of the token.")
    role: words.Role = told("What the viewer may do.")
    workspace_name: str = told("The workspace.")
    limits: ApiLimits = told("What one request may ask for.")


@described
class UpdateEvent:
    """Something that happened."""

    id: strawberry.ID = told("Opaque; the same event has the same id.")
    at: datetime = told("When.")
    kind: words.UpdateKind = told("What.")
    subject: Node | None = told("What it happened to; null where that is gone.")


@described
class UpdateFeed:
    """What happened after a cursor, the oldest first. Polled, it serves as a subscription does."""

    events: list[UpdateEvent] = told("The events.")
    cursor: str = told("Ask with it for what comes next.")
    poll_after_ms: int = told("Ask again after so many milliseconds.")
