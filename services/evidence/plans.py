"""Whether a sentence tells what to do. Not what it says that should be done."""

from typing import Final

from services.evidence.lexicon import IMPERATIVES
from services.evidence.words import Tokens, listed, low


def is_plan(tokens: Tokens, *, titled: bool) -> bool:
    """`titled` where it stands as an action's title; else an imperative must open it, maybe after a colon.

    "Review held last week" and "Use is highest on Fridays" begin like plans and tell what is.
    """
    colon = next((at for at, token in enumerate(tokens[:6]) if token.low == ":"), -1)
    opens = next((at for at in (0, colon + 1) if low(tokens, at) in IMPERATIVES), None)
    if opens is None and not titled:
        return False
    for at in range((opens or 0) + 1, len(tokens)):
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
