"""Risk signals, and the playbooks that answer them."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.types import Info

from graph.types.common import Evidence, Node
from graph.words import described, told, under_key
from services import vocabulary as words


@described
class RiskSignal:
    """Something about an account that a customer success manager should know."""

    code: words.RiskSignalCode = told("Which signal.")
    severity: words.RiskLevel = told("How grave it is.")
    since: date = told("When it began, as far as the data tell.")
    evidence: list[Evidence] = told("The facts that it rests on.")


@described
class PlaybookStep:
    """One step of a playbook."""

    order: int = told("Its place, from 1.")
    title: str = told("What to do.")
    due_in_days: int = told("Days after the start by which it should be done.")


@described
class Playbook(Node):
    """A proven way to answer risk signals: what to do, in which order, by when."""

    id: strawberry.ID = told("Opaque.")
    key: str = told("Its name in data and links.")
    title: str = told("Its name for a person.")
    description: str = told("When to run it and what it is after.")
    category: words.PlaybookCategory = told("What it works on.")
    priority: words.RiskLevel = told("How soon it should be run.")
    effort_hours: int = told("Hours that it takes the team.")
    triggers: list[words.RiskSignalCode] = told("The signals that it answers.")
    measures: list[words.MeasureCode] = told("The measures that it works on, and so whose lost points it can win back.")
    steps: list[PlaybookStep] = told("What to do.")


@described
class PlaybookRecommendation:
    """A playbook to run for an account, and why."""

    relevance: Decimal = told("0 to 1: the gravest signal that it answers, and its part in the points lost.")
    because: list[RiskSignal] = told("The account's signals that it answers; empty where lost points alone ask for it.")
    points_recoverable: Decimal = told("Points that the measures it works on lose now.")

    @strawberry.field(description="What to run.")
    def playbook(self, info: Info[Any, Any]) -> Playbook:
        from services import playbook_library  # thousands of words, that few queries need

        return playbook_library.get(under_key(self, info))  # type: ignore[return-value]
