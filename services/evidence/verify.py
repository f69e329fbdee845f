"""The check that stands between a draft and what is shown: a sentence that the cited facts do not hold is dropped, and
counted. Nothing is mended; values and names are written in by the server. Any text may come; nothing raises.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.evidence.drafts import Action, Draft, Finding
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.judging import judge
from services.evidence.names import shown
from services.evidence.sentences import split
from services.evidence.subject import Subject
from services.vocabulary import FactorDirection, FindingKind, RiskLevel


@dataclass(frozen=True, slots=True)
class VerifiedFinding:
    text: str
    kind: FindingKind
    evidence: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class VerifiedAction:
    title: str
    reason: str
    priority: RiskLevel
    playbook: str | None
    evidence: tuple[Fact, ...]
    due_in_days: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What is left of a draft, with values and names written in.

    `numbers_found` counts the quantities of the draft, `numbers_verified` those that are shown; a headline or a summary
    that was lost and is made from the findings counts with them.
    """

    headline: str
    summary: str
    findings: tuple[VerifiedFinding, ...]
    actions: tuple[VerifiedAction, ...]
    numbers_found: int
    numbers_verified: int
    sentences_dropped: int


HEADLINE, SUMMARY, FINDING, TITLE, REASON = 120, 700, 500, 100, 400
"The most characters of each text."
MOST_FINDINGS, MOST_ACTIONS = 8, 6
LONGEST_TEXT: Final = 20_000
"Of what came, in characters; the rest is not read."


def verify(draft: Draft, subject: Subject, *, playbooks: Collection[str]) -> Verified:
    """The draft's sentences that hold. `playbooks` are the keys that an action may name.

    Only a finding's own evidence holds its text; headline and summary rest on the facts of all findings that are kept.
    """
    check = _Check(subject, frozenset(word for key in playbooks for word in key.lower().split("-")))
    findings, firsts = _findings(check, draft.findings)
    actions = _actions(check, draft.actions, playbooks)
    kept = tuple(dict.fromkeys(fact for finding in findings for fact in finding.evidence))
    headline = check.text(draft.headline, kept, HEADLINE, most=1)
    summary = check.text(draft.summary, kept, SUMMARY)
    return Verified(
        _named(headline.text or next((one for one in firsts if len(one) <= HEADLINE), next(iter(firsts), "")), subject),
        _named(summary.text or _joined(_within(firsts, SUMMARY, MOST_OF_FINDINGS)), subject),
        tuple(replace(one, text=_named(one.text, subject)) for one in findings),
        tuple(replace(one, title=_named(one.title, subject), reason=_named(one.reason, subject)) for one in actions),
        check.found,
        check.verified,
        check.dropped,
    )


def _named(text: str, subject: Subject) -> str:
    """The text with names for their tokens: the last thing that happens to it, so that no name is read again."""
    return _NAME.sub(lambda token: shown(token[1], subject.names[token[1]]), text)


_NAME: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class _Held:
    """A text's sentences that hold, and the facts that they rest on."""

    sentences: tuple[str, ...]
    keys: tuple[str, ...]
    numbers: int

    @property
    def text(self) -> str:
        return _joined(self.sentences)


@dataclass(slots=True)
class _Check:
    """Holds texts against facts and counts."""

    subject: Subject
    known: frozenset[str]
    found: int = 0
    verified: int = 0
    dropped: int = 0
    facts: dict[str, Fact] = field(init=False)

    def __post_init__(self) -> None:
        self.facts = {fact.key: fact for fact in self.subject.facts}

    def cited(self, keys: Sequence[str]) -> tuple[Fact, ...]:
        return tuple(self.facts[key] for key in dict.fromkeys(keys) if key in self.facts)

    def text(
        self, text: str, cited: Sequence[Fact], longest: int, *, plan: bool = False, most: int | None = None
    ) -> _Held:
        """The sentences of a text that hold, up to `longest` characters and `most` sentences."""
        own = self.cited(_REFERENCE.findall(text))
        facts = tuple(dict.fromkeys((*cited, *own)))
        judged = [judge(one, facts, self.subject, known=self.known, plan=plan) for one in split(text[:LONGEST_TEXT])]
        holding = [one for one in judged if one.text]
        sentences = _within([one.text or "" for one in holding], longest, most)
        held = holding[: len(sentences)]
        self.found += sum(one.numbers for one in judged)
        self.verified += sum(one.numbers for one in held)
        self.dropped += len(judged) - len(held)
        keys = tuple(key for one in held for key in one.keys)
        return _Held(tuple(sentences), keys, sum(one.numbers for one in held))

    def lose(self, *held: _Held) -> None:
        """Texts that hold and are dropped all the same, since what they belong to is."""
        for one in held:
            self.verified -= one.numbers
            self.dropped += len(one.sentences)


