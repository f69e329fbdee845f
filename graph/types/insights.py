"""Insights: what is going on, what to do, and the facts that each statement rests on."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from graph.types.common import Evidence, Node, PageInfo
from graph.types.playbooks import Playbook
from graph.words import described, told, under_key
from services import vocabulary as words

if TYPE_CHECKING:
    from graph.types.accounts import Account


@described
class Finding:
    """A statement, and the facts that it rests on."""

    text: str = told(
        "One to three sentences. Every number in them is the value of a fact below, written by the server."
    )
    kind: words.FindingKind = told("What it tells.")
    evidence: list[Evidence] = told("The facts, as they stood when the insight was made.")


@described
class RecommendedAction:
    """Something to do, and why."""

    title: str = told("What to do.")
    reason: str = told("Why.")
    priority: words.RiskLevel = told("How soon.")
    evidence: list[Evidence] = told("The facts that the reason rests on.")
    due_in_days: int | None = told("Days from the insight by which it should be done.")

    @strawberry.field(description="The playbook that carries it out; null where none does.")
    def playbook(self, info: Info[Any, Any]) -> Playbook | None:
        from services import playbook_library  # thousands of words, that few queries need

        key = under_key(self, info)
        return None if key is None else playbook_library.get(key)  # type: ignore[return-value]


@described
class Verification:
    """What became of the check of every sentence against the facts."""

    numbers_found: int = told("Numbers, dates and other values in what the engine wrote.")
    numbers_verified: int = told("Those that a fact holds; the sentences of the others were dropped.")
    sentences_dropped: int = told("Sentences that did not pass and were dropped before saving.")
    status: words.VerificationStatus = told("What it came to.")


@described
class InsightUsage:
    """What a model took to write it."""

    model: str = told("The model that was asked.")
    prompt_tokens: int = told("Tokens read, over all tries of the job.")
    completion_tokens: int = told("Tokens written, over all tries of the job.")
    cached: bool = told("Whether the provider had part of the prompt in its cache.")
    duration_ms: int = told("Milliseconds that the calls took.")


@described
class InsightFeedback:
    """What somebody thinks of it."""

    rating: words.FeedbackRating = told("The rating.")
    comment: str | None = told("In their own words.")
    at: datetime = told("When.")


@described
class Insight(Node):
    """A short review: what is going on, what to do next. Nothing in it was saved unchecked."""

    id: strawberry.ID = told("Opaque.")
    scope: words.InsightScope = told("What it is about.")
    account: Annotated["Account", strawberry.lazy("graph.types.accounts")] | None = told(
        "The account; null for a portfolio."
    )
    headline: str = told("The one thing to know.")
    summary: str = told("The whole in a few sentences.")
    findings: list[Finding] = told("What is going on, the most important first.")
    actions: list[RecommendedAction] = told("What to do, the most important first.")
    engine: words.InsightEngine = told("Who wrote it.")
    fallback_reason: words.JobFailureCode | None = told(
        "Why the rules stood in for the model; null where they did not."
    )
    verification: Verification = told("What the check of its statements came to.")
    is_stale: bool = told("Whether the facts have changed since; what the calendar alone moves does not count.")
    data_as_of: date = told("The day whose facts it tells.")
    created_at: datetime = told("When it was made.")
    usage: InsightUsage | None = told("What the model took; null where rules wrote it.")
    feedback: InsightFeedback | None = told("What somebody thinks of it; null while nobody has said.")


@described
class InsightEdge:
    """An insight and where it lies."""

    cursor: str = told("To go on from here.")
    node: Insight = told("The insight.")


@described
class InsightConnection:
    """Insights, the newest first."""

    edges: list[InsightEdge] = told("The page's insights with their cursors.")
    nodes: list[Insight] = told("The page's insights.")
    page_info: PageInfo = told("Where the page lies.")
