"""Clients that read, change, upload and ask for insights, note what they are told, and hold every answer to it.

They retry as the documentation tells them to, and only what has an idempotency key.
"""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from chaos.ledger import Ledger, Told

UPDATE: Final = """mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) {
  account { id version owner } userErrors { code message } } }"""
OPEN: Final = """mutation ($input: RequestUploadUrlInput!) { requestUploadUrl(input: $input) {
  upload { id status } target { url fields { name value } } userErrors { code message } } }"""
QUEUE: Final = """mutation ($input: QueueInsightInput!) { queueInsight(input: $input) {
  job { id status } reused userErrors { code message } } }"""
SCORE: Final = "mutation { recomputeHealth(input: {}) { job { status } userErrors { code message } } }"
ACCOUNT: Final = "query ($id: ID!) { account(by: {id: $id}) { id version owner arr { amount } health { score } } }"
PAGE: Final = """{ accounts(first: 25, orderBy: [{field: ARR, direction: DESC}]) { totalCount
  nodes { id name arr { amount } health { score bucket } } } }"""
PORTFOLIO: Final = "{ portfolioMetrics { accountCount totalArr { amount } arrInRed { amount } } }"
UPLOAD: Final = "query ($id: ID!) { upload(id: $id) { status counts { rows created failed } } }"
JOB: Final = "query ($id: ID!) { job(id: $id) { status ... on InsightJob { insight { id } } } }"
FINAL: Final = frozenset({"SUCCEEDED", "PARTIAL", "FAILED", "EXPIRED", "CANCELLED"})
TRIES: Final = 6
"How often a client repeats a request that has an idempotency key."


@dataclass
class Shared:
    """What the clients know together. Everything in `false` is a broken promise."""

    url: str
    ledger: Ledger
    accounts: list[str]
    stop: threading.Event = field(default_factory=threading.Event)
    false: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    versions: dict[str, int] = field(default_factory=dict)
    "The newest version of each account that somebody was told."
    watched: list[tuple[str, str, str]] = field(default_factory=list)
    "Uploads and insight jobs that were accepted: kind, key, id."
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str) -> None:
        with self.lock:
            self.answers[name] += 1


