"""What is kept of documents, and what hostile traffic makes of it; the limits, asked for the first time and later."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from graphql import parse
from strawberry.permission import BasePermission

from graph.completion import PLANNED_AT_ONCE
from graph.documents import KEPT, KEPT_CHARACTERS, KEPT_TOKENS, Kept
from graph.limits import MAX_ALIASES, MAX_DEPTH, MAX_FIELDS, MAX_TOKENS
from graph.schema import Schema
from graph.words import described, told
from services.db.connection import Document
from tests.api import Api
from tests.test_completion import plans
from tests.test_completion_corrupted import SCHEMA, Allowed, Asking, ask

LEAF = Document(orjson.dumps({"name": "x", "count": 1}).decode())


def bomb(levels: int, *, names: str = "", times: int = 0) -> str:
    """Fragments that spread the next one under several names, or several times under one."""
    inner = [f"{name}: leaf" for name in names] + ["leaf"] * times
    fragments = [
        f"fragment F{level} on Leaf {{ {' '.join(f'{one} {{ ...F{level + 1} }}' for one in inner)} }}"
        for level in range(levels)
    ]
    return f"{{ fixed {{ name ...F0 }} }} {' '.join(fragments)} fragment F{levels} on Leaf {{ count }}"


def test_distinct_documents_stay_within_the_bound_and_get_no_plans() -> None:
    text = "{ fixed { name " + "leaf { name count flag segment amount moment words " * 12 + "}" * 12 + " } } #"
    fitting = KEPT_TOKENS // parse(text).token_count

    for number in range(fitting + 20):
        assert ask(SCHEMA, f"{text}{number}", Asking()).body == b'{"data":{"fixed":null}}'
        assert KEPT.tokens <= KEPT_TOKENS

    kept = [KEPT.get(f"{text}{number}") for number in range(fitting + 20)]
    assert [document is not None for document in kept] == [False] * 20 + [True] * fitting
    assert plans(f"{text}{fitting}") == []


def test_what_was_asked_for_last_is_kept() -> None:
    kept = Kept(tokens=18)
    texts = [f"{{ a{number} }}" for number in range(10)]
    for text in texts:
        kept.keep(text, parse(text))
        kept.keep(text, parse(text))
        assert kept.get(texts[0]) is not None

    assert [text for text in texts if kept.get(text) is not None] == [texts[0], *texts[-5:]]
    assert kept.tokens == 18


def test_a_document_that_is_larger_than_the_bound_drops_nothing() -> None:
    kept = Kept(tokens=9)
    kept.keep("{ a }", parse("{ a }"))

    kept.keep("{ a b c d e f g h }", parse("{ a b c d e f g h }"))

    assert (kept.tokens, kept.get("{ a }") is not None) == (3, True)


def test_long_texts_count_as_more_tokens() -> None:
    kept = Kept(tokens=30)
    long, longer = "{ a } # " + "x" * 1_000, "{ a } # " + "x" * 1_500

    for text in (long, "{ a }", longer):
        kept.keep(text, parse(text))

    assert [kept.get(text) is not None for text in (long, "{ a }", longer)] == [False, False, True]
    assert kept.tokens == 30


def test_what_was_asked_with_a_long_value_is_not_kept(api: Api) -> None:
    text = 'query ($after: String) { account(by: {id: "acc_1"}) { insights(after: $after) { nodes { id } } } } # values'
    known = []
    for after in (None, None, "x" * 200, "x" * 201, "y" * 100_000):
        api.send("POST", "/graphql", orjson.dumps({"query": text, "variables": {"after": after}}))
        document = KEPT.get(text)
        assert document is not None
        known.append(len(vars(document.definitions[0])["asks"]._asks))

    assert known == [0, 1, 2, 2, 2]


REFUSED = {
    "{": "Syntax Error",
    "{ nothing }": "Cannot query field 'nothing'",
    "{ uploads { nodes " + "{ duplicateOf " * MAX_DEPTH + "{ id }" + " }" * MAX_DEPTH + " } }": "exceeds maximum operation depth of 14",
    "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(MAX_ALIASES + 1)) + " }": "61 aliases found. Allowed: 60",
    "{ viewer { " + "id " * MAX_TOKENS + "} }": "Document contains more than 4000 tokens",
    "query Deep { uploads { ...F } } fragment F on UploadConnection { nodes { ...G } } fragment G on Upload "
    + "{ duplicateOf " * MAX_DEPTH + "{ id }" + " }" * MAX_DEPTH: "'Deep' exceeds maximum operation depth of 14",
    "{ ...F } fragment F on Query { " + "a" * 101 + ": viewer { id } }": "an alias of 101 characters found. Allowed: 100",
    "{ ...F ...F } fragment F on Query { " + " ".join(f"a{n}: viewer {{ id }}" for n in range(31)) + " }": "62 aliases found. Allowed: 60",
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.items(), ids=lambda one: one[:20])
def test_what_is_refused_once_is_refused_again_and_not_kept(api: Api, text: str, message: str) -> None:
    body = orjson.dumps({"query": text})

    answers = [api.send("POST", "/graphql", body) for _ in range(3)]

    assert message in answers[0].json()["errors"][0]["message"]
    assert len({(answer.status, answer.body) for answer in answers}) == 1
    assert KEPT.get(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "{ uploads { nodes " + "{ duplicateOf " * (MAX_DEPTH - 2) + "{ id }" + " }" * (MAX_DEPTH - 2) + " } }",
        "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(MAX_ALIASES)) + " }",
        "{ ...F ...F } fragment F on Query { " + " ".join(f"a{n}: viewer {{ id }}" for n in range(30)) + " }",
    ],
    ids=lambda one: one[:20],
)
def test_what_just_keeps_the_limits_is_answered(api: Api, text: str) -> None:
    first, *later = [api.send("POST", "/graphql", orjson.dumps({"query": text})).body for _ in range(3)]

    assert later == [first, first]
    assert b'"errors"' not in first


def test_an_argument_that_is_refused_is_refused_again(api: Api) -> None:
    body = orjson.dumps({"query": "{ accounts(first: 1000) { nodes { id } } viewer { id } }"})

    first, *later = [api.send("POST", "/graphql", body).body for _ in range(3)]

    assert b"first must be from 0 to 100, not 1000" in first
    assert later == [first, first]


def test_a_long_text_is_answered_and_not_kept() -> None:
    text = "{ fixed { name } } #" + "x" * KEPT_CHARACTERS

    answers = [ask(SCHEMA, text, Asking(answer=LEAF)) for _ in range(3)]

    assert [(answer.body, answer.parts) for answer in answers] == [(b'{"data":{"fixed":{"name":"x"}}}', 0)] * 3
    assert KEPT.get(text) is None


@pytest.mark.parametrize(
    ("levels", "options"), [(12, {"names": "abcde"}), (12, {"times": 8}), (12, {"names": "a", "times": 7})]
)
def test_fragments_that_spread_each_other_are_refused_at_once(levels: int, options: Any) -> None:
    started = time.process_time()

    answers = [ask(SCHEMA, bomb(levels, **options), Asking(answer=LEAF)).body for _ in range(3)]

    assert f"fields found. Allowed: {MAX_FIELDS}".encode() in answers[0]
    assert answers[1:] == answers[:1] * 2
    assert time.process_time() - started < 20  # walked one by one it is hours


def test_fragments_that_come_to_more_than_a_plan_may_hold_are_left_to_graphql_core() -> None:
    """30 fields in a few tokens each, spread under eight keys that nobody could write out in so many."""
    fields = " ".join(["name", "count", "flag", "segment", "amount", "moment", "words", "grid", "many", "id"] * 1)
    inner = " ".join(f"k{number}: leaf {{ ...F }}" for number in range(50))
    text = f"{{ fixed {{ {inner} }} }} fragment F on Leaf {{ {fields} }}"
    document = Document(orjson.dumps({f"k{number}": None for number in range(50)}).decode())

    first, *later = [ask(SCHEMA, text, Asking(answer=document)) for _ in range(3)]

    assert [answer.body for answer in later] == [first.body] * 2
    assert [answer.parts for answer in later] == [0, 0]
    assert plans(text) == [None]


def test_combinations_of_booleans_are_planned_as_long_as_there_is_room() -> None:
    names = [f"b{number}" for number in range(8)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    text = f"query ({declared}) {{ fixed {{ {fields} }} }}"
    document = Document(orjson.dumps(dict.fromkeys(names, "x")).decode())
    parts = 0

    for _ in range(2):
        for number in range(256):
            flags = {name: bool(number >> place & 1) for place, name in enumerate(names)}
            answer = ask(SCHEMA, text, Asking(answer=document), flags)
            assert orjson.loads(answer.body) == {"data": {"fixed": {name: "x" for name in names if flags[name]}}}
            parts += answer.parts

    assert 5 < len(plans(text)) < 60
    assert parts > len(plans(text))


def test_eight_threads_get_the_answers_to_what_they_asked() -> None:
    def asked(number: int) -> bool:
        kind, flag = number % 7, number % 2 == 0
        text = f"query ($b: Boolean!) {{ fixed {{ n{kind}: name count @include(if: $b) }} }} # threads"
        document = Document(orjson.dumps({f"n{kind}": str(number), "count": number}).decode())
        expected = {f"n{kind}": str(number)} | ({"count": number} if flag else {})
        return orjson.loads(ask(SCHEMA, text, Asking(answer=document), {"b": flag}).body) == {
            "data": {"fixed": expected}
        }

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(asked, range(2_000)))


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "1", '"x"', "true", '{"name": "\\ud800"}', '{"name": 1e400}', '{"name": "a", "name": 1}', '{"name": 1, "name": "a"}',
     '{"name": "a",}', ' {"name" : "a" } ', '{"\\u006eame": "a"}', '{"name": "a"} x', '{"name": "a\x01"}', '{"name": NaN}', "[" * 2000],
)  # fmt: skip
def test_what_is_hardly_a_document_is_answered_alike(text: str, caplog: pytest.LogCaptureFixture) -> None:
    query = f"{{ fixed {{ name }} }} # {text.encode().hex()}"

    first, *later = [ask(SCHEMA, query, Asking(answer=Document(text))) for _ in range(3)]

    assert plans(query) != [None]
    assert [answer.body for answer in later] == [first.body] * 2


def test_a_condition_that_is_null_fails_where_graphql_core_finds_it() -> None:
    query = "query ($b: Boolean = true) { fixed { name leaf { name @include(if: $b) } } }"
    for document in ({"name": "x", "leaf": None}, {"name": "x", "leaf": {"name": "y"}}):
        context = Asking(answer=Document(orjson.dumps(document).decode()))
        text = f"{query} # {document}"

        first, *later = [ask(SCHEMA, text, context, {"b": None}) for _ in range(3)]

        assert [answer.body for answer in later] == [first.body] * 2
        assert (b'"path":["fixed","leaf"]' in first.body) == (document["leaf"] is not None)


class Forbidden(BasePermission):
    message = "nobody"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:  # noqa: ARG002 - Strawberry's signature
        return False


@pytest.mark.parametrize("options", [{"permission_classes": [Forbidden]}, {"permission_classes": [Allowed, Forbidden]}])
def test_a_permission_without_a_resolver_is_refused_when_the_schema_is_made(options: dict[str, Any]) -> None:
    @described
    class Thing:
        """Anything."""

        name: str = told("A text.", **options)

    @described
    class Query:
        """Where documents come in."""

        @described_root
        def thing(self) -> Thing | None:
            return None

    with pytest.raises(TypeError, match=r"Thing.name needs a resolver: see graph.words.under_key"):
        Schema(Query)


def described_root(resolver: Any) -> Any:
    return told("One.", resolver=resolver)


def test_combinations_of_fields_stay_within_the_bound(api: Api) -> None:
    flags = [f"b{number}" for number in range(100)]
    text = f"""query({" ".join(f"${flag}: Boolean!" for flag in flags)}) {{ accounts {{ totalCount }}
      {" ".join(f"accounts @include(if: ${flag}) {{ totalCount }}" for flag in flags)} }}"""
    for place in range(100):
        api.data(text, {flag: number != place for number, flag in enumerate(flags)})

    document = KEPT.get(text)
    assert document is not None
    asks, planned = (vars(document.definitions[0])[name] for name in ("asks", "plans"))
    assert len(asks.variables) == len(flags) + 1
    assert sum(map(len, asks._asks)) <= asks._most
    assert 0 < len(planned.kept) < 98, "keys count too"


def test_what_costs_much_is_planned_when_it_is_first_asked(api: Api) -> None:
    """Fifty thousand objects completed field by field take ten seconds of the processor."""
    text = "{ accounts(first: %d) { nodes { id healthHistory(first: 90) { nodes { date score } } } } }"
    few, many = text % 50, text % 100

    assert api(few)["extensions"]["cost"]["requested"] < PLANNED_AT_ONCE < api(many)["extensions"]["cost"]["requested"]

    assert plans(few) == []
    (plan,) = plans(many)
    assert plan is not None
