"""The prompt of a subject. Every word in it is ours: enums, labels, numbers, dates, name tokens; no name, no note."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from services import playbook_library
from services.evidence.facts import Fact
from services.evidence.subject import Subject
from services.prompts.contract import SYSTEM
from services.prompts.schema import schema

HEAD: Final = """\
Scope: {scope}
Day: {day}
Segment: {segment}
Bucket: {bucket}
Accounts: {tokens}
"""
FACTS: Final = "Facts: key | topic | aspect | label | value and unit | observed on | speaks for the account"
SIGNALS: Final = "Signals: code | severity | facts"
PLAYBOOKS: Final = "Playbooks: key | title | answers | facts"
NONE: Final = "none"

LABEL: Final = re.compile(r"[A-Za-z0-9 ,.;:%/()'’“”+-]{1,160}")
"What a label of ours is made of, once its name tokens are taken out. No braces, bars, line ends or brackets."
TOKEN: Final = re.compile(r"\{(account|A[1-9][0-9]{0,3})\}")
WORDED: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}|[A-Za-z][A-Za-z _-]{0,39}")
UNIT: Final = re.compile(r"%|[A-Z]{3}|[a-z][a-z ]{0,29}")
KEY: Final = re.compile(r"E[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked. `schema` is a JSON schema in the strict subset of structured outputs."""

    system: str
    user: str
    schema: Mapping[str, Any]

    @property
    def spelled_out(self) -> str:
        """The system's text with the schema in it, for servers that hold no answer to a schema themselves."""
        shape = json.dumps(self.schema, separators=(",", ":"))
        return f"{self.system}\nAnswer with one JSON object and nothing else. It fits this JSON schema:\n{shape}\n"


def build(subject: Subject) -> Prompt:
    """The prompt. The names in `subject.names` have no part in it: two subjects that differ in them have the same one.

    Raises ValueError, a defect of ours, where a fact holds anything that could not have come from us.
    """
    return Prompt(SYSTEM, _user(subject), schema(subject))


def _user(subject: Subject) -> str:
    tokens = {f"{{{name.strip('{}')}}}" for name in subject.names}
    head = HEAD.format(
        scope=subject.scope.value,
        day=subject.day.isoformat(),
        segment=subject.segment.value if subject.segment else NONE,
        bucket=subject.bucket.value if subject.bucket else NONE,
        tokens=", ".join(sorted(tokens, key=lambda token: (len(token), token))) or NONE,
    )
    facts = [_fact(fact, tokens) for fact in subject.facts]
    signals = [f"{one.code.value} | {one.severity.value} | {_keys(one.evidence)}" for one in subject.signals]
    playbooks = [
        f"{one.playbook} | {playbook_library.get(one.playbook).title} | "
        f"{', '.join(code.value for code in one.because) or NONE} | {_keys(one.evidence)}"
        for one in subject.choices
    ]
    parts = [(FACTS, facts), (SIGNALS, signals), (PLAYBOOKS, playbooks)]
    return "\n".join([head, *("\n".join([title, *(lines or [NONE])]) + "\n" for title, lines in parts)])


def _fact(fact: Fact, tokens: set[str]) -> str:
    used = {f"{{{name}}}" for name in TOKEN.findall(fact.label)}
    if not (KEY.fullmatch(fact.key) and used <= tokens and LABEL.fullmatch(TOKEN.sub("A", fact.label))):
        raise ValueError(f"the label of {fact.key!r} is not of our own words: {fact.label!r}")
    if not (WORDED.fullmatch(fact.value) and (fact.unit is None or UNIT.fullmatch(fact.unit))):
        raise ValueError(f"the value of {fact.key!r} is no number, day or word of ours: {fact.value!r} {fact.unit!r}")
    value = f"{fact.value} {fact.unit}" if fact.unit else fact.value
    tone = fact.tone.value if fact.tone else NONE
    day = fact.observed_on.isoformat()
    return f"{fact.key} | {fact.topic.value} | {fact.aspect.value} | {fact.label} | {value} | {day} | {tone}"


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(keys) or NONE


def _version() -> str:
    """A digest of everything that the same facts would be told in."""
    parts = (SYSTEM, HEAD, FACTS, SIGNALS, PLAYBOOKS, NONE)
    return sha256("\0".join(parts).encode()).hexdigest()[:12]


VERSION: Final = _version()
"Changes with the prompt's text, so that an insight which an earlier text asked for is no longer fresh."