class Client(threading.Thread):
    """One of them, until `shared.stop` is set."""

    def __init__(self, shared: Shared, number: int, seed: int, *, pause: float = 0.0) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._shared = shared
        self._number = number
        self._dice = random.Random(seed * 1000 + number)
        self._pause = pause
        self._at = 0
        self._http = httpx.Client(timeout=60, trust_env=False)

    def run(self) -> None:
        actions = {self.read: 8, self.change: 5, self.ask: 3, self.upload: 2, self.score: 0.2}
        while not self._shared.stop.is_set():
            [action] = self._dice.choices(list(actions), list(actions.values()))
            action()
            time.sleep(self._pause)
        self._http.close()

    def read(self) -> None:
        """Ask for an account, a page, the portfolio, or how an upload or a job goes."""
        what = self._dice.choice(("account", "page", "portfolio", "watched", "watched"))
        if what == "watched" and self._shared.watched:
            kind, key, id_ = self._dice.choice(self._shared.watched)
            self._look(kind, key, id_)
        elif what == "account":
            id_ = self._dice.choice(self._shared.accounts)
            least = self._shared.versions.get(id_, 0)
            _, data = self._send(ACCOUNT, {"id": id_})
            if data is not None and (data["account"] is None or data["account"]["version"] < least):
                self._shared.false.append(f"{id_} was answered as {data['account']} after version {least} was told")
        else:
            self._send(PAGE if what == "page" else PORTFOLIO, {})

    def change(self) -> None:
        key = self._key("change")
        id_ = self._dice.choice(self._shared.accounts)
        arr = f"{self._dice.randrange(1_000, 900_000)}.{self._dice.randrange(100):02}"
        facts = {"account": id_, "arr": arr}
        self._shared.ledger.note("change", key, Told.NOTHING, **facts)
        told, data = self._send(UPDATE, {"input": {"id": id_, "owner": key, "arr": arr}})
        if data is not None and data["updateAccount"]["userErrors"]:
            told = Told.NOTHING
            self._shared.count(f"refused {data['updateAccount']['userErrors'][0]['code']}")
        elif data is not None:
            version = data["updateAccount"]["account"]["version"]
            with self._shared.lock:
                self._shared.versions[id_] = max(version, self._shared.versions.get(id_, 0))
        self._shared.ledger.note("change", key, told, **facts)

    def ask(self) -> None:
        """Queue an insight; half of the clients give up where they are told that nothing was done."""
        key, account = self._key("insight"), self._dice.choice(self._shared.accounts)
        wanted = {"accountId": account, "reuseIfFresh": False, "idempotencyKey": key}
        payload = self._repeated("insight", key, QUEUE, wanted, "queueInsight", "job")
        if payload is not None:
            with self._shared.lock:
                self._shared.watched.append(("insight", key, payload["job"]["id"]))

    def upload(self, bad: int | None = None) -> None:
        """Ask for a form and post a small file of new accounts, with that many bad rows; one in three has one."""
        key, rows = self._key("upload"), self._dice.randrange(2, 8)
        if bad is None:
            bad = int(self._dice.random() < 1 / 3)
        content = file_of(key, rows, bad)
        wanted = {"kind": "ACCOUNTS", "fileName": f"{key}.csv", "sizeBytes": len(content), "idempotencyKey": key}
        facts = {"rows": rows, "bad": bad, "accepted": False}
        payload = self._repeated("upload", key, OPEN, wanted, "requestUploadUrl", "upload", **facts)
        if payload is None or payload["target"] is None:
            return
        for _ in range(TRIES):
            if self._post(payload["target"], content):
                self._shared.ledger.note("upload", key, Told.MADE, accepted=True)
                self._shared.count("file accepted")
                with self._shared.lock:
                    self._shared.watched.append(("upload", key, payload["upload"]["id"]))
                return
            time.sleep(0.2)

    def score(self) -> None:
        self._send(SCORE, {})

    def _look(self, kind: str, key: str, id_: str) -> None:
        _, data = self._send(UPLOAD if kind == "upload" else JOB, {"id": id_})
        if data is None:
            return
        found = data["upload" if kind == "upload" else "job"]
        if found is None:
            self._shared.false.append(f"{kind} {id_} was accepted and then answered as unknown")
        elif found["status"] in FINAL:
            self._shared.ledger.note(kind, key, Told.MADE, seen=found["status"])

    def _repeated(
        self, kind: str, key: str, query: str, wanted: dict[str, Any], field_: str, subject: str, **facts: Any
    ) -> dict[str, Any] | None:
        """The payload, where one came; the request is repeated under its key while it is not answered."""
        tries = TRIES if self._dice.random() < 0.5 else 1
        self._shared.ledger.note(kind, key, Told.NOTHING, **facts)
        known = None
        for _ in range(tries):
            told, data = self._send(query, {"input": wanted})
            if data is not None and data[field_]["userErrors"]:
                self._shared.count(f"refused {data[field_]['userErrors'][0]['code']}")
                self._shared.ledger.note(kind, key, Told.NOTHING)
                return None
            id_ = data[field_][subject]["id"] if data is not None else None
            if known and id_ and known != id_:
                self._shared.false.append(f"{kind} {key} was answered with {known} and with {id_}")
            known = known or id_
            self._shared.ledger.note(kind, key, told, **({"id": id_} if id_ else {}))
            if data is not None:
                payload: dict[str, Any] = data[field_]
                return payload
            time.sleep(0.3)
        return None

    def _post(self, target: dict[str, Any], content: str) -> bool:
        form = {one["name"]: one["value"] for one in target["fields"]}
        try:
            answer = self._http.post(target["url"], data=form, files={"file": ("file.csv", content, "text/csv")})
        except httpx.TransportError:
            return False
        return answer.status_code == 204

    def _send(self, query: str, variables: dict[str, Any]) -> tuple[Told, dict[str, Any] | None]:
        """What the answer claims of a write, and its data where it has no error."""
        try:
            answer = self._http.post(self._shared.url, json={"query": query, "variables": variables})
            body = answer.json()
        except (httpx.TransportError, ValueError) as error:
            self._shared.count(f"no answer ({type(error).__name__})")
            return Told.UNKNOWN, None
        if not body.get("errors"):
            self._shared.count("answered")
            return Told.MADE, body["data"]
        first = body["errors"][0]
        code, message = first.get("extensions", {}).get("code"), first["message"]
        self._shared.count(str(code))
        if code != "UNAVAILABLE":
            self._shared.false.append(f"{query.split('(')[0].strip()[:40]}: {code} {message}")
            return Told.UNKNOWN, None
        if message == NOTHING_DONE:
            return Told.NOTHING, None
        return (Told.MADE if message.startswith(DONE) else Told.UNKNOWN), None

    def _key(self, kind: str) -> str:
        self._at += 1
        return f"{kind}-{self._number}-{self._at}"


def file_of(key: str, rows: int, bad: int) -> str:
    """A CSV file of that many new accounts, and of rows that cannot be read."""
    good = "".join(f"{key}-{at},{key} {at},{at}.5,SMB\n" for at in range(rows))
    return f"external_id,name,arr,segment\n{good}" + f"{key}-bad,{key} bad,much,SMB\n" * bad


NOTHING_DONE: Final = "the service cannot answer right now: try again"
"What an answer says where it promises that nothing was written."
DONE: Final = "the change was made"
