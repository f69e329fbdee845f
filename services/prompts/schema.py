"""The JSON schema of an answer, in the strict subset of OpenAI's structured outputs: every property required, no other
allowed, null by a union. The subset knows no `maxLength`; services.prompts.reading keeps the lengths.
"""

from collections.abc import Mapping
from typing import Any

from services.evidence.subject import Subject
from services.prompts.contract import ACTIONS, FINDINGS, KEYS, LATEST
from services.vocabulary import FindingKind, RiskLevel

Schema = Mapping[str, Any]


def schema(subject: Subject) -> Schema:
    """What an answer about `subject` looks like: only its facts' keys and its playbooks can be named."""
    evidence = _list({"type": "string", "enum": [fact.key for fact in subject.facts]}, 1, KEYS)
    finding = _object(
        text={"type": "string"},
        kind={"type": "string", "enum": [kind.value for kind in FindingKind]},
        evidence=evidence,
    )
    action = _object(
        title={"type": "string"},
        reason={"type": "string"},
        priority={"type": "string", "enum": [level.value for level in RiskLevel]},
        playbook=_playbook([one.playbook for one in subject.choices]),
        evidence=evidence,
        due_in_days={"anyOf": [{"type": "integer", "minimum": 0, "maximum": LATEST}, {"type": "null"}]},
    )
    return _object(
        headline={"type": "string"},
        summary={"type": "string"},
        findings=_list(finding, 1, FINDINGS),
        actions=_list(action, 0, ACTIONS),
    )


def _playbook(keys: list[str]) -> Schema:
    return {"anyOf": [{"type": "string", "enum": keys}, {"type": "null"}]} if keys else {"type": "null"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Schema, least: int, most: int) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}
