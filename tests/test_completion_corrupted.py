"""Documents that do not hold what the schema says: answers written by types are graphql-core's, with errors, paths, nulls.

A schema of its own, whose root fields answer what the test makes up for the very selection, broken in random places.
"""

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any, ClassVar

import orjson
import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type, is_list_type, is_non_null_type
from strawberry.extensions import SchemaExtension
from strawberry.permission import BasePermission
from strawberry.types import Info

from graph.schema import Schema
from graph.selection import _fields
from graph.words import answered, described, described_interface, told, under_key
from services.access import LOCAL, Identity
from services.db.connection import Document
from services.errors import Rejected
from services.vocabulary import HealthBucket, Segment
from tests.generated_queries import FLAGS, question
from tests.test_completion import written

QUESTIONS = 500
ROOTS = ("leaf", "leaf", "tree", "tree", "leaves", "sure", "odd")
DOCUMENTS = 6
"For each question: the first is asked for the first time, the others beside a schema whose middleware forbids plans."


@pytest.fixture(autouse=True)
def first_answers_without_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle: what costs much would be planned when it is first asked."""
    monkeypatch.setattr("graph.completion.PLANNED_AT_ONCE", sys.maxsize)


class Allowed(BasePermission):
    message = "not for you"

    def has_permission(self, source: Any, info: Info[Any, Any], **_: Any) -> bool:  # noqa: ARG002 - Strawberry's signature
        allowed: bool = info.context.allowed
        return allowed


@described_interface
class Thing:
    """Anything."""

    id: strawberry.ID = told("Opaque.")


@described
class Leaf(Thing):
    """Every kind of value that is plain."""

    id: strawberry.ID = told("Opaque.")
    name: str = told("A text.")
    note: str | None = told("A text or none.", deprecation_reason="nobody reads it")
    count: int = told("A number.")
    spare: int | None = told("A number or none.")
    flag: bool = told("Yes or no.")
    perhaps: bool | None = told("Yes, no or neither.")
    segment: Segment = told("A word.")
    bucket: HealthBucket | None = told("A word or none.")
    amount: Decimal = told("Money.")
    day: date | None = told("A day or none.")
    moment: datetime = told("A moment.")
    words: list[str] = told("Texts.")
    grid: list[list[int]] = told("Numbers in rows.")
    holes: list[list[int | None] | None] | None = told("Numbers in rows, with holes.")
    many: list[Segment | None] = told("Words and holes.")
    leaf: "Leaf | None" = told("Another or none.")
    tree: "Leaf" = told("Another.")
    leaves: "list[Leaf]" = told("Others.")
    sparse: "list[Leaf | None] | None" = told("Others and holes.")
    odd: "Odd | None" = told("What is not plain.")

    @answered
    def part(self, first: int = 3, word: Segment | None = None) -> "Leaf | None":
        """Another, by arguments."""


@described
class Odd(Thing):
    """What needs more than a document."""

    id: strawberry.ID = told("Opaque.")
    name: str = told("A text.")
    rate: float = told("A number with a fraction.")
    thing: Thing | None = told("Anything.")
    things: list[Thing] = told("Anything.")
    leaf: Leaf | None = told("What is plain.")
    leaves: list[Leaf] = told("What is plain.")

    @strawberry.field(description="For some.", permission_classes=[Allowed])
    def secret(self, info: Info[Any, Any]) -> str | None:
        return under_key(self, info)  # type: ignore[no-any-return]

    @strawberry.field(description="For some, and never null.", permission_classes=[Allowed])
    def sure_secret(self, info: Info[Any, Any]) -> str:
        return under_key(self, info)  # type: ignore[no-any-return]

    @strawberry.field(description="Fails.")
    def broken(self, info: Info[Any, Any]) -> str | None:
        if info.context.fails:
            raise Rejected("NOT_ALLOWED_NOW", "it is refused", ["input"])
        return under_key(self, info)  # type: ignore[no-any-return]


@dataclass
class Asking:
    """A request's context: the seed of what its root fields answer, and how it is handed over."""

    seed: int = 0
    breaks: int = 0
    as_text: bool = True
    allowed: bool = True
    fails: bool = False
    request_id: str = "a request"
    identity: Identity = LOCAL
    answer: Any = None

    def document(self, info: Info[Any, Any]) -> Any:
        """One for the selection of the root field that is being resolved."""
        raw = info._raw_info
        random = Random(f"{self.seed} {raw.path.key}")
        type_: Any = get_named_type(raw.return_type)
        maker = _Maker(random, raw)
        made = maker.object(type_, raw.field_nodes, 0)
        for _ in range(self.breaks):
            _break(random, made, as_text=self.as_text)
        return Document(_text(random, made)) if self.as_text else made