_REFERENCE: Final = re.compile(r"\{(E[0-9]{1,4})\}")


def _within(sentences: Sequence[str], longest: int, most: int | None) -> Sequence[str]:
    """The first sentences, whole, up to `longest` characters and `most` of them. A name counts as its token."""
    kept = sentences[:most]
    while kept and len(_joined(kept)) > longest:
        kept = kept[:-1]
    return kept


def _joined(sentences: Sequence[str]) -> str:
    """The sentences in a row; one that others follow ends in a mark."""
    closed = [one if one.endswith((".", "!", "?", "…")) else f"{one}." for one in sentences[:-1]]
    return " ".join([*closed, *sentences[-1:]])


def _findings(check: _Check, drafts: Sequence[Finding]) -> tuple[list[VerifiedFinding], list[str]]:
    """The findings that hold, and the first sentence of each."""
    found: list[VerifiedFinding] = []
    firsts: list[str] = []
    for draft in drafts:
        cited = check.cited(draft.evidence)
        if len(found) == MOST_FINDINGS:
            cited = ()
        evidence_in_text = check.cited(_REFERENCE.findall(draft.text))
        if (
            not (cited or evidence_in_text)
            or not _may_be(draft.kind, (*cited, *evidence_in_text))
            or len(found) == MOST_FINDINGS
        ):
            check.dropped += len(split(draft.text[:LONGEST_TEXT]))
            continue
        held = check.text(draft.text, cited, FINDING)
        evidence = tuple(dict.fromkeys((*cited, *check.cited(held.keys))))
        if not held.sentences or any(held.text == other.text for other in found):
            check.lose(held)
            continue
        found.append(VerifiedFinding(held.text, draft.kind, evidence))
        firsts.append(held.sentences[0])
    return found, firsts


def _may_be(kind: FindingKind, evidence: Sequence[Fact]) -> bool:
    """Whether facts of such tones and aspects can make a finding of that kind."""
    tones = {fact.tone for fact in evidence} - {None, FactorDirection.NEUTRAL}
    aspects = {fact.aspect for fact in evidence}
    match kind:
        case FindingKind.STRENGTH:
            return tones != {FactorDirection.HURTS}
        case FindingKind.RISK:
            return tones != {FactorDirection.HELPS}
        case FindingKind.CHANGE:
            return bool(aspects & {Aspect.BEFORE, Aspect.CHANGE, Aspect.CAUSE, Aspect.SINCE})
        case FindingKind.DATA_GAP:
            return Aspect.MISSING in aspects or bool(
                {fact.topic for fact in evidence} & {Topic.COVERAGE, Topic.DATA_AGE}
            )
        case _:
            return True


def _actions(check: _Check, drafts: Sequence[Action], playbooks: Collection[str]) -> list[VerifiedAction]:
    found: list[VerifiedAction] = []
    for draft in drafts:
        if len(found) == MOST_ACTIONS:
            check.dropped += len(split(draft.title)) + len(split(draft.reason))
            continue
        cited = check.cited(draft.evidence)
        title = check.text(draft.title, cited, TITLE, plan=True)
        reason = check.text(draft.reason, cited, REASON)
        if not (title.sentences and reason.sentences):
            check.lose(title, reason)
            continue
        evidence = tuple(dict.fromkeys((*cited, *check.cited((*title.keys, *reason.keys)))))
        days = draft.due_in_days
        found.append(
            VerifiedAction(
                title.text,
                reason.text,
                draft.priority,
                draft.playbook if draft.playbook in playbooks else None,
                evidence,
                days if days is not None and 1 <= days <= LATEST else None,
            )
        )
    return found


MOST_OF_FINDINGS: Final = 3
"Findings whose first sentences stand in for a summary that was lost."
LATEST: Final = 180
"The latest day, counted from the insight's, that an action may be due on."
