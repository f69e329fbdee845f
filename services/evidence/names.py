"""Names: which may be shown, and which words of a sentence look like the name of somebody or something else."""

import re
from collections.abc import Collection
from typing import Final

from services.evidence.directions import FINITE
from services.evidence.lexicon import ENGLISH, PRODUCT, SUFFIXES, TERMS
from services.evidence.topics import PHRASES
from services.evidence.words import Kind, Token, Tokens


def shown(key: str, name: str) -> str:
    """The name as a sentence shows it: whole, or not at all where it is long or could be more than a name."""
    if (
        not 0 < len(name.strip()) <= LONGEST
        or any(mark in name.lower() for mark in _MACHINE)
        or not all(map(_is_of_names, name))
    ):
        return "this account" if key == "account" else "an account"
    return " ".join(name.split())


def strangers(tokens: Tokens, known: Collection[str]) -> list[str]:
    """The words that look like names of others. `known` are further words, in lower case, that may have a capital."""
    return [token.text for at, token in enumerate(tokens) if _is_strange(tokens, at, token, known)]


LONGEST: Final = 80
_MACHINE: Final = ("://", "www.", "{", "<", "@", "`", "[", "\n", "]]", "--", "```")
_OF_TOPICS: Final = frozenset(word for phrase in PHRASES for word in phrase)


def _is_of_names(character: str) -> bool:
    return character.isalnum() or character in " .,&'-()/+" or character == "’"


def _is_strange(tokens: Tokens, at: int, token: Token, known: Collection[str]) -> bool:
    if token.kind is not Kind.WORD or (token.text[0].islower() and token.text.islower()):
        return False
    word = token.low
    if token.text in TERMS or word in known or word in PRODUCT or word in _OF_TOPICS:
        return False
    if token.text.isupper() and len(token.text) > 1:
        return True
    if _INNER.search(token.text):
        return True
    begins = at == 0 or tokens[at - 1].low in (".", ":", "!", "?", "(", "…", "—", "–")
    return not (begins and is_english(word))


_INNER: Final = re.compile(r"[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z][^\W\d_]*[^\W\d_a-zà-ÿ]|[a-zà-ÿ][A-Z]")


def is_english(word: str) -> bool:
    """Whether a word that begins a sentence is one of those that honest sentences begin with."""
    if word in ENGLISH or word in FINITE or word in PRODUCT or word in _OF_TOPICS:
        return True
    return any(word.endswith(ending) and word.removesuffix(ending) + stem in ENGLISH for ending, stem in SUFFIXES)