def _leaf(info: Info[Asking, Any], first: int = 3) -> Any:
    """One, or none."""
    return info.context.document(info)


def _leaves(info: Info[Asking, Any]) -> Any:
    """Several."""
    return [info.context.document(info), None, info.context.document(info)]


def _fixed(info: Info[Asking, Any]) -> Any:
    """What the context says, whatever is asked for."""
    return info.context.answer


@described
class Query:
    """Where documents come in."""

    leaf: Leaf | None = told("One.", resolver=_leaf)
    tree: Leaf = told("One.", resolver=_leaf)
    odd: Odd | None = told("One.", resolver=_leaf)
    leaves: list[Leaf | None] = told("Some.", resolver=_leaves)
    sure: list[Leaf] | None = told("Some.", resolver=_leaves)
    fixed: Leaf | None = told("One.", resolver=_fixed)


class Counting(SchemaExtension):
    """Sees every field that is resolved, as a product's own extension may."""

    seen: ClassVar[Counter[str]] = Counter()

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        self.seen[info.field_name] += 1
        return next_(source, info, *args, **kwargs)


SCHEMA = Schema(Query)
WATCHED = Schema(Query)
WATCHED.extensions = [*WATCHED.extensions, Counting]


class _Maker:
    """Makes documents that hold what the schema says."""

    def __init__(self, random: Random, raw: Any) -> None:
        self._random = random
        self._raw = raw

    def object(self, type_: GraphQLObjectType, nodes: Any, depth: int) -> dict[str, Any]:
        if not isinstance(type_, GraphQLObjectType):
            type_ = self._random.choice(self._raw.schema.get_possible_types(type_))
            made: dict[str, Any] = {"__typename": type_.name}
        else:
            made = {"more": 1} if self._random.random() < 0.1 else {}
        for key, same in _fields(self._raw, type_, nodes).items():
            made[key] = self.value(type_.fields[same[0].name.value].type, same, depth + 1)
        return made

    def value(self, type_: Any, nodes: Any, depth: int) -> Any:
        random = self._random
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif random.random() < 0.2:
            return None
        if is_list_type(type_):
            return [
                self.value(type_.of_type, nodes, depth)
                for _ in range(random.choice([0, 1, 2, 3] if depth < 5 else [0, 1]))
            ]
        if isinstance(type_, GraphQLEnumType):
            return random.choice(list(type_.values))
        if type_.name in LEAVES:
            return random.choice(LEAVES[type_.name])
        return self.object(type_, nodes, depth)


LEAVES: dict[str, list[Any]] = {
    "String": [
        "",
        "x",
        "é 漢 😀",
        "\u2028 \u2029 </script>",
        '\x00\x01\x1f\x7f \b\t\n\f\r " \\ /',
        "\ufeff\uffff",
        "null",
    ],
    "ID": ["acc_1", "1", ""],
    "Int": [0, 1, -1, 2**31 - 1, -(2**31)],
    "Boolean": [True, False],
    "Float": [0.0, 1.5, -1e300, 3],
    "Decimal": ["1200.50", "0", "-0.00"],
    "Date": ["2026-03-10"],
    "DateTime": ["2026-03-10T12:00:00.000000Z"],
}
WRONG: list[Any] = [
    None, None, None, None, 0, 1, -1, 1.0, 1.5, True, False, "", "x", "1", "true", "SMB", "RED", "NOPE", "smb", [], {}, [1], [None], [[1]],
    ["SMB"], {"a": 1}, 2**31, -(2**31) - 1, 2**53, 2**63, -(2**63) - 1, 2**64, 1e308, -0.0,
]  # fmt: skip
NUMBERS = ["1e2", "1E0", "-0", "-0.0", "1.0", "100000000000000000000000000", "0.1e1", "2147483648.0"]
"As JSON may write them, and Python does not."
PYTHONS: list[Any] = [
    Segment.SMB, HealthBucket.RED, Decimal("1.50"), Decimal(3), date(2026, 3, 10), datetime(2026, 3, 10, 12, tzinfo=UTC), (), (1, 2),
    ("SMB",), b"x", Counter(x=1), float("nan"), float("inf"), type("Text", (str,), {})("x"), type("Number", (int,), {})(3),
    type("Several", (list,), {})([1]), object, 10**30,
]  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _break(random: Random, document: dict[str, Any], *, as_text: bool) -> None:
    places = list(_places(document))
    if not places:
        return
    container, key = random.choice(places)
    kind = random.random()
    if kind < 0.1 and isinstance(container, dict):
        del container[key]
    elif kind < 0.15 and isinstance(container, dict):
        container[random.choice(["more", "__typename", "__proto__"])] = deepcopy(random.choice(WRONG))
    elif kind < 0.25:
        container[key] = [container[key]]
    elif kind < 0.3 and isinstance(container, list):
        container.append(deepcopy(random.choice(WRONG)))
    elif kind < 0.45:
        container[key] = f"number {random.choice(NUMBERS)}" if as_text else deepcopy(random.choice(PYTHONS))
    else:
        container[key] = deepcopy(random.choice(WRONG))


