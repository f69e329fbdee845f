"""What is read from a sentence before anything is checked. No checks here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.evidence.causes import Because, causes
from services.evidence.directions import Direction, directions
from services.evidence.facts import Fact, Topic
from services.evidence.quantities import Quantity
from services.evidence.reach import Reach
from services.evidence.subject import Subject
from services.evidence.topics import Mention, mentions
from services.evidence.words import Tokens


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence read. `plan` where it tells what to do rather than what is."""

    tokens: Tokens
    quantities: tuple[Quantity, ...]
    mentions: tuple[Mention, ...]
    directions: tuple[Direction, ...]
    causes: tuple[Because, ...]
    plan: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A quantity and the facts that may be what it says; none where it is a window of time or counts what is named."""

    quantity: Quantity
    facts: tuple[Fact, ...]
    around: Reach


def scene(tokens: Tokens, quantities: Sequence[Quantity], subject: Subject, *, plan: bool) -> Scene:
    present = {fact.topic for fact in subject.facts}
    named = tuple(
        mention
        for mention in mentions(tokens, present)
        if mention.topics != {Topic.ACCOUNTS} or Topic.ACCOUNTS in present
        if not any(quantity.first < mention.last and mention.first < quantity.last for quantity in quantities)
    )
    if any(mention.topics == _CRITICAL for mention in named):
        named = tuple(
            replace(mention, topics=_CRITICAL) if tokens[mention.last - 1].low == "tickets" else mention
            for mention in named
        )
    turns = tuple(directions(tokens, named, quantities, plan=plan))
    return Scene(tokens, tuple(quantities), named, turns, tuple(causes(tokens, named, quantities)), plan)


_CRITICAL: Final = frozenset({Topic.CRITICAL_TICKETS})
"Beside critical tickets, plain tickets are those."
