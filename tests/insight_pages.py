"""An insight as a page that a person reads: the texts as the check lets them through, and the facts each rests on."""

from collections.abc import Iterator, Sequence

from services.evidence.drafts import Draft
from services.evidence.facts import Fact, written
from services.evidence.subject import Subject
from services.evidence.verify import Verified, verify
from services.playbook_library import PLAYBOOKS


def page(subject: Subject, draft: Draft) -> str:
    """The whole insight as markdown."""
    verified = verify(draft, subject, playbooks=[playbook.key for playbook in PLAYBOOKS])
    return "\n".join(_lines(subject, verified)) + "\n"


def _lines(subject: Subject, insight: Verified) -> Iterator[str]:
    yield f"# {insight.headline}"
    yield ""
    yield insight.summary
    yield ""
    yield "## Findings"
    for finding in insight.findings:
        yield ""
        yield f"- **{finding.kind}** {finding.text}"
        yield from _evidence(subject, finding.evidence)
    yield ""
    yield "## Actions"
    for action in insight.actions:
        days = "day" if action.due_in_days == 1 else "days"
        yield ""
        yield f"- **{action.priority}** {action.title} ({action.playbook or 'no playbook'}, in {action.due_in_days} {days})"
        yield f"  {action.reason}"
        yield from _evidence(subject, action.evidence)


def _evidence(subject: Subject, facts: Sequence[Fact]) -> Iterator[str]:
    for fact in facts:
        label = fact.label
        for token, name in subject.names.items():
            label = label.replace(f"{{{token}}}", name)
        yield f"  - {label}: {written(fact)} ({fact.observed_on})"
