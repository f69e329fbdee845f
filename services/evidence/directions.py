"""Words that say that something went up or down, got better or worse, or stands above or below. Not whether it did."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from services.evidence.quantities import Quantity
from services.evidence.topics import Mention
from services.evidence.words import Tokens, listed, low


class Way(StrEnum):
    UP = "UP"
    DOWN = "DOWN"
    BETTER = "BETTER"
    WORSE = "WORSE"
    LEVEL = "LEVEL"
    "Stable."


@dataclass(frozen=True, slots=True)
class Direction:
    """One such word. `wished` where it tells what should or could be rather than what is."""

    at: int
    way: Way
    wished: bool


def directions(
    tokens: Tokens, mentions: Sequence[Mention], quantities: Sequence[Quantity], *, plan: bool
) -> list[Direction]:
    return [
        replace(found, way=Way(_OPPOSITE[found.way])) if _told_of_peers(tokens, found.at) else found
        for found in _directions(tokens, mentions, quantities, plan)
    ]


def _told_of_peers(tokens: Tokens, at: int) -> bool:
    """Whether the peers are what is ahead or behind: "accounts of its segment are ahead by"."""
    words = [token.low for token in tokens[:at]]
    while words and words[-1] in _BE | {"do", "slightly", "clearly", "also", "perform", "stand", "sit", "well"}:
        words.pop()
    if words[-1:] == ["segment"] and words[-3:-2] in (["of"], ["in"]):
        words = words[:-3]
        return words[-1:] in (["accounts"], ["customers"], ["companies"], ["others"], ["peers"])
    return len(words) < at and words[-1:] in (["peers"], ["others"])


_OPPOSITE: Final = {Way.UP: "DOWN", Way.DOWN: "UP", Way.BETTER: "WORSE", Way.WORSE: "BETTER", Way.LEVEL: "LEVEL"}


def _directions(
    tokens: Tokens, mentions: Sequence[Mention], quantities: Sequence[Quantity], plan: bool
) -> Iterator[Direction]:
    named = {at for mention in mentions for at in range(mention.first, mention.last)}
    valued = {at for quantity in quantities for at in range(quantity.first, quantity.last)}
    for at, token in enumerate(tokens):
        word = token.low
        if at in valued or _is_about_risk(tokens, at) or (word, low(tokens, at + 1)) in _IDIOMS:
            continue
        if word in ("moved", "changed") and low(tokens, at - 1) in _HARDLY:
            yield Direction(at, Way.LEVEL, False)
        if (way := AGAINST_PEERS.get(word)) and PEERS & {low(tokens, at + step) for step in range(1, 5)}:
            yield Direction(at, way, False)
        elif way := FINITE.get(word):
            yield Direction(at, way, _is_wished(tokens, at) and word not in _PAST)
        elif way := GERUNDS.get(word):
            is_so = low(tokens, at - 1) in _BE or low(tokens, at - 2) in _BE
            yield Direction(at, way, not is_so)
        elif way := BASE.get(word):
            if word == "cut" and low(tokens, at + 1) not in ("in", "by") and low(tokens, at - 1) not in _BE:
                continue
            yield Direction(at, way, _is_verb(tokens, at, plan, named))
        elif way := COMPARED.get(word):
            if _compares(tokens, at, named, valued):
                yield Direction(
                    at,
                    way,
                    plan and low(tokens, at + 1) != "than" and at - 1 not in valued and True,
                )
        elif (way := _PLACED.get(word)) and _places(tokens, at, named, valued):
            yield Direction(
                at,
                way,
                _is_wished(tokens, at)
                or (plan and low(tokens, at - 1) not in _BE and at + 1 not in valued and at - 1 not in valued),
            )


AGAINST_PEERS: Final = {
    **dict.fromkeys(listed("leads lead leading outperforms exceeds beats tops exceed outperform beat"), Way.UP),
    **dict.fromkeys(listed("trails trail trailing lags lag lagging underperforms underperform"), Way.DOWN),
}
_HARDLY: Final = listed("hardly barely scarcely not nothing little")
_IDIOMS: Final = frozenset(
    (verb, rest)
    for verb in ("fall", "falls", "fell", "falling")
    for rest in ("due", "into", "within", "short", "behind", "under", "on")
)


def _words(way: Way, words: str) -> Iterable[tuple[str, Way]]:
    return ((word, way) for word in words.split())


_PAST: Final = listed(
    """fell fallen dropped declined decreased slid slipped dipped shrank shrunk sank sunk plunged plummeted tumbled
    slumped eroded diminished dwindled rose risen grew grown increased climbed jumped surged soared worsened
    deteriorated weakened improved strengthened rebounded recovered"""
)
FINITE: Final = dict(
    (
        *_words(
            Way.DOWN,
            """fell fallen falls falling dropped dropping drops declined declining declines decreased decreasing
            decreases slid slides sliding slipped slips slipping dipped dipping shrank shrunk shrinking shrinks
            sank sunk sinking plunged plunging plummeted plummeting tumbled tumbling slumped slumping eroded
            eroding diminished diminishing dwindled dwindling waned waning fading reduced plunge plummet shrink
            erode dwindle slump slumps dip dips downturn downtrend downward backslide erosion contraction slowed
            slowing""",
        ),
        *_words(
            Way.UP,
            """rose risen rises rising grew grown grows increased increases climbed climbing climbs jumped jumping
            surged surging soared soaring surge surges uptick upturn upward uptrend spike spiked spiking doubled
            jump jumps""",
        ),
        *_words(
            Way.WORSE,
            "worsened worsening worsens deteriorated deteriorating deteriorates weakened weakening weakens",
        ),
        *_words(
            Way.BETTER, "improved improves strengthened strengthens rebounded rebounding rebounds recovered recovers"
        ),
        *_words(Way.LEVEL, "stable flat unchanged steady steadily constant stagnant plateaued stagnated"),
    )
)
GERUNDS: Final = dict(
    (
        *_words(Way.UP, "increasing growing raising lifting boosting gaining"),
        *_words(Way.DOWN, "reducing lowering losing"),
        *_words(Way.BETTER, "improving strengthening recovering"),
    )
)
BASE: Final = dict(
    (
        *_words(Way.DOWN, "fall drop decline decrease slide slip sink reduce reduction cut"),
        *_words(Way.UP, "rise increase grow raise climb gain lift boost"),
        *_words(Way.WORSE, "worsen weaken deteriorate"),
        *_words(Way.BETTER, "improve strengthen"),
    )
)
COMPARED: Final = dict(
    (
        *_words(Way.DOWN, "lower fewer less smaller"),
        *_words(Way.UP, "higher more greater larger"),
        *_words(Way.BETTER, "better stronger healthier"),
        *_words(Way.WORSE, "worse weaker"),
    )
)
_PLACED: Final = dict(
    (
        *_words(Way.DOWN, "down below behind"),
        *_words(Way.UP, "up above ahead"),
    )
)
_THEN: Final = listed(
    "before earlier ago last previous usual expected ever month year quarter week once it they was were"
)
_BE: Final = listed("is are was were be been being keeps kept has have had started stays remains remain went going")
_MODAL: Final = listed(
    "to could would should may might can will must would help helps let lets if avoid prevent stop further"
)
_NOUNLY: Final = listed(
    "a an the this that its their sharp steep steady marked further recent in no of and strong big large clear such"
)


def _is_about_risk(tokens: Tokens, at: int) -> bool:
    """ "increases the renewal risk" tells of the writer's judgement, not of a figure."""
    return any(low(tokens, at + step) in _JUDGED for step in range(1, 5)) and tokens[at].low not in (
        "up",
        "down",
        "below",
        "above",
    )


