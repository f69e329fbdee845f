"""Which words of a sentence the check does not know: names of others, and whatever may tell what no fact holds."""

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from services.evidence.directions import AGAINST_PEERS, BASE, COMPARED, FINITE, GERUNDS, PEERS
from services.evidence.lexicon import DEEDS, ENDINGS, PRODUCT, TERMS, VERBS, WORDS
from services.evidence.numerals import CURRENCIES, TENS, UNITS
from services.evidence.quantities import NOUNS
from services.evidence.topics import PHRASES
from services.evidence.vague import NUMERIC
from services.evidence.words import Kind, Token, Tokens, listed


def unknown_words(tokens: Tokens, titles: Collection[str], *, plan: bool) -> list[str]:
    """The words that are not known. `titles` are further words, in lower case; `plan` where it tells what to do."""
    aims = plan
    found: list[str] = []
    for at, token in enumerate(tokens):
        if token.kind is not Kind.WORD:
            continue
        aims = aims or token.low in _AIMING
        deed = aims and (token.low in DEEDS or token.low.removesuffix("ing") in DEEDS or f"{token.low[:-3]}e" in DEEDS)
        if not ((deed or token.low in titles or is_word(token.low)) and _is_written_well(tokens, at, token, titles)):
            found.append(token.text)
    return found


_AIMING: Final = listed("to should could can may must let whether how why what who if before without by cannot")
"Before what could or should be done, or what is asked."


@cache
def is_word(word: str) -> bool:
    if word in _PLAIN:
        return True
    return any(word.endswith(ending) and word.removesuffix(ending) + stem in VERBS for ending, stem in ENDINGS)


_OF_TOPICS: Final = frozenset(word for phrase in PHRASES for word in phrase)
_PLAIN: Final = frozenset().union(
    WORDS, VERBS, PRODUCT, _OF_TOPICS, FINITE, GERUNDS, BASE, COMPARED, AGAINST_PEERS, PEERS, CURRENCIES, UNITS, TENS,
    NOUNS, NUMERIC, (term.lower() for term in TERMS),
)  # fmt: skip


def _is_written_well(tokens: Tokens, at: int, token: Token, titles: Collection[str]) -> bool:
    """Whether a word has no capital but where a sentence, a title or a term has one."""
    if token.text.islower() or token.text in TERMS or token.low in titles:
        return True
    if (token.text.isupper() and len(token.text) > 1) or _INNER.search(token.text):
        return False
    begins = at == 0 or tokens[at - 1].low in (".", ":", "!", "?", "(", "…", "—", "–")
    return token.low in PRODUCT or token.low in _OF_TOPICS or (begins and token.low not in _NAMES)


_INNER: Final = re.compile(r"[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z][^\W\d_]*[^\W\d_a-zà-ÿ]|[a-zà-ÿ][A-Z]")
_NAMES: Final = listed("will may march june april rose art frank grant mark bill hope")
"""Words that begin a sentence as somebody's name too."""
