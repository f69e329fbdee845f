"""The campaign itself: makes requests, sends each with one kind of client's credentials, and judges every answer.

Runs in the venv that has Schemathesis: `python -m fuzz.campaign STAGE --cases N --seed S --out FILE`.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from graphql import GraphQLSchema, build_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz import raw
from fuzz.documents import Question, questions
from fuzz.judging import TOLD, Answer, Wrong, judge
from fuzz.wire import Wire
from services.vocabulary import Role

SCHEMA: Final = Path(__file__).parents[1] / "schema.graphql"
BATCH: Final = 250
"Cases between two looks at what there is to ask for."
FINDINGS: Final = 10
"After so many findings the campaign ends."
ROLES: Final = tuple(role.value for role in Role)
ID: Final = re.compile(r"\b(?:acc|upl|job|ins|pbk|scd|chg)_[0-9a-z-]+")
NOT_HTTP: Final = b"Invalid HTTP request received."
_OWN: Final = ("date", "x-request-id", "x-process-time")
"Headers that differ between any two answers."
LOOK: Final = """{
  accounts(first: 12) { edges { cursor node { id name externalId owner region latestInsight { id } } } }
  uploads(first: 4) { edges { cursor node { id } } } insights(first: 4) { edges { cursor node { id } } }
  updates(first: 20) { cursor } playbooks { id } scorecards { id }
}"""


@dataclass(frozen=True, slots=True)
class Case:
    """One request by one client."""

    who: str
    asked: Question | raw.Request

    @property
    def operation(self) -> str:
        return self.asked.operation if isinstance(self.asked, Question) else f"raw: {self.asked.what}"

    @property
    def request(self) -> raw.Request:
        if isinstance(self.asked, raw.Request):
            return self.asked
        body: dict[str, Any] = {"query": self.asked.text}
        if self.asked.variables is not None:
            body["variables"] = self.asked.variables
        return raw.Request(self.asked.operation, json.dumps(body).encode())


@dataclass
class Report:
    """What the campaign came to."""

    seed: int
    cases: int = 0
    seconds: float = 0
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    "By who asked, how often it ended how."
    operations: dict[str, Counter[str]] = field(default_factory=dict)
    "By root field, and of raw requests, how often they ended how."
    findings: list[dict[str, Any]] = field(default_factory=list)

    def count(self, case: Case, outcome: str) -> None:
        self.cases += 1
        self.outcomes.setdefault(case.who, Counter())[outcome] += 1
        name = "raw requests" if isinstance(case.asked, raw.Request) else case.operation
        self.operations.setdefault(name, Counter())[outcome] += 1


class Campaign:
    """Knows the server, its credentials, and what was found there. `there` grows as answers come in."""

    def __init__(self, stage: dict[str, Any], schema: GraphQLSchema, report: Report) -> None:
        self._schema = schema
        self._report = report
        self._credentials: dict[str, str | None] = stage["credentials"]
        self._wire = Wire(stage["port"])
        self._jobs, self._decoys = stage["jobs"], stage["decoys"]
        self._seen: dict[str, None] = {}
        self._secrets = [
            one.removeprefix("Bearer ").encode() for one in self._credentials.values() if one and "aisi_" in one
        ]
        self._refusal = self._send("none", raw.Request("", b"{}"))
        if self._refusal.status != 401:
            raise SystemExit(f"who has no credentials is answered {self._refusal.status}")

    def run(self, cases: int) -> None:
        """Until so many cases have been asked, or too much was found."""
        for number in range(sys.maxsize):
            left = cases - self._report.cases
            if left <= 0 or len(self._report.findings) >= FINDINGS:
                return
            self._batch(self._report.seed * 1_000_003 + number, min(left, BATCH))

    def _batch(self, number: int, size: int) -> None:
        found: list[tuple[Case, Answer | None, str]] = []
        cases = st.builds(Case, self._clients(), self._asked())

        @seed(number)
        @settings(
            max_examples=size, database=None, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
        )  # fmt: skip
        @given(cases)
        def ask(case: Case) -> None:
            answer: Answer | None = None
            try:
                answer = self._send(case.who, case.request)
                outcome = self._judged(case, answer)
            except (Wrong, OSError) as wrong:
                found.append((case, answer, str(wrong) or repr(wrong)))
                raise
            if not found:  # what is asked to make a finding smaller is no case
                self._report.count(case, outcome)

        try:
            ask()
        except (Wrong, OSError):
            self._report.count(found[0][0], "FOUND")
            self._report.findings.append(_told(*found[-1]))

    def _clients(self) -> st.SearchStrategy[str]:
        refused = sorted(self._credentials.keys() - set(ROLES))
        return st.sampled_from([*ROLES * 12, *refused[:3], *refused[3:]])

    def _asked(self) -> st.SearchStrategy[Question | raw.Request]:
        made = questions(self._schema, self._there())
        return st.sampled_from((True, True, True, True, False)).flatmap(
            lambda is_made: made if is_made else raw.requests()
        )

    def _there(self) -> dict[str, list[str]]:
        """Ids, cursors and texts that can be asked for now."""
        answer = self._send("ADMIN", raw.Request("", json.dumps({"query": LOOK}).encode()))
        data = json.loads(answer.body)["data"]
        nodes = [edge["node"] for edge in data["accounts"]["edges"]]
        texts = [edge["cursor"] for one in ("accounts", "uploads", "insights") for edge in data[one]["edges"]]
        texts += [node[name] for node in nodes for name in ("name", "externalId", "owner", "region") if node[name]]
        ids = sorted(set(ID.findall(answer.body.decode())))
        recent = list(self._seen)[-40:]
        return {
            "ids": [*ids, *recent, *self._jobs, *self._decoys],
            "texts": [*dict.fromkeys(texts), data["updates"]["cursor"]],
        }

    def _send(self, who: str, request: raw.Request) -> Answer:
        credential = self._credentials[who]
        headers = request.headers | ({} if credential is None else {"authorization": credential})
        return self._wire.send(request.method, request.path, request.body, headers)

    def _judged(self, case: Case, answer: Answer) -> str:
        request = case.request
        if any(secret in answer.body for secret in self._secrets):
            raise Wrong("the answer holds somebody's credentials")
        if request.path != "/graphql" or request.method != "POST":
            return _elsewhere(answer)
        if answer.status == 400 and answer.body == NOT_HTTP:
            return "no HTTP"
        if case.who not in ROLES:
            if _told_by(answer) != _told_by(self._refusal):
                raise Wrong(f"refused as nobody else is: {answer.status} {dict(answer.headers)} {answer.body[:200]!r}")
            return "401"
        text = case.asked.text if isinstance(case.asked, Question) and case.asked.is_plain else None
        outcome = judge(self._schema, answer, Role(case.who), text)
        for one in ID.findall(answer.body.decode()):
            self._seen[one] = None
        return outcome


def _elsewhere(answer: Answer) -> str:
    if answer.status >= 500:
        raise Wrong(f"status {answer.status}")
    if TOLD.search(answer.body.decode("utf-8", "replace")) and "html" not in answer.headers.get("content-type", ""):
        raise Wrong("the answer tells too much")
    return f"status {answer.status}"


def _told_by(answer: Answer) -> Any:
    """All of an answer but what differs between any two."""
    kept = {name: value for name, value in answer.headers.items() if name not in _OWN}
    return answer.status, kept, answer.body


def _told(case: Case, answer: Answer | None, wrong: str) -> dict[str, Any]:
    request = case.request
    return {
        "wrong": wrong, "who": case.who, "operation": case.operation, "request": raw.query_of(request),
        "method": request.method, "path": request.path, "headers": request.headers,
        "status": answer and answer.status, "answer": answer and answer.body[:2_000].decode("utf-8", "replace"),
    }  # fmt: skip


def lines(report: Report) -> Iterator[str]:
    """The report for people."""
    yield f"{report.cases:,} cases in {report.seconds:.0f} s, seed {report.seed}"
    for who, outcomes in sorted(report.outcomes.items(), key=lambda one: (one[0] not in ROLES, one[0])):
        told = ", ".join(f"{what} {count:,}" for what, count in outcomes.most_common())
        yield f"{who:13} {sum(outcomes.values()):6,}  {told}"
    for finding in report.findings:
        yield f"\nFOUND: {finding['wrong']}\n{json.dumps(finding, indent=2)[:6_000]}"
    yield f"{len(report.findings)} findings"


def main() -> int:
    parser = argparse.ArgumentParser("fuzz.campaign", description=__doc__)
    parser.add_argument("stage", type=Path)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    report = Report(asked.seed)
    began = time.monotonic()
    campaign = Campaign(json.loads(asked.stage.read_text()), build_schema(SCHEMA.read_text(encoding="utf-8")), report)
    campaign.run(asked.cases)
    report.seconds = round(time.monotonic() - began, 1)
    asked.out.write_text(json.dumps(vars(report), indent=2) + "\n")
    for line in lines(report):
        print(line)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