_JUDGED: Final = listed("risk churn pressure urgency likelihood chance chances odds exposure")


def _is_wished(tokens: Tokens, at: int) -> bool:
    return any(low(tokens, at - step) in _MODAL for step in (1, 2))


def _is_verb(tokens: Tokens, at: int, plan: bool, named: set[int]) -> bool:
    """Whether a word that may be a noun is a verb that tells what to do: "to cut", "Raise adoption"."""
    before, after = low(tokens, at - 1), low(tokens, at + 1)
    if _is_wished(tokens, at) and before not in ("the", "a"):
        return True
    if (before in _NOUNLY and before not in ("and", "of")) or after in ("in", "of", "from"):
        return False
    return (plan and at - 1 not in named) or at == 0 or before in (",", "and", "then")


def _compares(tokens: Tokens, at: int, named: set[int], valued: set[int]) -> bool:
    if low(tokens, at + 1) == "than":
        if tokens[at].low in ("more", "less", "fewer") and at + 2 in valued:
            return False
        after = {low(tokens, place) for place in range(at + 2, at + 6)}
        return bool(after & (PEERS | _THEN) or {at + 2, at + 3, at + 4} & (named | valued))
    return bool({at + 1, at + 2} & named) or bool({at - 1, at - 2} & valued) or low(tokens, at - 1) in _BE


def _places(tokens: Tokens, at: int, named: set[int], valued: set[int]) -> bool:
    word, before, after = tokens[at].low, low(tokens, at - 1), low(tokens, at + 1)
    if (word, after) == ("down", "to") and at + 2 not in valued:
        return False
    if (word, after) in (("up", "for"), ("up", "to")):
        return False
    if (word, after) in (("ahead", "of"), ("behind", "the")):
        return at - 1 in valued or bool(PEERS.intersection(token.low for token in tokens[at + 2 : at + 6]))
    if at + 1 in valued or at - 1 in valued or word in ("above", "below", "behind"):
        return True
    return before in _BE or at - 1 in named


PEERS: Final = listed(
    """peer peers median segment benchmark cohort comparable average typical norm sector industry mid-market
    enterprise smb others"""
)
