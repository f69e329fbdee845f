"""Of a portfolio: whether a value is told of the account or group that its fact is of."""

from collections.abc import Sequence
from typing import Final

from services.evidence.facts import Fact, Topic
from services.evidence.quantities import Quantity
from services.evidence.scene import Scene
from services.evidence.words import Kind as TokenKind
from services.evidence.words import low


def is_of_group(scene: Scene, quantity: Quantity, fact: Fact) -> bool:
    """Of a portfolio: whether the account or group that stands nearest is the fact's."""
    groups = [
        (
            abs(at - quantity.first)
            + 3
            * sum(
                low(scene.tokens, place) in (",", "and", ";", "while")
                for place in range(min(at, quantity.first), max(at, quantity.first))
            ),
            at,
            group,
        )
        for at, token in enumerate(scene.tokens)
        if (group := _group(token.text if token.kind is TokenKind.NAME else token.low, token.kind))
    ]
    named = [group for _, at, group in groups if scene.tokens[at].kind is TokenKind.NAME]
    if fact.of is None:
        return _is_of_all(fact, groups, named)
    wanted = fact.of.strip("{}").lower().replace("_", "-")
    wanted = "mid" if wanted == "mid-market" else wanted
    return bool(groups) and min(groups)[2] == wanted


def _is_of_all(fact: Fact, groups: Sequence[tuple[int, int, str]], named: Sequence[str]) -> bool:
    """Whether a value of the whole portfolio has no account and no group beside it but those that its label names."""
    if named:
        return False
    label = fact.label.lower()
    near = [group for cost, at, group in groups if cost < CLAUSE and group not in label]
    return (not near or fact.topic is Topic.COVERAGE) and (
        Topic.ACCOUNTS is not fact.topic or not any(cost <= 1 for cost, _, _ in groups)
    )


CLAUSE: Final = 9
"How near a group is told of, in words; the ends of clauses count for more."


def _group(word: str, kind: TokenKind) -> str | None:
    if kind is TokenKind.NAME:
        return word.strip("{}").lower()
    return word if word in ("red", "amber", "green", "unknown", "smb", "enterprise", "mid") else None
