"""The three questions, as each variant is asked them, and whether the answers are the same.

The questions themselves stand in `questions/`, in our schema's words. Answers are compared in our shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from bench.figures import Differs

FOLDER: Final = Path(__file__).parent / "questions"
NAMES: Final = ("Q1", "Q2", "Q3")


@dataclass(frozen=True, slots=True)
class Question:
    """A GraphQL request."""

    name: str
    text: str
    variables: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """As a client sends it."""
        return orjson.dumps({"query": self.text, "variables": self.variables})

    @property
    def variables_body(self) -> bytes:
        """The variables alone, for what knows the question already."""
        return orjson.dumps(self.variables)


def question(name: str, folder: Path = FOLDER) -> Question:
    """The question of that name, in our words; or in a peer's, from its folder."""
    text = (folder / f"{name.lower()}.graphql").read_text(encoding="utf-8")
    return Question(name, text, orjson.loads((folder / f"{name.lower()}.json").read_bytes()))


def same(expected: Any, found: Any, who: str, path: str = "data") -> None:
    """Raises Differs, naming the place, unless both are the same; cursors, which only their giver reads, may differ."""
    if path.endswith("Cursor") and isinstance(expected, str) and isinstance(found, str):
        return
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for key, value in expected.items():
            same(value, found[key], who, f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, value in enumerate(expected):
            same(value, found[index], who, f"{path}.{index}")
    elif expected != found or type(expected) is not type(found):
        raise Differs(f"{who} answers otherwise at {path}: {_brief(found)} where ours says {_brief(expected)}")


def data(answer: bytes, who: str) -> Any:
    """The data of a GraphQL answer. Raises Differs where it tells of errors."""
    try:
        decoded = orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise Differs(f"{who} answers no JSON: {_brief(answer)}") from error
    if decoded.get("errors") or decoded.get("data") is None:
        raise Differs(f"{who} answers errors: {_brief(decoded)}")
    return decoded["data"]


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}..."
