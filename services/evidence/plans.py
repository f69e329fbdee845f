"""Whether a sentence tells what to do. Not what it says that should be done."""

from typing import Final

from services.evidence.lexicon import IMPERATIVES
from services.evidence.words import Tokens, listed, low


def is_plan(tokens: Tokens) -> bool:
    """Whether an imperative opens it, maybe after a colon or an opening word, and no finite verb follows.

    "Review held last week" and "Use is highest on Fridays" begin like plans and tell what is.
    """
    starts = [0, *(at + 1 for at, token in enumerate(tokens[:6]) if token.low == ":" or (token.low == "," and at < 3))]
    opens = next((at for at in starts if low(tokens, at) in IMPERATIVES), None)
    if opens is None:
        return False
    for at in range(opens + 1, len(tokens)):
        if low(tokens, at) in _OPENING:
            return True
        if low(tokens, at) in _TELLING:
            return False
    return True


_OPENING: Final = listed(
    """what who whom which that why how whether where when while if until till before after because so since than as
    , ; ( - – — and"""
)
"Open a clause of its own, which may tell what is."
_TELLING: Final = listed(
    """is are was were has have had been held took went came fell rose grew stands stood stays remains began ended
    collapsed lost dropped closed opened stopped started left"""
)
