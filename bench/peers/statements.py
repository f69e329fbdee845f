"""The best statement for each question that could be written by hand, in `sql/`: it answers the root field as JSON.

Parameters are numbered, as PostgreSQL numbers them; each file's first line says which is which.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from services.scorecards import DEFAULT

FOLDER: Final = Path(__file__).parent / "sql"
LABELS: Final = orjson.dumps({measure.measure.value: measure.label for measure in DEFAULT.measures}).decode()
ROOT_FIELDS: Final = {"Q1": "accounts", "Q2": "accounts", "Q3": "portfolioMetrics"}


def text(name: str) -> str:
    """The statement, its parameters as psycopg2 wants them named: %(p1)s."""
    return re.sub(r"\$(\d)", r"%(p\1)s", (FOLDER / f"{name.lower()}.sql").read_text(encoding="utf-8"))


def values(name: str, variables: Mapping[str, Any]) -> dict[str, object]:
    """What the statement's parameters are for the variables of a request."""
    listed = _listed(name, variables, datetime.now(UTC).date())
    return {f"p{number}": value for number, value in enumerate(listed, 1)}


def _listed(name: str, variables: Mapping[str, Any], today: date) -> Sequence[object]:
    if name == "Q1":
        filter_ = variables["filter"]
        return filter_["bucket"]["in"], filter_["arr"]["gte"], variables["first"], today
    if name == "Q2":
        return variables["first"], variables["days"], today, LABELS
    return (today,)
