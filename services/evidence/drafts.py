"""What an engine writes: texts that refer to facts by key, before anybody has checked them. Both engines fill the same
shapes.

In a text `{E3}` stands for the value of the fact E3, unit included, and `{account}` (or `{A1}`) for a name.
"""

from dataclasses import dataclass

from services.vocabulary import FindingKind, RiskLevel


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement of one to three sentences and the keys of the facts that it rests on."""

    text: str
    kind: FindingKind
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do. `playbook` is a key of the library or None; `due_in_days` counts from the insight's day."""

    title: str
    reason: str
    priority: RiskLevel
    playbook: str | None
    evidence: tuple[str, ...]
    due_in_days: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole insight as an engine wrote it. Headline and summary may rest on every fact that a finding rests on."""

    headline: str
    summary: str
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
