"""An insight as a page that a person reads: texts with their values, and the facts each rests on."""

import re
from collections.abc import Iterator

from services.evidence.drafts import Draft
from services.evidence.facts import written
from services.evidence.subject import Subject

DIRECTION = re.compile(
    r"\b(fell|fallen|rose|risen|lost|down|up|by|dropped|grew|grown|gained|lose|loses|cost|costs|shrank)\s*$", re.I
)


def page(subject: Subject, draft: Draft) -> str:
    """The whole insight as markdown."""
    return "\n".join(_lines(subject, draft)) + "\n"


def rendered(subject: Subject, text: str) -> str:
    """The text with values and names in it."""

    def value(match: re.Match[str]) -> str:
        fact = subject.fact(match[1])
        assert fact is not None, match[1]
        return written(fact, signed=not DIRECTION.search(text[: match.start()]))

    for token, name in subject.names.items():
        text = text.replace(f"{{{token}}}", name)
    return re.sub(r"\{(E\d+)\}", value, text)


def _lines(subject: Subject, draft: Draft) -> Iterator[str]:
    yield f"# {rendered(subject, draft.headline)}"
    yield ""
    yield rendered(subject, draft.summary)
    yield ""
    yield "## Findings"
    for finding in draft.findings:
        yield ""
        yield f"- **{finding.kind}** {rendered(subject, finding.text)}"
        yield from _evidence(subject, finding.evidence)
    yield ""
    yield "## Actions"
    for action in draft.actions:
        yield ""
        due = "" if action.due_in_days is None else f", due in {action.due_in_days} days"
        yield f"- **{action.priority}** {rendered(subject, action.title)} ({action.playbook or 'no playbook'}{due})"
        yield f"  {rendered(subject, action.reason)}"
        yield from _evidence(subject, action.evidence)


def _evidence(subject: Subject, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        fact = subject.fact(key)
        assert fact is not None
        label = rendered(subject, fact.label)
        yield f"  - {label}: {written(fact)} ({fact.observed_on})"
