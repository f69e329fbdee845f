"""An engine over the facts of insights that people have rated: what it makes of them now, beside what was thought then.

There is no database behind those facts, so their values are taken as they were saved; the texts are read all the same.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench.evaluation import reading
from bench.evaluation.running import Attempt, attempt
from services.errors import Rejected
from services.evidence.facts import Aspect, Fact, Topic
from services.evidence.subject import Choice, Raised, Subject
from services.evidence.verify import VerifiedFinding
from services.numbering import SIGNALS
from services.playbook_library import PLAYBOOKS
from services.ports import Writer
from services.vocabulary import EvidenceSource, FactorDirection, HealthBucket, InsightScope, RiskLevel

NAME = re.compile(r"\{(account|A[1-9][0-9]*)\}")


@dataclass(frozen=True, slots=True)
class Rated:
    """A rated insight as `python -m local export-ratings` tells it."""

    id: str
    engine: str
    rating: str
    comment: str | None
    headline: str
    findings: frozenset[tuple[str, frozenset[str]]]
    "Kind and evidence of each."
    subject: Subject


@dataclass(frozen=True, slots=True)
class Compared:
    """The old insight and the attempt at a new one."""

    old: Rated
    attempt: Attempt
    faults: tuple[str, ...]
    said_again: int
    "Findings of the old one whose kind and evidence a new one has too."


def read(file: Path) -> Iterator[Rated]:
    """The insights of a file of JSON lines. Raises Rejected, naming the line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("FILE_UNREADABLE", f"{file} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _rated(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                message = f"line {number} of {file} is no rated insight: {type(error).__name__} {error}"
                raise Rejected("FILE_UNREADABLE", message) from error


def compare(writer: Writer, rated: Iterator[Rated], *, say: Callable[[str], None]) -> list[Compared]:
    """Ask for an insight of each subject anew."""
    found: list[Compared] = []
    for one in rated:
        made = attempt(writer, one.subject)
        findings = made.insight.findings if made.insight else ()
        faults = [fault for each in findings for fault in reading.faults(each.text, each.evidence)]
        again = len(one.findings & {_key(each) for each in findings})
        found.append(Compared(one, made, tuple(faults), again))
        say(f"{len(found)}: {one.id}: {made.failure or 'written'} ({made.seconds:.1f} s)")
    return found


def told(one: Compared) -> str:
    """The old rating beside the new result."""
    old, made = one.old, one.attempt
    rating = f"{old.rating}{f' (“{old.comment}”)' if old.comment else ''}"
    lines = [
        f"{old.id}, {old.subject.scope.value} on {old.subject.day}: {rating}",
        f"  then ({old.engine}): {old.headline}",
    ]
    if made.insight is None:
        lines.append(f"  now: {made.failure}: {made.message}")
    else:
        lines.append(f"  now: {made.insight.headline}")
        lines.append(
            f"  {one.said_again} of {len(old.findings)} findings said again, {len(made.insight.findings)} in all,"
            f" {made.insight.sentences_dropped} sentences dropped, {len(one.faults)} faults"
        )
    return "\n".join([*lines, *(f"  untrue: {fault}" for fault in one.faults)])


def _rated(document: Mapping[str, Any]) -> Rated:
    return Rated(
        id=document["id"],
        engine=document["engine"],
        rating=document["rating"],
        comment=document["comment"],
        headline=document["headline"],
        findings=frozenset(
            (one["kind"], frozenset(fact["key"] for fact in one["evidence"])) for one in document["findings"]
        ),
        subject=_subject(document),
    )


def _subject(document: Mapping[str, Any]) -> Subject:
    """The subject as far as its facts tell it: names are lost, signals and playbooks are read off the facts."""
    facts = tuple(_fact(one) for one in document["facts"])
    tokens = {token for fact in facts for token in NAME.findall(f"{fact.label}{{{fact.of}}}")} | {"account"}
    bucket = next((fact.value for fact in facts if (fact.topic, fact.aspect) == (Topic.BUCKET, Aspect.LEVEL)), None)
    raised = tuple(_raised(facts))
    scope = InsightScope(document["scope"])
    is_account = scope is InsightScope.ACCOUNT
    return Subject(
        scope=scope,
        day=date.fromisoformat(document["data_as_of"]),
        facts=facts,
        signals=raised if is_account else (),
        choices=tuple(_choices(facts, raised)) if is_account else (),
        bucket=HealthBucket(bucket) if bucket in set(HealthBucket) and is_account else None,
        names={token: "The account" if token == "account" else f"Account {token}" for token in sorted(tokens)}
        if is_account
        else {token: f"Account {token}" for token in sorted(tokens - {"account"})},
    )


def _fact(document: Mapping[str, Any]) -> Fact:
    return Fact(
        key=document["key"],
        topic=Topic(document["topic"]),
        aspect=Aspect(document["aspect"]),
        label=document["label"],
        value=document["value"],
        unit=document["unit"],
        observed_on=date.fromisoformat(document["observed_on"]),
        source=EvidenceSource(document["source"]),
        tone=FactorDirection(document["tone"]) if document["tone"] else None,
        window_days=document["window_days"],
        of=document["of"],
    )


def _raised(facts: tuple[Fact, ...]) -> Iterator[Raised]:
    """The signals in the order of their facts, each with its severity, its first day and what else is of its topic."""
    for fact in facts:
        if fact.aspect is Aspect.SIGNAL and fact.of is None:
            code = next(code for code, (_, label) in SIGNALS.items() if fact.label.startswith(label))
            label = SIGNALS[code][1]
            same = [one for one in facts if one.aspect is Aspect.SINCE and one.label.startswith(label)]
            about = [one for one in facts if one.topic is fact.topic and one.aspect is Aspect.LEVEL]
            yield Raised(code, RiskLevel(fact.value), tuple(one.key for one in (fact, *same, *about)))


def _choices(facts: tuple[Fact, ...], raised: tuple[Raised, ...]) -> Iterator[Choice]:
    """The playbooks that a fact tells the points of, then those that answer a signal without any."""
    codes = {one.code for one in raised}
    points = {
        playbook.key: fact.key
        for fact in facts
        for playbook in PLAYBOOKS
        if fact.topic is Topic.SCORE and fact.aspect is Aspect.LOST and playbook.title in fact.label
    }
    by_key = {playbook.key: playbook for playbook in PLAYBOOKS}
    others = [playbook.key for playbook in PLAYBOOKS if codes & set(playbook.triggers) and playbook.key not in points]
    for key in (*points, *others):
        because = tuple(code for code in by_key[key].triggers if code in codes)
        yield Choice(key, because, (points[key],) if key in points else ())


def _key(finding: VerifiedFinding) -> tuple[str, frozenset[str]]:
    return finding.kind.value, frozenset(fact.key for fact in finding.evidence)
