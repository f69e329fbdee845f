"""A model's answer as a draft, or not at all: nothing is guessed, cut short or left out. Not whether it is true."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from services.evidence.drafts import Action, Draft, Finding
from services.evidence.subject import Subject
from services.prompts.contract import ACTIONS, FINDING, FINDINGS, HEADLINE, KEYS, LATEST, REASON, SUMMARY, TITLE
from services.vocabulary import FindingKind, RiskLevel

T = TypeVar("T")
LARGEST: Final = 64_000
"Characters of an answer that are looked at: four times the longest that is allowed."
LENIENCE: Final = 2
"How many times longer a text may be than was asked for: models count badly, and the check drops what is too much."
UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
"Categories of characters that a reader cannot see, or a database not store: controls, bidi marks, lone surrogates."
LONGEST_WORD: Final = len("\\uFFFF")
"The most characters before the end of a cut-off text at which JSON's reader says that it stopped."
FENCE: Final = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)


class Malformed(ValueError):
    """The answer does not have the shape. The message names the place and quotes nothing of what stood there.

    `cut_off`: it is JSON as far as it goes, and ends too early.
    """

    def __init__(self, message: str, *, cut_off: bool = False) -> None:
        super().__init__(message)
        self.cut_off = cut_off


def read(text: str, subject: Subject) -> Draft:
    """The draft in the answer `text`. A fence of Markdown around it, as small models like it, is taken off.

    Raises Malformed.
    """
    found = _fields(_parsed(text), "the answer", "headline", "summary", "findings", "actions")
    keys, playbooks = {fact.key for fact in subject.facts}, {one.playbook for one in subject.choices}
    return Draft(
        headline=_text(found["headline"], "headline", HEADLINE),
        summary=_text(found["summary"], "summary", SUMMARY),
        findings=_each(found["findings"], "findings", 1, FINDINGS, lambda one, at: _finding(one, at, keys)),
        actions=_each(found["actions"], "actions", 0, ACTIONS, lambda one, at: _action(one, at, keys, playbooks)),
    )


def _parsed(text: str) -> Any:
    if len(text) > LARGEST:
        raise Malformed(f"the answer has more than {LARGEST:,} characters")
    fenced = FENCE.fullmatch(text)
    content = fenced[1] if fenced else text
    try:
        return json.loads(content, parse_constant=_refuse, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        at_the_end = error.pos + LONGEST_WORD > len(content.rstrip()) or error.msg.startswith("Unterminated string")
        cut_off = content.lstrip().startswith("{") and at_the_end
        raise Malformed("the answer is cut off" if cut_off else "the answer is no JSON", cut_off=cut_off) from error
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
        raise Malformed("the answer is no JSON that can be read") from error


def _refuse(constant: str) -> None:
    raise Malformed(f"the answer is no JSON: it holds {constant}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("the answer says something twice")
    return found


def _finding(value: Any, at: str, keys: set[str]) -> Finding:
    found = _fields(value, at, "text", "kind", "evidence")
    return Finding(
        text=_text(found["text"], f"{at}.text", FINDING),
        kind=FindingKind(_one_of(found["kind"], f"{at}.kind", set(FindingKind))),
        evidence=_evidence(found["evidence"], f"{at}.evidence", keys),
    )


def _action(value: Any, at: str, keys: set[str], playbooks: set[str]) -> Action:
    found = _fields(value, at, "title", "reason", "priority", "playbook", "evidence", "due_in_days")
    playbook, due = found["playbook"], found["due_in_days"]
    if due is not None and (type(due) is not int or not 0 <= due <= LATEST):
        raise Malformed(f"{at}.due_in_days is neither null nor a whole number from 0 to {LATEST}")
    return Action(
        title=_text(found["title"], f"{at}.title", TITLE),
        reason=_text(found["reason"], f"{at}.reason", REASON),
        priority=RiskLevel(_one_of(found["priority"], f"{at}.priority", set(RiskLevel))),
        playbook=None if playbook is None else _one_of(playbook, f"{at}.playbook", playbooks),
        evidence=_evidence(found["evidence"], f"{at}.evidence", keys),
        due_in_days=due,
    )


def _evidence(value: Any, at: str, keys: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_each(value, at, 1, KEYS, lambda one, place: _one_of(one, place, keys))))


def _fields(value: Any, at: str, *names: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise Malformed(f"{at} is no object of {', '.join(names)}")
    return value


def _each(value: Any, at: str, least: int, most: int, item: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise Malformed(f"{at} is no list of {least} to {most}")
    return tuple(item(one, f"{at}[{place}]") for place, one in enumerate(value))


def _one_of(value: Any, at: str, allowed: set[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise Malformed(f"{at} is none of those that were listed")
    return value


def _text(value: Any, at: str, most: int) -> str:
    """The text, its white space made plain. Empty, far too long or with characters that cannot be seen: Malformed."""
    if not isinstance(value, str):
        raise Malformed(f"{at} is no text")
    text = " ".join(value.split())
    if not 0 < len(text) <= most * LENIENCE:
        raise Malformed(f"{at} does not have 1 to {most} characters")
    if not UNSEEN.isdisjoint(map(unicodedata.category, text)):
        raise Malformed(f"{at} holds characters that cannot be seen")
    return text
