"""What clients were told of their writes, kept on disk by them and not by the system that is put to the test.

Each write has a key of its own, which it leaves in the data, so that its traces can be counted afterwards.
"""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Told(StrEnum):
    """What an answer claims of a write; where it was sent more than once under its key, the weightiest claim counts."""

    NOTHING = "nothing"
    "Refused, or the service could not answer: nothing was written."
    UNKNOWN = "unknown"
    "No answer came, or one that says that it may have been made or not."
    MADE = "made"


@dataclass
class Write:
    """One write: `facts` say what it leaves behind where it was made."""

    kind: str
    key: str
    told: Told = Told.NOTHING
    facts: dict[str, Any] = field(default_factory=dict)


class Ledger:
    """Appended to by many threads, one JSON line a claim. Read with `writes`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def note(self, kind: str, key: str, told: Told, **facts: Any) -> None:
        """Write down a claim, with facts that are added to those known of the key."""
        line = json.dumps({"kind": kind, "key": key, "told": told, "facts": facts})
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def writes(path: Path) -> list[Write]:
    """Every write of the file, in the order of their first lines."""
    found: dict[tuple[str, str], Write] = {}
    order = list(Told)
    for line in path.read_text(encoding="utf-8").splitlines():
        claim: Mapping[str, Any] = json.loads(line)
        write = found.setdefault((claim["kind"], claim["key"]), Write(claim["kind"], claim["key"]))
        write.told = max(write.told, Told(claim["told"]), key=order.index)
        write.facts |= claim["facts"]
    return list(found.values())


def counted(known: list[Write]) -> Counter[str]:
    """How many writes of each kind were told what."""
    return Counter(f"{write.kind} {write.told}" for write in known)
