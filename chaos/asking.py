"""One connection of `make load`: it asks, changes, uploads and queues as one client would, and measures each answer."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from bench.figures import Differs
from bench.load import Connection, request
from chaos import clients
from chaos.clients import Shared
from chaos.ledger import Told

METRICS: Final = """query ($id: ID!) { account(by: {id: $id}) { id name health { score bucket }
  dailyMetrics(first: 14) { nodes { date logins } } riskSignals { code } } }"""
WEIGHTS: Final = {
    "account": 30, "page": 20, "portfolio": 16, "details": 14, "uploads": 4, "change": 14, "insight": 1, "upload": 1,
}  # fmt: skip
"What is asked for, of a hundred requests. So few insights and files that a worker keeps up with them."


@dataclass
class Measured:
    """What the connections measure together: milliseconds of each request, by its kind, and what went wrong."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in WEIGHTS})
    errors: Counter[str] = field(default_factory=Counter)


class Asking(threading.Thread):
    """One connection that is kept alive: a request after the other."""

    def __init__(self, port: int, shared: Shared, number: int, seed: int) -> None:
        super().__init__(name=f"connection {number}", daemon=True)
        self._shared = shared
        self._number = number
        self._at = 0
        self._dice = random.Random(seed * 1000 + number)
        self._connection = Connection(port)
        self._files = httpx.Client(timeout=60, trust_env=False)
        self.measured = Measured()

    def run(self) -> None:
        while not self._shared.stop.is_set():
            [kind] = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
            try:
                self._one(kind)
            except (Differs, OSError, httpx.HTTPError) as error:
                self.measured.errors[f"{kind}: {error}"] += 1
                if isinstance(error, OSError):
                    break
        self._connection.close()
        self._files.close()

    def _one(self, kind: str) -> None:
        account = self._dice.choice(self._shared.accounts)
        match kind:
            case "account":
                self._ask(kind, clients.ACCOUNT, {"id": account})
            case "details":
                self._ask(kind, METRICS, {"id": account})
            case "page":
                self._ask(kind, clients.PAGE, {})
            case "portfolio":
                self._ask(kind, clients.PORTFOLIO, {})
            case "uploads":
                self._ask(kind, "{ uploads(first: 10) { nodes { id status counts { rows created } } } }", {})
            case "change":
                self._change(account)
            case "insight":
                self._insight(account)
            case "upload":
                self._upload()

    def _change(self, account: str) -> None:
        key = self._key("change")
        arr = f"{self._dice.randrange(1_000, 900_000)}.{self._dice.randrange(100):02}"
        facts = {"account": account, "arr": arr}
        self._shared.ledger.note("change", key, Told.UNKNOWN, **facts)
        payload = self._ask("change", clients.UPDATE, {"input": {"id": account, "owner": key, "arr": arr}})
        if payload is not None:
            self._shared.ledger.note("change", key, Told.MADE)

    def _insight(self, account: str) -> None:
        key = self._key("insight")
        self._shared.ledger.note("insight", key, Told.UNKNOWN)
        wanted = {"accountId": account, "reuseIfFresh": False, "idempotencyKey": key}
        payload = self._ask("insight", clients.QUEUE, {"input": wanted})
        if payload is not None:
            self._shared.ledger.note("insight", key, Told.MADE, id=payload["queueInsight"]["job"]["id"])

    def _upload(self) -> None:
        key, rows = self._key("upload"), self._dice.randrange(2, 8)
        content = clients.file_of(key, rows, bad=0)
        wanted = {"kind": "ACCOUNTS", "fileName": f"{key}.csv", "sizeBytes": len(content), "idempotencyKey": key}
        self._shared.ledger.note("upload", key, Told.UNKNOWN, rows=rows, bad=0, accepted=False)
        payload = self._ask("upload", clients.OPEN, {"input": wanted})
        if payload is None:
            return
        opened = payload["requestUploadUrl"]
        form = {one["name"]: one["value"] for one in opened["target"]["fields"]}
        answer = self._files.post(opened["target"]["url"], data=form, files={"file": ("file.csv", content, "text/csv")})
        if answer.status_code != 204:
            self.measured.errors[f"upload: the bucket answered {answer.status_code}"] += 1
            return
        self._shared.ledger.note("upload", key, Told.MADE, id=opened["upload"]["id"], accepted=True)

    def _ask(self, kind: str, query: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        """The answer's data; None, and counted, where it has an error of any kind."""
        made = request(json.dumps({"query": query, "variables": variables}).encode())
        began = time.perf_counter()
        text = self._connection.ask(made)
        self.measured.milliseconds[kind].append((time.perf_counter() - began) * 1000)
        answer = json.loads(text)
        refused = [one for part in (answer.get("data") or {}).values() for one in (part or {}).get("userErrors", ())]
        wrong = answer.get("errors") or refused
        if wrong:
            self.measured.errors[f"{kind}: {wrong[0]['message']}"] += 1
            return None
        data: dict[str, Any] = answer["data"]
        return data

    def _key(self, kind: str) -> str:
        self._at += 1
        return f"{kind}-{self._number}-{self._at}"
