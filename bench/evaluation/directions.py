"""Which way a sentence says that something went, and which of its numbers that is said of. Pure, a few patterns.

Its own reading of prose: nothing of services.evidence is used.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Direction:
    """A word of direction: `sign` is 1 for up and -1 for down.

    A verb tells of the numbers behind it up to the next such word; a noun only where "of" or "by" follows, else it
    speaks of a change that the sentence does not put a number to.
    """

    said: str
    sign: int
    start: int
    end: int
    governs: bool


def directions(sentence: str) -> list[Direction]:
    """The words of direction of a sentence, in their order."""
    found: list[Direction] = []
    taken: set[int] = set()
    for pattern, sign in _TURNED:
        for match in pattern.finditer(sentence):
            found.append(Direction(match[0], sign, match.start(), match.end(), governs=True))
            taken |= set(range(*match.span()))
    for match in _PLAIN.finditer(sentence):
        if taken.isdisjoint(range(*match.span())):
            sign = 1 if match["up"] or match["rise"] else -1
            is_noun = bool(match["rise"] or match["fall"])
            governs = not is_noun or bool(re.match(r" (?:of|by)\b", sentence[match.end() :]))
            found.append(Direction(match[0], sign, match.start(), match.end(), governs))
    return sorted(found, key=lambda one: one.start)


def against_peers(sentence: str) -> int:
    """1 where the sentence puts the account above its peers, -1 where below, 0 where it says neither."""
    if re.search(r"\b(?:segment|peers|accounts|others|median)\b[^,;:]*?\b(?:are|is|stands?|lies?) ahead\b", sentence):
        return -1
    if re.search(r"\b(?:behind|below|under|trail(?:s|ing|ed)?|lags?|lagging|short of)\b", sentence, re.IGNORECASE):
        return -1
    if re.search(r"\b(?:above|beats?|leads?|exceeds?|ahead|over the median|better)\b", sentence, re.IGNORECASE):
        return 1
    return 0


_TURNED: Final = (
    (re.compile(r"\b(?:soften|cushion|offset|ease|slow)\w* (?:the|its|that) (?:fall|drop|decline|slide)\b", re.I), 1),
    (re.compile(r"\b(?:held|kept|holds|keeps) (?:the|its|that) (?:rise|gain|increase|climb) back\b", re.I), -1),
    (re.compile(r"\b(?:took|takes|taken|knocked)(?= [\w\s.,$%-]{1,30} off\b)", re.I), -1),
    (re.compile(r"\b(?:held|kept|holds|keeps) back (?:the|its|that) (?:rise|gain|increase|climb)\b", re.I), -1),
)
"What turns the word of direction inside it around, and what is one only with a word further on."
_PLAIN: Final = re.compile(
    r"\b(?:(?P<up>rose|risen|rises|rising|grew|grown|grows|growing|increased|increases|climbed|climbs|gained|gains"
    r"|improved|improves|added|adds|(?<!comes )(?<!came )(?<!opened )up(?! to\b)(?! for\b)(?! with\b)|higher)"
    r"|(?P<down>fell|fallen|falls|falling|dropped|drops|declined|declines|decreased|decreases|shrank|shrunk|sank"
    r"|slipped|lost(?! (?:score|points))|loses|down(?! to one)|lower|worse|worsened)"
    r"|(?P<rise>rise|increase|growth|climb|recovery)|(?P<fall>fall|drop|decline|decrease|dip|slide))\b",
    re.IGNORECASE,
)