def _text(random: Random, document: Any) -> str:
    """As JSON, in one of the ways to write it."""
    text = json.dumps(document, ensure_ascii=random.random() < 0.5, indent=random.choice([None, None, 1]))
    for number in NUMBERS:
        text = text.replace(f'"number {number}"', number)
    return text


@dataclass
class Answer:
    body: bytes
    parts: int
    "Written by plans."


def ask(
    schema: Schema, text: str, context: Asking, variables: dict[str, Any] | None = None, operation: str | None = None
) -> Answer:
    """The answer as the HTTP application writes it."""
    result = schema.execute_sync(text, variable_values=variables, context_value=context, operation_name=operation)
    errors = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
    return Answer(orjson.dumps({"data": result.data, **errors}), written(result.data))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of masked failures, each with its trace, are what is looked for here."""
    caplog.set_level(logging.CRITICAL, logger="graph.errors")


def test_broken_documents_are_answered_as_graphql_core_does() -> None:
    random = Random(21)
    seen: Counter[str] = Counter()
    different = []
    for number in range(QUESTIONS):
        asked = question(random, SCHEMA._schema, {"Int": [1, 2, 3]}, ROOTS)
        flags = {name: random.random() < 0.5 for name in FLAGS}
        others = {name: not value for name, value in flags.items()}
        for place in range(DOCUMENTS):
            context = Asking(
                seed=number * DOCUMENTS + place, breaks=random.choice([0, 0, 1, 1, 2]), as_text=random.random() < 0.7,
                allowed=random.random() < 0.5, fails=random.random() < 0.5,
            )  # fmt: skip
            variables = asked.variables | {name: (others if place % 2 else flags)[name] for name in asked.flags}
            without = ask(WATCHED if place else SCHEMA, asked.text, context, variables, asked.operation)
            later = ask(SCHEMA, asked.text, context, variables, asked.operation)
            assert without.parts == 0
            if without.body != later.body:
                different.append((asked.text, variables, context, without.body, later.body))
            seen["errors"] += b'"errors":' in later.body
            seen["planned"] += later.parts > 0
            seen["planned beside errors"] += later.parts > 0 and b'"errors":' in later.body

    print(dict(seen))
    assert different == []
    assert seen["planned"] > QUESTIONS * DOCUMENTS / 4
    assert seen["errors"] > QUESTIONS * DOCUMENTS / 4
    assert seen["planned beside errors"] > QUESTIONS * DOCUMENTS / 50


def test_a_middleware_sees_every_field_of_every_answer() -> None:
    text = "{ fixed { name leaf { name count } } }"
    document = Document(orjson.dumps({"name": "x", "leaf": {"name": "y", "count": 1}}).decode())

    for _ in range(3):
        Counting.seen.clear()
        assert ask(WATCHED, text, Asking(answer=document)).parts == 0
        assert Counting.seen == {"fixed": 1, "name": 2, "leaf": 1, "count": 1}
    assert ask(SCHEMA, text, Asking(answer=document)).parts == 1
