"""Whether cited facts hold a sentence, and the sentence as it is then shown. Not which facts a sentence may cite."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.aspects import LOSING, verb_sign
from services.evidence.binding import bind
from services.evidence.claims import refusals
from services.evidence.facts import Aspect, Fact, written
from services.evidence.known import unknown_words
from services.evidence.matching import SIGNED
from services.evidence.numerals import CURRENCIES
from services.evidence.plans import is_plan
from services.evidence.quantities import counted
from services.evidence.reach import Role
from services.evidence.reading import read
from services.evidence.scene import Bound, Scene, scene
from services.evidence.sentences import is_plain
from services.evidence.subject import Subject
from services.evidence.words import Kind, Token, Tokens, low, tokens


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence after the check. `text` is None where it is dropped, and `why` says for what.

    Values are written into the text, names are not yet.
    `numbers` is how many quantities it states; `keys` are the facts that they rest on.
    """

    text: str | None
    numbers: int
    keys: tuple[str, ...] = ()
    why: str = ""


def judge(
    sentence: str, facts: Sequence[Fact], subject: Subject, *, known: Collection[str] = (), plan: bool = False
) -> Judged:
    """Hold the sentence against `facts`.

    `known` are words that may be written with a capital; `plan` where it is the title of an action.
    """
    sentence = " ".join(sentence.split())
    found = tokens(sentence)
    numbers = len(_DIGITS.findall(sentence))
    if found is None or len(sentence) > LONGEST or not is_plain(sentence):
        return Judged(None, numbers, why="not plain prose")
    if unknown := [token.text for token in found if token.kind is Kind.NAME and token.low not in subject.names]:
        return Judged(None, numbers, why=f"no such name: {unknown[0]}")
    if plan and sentence.rstrip(".") in _titles(subject):
        return Judged(sentence, 0)
    plan = is_plan(found)
    amounts = read(found, subject.day, {fact.key: fact for fact in facts}, plan=plan)
    numbers = len(amounts.quantities) + amounts.unread
    dated = {at for quantity in amounts.quantities if quantity.begin for at in range(quantity.first, quantity.last)}
    if strange := unknown_words([token for at, token in enumerate(found) if at not in dated], known, plan=plan):
        return Judged(None, numbers, why=f"unknown word: {strange[0]}")
    if amounts.unread:
        return Judged(None, numbers, why="a quantity that cannot be read")
    read_scene = scene(found, amounts.quantities, subject, plan=plan)
    bound: list[Bound] = []
    for quantity in amounts.quantities:
        one = bind(read_scene, quantity, facts, subject)
        if one is None:
            said = sentence[found[quantity.first].start : found[quantity.last - 1].end]
            return Judged(None, numbers, why=f"no fact holds {said}")
        bound.append(one)
    if why := next(refusals(read_scene, bound, facts, subject), None):
        return Judged(None, numbers, why=why)
    keys = tuple(dict.fromkeys(fact.key for one in bound for fact in one.facts[:1]))
    return Judged(_rendered(sentence, read_scene, bound), numbers, keys)


def _titles(subject: Subject) -> frozenset[str]:
    """The titles of the playbooks to choose from, which the labels of their points quote."""
    return frozenset(title for fact in subject.facts for title in _QUOTED.findall(fact.label))


_QUOTED: Final = re.compile("“([^”]+)”")
LONGEST: Final = 600
"Of a sentence, in characters: more is no sentence."
_DIGITS: Final = re.compile(r"\{E\d+\}|\d+(?:[.,]\d+)*")


def _rendered(sentence: str, read_scene: Scene, bound: Sequence[Bound]) -> str:
    """The sentence with its values written in; names are still tokens, so that no name has a part in what is kept."""
    bound_at = {at: one for one in bound for at in range(one.quantity.first, one.quantity.last)}
    found = read_scene.tokens
    parts: list[str] = []
    end = 0
    for at, token in enumerate(found):
        parts.append(sentence[end : token.start])
        end = token.end
        if token.kind is Kind.FACT:
            parts.append(_value(read_scene, at, bound_at[at]))
        elif token.kind is Kind.NAME:
            parts.append(f"{{{token.low}}}")
        elif not _is_doubled_currency(token, bound_at.get(at)):
            parts.append(token.text)
    return re.sub(r" +(?=[.,;:!?)])| +(?= )", "", "".join(parts) + sentence[end:]).strip()


def _value(read_scene: Scene, at: int, one: Bound) -> str:
    """As written, without a sign that a verb tells, and without a unit that the sentence writes itself."""
    fact = one.facts[0]
    told = fact.aspect in SIGNED and (
        one.around.role is Role.CHANGE
        or (fact.aspect is Aspect.CAUSE and verb_sign(one.around, read_scene, one.quantity) != 0)
        or bool(one.around.before and one.around.before[-1] in LOSING)
        or one.around.after[:1] == ("lost",)
    )
    value = written(fact, signed=not told)
    if fact.unit and not fact.is_money and fact.number is not None and _has_unit(read_scene.tokens, at, fact.unit):
        return value.split(" ")[0]
    return value


def _has_unit(found: Tokens, at: int, unit: str) -> bool:
    """Whether the unit of the value at a place follows it, maybe after an adjective or two."""
    after = low(found, at + 1 + (low(found, at + 1) == "-"))
    forms = ("%", "percent", "per") if unit == "%" else (unit.partition(" ")[0], unit.removesuffix("s"))
    return after in forms or counted(found, at + 1) == unit


def _is_doubled_currency(token: Token, one: Bound | None) -> bool:
    """Whether a sentence writes the currency of a value that brings its own."""
    return token.low in CURRENCIES and one is not None and bool(one.quantity.key)
