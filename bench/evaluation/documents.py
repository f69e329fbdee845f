"""An insight for reading and as JSON, with its verdict where it has one."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.evaluation.running import Result
from services.evidence.verify import Verified


def shown(insight: Verified, marks: Sequence[bool] | None = None) -> str:
    """An insight as a person reads it; `marks` tells which findings are true."""
    lines = [insight.headline, "", insight.summary, ""]
    for at, finding in enumerate(insight.findings):
        mark = "" if marks is None or marks[at] else "  UNTRUE"
        keys = ", ".join(fact.key for fact in finding.evidence)
        lines.append(f"  {finding.kind.value:11} {finding.text} [{keys}]{mark}")
    lines.append("")
    for action in insight.actions:
        due = "" if action.due_in_days is None else f", in {action.due_in_days} days"
        lines.append(
            f"  {action.priority.value:11} {action.title}{due} ({action.playbook or 'no playbook'}). {action.reason}"
        )
    return "\n".join(lines)


def document(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Every account with its insight and its verdict, as JSON takes it."""
    return [
        {
            "account": one.account.number,
            "problem": one.account.problem,
            "name": one.account.name,
            "failure": one.attempt.failure,
            "message": one.attempt.message,
            "seconds": round(one.attempt.seconds, 4),
            "calls": [
                asdict(call) | {"cost": None if call.cost is None else str(call.cost)} for call in one.attempt.calls
            ],
            "insight": None if one.attempt.insight is None else written(one.attempt.insight),
            "judged": None if one.judged is None else asdict(one.judged),
        }
        for one in results
    ]


def written(insight: Verified) -> dict[str, Any]:
    """The insight, its evidence by key."""
    return {
        "headline": insight.headline,
        "summary": insight.summary,
        "findings": [
            {"text": one.text, "kind": one.kind, "evidence": [fact.key for fact in one.evidence]}
            for one in insight.findings
        ],
        "actions": [
            {"title": one.title, "reason": one.reason, "priority": one.priority, "playbook": one.playbook,
             "evidence": [fact.key for fact in one.evidence], "due_in_days": one.due_in_days}
            for one in insight.actions
        ],
        "sentences_dropped": insight.sentences_dropped,
    }  # fmt: skip
