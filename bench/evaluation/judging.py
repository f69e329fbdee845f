"""What an insight is worth: which findings are true, whether they found the problem, which actions fit. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from bench.evaluation import reading
from bench.evaluation.planted import TOPICS, Problem
from bench.evaluation.ramps import CARD
from bench.evaluation.truth import Truth
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.verify import Verified, VerifiedAction, VerifiedFinding
from services.playbook_library import get
from services.vocabulary import FindingKind

FIRST: Final = 3
"The findings that a busy reader reads: the planted problem belongs among them."
HEALTHY_FROM: Final = 75
POOR_BELOW: Final = 50
LEAST_LOST: Final = 1
"Points that a measure must lose for work on it to be worth the while."
SOON: Final = 90
"Days to a renewal within which it can be a risk by itself."
OLD: Final = 45
"Days after which data are too old to trust."


@dataclass(frozen=True, slots=True)
class Judged:
    """What the check came to."""

    faults: tuple[tuple[str, ...], ...]
    "Of each finding, in their order; none where it is true."
    other_faults: tuple[str, ...]
    "Of the headline, the summary and the actions' reasons."
    other_texts: int
    facts: int
    "That the engine was given."
    wrong_facts: tuple[str, ...]
    found: bool
    "Of a planted problem: one of the first findings rests on it. Of a control: none of the first findings is a RISK."
    fits: tuple[bool, ...]
    "Of each action."

    @property
    def true(self) -> int:
        return sum(not faults for faults in self.faults)


def judge(insight: Verified, facts: Sequence[Fact], problem: Problem | None, truth: Truth) -> Judged:
    """Hold the insight, and the facts that its engine was given, against what is true of the account."""
    others = [(insight.headline, facts), (insight.summary, facts)]
    others += [(action.reason, action.evidence) for action in insight.actions if action.reason]
    return Judged(
        faults=tuple(tuple(_faults(finding, truth)) for finding in insight.findings),
        other_faults=tuple(fault for text, facts in others for fault in reading.faults(text, facts)),
        other_texts=len(others),
        facts=len(facts),
        wrong_facts=tuple(wrong for fact in facts if (wrong := truth.wrong(fact))),
        found=_found(insight.findings[:FIRST], problem),
        fits=tuple(_fits(action, problem, truth) for action in insight.actions),
    )


def _faults(finding: VerifiedFinding, truth: Truth) -> Iterator[str]:
    yield from (wrong for fact in finding.evidence if (wrong := truth.wrong(fact)))
    yield from reading.faults(finding.text, finding.evidence)
    if not _is_of_kind(finding, truth):
        yield f"nothing in its evidence makes it a {finding.kind.value}: {finding.text}"


def _is_of_kind(finding: VerifiedFinding, truth: Truth) -> bool:
    facts = finding.evidence
    match finding.kind:
        case FindingKind.RISK:
            return any(is_poor(fact, truth) for fact in facts)
        case FindingKind.STRENGTH:
            return any(is_good(fact, truth) for fact in facts) and not any(_is_bad(fact, truth) for fact in facts)
        case FindingKind.CHANGE:
            aspects = {fact.aspect for fact in facts}
            return bool(aspects & {Aspect.CHANGE, Aspect.CAUSE, Aspect.BEFORE, Aspect.SINCE})
        case FindingKind.DATA_GAP:
            missing = any(fact.aspect is Aspect.MISSING for fact in facts)
            return missing or any(fact.topic in (Topic.COVERAGE, Topic.DATA_AGE) for fact in facts)
        case FindingKind.OPPORTUNITY:
            return any(
                is_good(fact, truth) or is_poor(fact, truth) or fact.aspect is Aspect.LOST or fact.topic in _SALES
                for fact in facts
            )


def is_poor(fact: Fact, truth: Truth) -> bool:
    """Whether what the fact is of lies below its healthy range, or went for the worse."""
    worth = _worth(fact, truth)
    return worth is not None and worth < HEALTHY_FROM


def is_good(fact: Fact, truth: Truth) -> bool:
    """Whether what the fact is of lies in its healthy range, or went for the better."""
    worth = _worth(fact, truth)
    return worth is not None and worth >= HEALTHY_FROM


def _is_bad(fact: Fact, truth: Truth) -> bool:
    worth = _worth(fact, truth)
    return fact.aspect is Aspect.LEVEL and worth is not None and worth < POOR_BELOW


def _worth(fact: Fact, truth: Truth) -> Fraction | None:
    """0 to 100 for what the fact is of, by our own reckoning; None where it speaks neither way."""
    if fact.aspect in (Aspect.SIGNAL, Aspect.SINCE):
        return Fraction(0)
    if fact.aspect in (Aspect.CHANGE, Aspect.CAUSE):
        return _worth_of_change(fact)
    score = truth.now.score
    match fact.topic:
        case Topic.SCORE | Topic.BUCKET:
            return score
        case Topic.ACTIVE_USERS | Topic.SEATS:
            return truth.now.subs.get(Topic.LICENSE_UTILISATION)
        case Topic.LOGINS:
            fell = truth.logins == 0 or (truth.logins_change is not None and truth.logins_change < 0)
            return Fraction(0 if fell else 100)
        case Topic.ARR:
            change = truth.arr_change
            return None if not change else Fraction(100 if change > 0 else 0)
        case Topic.RENEWAL:
            return Fraction(0) if truth.renewal_in is not None and truth.renewal_in <= SOON else None
        case Topic.EXPANSION:
            return Fraction(100)
        case Topic.DATA_AGE:
            return Fraction(0) if fact.number is not None and fact.number > OLD else None
    return truth.now.subs.get(fact.topic)


def _worth_of_change(fact: Fact) -> Fraction | None:
    """For the better or the worse: more is better, but for measures whose ramp runs down."""
    if not fact.number:
        return None
    runs_down = fact.topic in CARD and CARD[fact.topic][1] > CARD[fact.topic][2] and fact.aspect is Aspect.CHANGE
    return Fraction(100 if (fact.number > 0) != runs_down else 0)


def _found(first: Sequence[VerifiedFinding], problem: Problem | None) -> bool:
    if problem is None:
        return all(finding.kind is not FindingKind.RISK for finding in first)
    return any(fact.topic in TOPICS[problem] for finding in first for fact in finding.evidence)


def _fits(action: VerifiedAction, problem: Problem | None, truth: Truth) -> bool:
    """Whether the playbook answers a signal that the account has, or works on a measure that loses a point or more.

    Without a playbook: whether it rests on the planted problem; in an account that has none, on anything.
    """
    if action.playbook is None:
        topics = {fact.topic for fact in action.evidence}
        return bool(topics) if problem is None else bool(topics & TOPICS[problem])
    playbook = get(action.playbook)
    if any(code.value in truth.raised for code in playbook.triggers):
        return True
    return any(one in truth.now.values and truth.now.lost(one) >= LEAST_LOST for one in playbook.measures)


_SALES: Final = frozenset({Topic.EXPANSION, Topic.RENEWAL, Topic.ARR})
