"""What a run of `make bench` measured: figures with their limits, kept in a file that later runs bring up to date."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


class Differs(Exception):
    """Two variants gave different answers, or an exact count is not what it must be: what was timed means nothing."""


class Missing(Exception):
    """Something that a part needs is not on this machine; its figures are left out."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and the limit that it is held to; most are ratios of two medians."""

    name: str
    value: float
    limit: float
    better: Literal["lower", "higher"] = "lower"

    @property
    def met(self) -> bool:
        return self.value <= self.limit if self.better == "lower" else self.value >= self.limit


def read(path: Path) -> list[Figure]:
    """The figures in the file, in its order; none where there is no file."""
    if not path.exists():
        return []
    return [Figure(**one) for one in json.loads(path.read_text(encoding="utf-8"))["figures"]]


def merge(path: Path, figures: Iterable[Figure]) -> None:
    """Put the figures into the file: one of a name that is there takes its place, the others follow behind."""
    known = {one.name: one for one in read(path)}
    known |= {one.name: one for one in figures}
    document = {"figures": [asdict(one) for one in known.values()]}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
